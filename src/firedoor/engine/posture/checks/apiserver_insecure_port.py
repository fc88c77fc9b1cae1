"""
API servers with the insecure port.

What it finds
-------------
API servers with `--insecure-port` other than 0. Servers since 1.20 ignore the flags,
and since 1.24 they do not start with them. Only pods of the sources whose command and
flags can be read are judged.

Why it matters
--------------
Whoever reaches the port is an administrator: it asks for no login and no permission.

Example
-------
`--insecure-port=8080`.

Remedy
------
Set `--insecure-port=0`, and upgrade.

References
----------
https://kubernetes.io/docs/concepts/security/controlling-access/
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
    if program.flags.get("insecure-port", "0") != "0":
        fix = "set --insecure-port=0, and remove --insecure-bind-address"
        yield "has a port that asks for no login", ("insecure-port", "insecure-bind-address"), fix, None


CHECK = Check(
    id="apiserver-insecure-port",
    title="API servers with a port that asks for nothing",
    severity=Severity.CRITICAL,
    confidence=Confidence.MEDIUM,
    since="0.1.0",
    why="whoever reaches the port is an administrator",
    docs=__doc__ or "",
    mappings=Mappings(
        nsa=("authentication", "control-plane-hardening"),
        nist_800_207=("6",),
        nist_800_53=("AC-3", "AC-14", "IA-2"),
        mitre=("T1190",),
        pci_dss_4=("8.3.1", "2.2.6"),
    ),
    run=_run,
)
