"""
Kubernetes versions before 1.20.

What it finds
-------------
An API server or kubelets older than Kubernetes 1.20.

Why it matters
--------------
The label `kubernetes.io/metadata.name` on namespaces and `endPort` in rules do not
exist there, so that policies mean something else than they are judged to mean here.

Example
-------
A node with `kubeletVersion: v1.18.20`.

Remedy
------
Upgrade, one minor version after the other.

References
----------
https://kubernetes.io/releases/version-skew-policy/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

OLDEST = (1, 20)
_VERSION = re.compile(r"v?(\d+)\.(\d+)")


def _run(context: Context) -> Iterator[Finding]:
    server = context.server_version or context.snapshot.origin.server_version
    if _is_old(server):
        yield _finding(
            ObjectRef("Cluster", "", "cluster"), "/version", f"the API server is Kubernetes {server}", server
        )
    for node in context.snapshot.nodes:
        version = node.status.node_info.kubelet_version
        if _is_old(version):
            about = ObjectRef("Node", "", node.metadata.name)
            yield _finding(about, str(node.place), f"the kubelet of node {node.metadata.name} is {version}", version)


def _is_old(version: str) -> bool:
    found = _VERSION.match(version)
    return found is not None and (int(found[1]), int(found[2])) < OLDEST


def _finding(about: ObjectRef, source: str, message: str, version: str) -> Finding:
    return CHECK.finding(
        about,
        source,
        f"{message}: older than 1.20, the oldest version whose policies are judged here",
        (f"version {version}",),
        Fix("upgrade Kubernetes one minor version after the other"),
    )


CHECK = Check(
    id="unsupported-version",
    title="Kubernetes before 1.20",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="answers about this cluster follow newer rules than its own, and it gets no security fixes",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("upgrading",),
        nist_800_207=("5",),
        nist_800_53=("SI-2", "SA-22"),
        pci_dss_4=("6.3.3",),
    ),
    run=_run,
)
