"""
API servers whose authorization is not RBAC.

What it finds
-------------
API servers with `AlwaysAllow` among `--authorization-mode` (the default where the flag
is not set), or without `RBAC` or `Node` in it. With `--authorization-config` nothing is
said. Only pods of the sources whose command and flags can be read are judged.

Why it matters
--------------
With AlwaysAllow every account is an administrator, whatever roles say. Without Node
every kubelet may read what any of them may.

Example
-------
`--authorization-mode=AlwaysAllow`.

Remedy
------
Set `--authorization-mode=Node,RBAC`.

References
----------
https://kubernetes.io/docs/reference/access-authn-authz/authorization/
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
    modes = program.items("authorization-mode") or ["AlwaysAllow"]
    if "authorization-config" in program.flags:
        return
    fix = "set --authorization-mode=Node,RBAC"
    if "AlwaysAllow" in modes:
        yield "allows everything to everybody who logs in", ("authorization-mode",), fix, None
    elif "RBAC" not in modes:
        yield "does not ask RBAC", ("authorization-mode",), fix, Severity.HIGH
    elif "Node" not in modes:
        yield "does not limit kubelets to their own pods", ("authorization-mode",), fix, Severity.MEDIUM


CHECK = Check(
    id="apiserver-authorization",
    title="API servers that allow without asking RBAC",
    severity=Severity.CRITICAL,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="roles and bindings do not decide who may do what",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.6", "1.2.7", "1.2.8"),
        nsa=("rbac", "control-plane-hardening"),
        nist_800_207=("6",),
        nist_800_53=("AC-3", "AC-6"),
        mitre=("T1078",),
        pci_dss_4=("7.3.1", "7.3.2", "7.3.3"),
    ),
    run=_run,
)
