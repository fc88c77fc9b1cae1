"""
Kubelets whose version the API server does not support.

What it finds
-------------
Kubelets newer than the API server, or more than three minor versions older than it.
Where its version is not known, the newest kubelet stands for it: the server must not be
older.

Why it matters
--------------
Such a pair is tested by nobody. An old kubelet lacks what the API server takes for
granted, and the fixes of years.

Example
-------
A node with v1.28 in a cluster of v1.33.

Remedy
------
Upgrade the nodes, and the API server before them.

References
----------
https://kubernetes.io/releases/version-skew-policy/#kubelet
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.model.findings import Confidence, Fix, Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef
from firedoor.model.server_version import minor_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

MOST_BEHIND = 3


def _run(context: Context) -> Iterator[Finding]:
    server = minor_version(context.server_version or context.snapshot.origin.server_version)
    nodes = [(each, minor_version(each.status.node_info.kubelet_version)) for each in context.snapshot.nodes]
    reference = server or max((minor for _, minor in nodes if minor), default=0)
    whose = "the API server is" if server else "the newest kubelet is"
    for node, minor in nodes:
        if minor and (minor > reference or minor < reference - MOST_BEHIND):
            version = node.status.node_info.kubelet_version
            yield CHECK.finding(
                ObjectRef("Node", "", node.metadata.name),
                str(node.place),
                f"the kubelet of node {node.metadata.name} is {version}, and {whose} of 1.{reference}",
                (f"kubeletVersion {version}; supported with 1.{reference} are 1.{reference - MOST_BEHIND} and later",),
                Fix("upgrade the node" if minor < reference else "upgrade the API server first"),
            )


CHECK = Check(
    id="kubelet-version-skew",
    title="Kubelets too far from the API server",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="nobody tests such a pair, and an old kubelet lacks the fixes of years",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("upgrading",),
        nist_800_207=("5",),
        nist_800_53=("SI-2", "SA-22"),
        pci_dss_4=("6.3.3",),
    ),
    run=_run,
)
