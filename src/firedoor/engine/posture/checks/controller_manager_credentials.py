"""
Controller managers whose controllers share one account.

What it finds
-------------
Controller managers without `--use-service-account-credentials=true`. Only pods of the
sources whose command and flags can be read are judged.

Why it matters
--------------
Every controller then has the permissions of all of them together, and the audit log
cannot tell them apart.

Example
-------
A controller manager that was started without the flag: the default is false.

Remedy
------
Set `--use-service-account-credentials=true`.

References
----------
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/
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
    return faults(CHECK, context, ("kube-controller-manager",), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    if not program.is_on("use-service-account-credentials", default=False):
        flags = ("use-service-account-credentials",)
        yield "gives all controllers one account", flags, "set --use-service-account-credentials=true", None


CHECK = Check(
    id="controller-manager-credentials",
    title="Controllers that all act with one account",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="every controller has the permissions of all of them together",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.3.3",),
        nsa=("rbac",),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "IA-9"),
        mitre=("T1078",),
        pci_dss_4=("7.2.5",),
    ),
    run=_run,
)
