"""
API servers that log no requests.

What it finds
-------------
API servers without `--audit-policy-file`, or with one and neither `--audit-log-path`
nor `--audit-webhook-config-file`. Only pods of the sources whose command and flags can
be read are judged.

Why it matters
--------------
Nobody can say afterwards who read which Secret, or who made which change.

Example
-------
An API server as kubeadm starts it.

Remedy
------
Write an audit policy, and a place for the log.

References
----------
https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/
https://www.cisecurity.org/benchmark/kubernetes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import faults
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.control_plane import Program, Wrong
    from firedoor.model.findings import Finding


def _run(context: Context) -> Iterator[Finding]:
    return faults(CHECK, context, ("kube-apiserver",), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    backends = ("audit-log-path", "audit-webhook-config-file")
    if "audit-policy-file" not in program.flags or not any(each in program.flags for each in backends):
        fix = "set --audit-policy-file and --audit-log-path"
        yield "keeps no audit log", ("audit-policy-file", *backends), fix, None


CHECK = Check(
    id="apiserver-audit-off",
    title="API servers without an audit log",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="nobody can say afterwards who did what",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.16", "3.2.1"),
        nsa=("audit-logging",),
        nist_800_207=("7",),
        nist_800_53=("AU-2", "AU-12"),
        pci_dss_4=("10.2.1",),
    ),
    run=_run,
)
