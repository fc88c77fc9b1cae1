"""Bindings for nobody in particular."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import is_public, is_usual
from firedoor.model.access import ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.rbac_risks import CLUSTER, NAMESPACE, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_risks import RiskFinding

_MEANS = {
    ANONYMOUS: "everybody who reaches the API server without credentials",
    UNAUTHENTICATED: "everybody who reaches the API server without credentials",
    AUTHENTICATED: "everybody with any credentials, every service account too",
    SERVICE_ACCOUNTS: "every service account of the cluster",
}
_SEVERITIES = {AUTHENTICATED: Severity.HIGH, SERVICE_ACCOUNTS: Severity.MEDIUM}


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for binding in context.snapshot.role_bindings:
        ref = ref_of(binding)
        scope = {"": CLUSTER, SYSTEM: SYSTEM}.get(ref.namespace, NAMESPACE)
        for subject in dict.fromkeys(filter(is_public, binding.subjects)):
            yield RISK.finding(
                ref,
                str(binding.place),
                f"{ref} gives {binding.role.kind} {binding.role.name} to {subject.kind} {subject.name}: "
                f"{_MEANS[subject.name]}",
                severity=_SEVERITIES.get(subject.name, Severity.CRITICAL),
                scope=scope,
                namespaces=(ref.namespace,) if ref.namespace else (),
                is_usual=is_usual(binding, subject),
            )


RISK = ObjectRisk(
    id="public-binding",
    title="A role for everybody or for nobody known",
    mappings=Mappings(
        nsa=("rbac", "authentication"),
        nist_800_207=("3", "6"),
        nist_800_53=("AC-6", "AC-14"),
        mitre=("T1078",),
        pci_dss_4=("7.2.2", "7.3.3", "8.3.1"),
    ),
    severity=Severity.CRITICAL,
    why="nobody chose these people and pods: with some vendors every account of theirs counts as authenticated",
    remedy="bind the role to the users, groups or service accounts that need it",
    run=_run,
)
