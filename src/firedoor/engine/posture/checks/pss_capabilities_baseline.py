"""
Containers with capabilities that container runtimes do not give.

What it finds
-------------
Workloads with a container that adds a capability beyond those of the usual default set,
`NET_RAW` included. Names count as they are written: `CAP_CHOWN` and `chown` are not
allowed. Control `capabilities_baseline`, level baseline.

Why it matters
--------------
`SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE` and others are ways out to the node; `NET_ADMIN`
and `NET_RAW` let a pod forge traffic.

Example
-------
A container with `capabilities: {add: [NET_ADMIN]}`.

Remedy
------
Remove the capability. A network plugin that sets up traffic itself makes `NET_ADMIN` of
service mesh sidecars needless.

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

_REMEDY = "remove the added capabilities"


def _run(context: Context) -> Iterator[Finding]:
    yield from workload_findings(context, CHECK, "capabilities_baseline", _REMEDY)


CHECK = Check(
    id="pss-capabilities-baseline",
    title="Added capabilities",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the capability lets the container do what only the node should",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("5.2.8", "5.2.9"),
        nsa=("pod-security-enforcement",),
        nist_800_207=("5",),
        nist_800_53=("AC-6", "SC-39"),
        mitre=("T1611",),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
