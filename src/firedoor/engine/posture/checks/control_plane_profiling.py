"""
Programs of the control plane with profiling.

What it finds
-------------
API servers, controller managers and schedulers without `--profiling=false`. Only pods
of the sources whose command and flags can be read are judged.

Why it matters
--------------
Profiles show the inside of the program, and taking one costs its time. They are for
whom the server lets in, but seldom needed.

Example
-------
A program that was started without the flag: the default is true.

Remedy
------
Set `--profiling=false`.

References
----------
https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/
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
    return faults(CHECK, context, ("kube-apiserver", "kube-controller-manager", "kube-scheduler"), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    # A configuration file of the scheduler outweighs its flag.
    if "config" not in program.flags and program.is_on("profiling", default=True):
        yield "serves profiles of itself", ("profiling",), "set --profiling=false", None


CHECK = Check(
    id="control-plane-profiling",
    title="Programs of the control plane that tell what they do",
    severity=Severity.INFO,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="profiles show the inside of the program, and cost its time",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.15", "1.3.2", "1.4.1"),
        nsa=("control-plane-hardening",),
        nist_800_53=("CM-7",),
        mitre=("T1613",),
        pci_dss_4=("2.2.4",),
    ),
    run=_run,
)
