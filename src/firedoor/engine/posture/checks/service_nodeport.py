"""
Services of type NodePort whose pods accept public addresses.

What it finds
-------------
Services of type NodePort with pods whose policies let public addresses in. Those of a
LoadBalancer, which have node ports as well, are left out.

Why it matters
--------------
The port is open on every node, on all of its addresses. Whoever reaches any node gets
to the pods, past the firewall of an Ingress or a load balancer.

Example
-------
`type: NodePort` that was handy for a test.

Remedy
------
Use `type: ClusterIP` behind an Ingress, or restrict the pods by a NetworkPolicy.

References
----------
https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.doors import of_services
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for ref, own in of_services(context.doors, "NodePort").items():
        ports = sorted({(port.port, port.node_port) for _, port, _ in own})
        told = listed(f"{port} on node port {number or 'not chosen yet'}" for port, number in ports)
        yield CHECK.finding(
            ref,
            str(own[0][2].place),
            f"{ref} is open on every node",
            (
                f"ports: {told}",
                f"the policies of {listed(sorted({each.crew.workload for _, _, each in own}))} accept public addresses",
            ),
            Fix("make it type ClusterIP behind an Ingress or a Gateway, or let a NetworkPolicy admit its clients only"),
        )


CHECK = Check(
    id="service-nodeport",
    title="Services on a port of every node",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever reaches a node reaches these pods",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_207=("2",),
        nist_800_53=("CM-7", "SC-7(3)"),
        mitre=("T1190",),
        pci_dss_4=("1.4.2",),
    ),
    run=_run,
)
