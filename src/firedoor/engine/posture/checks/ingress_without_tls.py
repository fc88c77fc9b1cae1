"""
Ingresses that serve hosts without TLS.

What it finds
-------------
Hosts of Ingresses that no entry of `spec.tls` covers, neither by name nor by a
wildcard. An entry without hosts covers all.

Why it matters
--------------
Passwords, cookies and data cross every network in between in plain text, and anybody
there can change them.

Example
-------
An Ingress with `rules` and no `tls`.

Remedy
------
Add an entry to `spec.tls` with the hosts and a Secret; cert-manager and ACME fill it.

References
----------
https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
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
    from firedoor.model.services import IngressRoute

_TERMINATING = (
    "alb.ingress.kubernetes.io/certificate-arn",
    "ingress.gcp.kubernetes.io/pre-shared-cert",
    "networking.gke.io/managed-certificates",
    "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
    "nginx.ingress.kubernetes.io/ssl-passthrough",
)
"""Annotations by which a controller speaks TLS without an entry in the object."""


def _run(context: Context) -> Iterator[Finding]:
    for ingress in context.snapshot.ingress_routes:
        if ingress.has_tls_for_all or any(key in ingress.metadata.annotations for key in _TERMINATING):
            continue
        plain = sorted({host for host in ingress.hosts if not any(_covers(each, host) for each in ingress.tls_hosts)})
        if plain:
            yield _finding(ingress, plain)


def _covers(certified: str, host: str) -> bool:
    return certified == host or (certified.startswith("*.") and host.partition(".")[2] == certified[2:])


def _finding(ingress: IngressRoute, plain: list[str]) -> Finding:
    ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
    return CHECK.finding(
        ref,
        ingress.place.at("spec.rules"),
        f"{ref} serves {listed('every host' if each == '*' else each for each in plain)} without TLS",
        (f"{ingress.place.at('spec.tls')}: spec.tls is for {listed(ingress.tls_hosts) or 'no host'}",),
        Fix("add the hosts to spec.tls, with the Secret of a certificate for them"),
    )


CHECK = Check(
    id="ingress-without-tls",
    title="Ingresses without TLS",
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
