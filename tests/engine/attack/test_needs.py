from __future__ import annotations

import pytest
from tests.engine.attack.cluster import Document, binding, may, role, rule, world

from firedoor.engine.attack.needs import EVERYTHING, Holdings, Need, as_account, needs
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.model.rbac import Subject

RBAC = "rbac.authorization.k8s.io"
EVE = Subject("User", "eve")


def holdings(*documents: Document, opens_by_get: bool = True) -> Holdings:
    return Holdings(Authorizer(world(*documents)), needs(opens_by_get=opens_by_get))


def held(*rules: Document, where: str = "", opens_by_get: bool = True) -> set[str]:
    """Return the needs that rules meet."""
    found = holdings(*may("user:eve", *rules, where=where), opens_by_get=opens_by_get)
    return {need for rights in found.of.get(EVE, {}).values() for need in rights}


@pytest.mark.parametrize(
    ("verbs", "resources", "group", "met"),
    [
        ("create", "pods/exec", "", {"exec"}),
        ("create", "pods/attach", "", {"attach"}),
        ("create", "pods/portforward", "", {"port-forward"}),
        ("create", "pods", "", {"create-pods"}),
        ("update", "pods", "", {"change-pods"}),
        ("patch", "pods", "", {"change-pods"}),
        ("get", "pods", "", set()),
        ("delete", "pods", "", set()),
        ("create", "pods", "apps", set()),
        ("delete", "pods/proxy", "", {"pod-proxy"}),
        ("watch", "pods/proxy", "", set()),
        ("patch", "pods/ephemeralcontainers", "", {"ephemeral"}),
        ("update", "pods/ephemeralcontainers", "", {"ephemeral"}),
        ("create", "pods/ephemeralcontainers", "", set()),
        ("create", "*/exec", "", {"exec"}),
        ("create", "deployments", "apps", {"create-Deployment"}),
        ("create", "deployments", "", set()),
        ("patch", "cronjobs", "batch", {"change-CronJob"}),
        ("update", "replicationcontrollers", "", {"change-ReplicationController"}),
        ("create", "serviceaccounts/token", "", {"create-token"}),
        ("create", "serviceaccounts", "", set()),
        ("list", "secrets", "", {"read-secrets"}),
        ("watch", "secrets", "", {"read-secrets"}),
        ("create", "secrets", "", {"create-secrets"}),
        ("delete", "secrets", "", set()),
        ("get", "nodes/proxy", "", {"nodes-proxy"}),
        ("create", "nodes/proxy", "", {"nodes-proxy"}),
        ("update", "nodes/proxy", "", set()),
        ("create", "persistentvolumes", "", {"create-volumes"}),
        ("create", "persistentvolumeclaims", "", {"create-claims"}),
        ("patch", "namespaces", "", {"change-namespaces"}),
        ("create", "namespaces", "", set()),
        ("impersonate", "users", "", {"impersonate-users"}),
        ("impersonate", "groups", "", {"impersonate-groups"}),
        ("impersonate", "serviceaccounts", "", {"impersonate-accounts"}),
        ("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io", {"create-webhooks"}),
        ("patch", "mutatingwebhookconfigurations", "admissionregistration.k8s.io", {"change-webhooks"}),
        ("create", "validatingwebhookconfigurations", "admissionregistration.k8s.io", set()),
        ("create", "certificatesigningrequests", "certificates.k8s.io", {"create-csr"}),
        ("update", "certificatesigningrequests/approval", "certificates.k8s.io", {"approve-csr"}),
        ("approve", "signers", "certificates.k8s.io", {"approve-signer"}),
        ("sign", "signers", "certificates.k8s.io", set()),
        ("bind", "clusterroles", RBAC, {"bind-clusterroles"}),
        ("bind", "roles", RBAC, {"bind-roles"}),
        ("create", "rolebindings", RBAC, {"create-rolebindings"}),
        ("patch", "clusterrolebindings", RBAC, {"change-clusterrolebindings"}),
        ("escalate", "roles", RBAC, {"escalate-roles"}),
        ("update", "clusterroles", RBAC, {"change-clusterroles"}),
    ],
)
def test_a_rule_meets_what_it_permits(verbs: str, resources: str, group: str, met: set[str]) -> None:
    assert held(rule(verbs, resources, group)) == met


@pytest.mark.parametrize(("opens_by_get", "met"), [(True, {"exec", "attach", "port-forward"}), (False, set())])
def test_get_opens_pods_before_1_35(opens_by_get: bool, met: set[str]) -> None:
    assert held(rule("get", "pods/exec pods/attach pods/portforward"), opens_by_get=opens_by_get) == met


def test_all_of_everything_meets_all() -> None:
    assert held(rule("*", "*", "*")) == set(needs(opens_by_get=True))
    assert EVERYTHING not in held(rule("*", "*"))
    assert EVERYTHING not in held(rule("get list create update patch delete", "*", "*"))
    assert EVERYTHING not in held(rule("*", "*", "*", "one"))


@pytest.mark.parametrize(
    ("verbs", "resources", "group"),
    [
        ("create", "pods", ""),
        ("create", "deployments", "apps"),
        ("create", "secrets", ""),
        ("create", "rolebindings", RBAC),
        ("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
    ],
)
def test_a_name_permits_nothing_that_names_no_object(verbs: str, resources: str, group: str) -> None:
    assert held(rule(verbs, resources, group, "one")) == set()


def test_names_limit_what_a_right_is_for() -> None:
    found = holdings(*may("user:eve", rule("create", "pods/exec", "", "a b"), rule("create", "pods/exec")))
    assert [each.names for each in found.of[EVE][""]["exec"]] == [frozenset({"a", "b"}), None]
    assert found.rights_of_role(("ClusterRole", "", "it"), "") == {"exec": (frozenset({"a", "b"}), None)}


@pytest.mark.parametrize(
    ("verbs", "resources", "group"),
    [
        ("get", "nodes/proxy", ""),
        ("create", "persistentvolumes", ""),
        ("impersonate", "users", ""),
        ("impersonate", "groups", ""),
        ("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
        ("approve", "signers", "certificates.k8s.io"),
        ("create", "clusterrolebindings", RBAC),
        ("escalate", "clusterroles", RBAC),
    ],
)
def test_a_binding_in_a_namespace_gives_nothing_that_has_none(verbs: str, resources: str, group: str) -> None:
    given = rule(verbs, resources, group)
    assert held(given) != set()
    assert held(given, where="shop") == set()
    found = holdings(*may("user:eve", given, rule("create", "pods")))
    assert set(found.rights_of_role(("ClusterRole", "", "it"), "shop")) == {"create-pods"}
    assert found.rights_of_role(("ClusterRole", "", "another"), "shop") == {}


def test_a_role_counts_in_its_namespace_only() -> None:
    given = role("shop/it", rule("create", "pods"))
    assert set(holdings(given, binding("shop/b", "Role:it", "user:eve")).of[EVE]) == {"shop"}
    assert holdings(given, binding("far/b", "Role:it", "user:eve")).of == {}


def test_a_binding_for_the_cluster_gives_no_role_of_a_namespace() -> None:
    odd = binding("b", "Role:it", "user:eve")
    # What a server has served is taken as it is, whatever another one would say.
    served = {**odd, "metadata": {**odd["metadata"], "uid": "u"}}
    refused = world(role("shop/it", rule("create", "pods")), served, is_refused=True)
    assert Holdings(Authorizer(refused), needs(opens_by_get=True)).of == {}


def test_a_role_that_is_not_there_gives_nothing() -> None:
    assert holdings(binding("b", "gone", "user:eve")).of == {}


def test_a_user_named_like_a_service_account_is_it() -> None:
    named = Subject("User", "system:serviceaccount:shop:api")
    assert as_account(named) == Subject("ServiceAccount", "api", "shop")
    assert as_account(EVE) == EVE
    assert as_account(Subject("Group", "dev", "ignored")) == Subject("Group", "dev")
    found = holdings(*may("user:system:serviceaccount:shop:api", rule("create", "pods")))
    assert set(found.of) == {Subject("ServiceAccount", "api", "shop")}


@pytest.mark.parametrize(
    ("subject", "groups"),
    [
        (
            Subject("ServiceAccount", "api", "shop"),
            ["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
        ),
        (Subject("ServiceAccount", "api", "far"), ["system:serviceaccounts", "system:authenticated"]),
        (EVE, ["system:authenticated"]),
        (Subject("User", "system:anonymous"), ["system:unauthenticated"]),
        (Subject("Group", "dev"), ["system:authenticated"]),
        (Subject("Group", "system:serviceaccounts:shop"), ["system:serviceaccounts", "system:authenticated"]),
        (Subject("Group", "system:unauthenticated"), []),
        (Subject("Group", "system:authenticated"), []),
    ],
)
def test_who_is_in_which_group_for_what_it_is(subject: Subject, groups: list[str]) -> None:
    some = ("serviceaccounts", "serviceaccounts:shop", "authenticated", "unauthenticated")
    found = holdings(*may(f"group:system:{some[0]}", rule("create", "pods")), *extra(some[1:]))
    assert [each.name for each in found.groups(subject)] == groups


def extra(some: tuple[str, ...]) -> list[Document]:
    return [binding(f"b{number}", "it", f"group:system:{each}") for number, each in enumerate(some)]


def test_groups_without_rights_are_none() -> None:
    assert holdings(*may("user:eve", rule("create", "pods"))).groups(EVE) == ()


def test_in_a_namespace_the_rights_for_the_cluster_and_of_groups_count_too() -> None:
    found = holdings(
        *may("user:eve", rule("create", "pods"), name="one"),
        *may("user:eve", rule("create", "secrets"), name="two", where="shop"),
        *may("group:system:authenticated", rule("list", "secrets"), name="three", where="far"),
    )
    assert {space: set(rights) for space, rights in found.scopes(EVE).items()} == {
        "": {"create-pods"},
        "shop": {"create-pods", "create-secrets"},
        "far": {"create-pods", "read-secrets"},
    }
    local = holdings(*may("user:eve", rule("create", "pods"), where="shop"))
    assert set(local.scopes(EVE)) == {"shop"}
    assert local.scopes(Subject("User", "adam")) == {}


def test_a_need_asks_for_each_verb() -> None:
    asked = Need(("get", "list"), "secrets").requests()
    assert [(each.verb, each.resource) for each in asked] == [("get", "secrets"), ("list", "secrets")]
