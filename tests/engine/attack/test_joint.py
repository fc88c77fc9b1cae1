from __future__ import annotations

import pytest
from tests.engine.attack.cluster import (
    ADMIN,
    RBAC,
    Document,
    ask,
    attack,
    binding,
    changes,
    deployment,
    leads,
    may,
    namespace,
    node,
    pod,
    rule,
    shut,
    told,
    world,
)

EVE = "user:eve"
GROUND: tuple[Document, ...] = (
    pod("shop/a", nodeName="one"),
    pod("far/b", nodeName="one"),
    deployment("shop/d"),
    node("one"),
    shut("shop"),
    shut("far"),
)
NODES = {"node:one", "some node"}
ACCOUNTS = {"serviceaccount:shop/default", "serviceaccount:far/default"}
CSR = rule("create", "certificatesigningrequests", "certificates.k8s.io")
APPROVE = rule("update", "certificatesigningrequests/approval", "certificates.k8s.io")
CLIENT = "kubernetes.io/kube-apiserver-client"
BIND = rule("bind", "clusterroles", RBAC)
NEW = rule("create", "clusterrolebindings", RBAC)
PODS = rule("create", "pods")
LABEL = rule("patch", "namespaces")


def gives(technique: str, *rules: Document, where: str = "", more: tuple[Document, ...] = ()) -> set[str]:
    """Return what rules lead their holder to by a technique."""
    return leads(attack(*GROUND, *more, *may(EVE, *rules, where=where)), EVE).get(technique, set())


def signer(names: str) -> Document:
    return rule("approve", "signers", "certificates.k8s.io", names)


@pytest.mark.parametrize("verb", ["get", "list", "watch"])
def test_a_secret_of_type_token_is_made_and_read(verb: str) -> None:
    accounts = {"serviceaccount:shop/default", "serviceaccount:far/default"}
    both = (rule("create", "secrets"), rule(verb, "secrets"))
    assert gives("token-secret", *both) == accounts
    assert gives("token-secret", *both, where="shop") == {"serviceaccount:shop/default"}
    assert gives("token-secret", both[0]) == gives("token-secret", both[1]) == set()
    assert gives("token-secret", both[0], rule(verb, "secrets", names="one")) == set()


def test_rights_for_a_namespace_and_for_the_cluster_add_up() -> None:
    wide = may(EVE, rule("create", "secrets"), name="wide")
    assert gives("token-secret", rule("get", "secrets"), where="shop", more=wide) == {"serviceaccount:shop/default"}
    apart = may(EVE, rule("create", "secrets"), name="apart", where="far")
    assert gives("token-secret", rule("get", "secrets"), where="shop", more=apart) == set()


def test_rights_of_a_group_add_up_with_the_own() -> None:
    everybody = may("group:system:authenticated", rule("create", "secrets"), name="all")
    snapshot = world(*GROUND, *everybody, *may(EVE, rule("get", "secrets"), where="shop"))
    paths = ask(snapshot, EVE, "serviceaccount:shop/default")
    (step,) = paths.paths[0].steps
    assert [changes(each) for each in step.changes] == [["binding all"], ["binding shop/it"]]
    assert [each.text for each in step.evidence] == [
        "ClusterRoleBinding all gives ClusterRole all to Group system:authenticated",
        "ClusterRole all rules[0]: create on secrets",
        "RoleBinding shop/it gives ClusterRole it to User eve",
        "ClusterRole it rules[0]: get on secrets",
    ]


@pytest.mark.parametrize(
    ("verb", "names", "making", "is_led"),
    [
        ("patch", "", PODS, True),
        ("update", "", PODS, True),
        ("patch", "shop", PODS, True),
        ("patch", "far other", PODS, False),
        ("get", "", PODS, False),
        ("patch", "", rule("create", "pods", names="a"), False),
        ("patch", "", rule("create", "jobs", "batch"), True),
        ("patch", "", rule("update", "deployments", "apps"), True),
        ("patch", "", rule("update", "deployments", "apps", "d"), True),
        ("patch", "", rule("update", "deployments", "apps", "gone"), False),
        ("patch", "", rule("update", "statefulsets", "apps"), False),
    ],
)
@pytest.mark.parametrize("where", ["", "shop"])
def test_a_namespace_is_relabelled(verb: str, names: str, making: Document, is_led: bool, where: str) -> None:
    label = rule(verb, "namespaces", names=names)
    guard = (namespace("shop", "baseline"),)
    assert gives("relabel-namespace", label, making, where=where, more=guard) == (NODES if is_led else set())
    assert gives("relabel-namespace", label, making, where=where) == set()


def test_pods_are_made_in_the_namespace_that_is_relabelled() -> None:
    apart = (namespace("shop", "restricted"), *may(EVE, PODS, name="there", where="far"))
    assert gives("relabel-namespace", rule("patch", "namespaces", names="shop"), more=apart) == set()
    there = (namespace("far", "restricted"), *may(EVE, PODS, name="there", where="far"))
    assert gives("relabel-namespace", LABEL, more=there) == NODES
    # Workloads that can be changed are in another namespace.
    guard = (namespace("far", "restricted"),)
    assert gives("relabel-namespace", LABEL, rule("update", "deployments", "apps"), more=guard) == set()


def test_what_a_namespace_comes_to_enforce_does_not_stop_who_may_relabel_it() -> None:
    rights = (*may(EVE, PODS, where="shop"), *may(EVE, LABEL, name="label"))
    found = ask(world(*GROUND, *rights), EVE, "node:one")
    assert told(found) == ["user:eve -privileged-pod-> node:one"]
    assert changes(found.cut.changes if found.cut else None) == ["binding shop/it"]
    without = ask(world(*GROUND, *may(EVE, PODS, where="shop")), EVE, "node:one")
    assert [changes(each) for each in without.paths[0].steps[0].changes] == [["binding shop/it"], ["pod-security shop"]]
    # The right to relabel another namespace changes nothing.
    elsewhere = (*may(EVE, PODS, where="shop"), *may(EVE, rule("patch", "namespaces", names="far"), name="label"))
    other = ask(world(*GROUND, *elsewhere), EVE, "node:one")
    assert [changes(each) for each in other.paths[0].steps[0].changes] == [["binding shop/it"], ["pod-security shop"]]


@pytest.mark.parametrize(
    ("rules", "is_led"),
    [
        (("persistentvolumes", "persistentvolumeclaims", "pods"), True),
        (("persistentvolumes", "persistentvolumeclaims"), False),
        (("persistentvolumes", "pods"), False),
        (("persistentvolumeclaims", "pods"), False),
    ],
)
def test_a_volume_of_ones_own_leads_to_nodes(rules: tuple[str, ...], is_led: bool) -> None:
    guard = (namespace("shop", "restricted"), namespace("far", "restricted"))
    some = [rule("create", each) for each in rules]
    assert gives("create-volume", *some, more=guard) == (NODES if is_led else set())
    assert gives("create-volume", *some, where="shop") == set()


def test_the_claim_is_where_pods_are_made() -> None:
    volumes = may(EVE, rule("create", "persistentvolumes"), name="volumes")
    claims = may(EVE, rule("create", "persistentvolumeclaims"), name="claims", where="far")
    assert gives("create-volume", PODS, where="far", more=(*volumes, *claims)) == NODES
    assert gives("create-volume", PODS, where="shop", more=(*volumes, *claims)) == set()
    changing = rule("patch", "deployments", "apps")
    assert gives("create-volume", changing, more=(*volumes, *claims)) == set()
    assert gives("create-volume", changing, rule("create", "persistentvolumeclaims"), more=volumes) == NODES


OTHERS = (*may("user:adam", PODS, name="adam"), binding("dev", "adam", "group:dev", "group:system:masters"))


def test_users_are_impersonated() -> None:
    assert gives("impersonate", rule("impersonate", "users"), more=OTHERS) == {"user:adam"}
    assert gives("impersonate", rule("impersonate", "users", names="adam"), more=OTHERS) == {"user:adam"}
    assert gives("impersonate", rule("impersonate", "users", names="someone"), more=OTHERS) == set()
    assert gives("impersonate", rule("impersonate", "users"), where="shop", more=OTHERS) == set()
    idle = binding("i", "gone", "user:idle")
    assert gives("impersonate", rule("impersonate", "users", names="idle"), more=(idle,)) == {"user:idle"}


@pytest.mark.parametrize(
    ("somebody", "names", "groups"),
    [
        (rule("impersonate", "users", names="x"), "", {"group:dev", "cluster-admin"}),
        (rule("impersonate", "serviceaccounts", names="x"), "", {"group:dev", "cluster-admin"}),
        (rule("impersonate", "users", names="x"), "dev", {"group:dev"}),
        (rule("impersonate", "users", names="x"), "system:masters", {"cluster-admin"}),
        (rule("impersonate", "users", names="x"), "another", set()),
        (rule("impersonate", "uids"), "", set()),
    ],
)
def test_groups_are_impersonated_together_with_somebody(somebody: Document, names: str, groups: set[str]) -> None:
    given = (somebody, rule("impersonate", "groups", names=names))
    assert gives("impersonate", *given, more=OTHERS) == groups
    assert gives("impersonate", *given, where="shop", more=OTHERS) == set()


def test_the_somebody_may_be_an_account_of_one_namespace() -> None:
    groups = may(EVE, rule("impersonate", "groups"), name="groups")
    account = rule("impersonate", "serviceaccounts", names="default")
    assert gives("impersonate", account, where="shop", more=(*groups, *OTHERS)) == {
        "serviceaccount:shop/default",
        "group:dev",
        "cluster-admin",
    }


@pytest.mark.parametrize(
    ("rules", "is_led"),
    [
        ((CSR, APPROVE, signer(CLIENT)), True),
        ((CSR, APPROVE, signer("kubernetes.io/*")), True),
        ((CSR, APPROVE, signer("")), True),
        ((CSR, APPROVE, signer("kubernetes.io/kubelet-serving")), False),
        ((CSR, APPROVE, rule("sign", "signers", "certificates.k8s.io")), False),
        ((CSR, APPROVE), False),
        ((CSR, signer(CLIENT)), False),
        ((APPROVE, signer(CLIENT)), False),
    ],
)
def test_certificates_are_for_anybody_but_the_masters(rules: tuple[Document, ...], is_led: bool) -> None:
    found = gives("certificate", *rules, more=OTHERS)
    assert found == ({"user:adam", "group:dev", *ACCOUNTS} if is_led else set())


def test_who_may_do_everything_there_needs_no_joint_step() -> None:
    snapshot = world(*GROUND, *may(EVE, ADMIN, BIND, NEW))
    assert leads(attack(*GROUND, *may(EVE, ADMIN, BIND, NEW)), EVE) == {"holds-everything": {"cluster-admin"}}
    paths = ask(snapshot, EVE, "cluster-admin")
    assert told(paths) == ["user:eve -holds-everything-> cluster-admin"]


def test_what_is_left_without_everything_counts_for_the_cut() -> None:
    snapshot = world(*GROUND, *may(EVE, ADMIN, name="all"), *may(EVE, BIND, name="one"), *may(EVE, NEW, name="two"))
    paths = ask(snapshot, EVE, "cluster-admin")
    assert told(paths) == ["user:eve -holds-everything-> cluster-admin", "user:eve -bind-> cluster-admin"]
    assert paths.cut is not None
    assert len(paths.cut.changes or ()) == 2
    one = world(*GROUND, *may(EVE, ADMIN, name="all"), *may(EVE, rule("get", "secrets"), name="read"))
    assert changes((ask(one, EVE, "secrets").cut or paths.cut).changes) == ["binding all", "binding read"]
