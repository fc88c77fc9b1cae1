"""
Ingresses with rules for any host.

What it finds
-------------
Rules of Ingresses without a host, and with a wildcard for a whole domain.

Why it matters
--------------
The rule answers for hosts that nobody thought of, those of other teams on the same
controller among them, and for scanners that come by address.

Example
-------
`rules: [{http: {paths: ...}}]` without `host`.

Remedy
------
Name the hosts.

References
----------
https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
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
    for ingress in context.snapshot.ingress_routes:
        wide = [number for number, host in enumerate(ingress.hosts) if host.startswith("*")]
        if not wide:
            continue
        ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
        is_any = any(ingress.hosts[number] == "*" for number in wide)
        yield CHECK.finding(
            ref,
            ingress.place.at(f"spec.rules[{wide[0]}]"),
            f"{ref} answers for {'every host' if is_any else listed(ingress.hosts[number] for number in wide)}",
            tuple(f"{ingress.place.at(f'spec.rules[{number}]')}: host {ingress.hosts[number]}" for number in wide),
            Fix("give each rule the host that it is for"),
            severity=None if is_any else Severity.INFO,
        )


CHECK = Check(
    id="ingress-wildcard-host",
    title="Ingresses for every host",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="it answers for hosts of others, and for whoever comes by address",
    docs=__doc__ or "",
    mappings=Mappings(
        nist_800_53=("CM-6",),
        mitre=("T1557",),
    ),
    run=_run,
)
