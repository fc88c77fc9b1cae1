"""
API servers that take anonymous requests.

What it finds
-------------
API servers without `--anonymous-auth=false` and without `--authentication-config`,
which may limit it to some paths. Only pods of the sources whose command and flags can
be read are judged.

Why it matters
--------------
Requests without credentials become those of `system:anonymous`. One binding for it, or
a flaw, opens the cluster to whoever reaches the port.

Example
-------
An API server that was started without the flag: the default is true.

Remedy
------
Set `--anonymous-auth=false`, or allow it for the health paths only by an
AuthenticationConfiguration.

References
----------
https://kubernetes.io/docs/reference/access-authn-authz/authentication/#anonymous-requests
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
    if "authentication-config" not in program.flags and program.is_on("anonymous-auth", default=True):
        fix = "set --anonymous-auth=false, or limit it to the health paths by --authentication-config"
        yield "takes requests without credentials", ("anonymous-auth", "authentication-config"), fix, None


CHECK = Check(
    id="apiserver-anonymous-auth",
    title="API servers that take requests without a login",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="one binding for system:anonymous, or a flaw, opens the cluster to whoever reaches the port",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.1",),
        nsa=("authentication", "control-plane-hardening"),
        nist_800_207=("6",),
        nist_800_53=("AC-14", "IA-2"),
        mitre=("T1190",),
        pci_dss_4=("8.3.1",),
    ),
    run=_run,
)
