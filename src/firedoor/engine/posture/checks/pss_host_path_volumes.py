"""
Pods that see files of their node.

What it finds
-------------
Workloads with a volume of type `hostPath`. Control `hostPathVolumes`, level baseline.

Why it matters
--------------
A writable path of the node is a way to become root on it; a readable one shows the
tokens and Secrets of other pods. Policies of paths are circumvented by symbolic links.

Example
-------
A DaemonSet `logs` that mounts `/var/log` of its node.

Remedy
------
Use `emptyDir`, a PersistentVolumeClaim or a `configMap`. What collects from nodes
belongs in a namespace of its own that is labelled privileged.

References
----------
https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.pod_security import workload_findings
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.model.findings import Finding

_REMEDY = "replace the hostPath volumes, or move the workload to a namespace of its own"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "hostPathVolumes", _REMEDY)


CHECK = Check(
    id="pss-host-path-volumes",
    title="Volumes that are paths of the node",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="files of the node lead to root on it, or to the secrets of other pods",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.11",),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "SC-39"),
        mitre=("T1611", "T1552.001"),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
