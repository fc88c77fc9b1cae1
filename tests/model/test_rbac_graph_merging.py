from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from msgspec.structs import replace

from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import PolicyRule
from firedoor.model.rbac_graph import EdgeKind, GraphNode, GraphRisk, Merging, NodeState, Part, RbacGraph, in_order
from firedoor.model.rbac_graph_merging import merged

HIGH, LOW = GraphRisk("a-risk", "A", Severity.HIGH), GraphRisk("a-risk", "A", Severity.LOW)
GET = (PolicyRule(("get",)),)
PARTS = {
    "sa": (Part.SUBJECT, "ServiceAccount"),
    "user": (Part.SUBJECT, "User"),
    "group": (Part.SUBJECT, "Group"),
    "binding": (Part.BINDING, "RoleBinding"),
    "role": (Part.ROLE, "Role"),
    "deployment": (Part.WORKLOAD, "Deployment"),
    "job": (Part.WORKLOAD, "Job"),
}
KINDS = {"binding": EdgeKind.BOUND, "role": EdgeKind.GRANTS, "group": EdgeKind.MEMBER, "sa": EdgeKind.RUNS_AS}


def node(text: str, **more: Any) -> GraphNode:
    word, namespace, name = text.split("/")
    return GraphNode(text, *PARTS[word], namespace, name, **more)


def graph(*chains: str, **more: dict[str, Any]) -> RbacGraph:
    """Chains ``sa/a/x binding/a/x role/a/x``, and fields of nodes by their ids with underscores."""
    nodes: dict[str, GraphNode] = {}
    edges: dict[tuple[str, str, EdgeKind], str] = {}
    for chain in chains:
        steps = chain.split()
        for each in steps:
            nodes[each] = node(each, **more.get(each.replace("/", "_"), {}))
        for one, other in pairwise(steps):
            kind = EdgeKind.AGGREGATES if one.startswith("role") else KINDS[other.partition("/")[0]]
            edges[one, other, kind] = f"{one}.yaml"
    return in_order(nodes, edges)


def drawn(found: RbacGraph) -> dict[str, list[str]]:
    return {each.id: [str(one) for one in each.members] for each in found.nodes}


TENANTS = [f"sa/t{each}/app binding/t{each}/app role/t{each}/app" for each in range(5)]


def test_a_small_graph_stays_as_it_is() -> None:
    found = graph(*TENANTS)
    assert merged(found, 15) is found
    assert (found.merging, found.total) == (Merging.NOTHING, 15)


def test_subjects_with_exactly_the_same_bindings_are_one() -> None:
    found = merged(
        graph(
            "deployment/s/a sa/s/a binding/s/b role/s/r",
            "job/s/j sa/s/b binding/s/b",
            "sa/s/c binding/s/b",
            "sa/s/c binding/s/c role/s/r",
            "user//u binding/s/b",
        ),
        8,
    )
    assert (found.merging, found.total) == (Merging.SUBJECTS, 9)
    assert drawn(found) == {
        "alike/deployment/s/a": ["Deployment s/a", "Job s/j"],
        "alike/sa/s/a": ["ServiceAccount s/a", "ServiceAccount s/b"],
        "sa/s/c": [],
        "user//u": [],
        "binding/s/b": [],
        "binding/s/c": [],
        "role/s/r": [],
    }
    workload, accounts = found.nodes[:2]
    assert (workload.kind, workload.namespace, workload.name) == ("", "s", "")
    assert (accounts.kind, accounts.namespace, accounts.name, accounts.place) == ("ServiceAccount", "s", "", "")
    edges = {(each.source, each.target): each.place for each in found.edges}
    assert edges["alike/sa/s/a", "binding/s/b"] == ""
    assert edges["alike/deployment/s/a", "alike/sa/s/a"] == ""
    assert edges["sa/s/c", "binding/s/b"] == "sa/s/c.yaml"


@pytest.mark.parametrize(
    "more", [{"sa_s_b": {"state": NodeState.MISSING}}, {"sa_s_b": {"risks": (HIGH,)}}, {"sa_s_a": {"risks": (LOW,)}}]
)
def test_subjects_that_are_not_the_same_to_look_at_stay_apart(more: dict[str, Any]) -> None:
    found = merged(graph("sa/s/a binding/s/b role/s/r", "sa/s/b binding/s/b", "sa/s/c binding/s/b", **more), 4)
    assert len([each for each in found.nodes if each.part is Part.SUBJECT]) == 2
    assert sum(len(each.members) for each in found.nodes) == 2


def test_groups_of_the_same_bindings_are_one_and_so_are_their_members() -> None:
    found = merged(graph("sa/s/a group//g binding/s/b role/s/r", "sa/s/b group//h binding/s/b"), 4)
    assert drawn(found) == {
        "alike/group//g": ["Group g", "Group h"],
        "alike/sa/s/a": ["ServiceAccount s/a", "ServiceAccount s/b"],
        "binding/s/b": [],
        "role/s/r": [],
    }


def test_bindings_of_one_role_are_one_where_that_is_needed() -> None:
    found = merged(graph(*(f"sa/t{each}/app binding/t{each}/app role/s/r" for each in range(5))), 5)
    assert found.merging is Merging.BINDINGS
    assert [len(each.members) for each in found.nodes] == [5, 5, 0]
    assert [(each.source, each.target) for each in found.edges] == [
        ("alike/sa/t0/app", "alike/binding/t0/app"),
        ("alike/binding/t0/app", "role/s/r"),
    ]
    assert {(each.namespace, each.name) for each in found.nodes if each.members} == {("", "app")}


def test_roles_of_the_same_rules_are_one_where_that_is_needed() -> None:
    found = merged(graph(*TENANTS, "sa/t9/app binding/t9/app role/t9/app", role_t9_app={"rules": GET}), 8)
    assert found.merging is Merging.ROLES
    assert [len(each.members) for each in found.nodes] == [5, 0, 5, 0, 5, 0]


def test_missing_roles_of_two_names_stay_two() -> None:
    state = {"state": NodeState.MISSING}
    more = {f"role_t{each}_app": state for each in range(5)} | {"role_t9_gone": state}
    found = merged(graph(*TENANTS, "sa/t9/app binding/t9/app role/t9/gone", **more), 8)
    assert (found.merging, len(found.nodes)) == (Merging.ROLES, 6)


def test_an_aggregating_role_stays_beside_what_it_aggregates() -> None:
    found = merged(graph(*TENANTS, "role/x/a role/x/b"), 6)
    assert [(each.source, each.target) for each in found.edges][-1] == ("role/x/a", "alike/role/t0/app")


def rules(*names: str) -> dict[str, dict[str, Any]]:
    return {name: {"rules": (PolicyRule((name,)),)} for name in names}


def test_roles_of_one_name_are_one_where_their_rules_differ() -> None:
    different = rules(*(f"role_t{each}_app" for each in range(5)))
    found = merged(graph(*TENANTS, **different), 3)
    assert (found.merging, [len(each.members) for each in found.nodes]) == (Merging.NAMES, [5, 5, 5])
    assert found.nodes[-1].rules == ()


def test_else_all_of_one_kind_namespace_and_severity_is_one() -> None:
    chains = [f"sa/t{each % 2}/a{each} binding/t{each % 2}/b{each} role/t{each % 2}/r{each}" for each in range(8)]
    more = rules(*(f"role_t{each % 2}_r{each}" for each in range(8)))
    found = merged(graph(*chains, **more), 6)
    assert (found.merging, [len(each.members) for each in found.nodes]) == (Merging.NAMESPACES, [4] * 6)
    more["role_t0_r0"]["risks"] = (LOW, GraphRisk("b-risk", "B", Severity.LOW))
    more["role_t1_r1"]["risks"] = (GraphRisk("b-risk", "B", Severity.LOW),)
    found = merged(graph(*chains, **more), 3)
    assert (found.merging, [len(each.members) for each in found.nodes]) == (Merging.KINDS, [8, 8, 2, 6])
    risky = next(each for each in found.nodes if each.risks)
    assert [each.id for each in risky.risks] == ["a-risk", "b-risk"]
    assert found.total == 24


def test_an_edge_inside_of_what_is_one_is_gone() -> None:
    found = merged(graph("role/x/a role/x/b", "binding/x/c role/x/a"), 2)
    assert [(each.source, each.target) for each in found.edges] == [("binding/x/c", "alike/role/x/a")]


def test_the_worst_severity_of_a_risk_is_that_of_all() -> None:
    worse = GraphRisk("b-risk", "B", Severity.HIGH)
    more: dict[str, Any] = {"sa_t0_app": {"risks": (HIGH, worse)}, "sa_t1_app": {"risks": (worse, LOW)}}
    found = merged(graph("sa/t0/app", "sa/t1/app", **more), 1)
    (one,) = found.nodes
    assert [(each.id, each.severity) for each in one.risks] == [("a-risk", Severity.HIGH), ("b-risk", Severity.HIGH)]
    assert one.severity is Severity.HIGH
    assert one.ref == ObjectRef("ServiceAccount", "", "app")


def test_what_else_is_known_of_a_graph_is_kept() -> None:
    found = merged(replace(graph(*TENANTS), notes=("a note",)), 3)
    assert found.notes == ("a note",)
