from __future__ import annotations

from typing import Any

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    Document,
    ask,
    attack,
    binding,
    leads,
    may,
    node,
    pod,
    role,
    rule,
    shut,
    standings,
    told,
    world,
)

PRIVILEGED = {"securityContext": {"privileged": True}}
TOKENS = {"volumeMounts": [{"name": "v", "mountPath": "/pods", "readOnly": True}]}
PODS: dict[str, Any] = {"volumes": [{"name": "v", "hostPath": {"path": "/var/lib/kubelet/pods"}}]}
CONTROL_PLANE = "node_role.kubernetes.io__control_plane"


def test_a_node_holds_the_pods_that_run_there_and_its_credentials() -> None:
    found = attack(pod("shop/a", nodeName="one"), pod("shop/b", nodeName="two"), node("one"))
    assert leads(found, "node:one") == {"node-pods": {"shop/a"}, "node-credentials": {"group:system:nodes"}}
    assert leads(found, "node:two") == {"node-pods": {"shop/b"}, "node-credentials": {"group:system:nodes"}}
    assert standings(found).isdisjoint({"some node", "node:"})


@pytest.mark.parametrize("label", [CONTROL_PLANE, "node_role.kubernetes.io__master"])
def test_the_control_plane_is_known_by_the_labels_of_its_nodes(label: str) -> None:
    found = attack(pod("shop/a"), node("one", **{label: ""}), node("two"))
    assert leads(found, "node:one")["control-plane"] == {"cluster-admin"}
    assert "control-plane" not in leads(found, "node:two")


@pytest.mark.parametrize(
    ("name", "labels", "is_one"),
    [
        ("kube-system/kube-apiserver-one", {}, True),
        ("kube-system/etcd-one", {}, True),
        ("kube-system/kube-controller-manager-one", {}, True),
        ("kube-system/server", {"component": "kube-apiserver"}, True),
        ("kube-system/server", {"component": "kube-scheduler"}, False),
        ("kube-system/etcd-backup-x1z", {}, False),
        ("kube-system/kube-proxy-one", {}, False),
        ("shop/etcd-one", {"component": "etcd"}, False),
    ],
)
def test_the_control_plane_is_known_by_its_pods(name: str, labels: dict[str, str], is_one: bool) -> None:
    found = leads(attack(pod(name, labels=labels, nodeName="one")), "node:one")
    assert ("control-plane" in found) is is_one


def test_a_way_out_leads_to_the_own_node_only() -> None:
    documents = (pod("shop/a", container=PRIVILEGED, nodeName="one"), pod("shop/b", nodeName="two"), shut("shop"))
    assert leads(attack(*documents), "shop/a") == {"privileged": {"node:one"}}
    (step,) = ask(world(*documents), "shop/a", "node:one").paths[0].steps
    assert [(each.text, each.place) for each in step.evidence] == [
        ("container main: securityContext.privileged is true", "<stdin>:1")
    ]
    assert [[str(each.object) for each in option] for option in step.changes] == [["Pod shop/a"]]


def test_a_way_into_pods_leads_to_those_of_the_own_node() -> None:
    documents = (
        pod("shop/a", container=TOKENS, nodeName="one", **PODS),
        pod("shop/b", nodeName="one"),
        pod("shop/c", nodeName="two"),
        shut("shop"),
    )
    assert leads(attack(*documents), "shop/a") == {"host-path": {"shop/b"}}


@pytest.mark.parametrize("possible", [False, True])
def test_the_processes_of_a_node_are_its_pods_and_maybe_itself(possible: bool) -> None:
    documents = (pod("shop/a", hostPID=True, nodeName="one"), pod("shop/b", nodeName="one"), shut("shop"))
    found = leads(attack(*documents, possible=possible), "shop/a")
    maybe = {"possibly host-pid": {"node:one"}} if possible else {}
    assert found == {"host-pid": {"shop/b"}, **maybe}


@pytest.mark.parametrize(
    ("spec", "sure", "maybe"),
    [
        ({"container": PRIVILEGED}, {"privileged": {"some node"}}, {}),
        ({"container": TOKENS, **PODS}, {}, {"possibly host-path": {"shop/b"}}),
    ],
)
def test_who_shares_a_node_that_nobody_knows_is_only_possible(
    spec: dict[str, Any], sure: dict[str, set[str]], maybe: dict[str, set[str]]
) -> None:
    documents = (pod("shop/a", **spec), pod("shop/b"), shut("shop"))
    assert leads(attack(*documents), "shop/a") == sure
    assert leads(attack(*documents, possible=True), "shop/a") == {**sure, **maybe}


def test_the_pods_of_a_node_that_nobody_knows_are_only_possible() -> None:
    snapshot = world(pod("shop/a", container=PRIVILEGED), pod("shop/b"), pod("shop/c", nodeName="one"), shut("shop"))
    assert told(ask(snapshot, "shop/a", "shop/b")) == []
    paths = ask(snapshot, "shop/a", "shop/b", possible=True)
    assert told(paths) == ["shop/a -privileged-> some node -node-pods-> shop/b"]
    assert [each.is_possible for each in paths.paths[0].steps] == [False, True]
    assert told(ask(snapshot, "shop/a", "shop/c", possible=True)) == []


@pytest.mark.parametrize(
    ("nodes", "goal"),
    [
        ((node("one"), node("two"), pod("shop/a", nodeName="one")), {"node:one", "node:two"}),
        ((node("one"), pod("shop/a")), {"node:one", "some node"}),
        ((pod("shop/a"),), {"some node"}),
    ],
)
def test_a_pod_of_ones_own_gets_any_node(nodes: tuple[Document, ...], goal: set[str]) -> None:
    found = attack(*nodes, *may("user:eve", rule("create", "pods")))
    assert leads(found, "user:eve")["privileged-pod"] == goal


def test_a_chosen_node_is_that_of_the_pods_that_name_none() -> None:
    snapshot = world(
        node("one"),
        pod("shop/a"),
        pod("shop/b", nodeName="one"),
        shut("shop"),
        *may("user:eve", rule("create", "pods")),
    )
    assert told(ask(snapshot, "user:eve", "shop/a")) == ["user:eve -privileged-pod-> some node -node-pods-> shop/a"]
    assert told(ask(snapshot, "user:eve", "shop/b")) == ["user:eve -privileged-pod-> node:one -node-pods-> shop/b"]


def test_where_no_node_is_known_a_chosen_one_may_be_that_of_any_pod() -> None:
    snapshot = world(pod("shop/a"), shut("shop"), *may("user:eve", rule("create", "pods")))
    assert told(ask(snapshot, "user:eve", "shop/a")) == ["user:eve -privileged-pod-> some node -node-pods-> shop/a"]
    paths = ask(snapshot, "user:eve", "group:system:nodes")
    assert told(paths) == ["user:eve -privileged-pod-> some node -node-credentials-> group:system:nodes"]


def test_the_credentials_of_a_node_are_worth_what_bindings_give_them() -> None:
    rights = (role("all", ADMIN), binding("all", "all", "group:system:nodes"))
    snapshot = world(pod("shop/a", container=PRIVILEGED, nodeName="one"), *rights)
    assert told(ask(snapshot, "shop/a", "cluster-admin")) == [
        "shop/a -privileged-> node:one -node-credentials-> group:system:nodes -holds-everything-> cluster-admin"
    ]


def test_several_rights_of_everybody_are_those_of_a_node_too() -> None:
    rights = may("group:system:authenticated", rule("create", "secrets"), rule("get", "secrets"))
    snapshot = world(pod("shop/a", container=PRIVILEGED, nodeName="one"), *rights)
    assert told(ask(snapshot, "node:one", "serviceaccount:shop/default", limit=1)) == [
        "node:one -node-credentials-> group:system:nodes -token-secret-> serviceaccount:shop/default"
    ]


def test_the_credentials_of_a_node_are_those_of_somebody_authenticated() -> None:
    rights = (role("all", ADMIN), binding("all", "all", "group:system:authenticated"))
    snapshot = world(pod("shop/a", container=PRIVILEGED, nodeName="one"), *rights)
    assert told(ask(snapshot, "node:one", "group:system:authenticated", limit=1)) == [
        "node:one -node-credentials-> group:system:nodes -member-> group:system:authenticated"
    ]
