"""The role cluster-admin, given to anybody but Kubernetes itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.bindings import CLUSTER_BINDING
from firedoor.engine.rbac.matching import in_full
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext, ref_of
from firedoor.engine.rbac_risks.subjects import (
    CLUSTER_ADMIN,
    SYSTEM_NAMESPACE,
    identity,
    is_public,
    is_usual,
    reference,
)
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.rbac_risks import CLUSTER, NAMESPACE, SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac import RoleBinding, Subject
    from firedoor.model.rbac_risks import RiskFinding


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for binding in context.snapshot.role_bindings:
        if binding.role.kind != "ClusterRole" or binding.role.name != CLUSTER_ADMIN:
            continue
        namespace = ref_of(binding).namespace
        for each in dict.fromkeys(identity(in_full(subject, namespace)) for subject in binding.subjects):
            yield _finding(context, binding, each)


def _finding(context: RiskContext, binding: RoleBinding, subject: Subject) -> RiskFinding:
    ref = ref_of(binding)
    known = context.authorizer.role_of(binding)
    everywhere = binding.kind == CLUSTER_BINDING
    where = "in the whole cluster" if everywhere else f"in namespace {ref.namespace}"
    at_home = subject.kind == "ServiceAccount" and subject.namespace == SYSTEM_NAMESPACE
    scope = CLUSTER if everywhere else SYSTEM if ref.namespace == SYSTEM_NAMESPACE else NAMESPACE
    severity = Severity.HIGH if at_home or scope == NAMESPACE else Severity.CRITICAL
    role = (
        f"{place}: ClusterRole {CLUSTER_ADMIN}"
        if known is not None and (place := str(known.place))
        else f"ClusterRole {CLUSTER_ADMIN}, which every cluster has and which permits everything"
    )
    return RISK.finding(
        reference(subject),
        str(binding.place),
        f"{reference(subject)} is {CLUSTER_ADMIN} {where}, by {ref}",
        (f"{ref} binds {reference(subject)} to {CLUSTER_ADMIN}", role),
        severity=Severity.CRITICAL if is_public(subject) else severity,
        scope=scope,
        namespaces=() if everywhere else (ref.namespace,),
        is_usual=is_usual(binding, subject),
    )


RISK = ObjectRisk(
    id="cluster-admin-bound",
    title="cluster-admin for somebody",
    mappings=Mappings(
        cis=("5.1.1",),
        nsa=("rbac",),
        nist_800_207=("3",),
        nist_800_53=("AC-6", "AC-6(5)"),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.2", "7.2.5"),
    ),
    severity=Severity.CRITICAL,
    why="cluster-admin may do everything, also what is added later; one leaked token of it is the whole cluster",
    remedy="bind a role with what is needed; keep cluster-admin for a group of people, for emergencies",
    run=_run,
)
