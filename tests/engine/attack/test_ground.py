from __future__ import annotations

import pytest
from tests.engine.attack.cluster import deployment, namespace, node, plain, pod, world

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import AttackGraph
from firedoor.engine.attack.ground import Ground, Names
from firedoor.engine.attack.nodes import Nodes
from firedoor.engine.attack.pods import groups_of
from firedoor.engine.blast.graph import HopGraph
from firedoor.engine.reach.network import Network
from firedoor.model.attack import Kind, Standing
from firedoor.model.rbac import Subject


@pytest.fixture
def ground() -> Ground:
    snapshot = world(
        pod("shop/a", serviceAccountName="api", nodeName="one"),
        pod("shop/b", nodeName="two"),
        deployment("far/d", kind="StatefulSet"),
        deployment("far/e"),
        plain("ServiceAccount", "far/robot"),
        namespace("far", "restricted"),
        namespace("open", "privileged"),
        node("one"),
    )
    network = Network(snapshot)
    graph = AttackGraph(possible=False)
    groups = groups_of(graph, HopGraph(network, network.axis.everything, possible=False))
    return Ground(graph, snapshot, groups, network.members, Nodes(graph, snapshot, groups, network.members))


def gives(ground: Ground, means: int | None) -> set[str]:
    """Return what a means leads to; each once."""
    targets = [str(ground.graph.vertices[target]) for source, target, _ in ground.graph._links if source == means]
    assert len(targets) == len(set(targets))
    return set(targets)


@pytest.mark.parametrize(
    ("where", "names", "pods"),
    [
        ("", None, {"shop/a", "shop/b", "far/d", "far/e"}),
        ("shop", None, {"shop/a", "shop/b"}),
        ("", frozenset({"a", "d"}), {"shop/a"}),
        ("", frozenset({"a", "d-0"}), {"shop/a", "far/d"}),
        ("", frozenset({"e", "e-0"}), set()),
        ("shop", frozenset({"b"}), {"shop/b"}),
        ("far", frozenset({"b"}), set()),
        ("nowhere", None, set()),
    ],
)
def test_pods_are_those_of_a_namespace_and_of_some_names(
    ground: Ground, where: str, names: Names, pods: set[str]
) -> None:
    means = ground.pods(by.EXEC, where, names)
    assert gives(ground, means) == pods
    assert ground.pods(by.EXEC, where, names) == means
    assert gives(ground, means) == pods


def test_pods_are_those_of_some_nodes(ground: Ground) -> None:
    assert gives(ground, ground.pods_on(by.KUBELET, None)) == {"shop/a", "shop/b", "far/d", "far/e"}
    means = ground.pods_on(by.KUBELET, frozenset({"one"}))
    assert gives(ground, means) == {"shop/a"}
    assert ground.pods_on(by.KUBELET, frozenset({"one"})) == means
    assert gives(ground, means) == {"shop/a"}
    assert gives(ground, ground.pods_on(by.KUBELET, frozenset({"gone"}))) == set()


def test_accounts_are_those_of_objects_and_of_pods_and_the_default_ones(ground: Ground) -> None:
    assert {space: set(names) for space, names in ground.accounts.items()} == {
        "shop": {"api", "default"},
        "far": {"robot", "default"},
        "open": {"default"},
    }
    assert gives(ground, ground.take(by.CREATE_TOKEN, "far", None)) == {
        "serviceaccount:far/default",
        "serviceaccount:far/robot",
    }
    means = ground.take(by.CREATE_TOKEN, "", frozenset({"default"}))
    assert gives(ground, means) == {f"serviceaccount:{each}/default" for each in ("far", "open", "shop")}
    assert ground.take(by.CREATE_TOKEN, "", frozenset({"default"})) == means
    assert gives(ground, ground.take(by.CREATE_TOKEN, "nowhere", None)) == set()
    assert ground.take(by.LEGACY_TOKEN, "shop", None, possible=True) is None


def test_all_secrets_are_those_of_each_namespace_too(ground: Ground) -> None:
    means = ground.secrets(by.READ_SECRETS, "")
    assert gives(ground, means) == {"secrets", "secrets:shop", "secrets:far", "secrets:open"}
    assert ground.secrets(by.READ_SECRETS, "") == means
    assert gives(ground, ground.secrets(by.READ_SECRETS, "far")) == {"secrets:far"}


def test_nodes_are_all_that_are_known_and_those_of_the_other_pods(ground: Ground) -> None:
    means = ground.to_nodes(by.RELABEL)
    assert gives(ground, means) == {"node:one", "node:two", "some node"}
    assert ground.to_nodes(by.RELABEL) == means
    assert gives(ground, means) == {"node:one", "node:two", "some node"}


def test_what_is_named_is_led_to_once(ground: Ground) -> None:
    target = Standing(Kind.CLUSTER_ADMIN)
    means = ground.to(by.WEBHOOK, target)
    assert ground.to(by.WEBHOOK, target) == means
    assert gives(ground, means) == {"cluster-admin"}


def test_namespaces_tell_whether_privileged_pods_come_in(ground: Ground) -> None:
    assert ground.is_open == {"far": False, "open": True, "shop": True}
    assert ground.namespaces == ("far", "open", "shop")


@pytest.mark.parametrize(
    ("kind", "where", "names", "found"),
    [
        ("StatefulSet", "", None, ["far"]),
        ("StatefulSet", "far", None, ["far"]),
        ("StatefulSet", "shop", None, []),
        ("StatefulSet", "far", frozenset({"d", "e"}), ["far"]),
        ("StatefulSet", "", frozenset({"e"}), []),
        ("Deployment", "", None, ["far"]),
        ("DaemonSet", "", None, []),
    ],
)
def test_workloads_are_found_by_kind_and_name(
    ground: Ground, kind: str, where: str, names: Names, found: list[str]
) -> None:
    assert ground.workloads_named(kind, where, names) == found


def test_a_subject_has_one_vertex(ground: Ground) -> None:
    account = ground.subject(Subject("ServiceAccount", "api", "shop"))
    assert ground.accounts["shop"]["api"] == account
    assert ground.subject(Subject("User", "eve")) == ground.subject(Subject("User", "eve")) != account
    assert str(ground.graph.vertices[ground.subject(Subject("Group", "dev"))]) == "group:dev"
