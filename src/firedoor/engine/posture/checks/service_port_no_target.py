"""
Ports of Services whose named target no pod declares.

What it finds
-------------
Ports of Services whose `targetPort` is a name that none of the selected pods declares
for the protocol.

Why it matters
--------------
Pods without a port of that name are left out of the endpoints: connections to the port
are refused.

Example
-------
`targetPort: http` for containers whose port is named `web`.

Remedy
------
Use a name that the containers declare, or the number of the port.

References
----------
https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.exposure import target_port
from firedoor.engine.posture.check import Check
from firedoor.engine.posture.doors import selected
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.crews import Crew
    from firedoor.model.findings import Finding
    from firedoor.model.services import Service, ServicePort


def _run(context: Context) -> Iterator[Finding]:
    for service in context.snapshot.services:
        pods = selected(service, context.homes)
        for number, port in enumerate(service.spec.ports if pods else ()):
            if isinstance(port.target_port, str) and all(target_port(port, each.member) is None for each in pods):
                yield _finding(service, number, port, pods)


def _finding(service: Service, number: int, port: ServicePort, pods: list[Crew]) -> Finding:
    ref = ObjectRef("Service", service.metadata.namespace, service.metadata.name)
    named = sorted({f"{name} ({protocol}/{value})" for each in pods for name, protocol, value in each.member.ports})
    return CHECK.finding(
        ref,
        service.place.at(f"spec.ports[{number}]"),
        f"port {port.port}/{port.protocol} of {ref} leads to a port named {port.target_port}, which no pod declares",
        (f"{listed(each.workload for each in pods)} declare {listed(named) or 'no named port'}",),
        Fix(f"name a port of the containers in spec.ports[{number}].targetPort, or give its number"),
    )


CHECK = Check(
    id="service-port-no-target",
    title="Ports of Services that lead to none of their pods",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="connections to this port of the Service are refused",
    docs=__doc__ or "",
    mappings=Mappings(),
    run=_run,
)
