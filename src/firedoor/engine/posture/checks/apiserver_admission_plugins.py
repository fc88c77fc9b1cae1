"""
API servers that admit what they should refuse.

What it finds
-------------
API servers with `AlwaysAdmit` enabled, without `NodeRestriction`, or with one of
`PodSecurity`, `ServiceAccount`, `NamespaceLifecycle`, `MutatingAdmissionWebhook`,
`ValidatingAdmissionWebhook` and `ValidatingAdmissionPolicy` disabled. Only pods of the
sources whose command and flags can be read are judged.

Why it matters
--------------
Without NodeRestriction a kubelet may change the labels of other nodes and draw pods
with Secrets to itself. Without the others, rules for pods and the policies of webhooks
are not asked.

Example
-------
`--disable-admission-plugins=PodSecurity`.

Remedy
------
Set `--enable-admission-plugins=NodeRestriction`, and disable none of these.

References
----------
https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
https://www.cisecurity.org/benchmark/kubernetes
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.check import Check
from firedoor.engine.posture.control_plane import faults
from firedoor.engine.posture.words import listed
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.posture.check import Context
    from firedoor.engine.posture.control_plane import Program, Wrong
    from firedoor.model.findings import Finding

_PROTECTING = frozenset(
    {
        "MutatingAdmissionWebhook",
        "NamespaceLifecycle",
        "PodSecurity",
        "ServiceAccount",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionWebhook",
    }
)


def _run(context: Context) -> Iterator[Finding]:
    return faults(CHECK, context, ("kube-apiserver",), _wrong)


def _wrong(program: Program) -> Iterator[Wrong]:
    enabled, disabled = program.items("enable-admission-plugins"), program.items("disable-admission-plugins")
    if "AlwaysAdmit" in enabled:
        yield "admits everything", ("enable-admission-plugins",), "remove AlwaysAdmit", Severity.HIGH
    if "NodeRestriction" not in enabled or "NodeRestriction" in disabled:
        fix = "add NodeRestriction to --enable-admission-plugins"
        flags = ("enable-admission-plugins", "disable-admission-plugins")
        yield "lets kubelets change other nodes and their pods", flags, fix, None
    off = sorted(_PROTECTING.intersection(disabled))
    if off:
        fix = f"remove {listed(off, 9)} from --disable-admission-plugins"
        yield f"does not ask {listed(off, 9)}", ("disable-admission-plugins",), fix, None


CHECK = Check(
    id="apiserver-admission-plugins",
    title="API servers without the admission that protects them",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    since="0.1.0",
    why="what should be refused is admitted",
    docs=__doc__ or "",
    mappings=Mappings(
        cis=("1.2.10", "1.2.12", "1.2.13", "1.2.14"),
        nsa=("control-plane-hardening",),
        nist_800_207=("6",),
        nist_800_53=("AC-3", "CM-6"),
        pci_dss_4=("2.2.6",),
    ),
    run=_run,
)
