"""
API servers that take any certificate of a kubelet.

What it finds
-------------
API servers without `--kubelet-certificate-authority`. Only pods of the sources whose
command and flags can be read are judged.

Why it matters
--------------
For logs, exec and port-forward the API server connects to kubelets. Whoever answers in
the place of one sees the sessions, and what is typed in them.

Example
-------
An API server as kubeadm starts it.

Remedy
------
Set `--kubelet-certificate-authority`, with serving certificates for the kubelets that
it signs.

References
----------
https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/#api-server-to-kubelet
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
    if "kubelet-certificate-authority" not in program.flags:
        fix = "give kubelets serving certificates of a CA, and set --kubelet-certificate-authority"
        yield "takes any certificate of a kubelet", ("kubelet-certificate-authority",), fix, None


CHECK = Check(
    id="apiserver-kubelet-unverified",
    title="API servers that do not know their kubelets",
    severity=Severity.LOW,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="whoever answers in the place of a kubelet sees logs and sessions",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.5",),
        nsa=("encryption", "control-plane-hardening"),
        nist_800_207=("2", "6"),
        nist_800_53=("IA-3", "SC-8"),
        mitre=("T1557",),
        pci_dss_4=("2.2.7",),
    ),
    run=_run,
)
