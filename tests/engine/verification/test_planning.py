from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.engine.reach.network import Network
from firedoor.engine.verification import Planner, PlanRequest, Scope
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.labels import LabelSelector
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Goal, GoalKind, ProbePlan, Share

PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
 spec: {nodeName: n1, serviceAccountName: web, containers: [{name: c, ports: [{containerPort: 8080, name: http}]}]},
 status: {phase: Running, podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web-2, namespace: shop, labels: {app: web}},
 spec: {containers: [{name: c, ports: [{containerPort: 8080, name: http}]}]}, status: {phase: Running, podIP: 10.0.0.2}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: db, namespace: shop},
 spec: {template: {metadata: {labels: {app: db}}, spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop, labels: {app: agent}}, spec: {hostNetwork: true},
 status: {phase: Running, podIP: 192.168.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: lost, namespace: shop, labels: {app: lost}}, status: {phase: Unknown}}
---
"""
POLICY = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}]
---
"""
DB = EndTerm("db", labels=LabelSelector({"app": "db"}))
WEB = EndTerm("web", labels=LabelSelector({"app": "web"}))


def network(text: str) -> Network:
    return Network(snapshot_of(text))


def plan(text: str, request: PlanRequest | None = None) -> ProbePlan:
    return Planner(network(text), request or PlanRequest()).plan()


def told(found: ProbePlan) -> list[tuple[str, str, str, int, Verdict]]:
    return [
        (
            str(found.sites[each.probe.source]),
            str(found.sites[each.probe.destination]),
            each.probe.protocol,
            each.probe.port,
            each.expected,
        )
        for each in found.probes
    ]


def test_a_rule_is_shown_from_the_inside_and_just_outside() -> None:
    found = plan(PODS + POLICY)
    assert told(found) == [
        ("shop/web", "shop/db", "TCP", 5431, Verdict.DENIED),
        ("shop/web", "shop/db", "TCP", 5432, Verdict.ACCEPTED),
    ]
    assert [each.kind for each in found.goals] == [GoalKind.RULE, GoalKind.OUTSIDE, GoalKind.ISOLATION]
    assert (found.left_out, found.impossible) == ((), ())
    assert [each.goals for each in found.probes] == [(2, 1), (0,)]


def test_sites_are_what_stands_in_for_a_pod_and_listen_on_what_is_sent_to_them() -> None:
    web, db = plan(PODS + POLICY).sites
    assert (web.pod, web.namespace, web.labels, web.account, web.node) == ("web", "shop", {"app": "web"}, "web", "n1")
    assert web.listening == (("TCP", 8080),)
    assert web.ports == (("http", "TCP", 8080),)
    assert (db.pod, db.workload.kind, db.listening) == ("", "Deployment", (("TCP", 5431), ("TCP", 5432)))


def test_a_source_that_declares_nothing_listens_for_its_control_on_the_port_that_it_asks() -> None:
    found = plan(PODS.replace("{containerPort: 8080, name: http}", "") + POLICY)
    assert found.sites[0].listening == (("TCP", 5431),)


def test_pods_that_cannot_be_probed_count_and_are_not_tried() -> None:
    found = plan(PODS + POLICY, PlanRequest(is_all=True))
    assert found.unprobed_pods == 2
    assert {str(site) for site in found.sites} == {"shop/web", "shop/web-2", "shop/db"}


def test_the_share_is_counted_by_pods_and_atoms_of_ports() -> None:
    # Atoms: TCP below, at and above 5432, UDP, SCTP. Ends outside: one class of IPv4 addresses.
    found = plan(PODS + POLICY).share
    assert (found.inside, found.unprobed, found.outside) == (3 * 2 * 5, (5 * 4 - 3 * 2) * 5, 2 * 5 * 5)
    # From web to db: TCP at 5432, and what no term holds on TCP, whichever port it is; nothing else was tried.
    assert found.covered == 2 * 3
    assert found.percent == pytest.approx(100 * 6 / 150)
    assert found.total == 150
    assert Share(0, 0).percent == 100


def test_all_pairs_are_tried_on_declared_ports_and_one_that_nobody_declares() -> None:
    found = {each[:4] for each in told(plan(PODS + POLICY, PlanRequest(is_all=True)))}
    assert found == {
        ("shop/web", "shop/db", "TCP", 5432), ("shop/web", "shop/db", "TCP", 5431),
        ("shop/web", "shop/db", "TCP", 20000),
        ("shop/web", "shop/web-2", "TCP", 8080), ("shop/web", "shop/web-2", "TCP", 20000),
        ("shop/db", "shop/web", "TCP", 8080), ("shop/db", "shop/web", "TCP", 20000),
    }  # fmt: skip
    assert Planner(network(PODS + POLICY), PlanRequest()).size_of_all == 6


def test_a_budget_keeps_what_shows_most_and_tells_the_rest() -> None:
    found = plan(PODS + POLICY, PlanRequest(budget=1))
    assert len(found.probes) == 1
    assert [found.goals[each].kind for each in found.left_out] == [GoalKind.RULE]


def test_each_connection_is_tried_through_a_service_too() -> None:
    found = plan(PODS + POLICY, PlanRequest(through_service=True))
    assert [each.probe.is_through_service for each in found.probes] == [False, True, False, True]


def test_connections_are_narrowed_by_their_ends() -> None:
    cluster = network(PODS + POLICY)
    named = {each.name: position for position, each in enumerate(cluster.members)}
    web, db = {named["web"], named["web-2"]}, {named["db"]}
    everything = PlanRequest(is_all=True)

    def count(**ends: set[int]) -> int:
        return len(Planner(cluster, PlanRequest(Scope(**ends), is_all=True)).plan().probes)

    assert len(Planner(cluster, everything).plan().probes) == 7
    assert count(sources=db) == 2
    assert count(destinations=db) == 3
    assert count(sources=web, destinations=web) == 2
    assert count(either=db) == 5
    assert not Planner(cluster, PlanRequest(Scope(sources=db, destinations=db))).plan().probes
    half = Planner(cluster, PlanRequest(Scope(sources={named["web"]}, either={named["web-2"]}))).plan().share
    assert (half.inside, half.unprobed, half.outside) == (5, 0, 0)


def test_a_rule_for_nobody_that_can_be_probed_is_impossible() -> None:
    policy = POLICY.replace("app: web", "app: agent")
    found = plan(PODS + policy)
    assert Goal(GoalKind.RULE, Direction.INGRESS, found.goals[0].policy, "spec.ingress[0]") == found.goals[0]
    assert 0 in found.impossible


def test_a_policy_for_nobody_has_no_goals() -> None:
    assert not plan(PODS + POLICY.replace("app: db", "app: none")).goals


def test_a_pod_alone_has_nothing_to_be_shown() -> None:
    found = plan(PODS.split("---", maxsplit=1)[0] + "---" + POLICY.replace("app: db", "app: web"))
    assert (found.probes, found.sites) == ((), ())
    assert found.share.total == 2 * 5 * 1


DARK = """
{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: other, namespace: shop}, spec: {}}
---
"""


def test_what_gaps_make_unknown_is_not_covered() -> None:
    other = POLICY.replace("namespace: shop", "namespace: data").replace("app: db", "app: cache").replace(
        "podSelector: {matchLabels: {app: web}}", "namespaceSelector: {}"
    )  # fmt: skip
    cache = "{apiVersion: v1, kind: Pod, metadata: {name: cache, namespace: data, labels: {app: cache}}}\n---\n"
    found = plan(PODS + cache + other + POLICY + DARK, PlanRequest(is_all=True))
    assert {each[4] for each in told(found) if each[1] == "shop/db"} == {Verdict.UNKNOWN}
    assert found.share.covered == 0 < found.share.inside
    assert found.gaps


def test_replicas_stand_for_a_class_that_connects_to_itself() -> None:
    found = plan(PODS + POLICY.replace("app: db", "app: web"))
    assert ("shop/web", "shop/web-2", "TCP", 5432, Verdict.ACCEPTED) in told(found)


def test_rules_that_deny_and_that_leave_to_the_next_tier_are_shown() -> None:
    port = "protocols: [{tcp: {destinationPort: {number: %d}}}]"
    rules = "{action: Deny, from: [{pods: {podSelector: {matchLabels: {app: db}}}}], " + port % 80 + "}"
    passes = "{action: Pass, from: [{namespaces: {}}], " + port % 81 + "}"
    text = f"""
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: guard}}
spec: {{tier: Admin, priority: 1, subject: {{namespaces: {{}}}}, ingress: [{rules}, {passes}]}}
"""
    found = plan(PODS + text)
    kinds = [(each.kind, each.rule) for each in found.goals if each.rule]
    assert kinds == [
        (GoalKind.RULE, "spec.ingress[0]"),
        (GoalKind.OUTSIDE, "spec.ingress[0]"),
        (GoalKind.RULE, "spec.ingress[1]"),
    ]
    by_goal = {goal: each for each in found.probes for goal in each.goals}
    denied, outside, passed = (by_goal[found.goals.index(each)] for each in found.goals if each.rule)
    assert (denied.expected, denied.probe.port) == (Verdict.DENIED, 80)
    assert (outside.expected, outside.probe.port) != (Verdict.DENIED, 80)
    assert (passed.expected, passed.probe.port) == (Verdict.ACCEPTED, 81)


def wanted(kind: IntentKind, source: EndTerm, destination: EndTerm, **fields: object) -> PlanRequest:
    return PlanRequest(intents=(Intent("one", kind, (source,), (destination,), **fields),))  # type: ignore[arg-type]


def test_an_intent_is_tried_from_and_to_each_class_and_on_each_range() -> None:
    ports = (("TCP", 1, 1024), ("UDP", 53, 53))
    found = plan(PODS, wanted(IntentKind.MUST_DENY, EndTerm("pods", Word.PODS), WEB, ports=ports))
    goals = [each for each in found.goals if each.kind is GoalKind.INTENT]
    assert [(each.direction, None if each.subject is None else each.subject.name) for each in goals] == [
        (Direction.EGRESS, "web"),
        (Direction.INGRESS, "web"),
        (None, None),
        (None, None),
    ]
    assert not found.impossible
    assert {each[2:4] for each in told(found)} == {("TCP", 1024), ("UDP", 53)}


def test_an_intent_that_only_some_may_is_tried_from_all_others() -> None:
    found = plan(PODS + POLICY, wanted(IntentKind.ONLY_THESE, WEB, DB, ports=(("TCP", 5432, 5432),)))
    assert [found.goals[each].kind for each in found.impossible] == [GoalKind.INTENT] * 3
    found = plan(PODS + POLICY, wanted(IntentKind.ONLY_THESE, DB, WEB, ports=(("TCP", 8080, 8080),)))
    assert ("shop/web", "shop/web-2", "TCP", 8080, Verdict.ACCEPTED) in told(found)


def test_intents_about_what_is_outside_and_about_messages_are_impossible() -> None:
    found = plan(PODS, wanted(IntentKind.MUST_ALLOW, WEB, EndTerm("outside", Word.OUTSIDE), ports=ALL_TRAFFIC))
    assert len(found.goals) == len(found.impossible) == 4
    echo = IcmpMessage(8)
    found = plan(PODS, wanted(IntentKind.MUST_ALLOW, WEB, DB, ports=(), icmp=(echo,)))
    assert len(found.goals) == len(found.impossible) == 3


def test_intents_are_narrowed_as_everything_is() -> None:
    cluster = network(PODS)
    named = {each.name: position for position, each in enumerate(cluster.members)}
    request = PlanRequest(
        Scope(either={named["db"]}),
        (Intent("one", IntentKind.MUST_ALLOW, (EndTerm("pods", Word.PODS),), (EndTerm("pods", Word.PODS),)),),
    )
    found = Planner(cluster, request).plan()
    assert found.probes
    assert all("shop/db" in each[:2] for each in told(found))


def many(count: int, *policies: str) -> str:
    """Return pods that policies tell apart by a label, all of them behind one rule, and further policies."""
    pods = [
        f"""apiVersion: v1
kind: Pod
metadata: {{name: p{number}, namespace: shop, labels: {{app: p, n: '{number}'}}}}"""
        for number in range(count)
    ]
    apart = [
        f"""apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: of-{number}, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{n: '{number}'}}}}, policyTypes: [Ingress]}}"""
        for number in range(count)
    ]
    return "\n---\n".join((*pods, *apart, *policies, PODS))


RULE = POLICY.replace("app: db", "app: p")


def test_a_rule_on_many_classes_is_shown_at_few_of_them_and_each_class_is_isolated() -> None:
    found = plan(many(7, RULE))
    assert not found.left_out
    assert len([each for each in found.goals if each.kind is GoalKind.ISOLATION]) == 7
    rule = next(number for number, each in enumerate(found.goals) if each.kind is GoalKind.RULE and each.rule)
    shown = [found.sites[each.probe.destination].pod for each in found.probes if rule in each.goals]
    assert len(shown) == 1


def test_a_rule_is_shown_where_it_is_alone_if_it_is_anywhere() -> None:
    wide = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wide, namespace: shop}
spec: {podSelector: {matchLabels: {n: '%d'}}, ingress: [{}]}
---
"""
    for number, alone in ((0, "p1"), (1, "p0")):
        found = plan(many(2, RULE, wide % number))
        rule = next(each for each, goal in enumerate(found.goals) if goal.policy and goal.policy.name == "db")
        assert [found.sites[each.probe.destination].pod for each in found.probes if rule in each.goals] == [alone]


def test_what_both_ends_deny_is_covered_as_a_pair() -> None:
    closed = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
"""
    found = plan(PODS + closed)
    assert [each.kind for each in found.goals] == [GoalKind.ISOLATION] * 2
    assert {each[4] for each in told(found)} == {Verdict.DENIED}
    # TCP alone is tried: all atoms of it, which is one, of three.
    assert found.share.covered * 3 == found.share.inside


def test_what_is_narrowed_away_is_not_told_to_be_impossible() -> None:
    elsewhere = POLICY.replace("namespace: shop", "namespace: data").replace("name: db,", "name: other,")
    cache = "{apiVersion: v1, kind: Pod, metadata: {name: cache, namespace: data, labels: {app: db}}}\n---\n"
    cluster = network(PODS + cache + POLICY + elsewhere)
    shop = {position for position, each in enumerate(cluster.members) if each.namespace == "shop"}

    def impossible(scope: Scope) -> set[str]:
        found = Planner(cluster, PlanRequest(scope)).plan()
        return {found.goals[each].policy.name for each in found.impossible if found.goals[each].policy}  # type: ignore[union-attr]

    assert impossible(Scope()) == {"other"}
    assert impossible(Scope(either=shop)) == set()
    assert impossible(Scope(destinations=shop)) == set()
