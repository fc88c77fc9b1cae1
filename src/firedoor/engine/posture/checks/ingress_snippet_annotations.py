"""
Ingresses with annotations that hold raw configuration.

What it finds
-------------
Ingresses with a snippet annotation of ingress-nginx, or of the controllers of NGINX
Inc. and HAProxy.

Why it matters
--------------
A snippet becomes part of the configuration of the controller, which holds the
certificates of all Ingresses and, mostly, a token for every Secret (CVE-2021-25742).

Example
-------
`nginx.ingress.kubernetes.io/configuration-snippet`.

Remedy
------
Use the annotation made for the purpose, and set `allow-snippet-annotations: "false"` in
the controller.

References
----------
https://github.com/kubernetes/kubernetes/issues/126811
https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_SNIPPETS = frozenset(
    f"{prefix}/{name}"
    for prefix, names in (
        (
            "nginx.ingress.kubernetes.io",
            "auth-snippet configuration-snippet modsecurity-snippet server-snippet stream-snippet",
        ),
        ("nginx.org", "location-snippets server-snippets"),
        ("haproxy.org", "backend-config-snippet frontend-config-snippet"),
        ("haproxy-ingress.github.io", "config-backend config-frontend config-global"),
    )
    for name in names.split()
)


def _run(context: Context) -> Iterator[Finding]:
    for ingress in context.snapshot.ingress_routes:
        found = sorted(_SNIPPETS.intersection(ingress.metadata.annotations))
        if found:
            ref = ObjectRef("Ingress", ingress.metadata.namespace, ingress.metadata.name)
            yield CHECK.finding(
                ref,
                str(ingress.place),
                f"{ref} writes raw configuration into its controller",
                tuple(f"annotation {each}" for each in found),
                Fix("use annotations without snippets, and turn snippets off in the controller"),
            )


CHECK = Check(
    id="ingress-snippet-annotations",
    title="Ingresses that write into the configuration of their controller",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever may edit it may read what the controller holds: certificates, and mostly a token for all Secrets",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("hardening-container-environments",),
        nist_800_53=("CM-6", "CM-7"),
        mitre=("T1190",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
