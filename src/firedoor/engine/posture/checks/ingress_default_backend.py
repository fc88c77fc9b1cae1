"""
Ingresses with a default backend beside rules.

What it finds
-------------
Ingresses that have rules and a `defaultBackend` too: it serves every host and path that
no rule matches.

Why it matters
--------------
What was meant for a few paths is reachable under all of them, and for many controllers
under every host. A default backend by itself, without rules, is a plain choice and not
told of.

Example
-------
`defaultBackend: {service: {name: admin}}` beside a rule for `/api`.

Remedy
------
Remove the default backend, or let it be a service that answers with 404.

References
----------
https://kubernetes.io/docs/concepts/services-networking/ingress/#default-backend
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.words import count
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    for ingress in context.snapshot.ingress_routes:
        backend = ingress.default_backend
        if backend is None or not ingress.hosts:
            continue
        ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
        yield CHECK.finding(
            ref,
            ingress.place.at("spec.defaultBackend"),
            f"{ref} sends whatever its rules do not match to Service {backend[0]}",
            (f"{count(len(ingress.hosts), 'rule')}, and defaultBackend {backend[0]}, port {backend[1]}",),
            Fix("remove spec.defaultBackend, or let it name a service that answers with 404"),
        )


CHECK = Check(
    id="ingress-default-backend",
    title="Ingresses that serve what no rule is for",
    severity=Severity.LOW,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="paths and hosts that nobody listed reach this service",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("network-policies",),
        nist_800_53=("CM-7", "SC-7"),
        mitre=("T1190",),
        pci_dss_4=("1.4.2",),
    ),
    run=_run,
)
