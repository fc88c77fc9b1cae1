"""Connections that show what a change of policies has made otherwise."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.engine.verification import Earlier, Planner, PlanRequest, Scope
from firedoor.model.places import ObjectRef
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import GoalKind, ProbePlan

POD = """
---
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: %s, no: "%s"}},
 spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}, status: {phase: Running, podIP: 10.0.0.%s}}
"""
PODS = "".join(
    POD % (name, name.partition("-")[0], name, number) for number, name in enumerate(["web", "db", "job"], 1)
)
NODE = """
---
{apiVersion: v1, kind: Pod, metadata: {name: agent, namespace: shop, labels: {app: agent}}, spec: {hostNetwork: true},
 status: {phase: Running, podIP: 192.168.0.1}}
"""
SETS = """
---
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: set, namespace: shop},
 spec: {replicas: 2, template: {metadata: {labels: {app: set}}, spec: {containers: [{name: c}]}}}}
"""


def policy(name: str, app: str, *froms: str, port: str = "8080") -> str:
    peers = ", ".join(f"{{podSelector: {{matchLabels: {{app: {each}}}}}}}" for each in froms)
    rules = f"[{{from: [{peers}], ports: [{{port: {port}}}]}}]" if froms else "[]"
    return f"""
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{app: {app}}}}}, policyTypes: [Ingress], ingress: {rules}}}
"""


def refs(*names: str) -> frozenset[ObjectRef]:
    return frozenset(ObjectRef("NetworkPolicy", "shop", name) for name in names)


def plan(before: str, after: str, names: frozenset[ObjectRef], scope: Scope | None = None) -> ProbePlan:
    network = Network(snapshot_of(after))
    earlier = Earlier(Network(snapshot_of(before)), network)
    request = PlanRequest(scope or Scope(either=earlier.touched(names)), earlier=earlier)
    return Planner(network, request).plan()


def changed(found: ProbePlan) -> set[tuple[str, str, int, Verdict]]:
    goals = {number for number, goal in enumerate(found.goals) if goal.kind is GoalKind.CHANGE}
    return {
        (found.sites[each.probe.source].pod, found.sites[each.probe.destination].pod, each.probe.port, each.expected)
        for each in found.probes
        if not goals.isdisjoint(each.goals)
    }


def test_each_pair_that_is_denied_now_is_tried_and_what_a_rule_keeps_too() -> None:
    found = plan(PODS, PODS + policy("web", "web", "db"), refs("web"))
    assert {(source, destination) for source, destination, _, _ in changed(found)} == {("db", "web"), ("job", "web")}
    assert {each[3] for each in changed(found)} == {Verdict.DENIED}
    kept = {
        (found.sites[each.probe.source].pod, each.probe.port)
        for each in found.probes
        if each.expected is Verdict.ACCEPTED
    }
    assert kept == {("db", 8080)}
    # Nothing is tried that does not touch the pods of the policy.
    assert all(
        "web" in {found.sites[each.probe.source].pod, found.sites[each.probe.destination].pod} for each in found.probes
    )


def test_what_is_accepted_again_after_a_deletion_is_tried_though_no_policy_is_left() -> None:
    found = plan(PODS + policy("web", "web", "db"), PODS, refs("web"))
    assert changed(found) == {("db", "web", 8079, Verdict.ACCEPTED), ("job", "web", 8080, Verdict.ACCEPTED)}
    goal = next(each for each in found.goals if each.kind is GoalKind.CHANGE)
    assert (goal.subject, goal.peer) in {
        (ObjectRef("Pod", "shop", source), ObjectRef("Pod", "shop", "web")) for source in ("db", "job")
    }


def test_what_changed_both_ways_has_a_connection_for_each() -> None:
    before, after = policy("web", "web", "db"), policy("web", "web", "db", port="9090")
    found = plan(PODS + before, PODS + after, refs("web"))
    assert changed(found) == {("db", "web", 8080, Verdict.DENIED), ("db", "web", 9090, Verdict.ACCEPTED)}


def test_groups_that_changed_alike_have_one_connection() -> None:
    more = "".join(POD % (f"job-{number}", "job", f"job-{number}", 10 + number) for number in range(4))
    found = plan(PODS + more, PODS + more + policy("web", "web", "db"), refs("web"))
    assert sum(source.startswith("job") for source, _, _, _ in changed(found)) == 1


def test_only_pods_of_a_workload_that_changed_show_it() -> None:
    only = policy("one", "set").replace("{app: set}", '{apps.kubernetes.io/pod-index: "1"}')
    found = plan(PODS + SETS, PODS + SETS + only, refs("one"))
    assert all(
        found.sites[each.probe.destination].labels.get("apps.kubernetes.io/pod-index") == "1"
        for each in found.probes
        if each.expected is Verdict.DENIED
    )
    assert changed(found)


def test_what_is_outside_of_the_question_and_who_cannot_be_probed_is_left_out() -> None:
    members = Network(snapshot_of(PODS + NODE)).members
    number = {each.name: position for position, each in enumerate(members)}
    scope = Scope(sources={number["db"], number["agent"]}, either={number["web"]})
    found = plan(PODS + NODE, PODS + NODE + policy("web", "web") + policy("job", "job"), refs("web"), scope)
    assert {(source, destination) for source, destination, _, _ in changed(found)} == {("db", "web")}


def test_without_an_earlier_network_there_is_nothing_to_show_of_a_change() -> None:
    network = Network(snapshot_of(PODS + policy("web", "web", "db")))
    assert changed(Planner(network, PlanRequest()).plan()) == set()


NETS = """
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkSet, metadata: {name: nets, labels: {role: nets}},
 spec: {nets: [%s]}}
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: web},
 spec: {selector: app == 'web', types: [Ingress], ingress: [{action: Allow, source: {selector: role == 'nets'}}]}}
"""


def test_of_a_change_by_what_policies_refer_to_the_ends_are_touched() -> None:
    calico = PROFILES["calico"]
    network = Network(snapshot_of(PODS + NETS % "10.0.0.2/32"), calico)
    earlier = Earlier(Network(snapshot_of(PODS + NETS % "10.9.0.0/16"), calico), network)
    names = {
        network.members[each].name for each in earlier.touched(frozenset({ObjectRef("GlobalNetworkSet", "", "nets")}))
    }
    assert names == {"web", "db"}
