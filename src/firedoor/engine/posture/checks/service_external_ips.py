"""
Services with `externalIPs`.

What it finds
-------------
Services that list addresses in `spec.externalIPs`.

Why it matters
--------------
Nodes send what goes to these addresses to the service, whoever they belong to
(CVE-2020-8554). Whoever may create a Service can so catch the connections of other
pods.

Example
-------
`externalIPs: [8.8.8.8]` lets a service answer for that resolver.

Remedy
------
Use a LoadBalancer, and refuse the field with the admission plugin
DenyServiceExternalIPs.

References
----------
https://github.com/kubernetes/kubernetes/issues/97076
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#denyserviceexternalips
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    owners = {address: f"node {node.metadata.name}" for node in context.snapshot.nodes for address in node.addresses}
    for service in context.snapshot.services:
        addresses = service.spec.external_ips
        if not addresses:
            continue
        foreign = [each for each in addresses if each not in owners]
        ref = ObjectRef("Service", service.metadata.namespace, service.metadata.name)
        yield CHECK.finding(
            ref,
            str(service.place),
            f"{ref} takes what is sent to {listed(addresses)}",
            tuple(f"{each} belongs to {owners.get(each, 'no node that is known')}" for each in addresses),
            Fix("publish it by a LoadBalancer, an Ingress or a Gateway, and remove spec.externalIPs"),
            severity=None if foreign else Severity.LOW,
        )


CHECK = Check(
    id="service-external-ips",
    title="Services that take over addresses",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="connections of pods and nodes to these addresses end at this service",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.3",),
        nist_800_53=("AC-4", "SC-7"),
        mitre=("T1557",),
    ),
    run=_run,
)
