"""
Routes of OpenShift that are served without TLS.

What it finds
-------------
Routes of OpenShift without `spec.tls`.

Why it matters
--------------
Passwords, cookies and data cross every network in between in plain text, and anybody
there can change them.

Example
-------
`oc expose service web`.

Remedy
------
Add `tls: {termination: edge, insecureEdgeTerminationPolicy: Redirect}`.

References
----------
https://docs.redhat.com/en/documentation/openshift_container_platform/4.17/html/networking/configuring-routes
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
    for route in context.snapshot.gateway_routes:
        if route.kind == "Route" and not route.tls:
            ref = ObjectRef("Route", route.metadata.namespace, route.metadata.name)
            yield CHECK.finding(
                ref,
                str(route.place),
                f"{ref} is served without TLS",
                (f"host {listed(filter(None, route.hostnames)) or 'chosen by the router'}, no spec.tls",),
                Fix("add spec.tls with termination edge, and insecureEdgeTerminationPolicy Redirect"),
            )


CHECK = Check(
    id="route-without-tls",
    title="Routes of OpenShift without TLS",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
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
