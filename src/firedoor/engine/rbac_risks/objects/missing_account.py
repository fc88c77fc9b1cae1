"""Bindings for service accounts that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import in_full
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import identity, is_bootstrap
from firedoor.model.findings import Confidence, Severity
from firedoor.model.frameworks import Mappings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac import RoleBinding, Subject
    from firedoor.model.rbac_risks import RiskFinding


def missing_accounts(context: RiskContext) -> Iterator[tuple[RoleBinding, Subject]]:
    """Yield the service accounts that bindings are for and that are not there, each with the binding."""
    known = {(each.metadata.namespace, each.metadata.name) for each in context.snapshot.service_accounts}
    for binding in context.snapshot.role_bindings:
        namespace = ref_of(binding).namespace
        for each in dict.fromkeys(identity(in_full(subject, namespace)) for subject in binding.subjects):
            # Every namespace gets an account called default, whether or not a file has it.
            is_there = (each.namespace, each.name) in known or (
                each.name == "default" and not (context.is_whole and known)
            )
            if each.kind == "ServiceAccount" and not is_there:
                yield binding, each


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    snapshot = context.snapshot
    namespaces = {each.metadata.name for each in snapshot.namespaces}
    for binding, each in missing_accounts(context):
        ref = ref_of(binding)
        gone = context.is_whole and bool(namespaces) and each.namespace not in namespaces
        what = f"namespace {each.namespace} of which" if gone else "which"
        yield RISK.finding(
            ref,
            str(binding.place),
            f"{ref} is for ServiceAccount {each.namespace}/{each.name}, {what} is not there"
            + ("" if context.is_whole else " among what was read"),
            severity=None if context.is_whole else Severity.LOW,
            confidence=Confidence.HIGH if context.is_whole and snapshot.service_accounts else Confidence.LOW,
            is_usual=is_bootstrap(binding.metadata.labels),
        )


RISK = ObjectRisk(
    id="missing-account",
    title="A binding for a service account that does not exist",
    mappings=Mappings(
        nsa=("rbac",),
        nist_800_53=("AC-2", "AC-6(7)"),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.5.1",),
    ),
    severity=Severity.MEDIUM,
    why="whoever may create a service account of that name, or a namespace, gets what the binding gives",
    remedy="take the subject out of the binding, or create the service account",
    run=_run,
)
