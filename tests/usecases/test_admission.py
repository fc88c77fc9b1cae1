"""Which changes are objected to, by which rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from firedoor.bootstrap import open_intents
from firedoor.engine.reach.cni import SPEC
from firedoor.model.admission import Mode, Proposal, Rule
from firedoor.model.assembly import reference
from firedoor.model.decoding import ModelObject
from firedoor.model.findings import Severity
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.admission import Admission
from tests.loading import snapshot_of
from tests.usecases.test_watch import DENY, LET_WEB_IN, SECRETS, SHOP, pod, workload

DENIED = dict.fromkeys(Rule, Mode.DENY)
INTENTS = """
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
- {name: api stays out, must-deny: {from: shop/api, to: data/db}}
- {name: web gets in, must-allow: {from: shop/web, to: data/db, ports: [80]}}
"""
OPEN = DENY.replace("name: deny", "name: open").replace(
    "policyTypes: [Ingress]", "policyTypes: [Ingress], ingress: [{}]"
)


def only(text: str) -> ModelObject:
    snapshot = snapshot_of(text)
    (found,) = [
        each
        for part in ("workloads", "pods", "network_policies", "roles", "role_bindings", "namespaces")
        for each in getattr(snapshot, part)
    ]
    each: ModelObject = found
    return each


@pytest.fixture
def intents(tmp_path: Path) -> str:
    path = tmp_path / "intents.yaml"
    path.write_text(INTENTS)
    return str(path)


def admission(snapshot: Snapshot, intents: str = "", **modes: Mode) -> Admission:
    meant = open_intents(intents, read_stdin=bytes) if intents else ()
    found = Admission(SPEC, {**DENIED, **{Rule(rule): mode for rule, mode in modes.items()}}, meant)
    found.update(snapshot)
    return found


def denied(found: Admission, old: ModelObject | None, new: ModelObject | None) -> list[str]:
    some = new if new is not None else old
    assert some is not None
    refused, warned = found.objections(Proposal(reference(some), old, new))
    assert warned == ()
    return [str(each) for each in refused]


def test_nothing_is_objected_to_before_a_cluster_is_known() -> None:
    new = only(workload("shop", "new"))
    found = Admission(SPEC, DENIED)
    assert (found.is_ready, found.objections(Proposal(reference(new), None, new))) == (False, ((), ()))
    found.update(snapshot_of(SHOP))
    assert bool(found.is_ready)


def test_pods_that_no_policy_selects_are_objected_to() -> None:
    found = admission(snapshot_of(SHOP + DENY))
    (message,) = denied(found, None, only(workload("shop", "new")))
    assert message.startswith("no NetworkPolicy selects the pods of Deployment shop/new")
    assert denied(found, None, only(workload("data", "new"))) == []


def test_pods_of_a_controller_are_not_asked_about_and_single_ones_are() -> None:
    found = admission(snapshot_of(SHOP))
    owned = pod("shop", "web-1", "web")
    assert denied(found, None, only(owned)) == []
    alone = owned.replace(owned[owned.index("  ownerReferences") : owned.index("spec:")], "")
    assert denied(found, None, only(alone))


def test_a_deletion_is_no_workload_without_a_policy() -> None:
    assert denied(admission(snapshot_of(SHOP)), only(workload("shop", "web")), None) == []


def test_a_policy_that_breaks_an_intent_is_objected_to_and_one_that_keeps_them_is_not(intents: str) -> None:
    found = admission(snapshot_of(SHOP + DENY + LET_WEB_IN), intents)
    (message,) = denied(found, None, only(OPEN))
    assert "intent 'api stays out' (must-deny) would no longer hold: shop/api -> data/db" in message
    assert denied(found, only(DENY), only(DENY)) == []


def test_deleting_a_policy_can_break_an_intent(intents: str) -> None:
    found = admission(snapshot_of(SHOP + DENY + LET_WEB_IN), intents)
    (message,) = denied(found, only(LET_WEB_IN), None)
    assert "'web gets in'" in message
    # Without the default deny the other policy still isolates the database.
    assert denied(found, only(DENY), None) == []


def test_an_intent_that_does_not_hold_anyway_is_no_reason(intents: str) -> None:
    found = admission(snapshot_of(SHOP), intents)
    assert denied(found, None, only(OPEN)) == []
    found.update(snapshot_of(SHOP + DENY + LET_WEB_IN))
    assert denied(found, None, only(OPEN))


def test_without_pods_no_intent_is_broken(intents: str) -> None:
    assert denied(admission(snapshot_of(DENY), intents), only(DENY), None) == []


def test_dangerous_permissions_are_objected_to_with_the_role_and_with_the_binding() -> None:
    role, binding = SECRETS.split("---\n")[1:]
    with_role = admission(snapshot_of(SHOP + "---\n" + role))
    (message, *_) = denied(with_role, None, only(binding))
    assert "secrets" in message
    with_both = admission(snapshot_of(SHOP + SECRETS))
    assert denied(with_both, only(binding), only(binding)) == []
    harmless = role.replace("[secrets]", "[configmaps]")
    before = admission(snapshot_of(SHOP + SECRETS.replace("[secrets]", "[configmaps]")))
    assert denied(before, only(harmless), only(role))
    assert denied(before, only(role), only(harmless)) == []


def test_what_is_less_severe_than_asked_for_is_let_pass() -> None:
    role, binding = SECRETS.split("---\n")[1:]
    narrow = binding.replace("ClusterRoleBinding", "RoleBinding").replace(
        "{name: reader}", "{name: reader, namespace: shop}"
    )
    cluster = snapshot_of(SHOP + "---\n" + role)
    assert denied(admission(cluster), None, only(narrow))
    found = Admission(SPEC, DENIED, (), Severity.CRITICAL)
    found.update(cluster)
    assert denied(found, None, only(narrow)) == []


def test_a_rule_that_warns_does_not_deny_and_one_that_is_off_is_silent() -> None:
    new = only(workload("shop", "new"))
    proposal = Proposal(reference(new), None, new)
    refused, warned = admission(snapshot_of(SHOP), unisolated=Mode.WARN).objections(proposal)
    assert (refused, [each.rule for each in warned]) == ((), [Rule.UNISOLATED])
    assert admission(snapshot_of(SHOP), unisolated=Mode.OFF).objections(proposal) == ((), ())


CLUSTER_WIDE = """
---
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: quiet}
spec:
  priority: 5
  subject: {namespaces: {matchLabels: {team: none}}}
  ingress: [{action: Deny, from: [{namespaces: {}}]}]
"""
SPACE = "---\n{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {team: %s}}}\n"
BY_TEAM = LET_WEB_IN.replace("name: web,", "name: team,").replace(
    "ingress: [", "ingress: [{from: [{namespaceSelector: {matchLabels: {team: red}}}]}, "
)


def test_with_policies_of_other_apis_the_whole_cluster_is_judged(intents: str) -> None:
    found = admission(snapshot_of(SHOP + DENY + LET_WEB_IN + CLUSTER_WIDE), intents)
    (message,) = denied(found, None, only(OPEN))
    assert "intent 'api stays out' (must-deny) would no longer hold: shop/api -> data/db" in message
    assert denied(found, only(DENY), only(DENY)) == []


def test_labels_of_a_namespace_that_matter_to_nobody_break_nothing_and_others_can(tmp_path: Path) -> None:
    path = tmp_path / "intents.yaml"
    path.write_text(INTENTS)
    cluster = SHOP + DENY + LET_WEB_IN + BY_TEAM + SPACE % ("shop", "blue") + SPACE % ("data", "blue")
    found = admission(snapshot_of(cluster), str(path))
    assert denied(found, only(SPACE % ("data", "blue")), only(SPACE % ("data", "red"))) == []
    assert denied(found, only(SPACE % ("shop", "blue")), only(SPACE % ("shop", "green"))) == []
    (message,) = denied(found, only(SPACE % ("shop", "blue")), only(SPACE % ("shop", "red")))
    assert "'api stays out'" in message
    assert denied(found, None, only(SPACE % ("new", "red"))) == []


def edge(source: str, destination: str, verdict: FlowVerdict = FlowVerdict.ALLOWED, count: int = 3) -> FlowEdge:
    ends = (each.partition("/") for each in (source, destination))
    one, other = (FlowPeer(PeerKind.WORKLOAD, space, "Deployment", name) for space, _, name in ends)
    return FlowEdge(one, other, "TCP", 80, verdict, count, 1, 1_700_000_000_000_000_000)


def by_flows(cluster: str, *edges: FlowEdge) -> Admission:
    found = Admission(SPEC, {**DENIED, Rule.UNISOLATED: Mode.OFF})
    found.learn(edges)
    found.update(snapshot_of(cluster))
    return found


def test_a_policy_that_cuts_used_connections_is_objected_to_with_what_and_why() -> None:
    found = by_flows(SHOP, edge("shop/web", "data/db"), edge("shop/api", "data/db", count=1))
    (message,) = denied(found, None, only(DENY))
    assert message == (
        "2 connections that were used would be cut: "
        "Deployment shop/web -> Deployment data/db TCP/80 (3 times, last 2023-11-14T22:13:20Z), "
        "Deployment shop/api -> Deployment data/db TCP/80 (once, last 2023-11-14T22:13:20Z); "
        "denied by NetworkPolicy data/deny; add rules that allow them, or wait until nothing uses them"
    )


def test_deleting_a_policy_can_cut_used_connections() -> None:
    found = by_flows(SHOP + DENY + LET_WEB_IN, edge("shop/web", "data/db"))
    (message,) = denied(found, only(LET_WEB_IN), None)
    assert "1 connection that was used would be cut: Deployment shop/web" in message
    assert denied(found, only(DENY), None) == []


def test_what_was_denied_or_is_denied_now_or_is_gone_cannot_be_cut() -> None:
    refused = edge("shop/web", "data/db", FlowVerdict.DENIED)
    assert denied(by_flows(SHOP, refused, edge("shop/gone", "data/db")), None, only(DENY)) == []
    assert denied(by_flows(SHOP + DENY, edge("shop/api", "data/db")), only(DENY), only(DENY)) == []


def test_connections_that_are_learned_later_count_from_the_next_update_on() -> None:
    cluster = snapshot_of(SHOP)
    found = by_flows(SHOP)
    found.learn([edge("shop/web", "data/db")])
    assert denied(found, None, only(DENY)) == []
    found.update(cluster)
    assert denied(found, None, only(DENY))
    assert isinstance(only(DENY), NetworkPolicy)
