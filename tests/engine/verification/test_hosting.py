"""Connections from pods on the network of their node, as a plan has them."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network
from firedoor.engine.verification import Planner, PlanRequest, Scope
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import GoalKind, ProbePlan

WEB = """
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}},
 spec: {nodeName: east, containers: [{name: c, ports: [{containerPort: 8080}]}]},
 status: {phase: Running, podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}},
 spec: {nodeName: west, containers: [{name: c, ports: [{containerPort: 5432}]}]},
 status: {phase: Running, podIP: 10.0.0.2}}
"""
HOST = """
---
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: shop, labels: {app: %s}},
 spec: {nodeName: %s, hostNetwork: true, containers: [{name: c%s}]}, status: {phase: %s, podIP: %s}}
"""
AGENT = HOST % ("agent", "agent", "east", "", "Running", "192.168.0.1")
DENY = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: %s, namespace: shop}
spec: {podSelector: {matchLabels: {app: %s}}, ingress: [%s]}
"""
NODES = "{from: [{ipBlock: {cidr: 192.168.0.0/16}}], ports: [{port: 8080}]}"


def plan(text: str, scope: Scope | None = None) -> ProbePlan:
    return Planner(Network(snapshot_of(text)), PlanRequest(scope or Scope())).plan()


def from_hosts(found: ProbePlan) -> set[tuple[str, str, int, Verdict]]:
    goals = {number for number, goal in enumerate(found.goals) if goal.kind is GoalKind.NODE}
    told = set()
    for each in found.probes:
        source, destination = found.sites[each.probe.source], found.sites[each.probe.destination]
        assert source.host_network == (not goals.isdisjoint(each.goals))
        assert not destination.host_network
        if source.host_network:
            told.add((source.pod, destination.pod, each.probe.port, each.expected))
    return told


def test_one_connection_that_is_denied_and_one_that_is_accepted_are_tried() -> None:
    found = plan(WEB + AGENT + DENY % ("web", "web", NODES) + DENY % ("db", "db", ""))
    assert from_hosts(found) == {("agent", "db", 5432, Verdict.DENIED), ("agent", "web", 8080, Verdict.ACCEPTED)}
    assert not found.left_out
    assert found.unprobed_pods == 1


def test_what_a_rule_lets_in_from_another_node_shows_more_than_what_any_node_may() -> None:
    found = plan(WEB + AGENT + DENY % ("web", "web", "") + DENY % ("db", "db", NODES))
    assert ("agent", "db", 8080, Verdict.ACCEPTED) in from_hosts(found)


def test_where_only_its_own_node_may_that_is_tried() -> None:
    assert from_hosts(plan(WEB + AGENT + DENY % ("web", "web", ""))) == {("agent", "web", 8080, Verdict.ACCEPTED)}


def test_pods_that_no_policy_is_for_are_not_connected_to() -> None:
    found = plan(WEB + AGENT + DENY % ("db", "db", ""))
    assert from_hosts(found) == {("agent", "db", 5432, Verdict.DENIED)}


def test_who_does_not_run_or_is_not_asked_about_connects_to_nobody() -> None:
    lost = HOST % ("agent", "agent", "east", "", "Failed", "192.168.0.1")
    assert from_hosts(plan(WEB + lost + DENY % ("db", "db", ""))) == set()
    names = [each.name for each in Network(snapshot_of(WEB + AGENT)).members]
    everybody_else = Scope(sources={number for number, name in enumerate(names) if name != "agent"})
    assert from_hosts(plan(WEB + AGENT + DENY % ("db", "db", ""), everybody_else)) == set()


def test_what_listens_beside_it_is_what_it_declares_or_what_nobody_does() -> None:
    declares = HOST % ("own", "own", "east", ", ports: [{containerPort: 9100}]", "Running", "192.168.0.1")
    for text, port in ((AGENT, 20000), (declares, 9100)):
        found = plan(WEB + text + DENY % ("db", "db", ""))
        (site,) = [each for each in found.sites if each.host_network]
        assert site.listening == (("TCP", port),)
