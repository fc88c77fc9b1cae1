"""Rules that look as if they permitted something, and do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.matching import ALL
from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac_risks.risk import ObjectRisk, RiskContext
from firedoor.engine.rbac_risks.subjects import is_bootstrap
from firedoor.model.findings import Severity
from firedoor.model.frameworks import Mappings
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac import PolicyRule
    from firedoor.model.rbac_risks import RiskFinding

_BINDINGS = frozenset({"rolebindings", "clusterrolebindings"})
_NAMELESS = frozenset({"create", "deletecollection"})


def _run(context: RiskContext) -> Iterator[RiskFinding]:
    for role in context.snapshot.roles:
        clustered = role.kind == CLUSTER_ROLE
        ref = ObjectRef(role.kind, "" if clustered else role.metadata.namespace, role.metadata.name)
        for number, rule in enumerate(role.rules):
            for reason in _reasons(rule, clustered=clustered):
                path = f"rules[{number}]"
                yield RISK.finding(
                    ref,
                    role.place.at(path),
                    f"{ref} {path}: {reason}",
                    is_usual=is_bootstrap(role.metadata.labels),
                )


def _reasons(rule: PolicyRule, *, clustered: bool) -> Iterator[str]:
    for each in rule.resources:
        if each.endswith("/*") and each != "userextras/*":
            yield f"{each} permits nothing: only * alone and */SUBRESOURCE stand for many resources"
    if {"bind", "escalate"} & set(rule.verbs) and rule.resources and set(rule.resources) <= _BINDINGS:
        yield "bind and escalate mean something for roles and clusterroles, not for bindings"
    if rule.resource_names and "" not in rule.resource_names:
        void = [verb for verb in rule.verbs if verb in _NAMELESS]
        if void and rule.resources and not any("/" in each or each == ALL for each in rule.resources):
            yield f"{', '.join(void)} with resourceNames permits nothing: such a request names no object"
    if rule.non_resource_urls and not clustered:
        yield "nonResourceURLs in a Role permit nothing: URLs are in no namespace"


RISK = ObjectRisk(
    id="ineffective-rule",
    title="A rule that permits nothing",
    mappings=Mappings(
        nsa=("rbac",),
        nist_800_53=("AC-6(7)",),
        mitre=("T1098.006",),
        pci_dss_4=("7.2.5.1",),
    ),
    severity=Severity.LOW,
    why="people believe that it permits something, or that it is a limit, and widen it when that fails",
    remedy="write what is meant, or delete the rule",
    run=_run,
)
