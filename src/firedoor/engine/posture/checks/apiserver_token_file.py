"""
API servers that take tokens from a file.

What it finds
-------------
API servers with `--token-auth-file`. Only pods of the sources whose command and flags
can be read are judged.

Why it matters
--------------
The tokens lie in plain text on the disk, never expire, and stay valid until the server
is restarted.

Example
-------
`--token-auth-file=/etc/kubernetes/tokens.csv`.

Remedy
------
Use certificates, OIDC or service account tokens, and remove the flag.

References
----------
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
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
    if "token-auth-file" in program.flags:
        yield "takes tokens from a file", ("token-auth-file",), "remove --token-auth-file", None


CHECK = Check(
    id="apiserver-token-file",
    title="API servers with a file of passwords",
    severity=Severity.HIGH,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="the tokens lie in plain text, never expire and cannot be revoked without a restart",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.2",),
        nsa=("authentication",),
        nist_800_207=("6",),
        nist_800_53=("IA-5", "IA-5(7)"),
        mitre=("T1552.001",),
        pci_dss_4=("8.3.2", "8.6.2"),
    ),
    run=_run,
)
