"""
Services of type LoadBalancer that every address of the internet may use.

What it finds
-------------
Services of type LoadBalancer without `loadBalancerSourceRanges` (or with a whole
address family in them), without an annotation that makes the load balancer internal,
and with pods whose policies let public addresses in.

Why it matters
--------------
A load balancer gets a public address in most clouds. Whoever finds it talks to the
pods.

Example
-------
`type: LoadBalancer` for a service that only the office uses.

Remedy
------
List the networks of the clients in `spec.loadBalancerSourceRanges`, ask the cloud for
an internal load balancer, or restrict the pods by a NetworkPolicy.

References
----------
https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.exposure import source_ranges
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.doors import of_services
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.doors import Door
    from firedoor.model.findings import Finding
    from firedoor.model.places import ObjectRef
    from firedoor.model.services import Service, ServicePort

_WHOLE = frozenset({"0.0.0.0/0", "::/0"})
_INTERNAL: dict[str, frozenset[str]] = {
    "cloud.google.com/load-balancer-type": frozenset({"internal"}),
    "networking.gke.io/load-balancer-type": frozenset({"internal"}),
    "service.beta.kubernetes.io/aws-load-balancer-internal": frozenset({"true", "0.0.0.0/0"}),
    "service.beta.kubernetes.io/aws-load-balancer-scheme": frozenset({"internal"}),
    "service.beta.kubernetes.io/azure-load-balancer-internal": frozenset({"true"}),
    "service.beta.kubernetes.io/oci-load-balancer-internal": frozenset({"true"}),
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": frozenset({"private"}),
    "service.beta.kubernetes.io/openstack-internal-load-balancer": frozenset({"true"}),
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": frozenset({"intranet"}),
}
"""Annotations with the values that make the load balancer of a cloud internal."""


def _run(context: Context) -> Iterator[Finding]:
    for ref, own in of_services(context.doors, "LoadBalancer").items():
        service = own[0][0]
        if _is_public(service):
            yield _finding(ref, service, own)


def _is_public(service: Service) -> bool:
    annotations = service.metadata.annotations
    if any(annotations.get(key) in values for key, values in _INTERNAL.items()):
        return False
    ranges = source_ranges(service)
    return not ranges or not _WHOLE.isdisjoint(ranges)


def _finding(ref: ObjectRef, service: Service, doors: list[tuple[Service, ServicePort, Door]]) -> Finding:
    ports = sorted({(port.port, port.protocol) for _, port, _ in doors})
    workloads = sorted({each.crew.workload for _, _, each in doors})
    return CHECK.finding(
        ref,
        str(service.place),
        f"{ref} is a load balancer for every address, on {listed(f'{name}/{number}' for number, name in ports)}",
        (
            f"loadBalancerSourceRanges: {listed(source_ranges(service)) or 'none'}",
            f"the policies of {listed(workloads)} accept public addresses",
        ),
        Fix("list the networks of its clients in spec.loadBalancerSourceRanges, or make the load balancer internal"),
    )


CHECK = Check(
    id="service-loadbalancer-public",
    title="Load balancers that are open to every address",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="everybody on the internet may connect to these pods",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2",),
        nist_800_53=("AC-4", "SC-7", "SC-7(3)"),
        mitre=("T1190",),
        pci_dss_4=("1.4.2",),
    ),
    run=_run,
)
