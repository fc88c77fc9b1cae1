"""
Gateways without a listener for TLS.

What it finds
-------------
Gateways of the Gateway API and of Istio that have listeners for HTTP, and none for
HTTPS or TLS.

Why it matters
--------------
Passwords, cookies and data cross every network in between in plain text, and anybody
there can change them.

Example
-------
A Gateway with one listener on port 80.

Remedy
------
Add a listener for HTTPS, and let the one for HTTP redirect.

References
----------
https://gateway-api.sigs.k8s.io/guides/tls/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.gateways import GATEWAY_API
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_PLAIN = frozenset({"HTTP", "HTTP2", "GRPC"})


def _run(context: Context) -> Iterator[Finding]:
    for gateway in context.snapshot.gateways:
        plain = [number for number, each in enumerate(gateway.listeners) if each.protocol.upper() in _PLAIN]
        if not plain or any(each.is_tls for each in gateway.listeners):
            continue
        ref = ObjectRef("Gateway", gateway.metadata.namespace, gateway.metadata.name)
        field = "listeners" if gateway.group == GATEWAY_API else "servers"
        yield CHECK.finding(
            ref,
            str(gateway.place),
            f"{ref} speaks plain HTTP only",
            tuple(
                f"spec.{field}[{number}]: {gateway.listeners[number].protocol} on port {gateway.listeners[number].port}"
                for number in plain
            ),
            Fix(f"add one of protocol HTTPS with a certificate to spec.{field}, and redirect HTTP to it"),
        )


CHECK = Check(
    id="gateway-http-only",
    title="Gateways that speak plain HTTP only",
    severity=Severity.MEDIUM,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever is on the way reads and changes what clients send",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("encryption",),
        nist_800_207=("2",),
        nist_800_53=("SC-8", "SC-8(1)"),
        mitre=("T1040",),
        pci_dss_4=("4.2.1",),
    ),
    run=_run,
)
