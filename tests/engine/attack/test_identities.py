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
    leads,
    may,
    namespace,
    node,
    pod,
    role,
    rule,
    shut,
    standings,
    told,
    world,
)

EVE = "user:eve"
GROUND: tuple[Document, ...] = (
    pod("shop/a", nodeName="one"),
    pod("far/b", nodeName="one"),
    node("one"),
    shut("shop"),
    shut("far"),
)
API = "serviceaccount:shop/default"


@pytest.mark.parametrize(
    ("group", "who", "is_in"),
    [
        ("system:serviceaccounts", API, True),
        ("system:serviceaccounts:shop", API, True),
        ("system:serviceaccounts:far", API, False),
        ("system:authenticated", API, True),
        ("system:unauthenticated", API, False),
        ("dev", API, False),
        ("system:authenticated", EVE, True),
        ("system:serviceaccounts", EVE, False),
        ("system:authenticated", "group:ops", True),
        ("system:authenticated", "group:system:serviceaccounts:shop", True),
        ("system:serviceaccounts", "group:system:serviceaccounts:shop", True),
        ("system:authenticated", "group:system:unauthenticated", False),
        ("system:authenticated", "user:system:anonymous", False),
        ("system:unauthenticated", "user:system:anonymous", True),
        ("system:authenticated", "group:system:nodes", True),
        ("dev", "group:system:nodes", False),
    ],
)
def test_some_are_in_a_group_for_what_they_are(group: str, who: str, is_in: bool) -> None:
    names = ("group:ops", "group:system:serviceaccounts:shop", "user:system:anonymous", "group:system:unauthenticated")
    named = binding("named", "idle", EVE, *names)
    found = attack(*GROUND, *may(f"group:{group}", rule("get", "secrets")), role("idle"), named)
    assert (f"group:{group}" in leads(found, who).get("member", set())) is is_in


def test_a_group_is_led_to_whatever_its_rights() -> None:
    assert leads(attack(*GROUND), API) == {}
    found = attack(*GROUND, binding("b", "gone", "group:system:authenticated"))
    assert leads(found, API) == {"member": {"group:system:authenticated"}}


def test_all_that_bindings_name_can_be_asked_about() -> None:
    found = attack(*GROUND, role("idle"), binding("b", "idle", EVE, "group:dev", "sa:gone/robot"))
    assert {EVE, "group:dev", "serviceaccount:gone/robot"} <= standings(found)
    assert told(ask(world(*GROUND, role("idle"), binding("b", "idle", EVE)), EVE, "cluster-admin")) == []


def test_a_binding_in_a_namespace_is_for_its_own_accounts() -> None:
    of_itself = {
        **binding("shop/b", "it"),
        "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "far"}],
    }
    found = attack(*GROUND, role("it", rule("get", "secrets")), of_itself)
    assert leads(found, "serviceaccount:far/default") == {"read-secrets": {"secrets:shop"}}
    assert leads(found, API) == {}


def test_a_step_rests_on_a_binding_and_a_rule() -> None:
    rules = (
        rule("get", "configmaps"),
        rule("get list", "secrets pods"),
        rule("create", "serviceaccounts/token", names="x default"),
    )
    snapshot = world(*may("sa:shop/default", *rules), *GROUND)
    (step,) = ask(snapshot, API, "secrets").paths[0].steps
    assert [(each.text, each.place) for each in step.evidence] == [
        ("ClusterRoleBinding it gives ClusterRole it to ServiceAccount shop/default", "<stdin>:3"),
        ("ClusterRole it rules[1]: get, list on secrets, pods", "<stdin>:1"),
    ]
    assert [changes(each) for each in step.changes] == [["binding it"]]
    (step,) = ask(snapshot, API, "serviceaccount:far/default").paths[0].steps
    assert step.evidence[1].text == "ClusterRole it rules[2]: create on serviceaccounts/token named x, default"


def test_a_rule_that_a_role_gathers_is_told_with_its_role() -> None:
    labels = {"metadata": {"name": "part", "labels": {"gather": "yes"}}}
    part = {**role("part", rule("get", "secrets")), **labels}
    whole = {**role("whole"), "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"gather": "yes"}}]}}
    snapshot = world(*GROUND, part, whole, binding("b", "whole", "group:dev"))
    (step,) = ask(snapshot, "group:dev", "secrets").paths[0].steps
    assert [each.text for each in step.evidence] == [
        "ClusterRoleBinding b gives ClusterRole whole to Group dev",
        "ClusterRole part rules[0]: get on secrets",
    ]


def test_the_masters_hold_everything() -> None:
    found = attack(*GROUND)
    assert leads(found, "group:system:masters") == {"holds-everything": {"cluster-admin"}}


@pytest.mark.parametrize(
    ("subject", "who"),
    [
        ("group:system:unauthenticated", "group:system:unauthenticated"),
        ("user:system:anonymous", "user:system:anonymous"),
    ],
)
def test_pods_ask_without_credentials_where_that_is_permitted(subject: str, who: str) -> None:
    found = attack(*GROUND, *may(subject, rule("get", "secrets")))
    assert leads(found, "shop/a") == {"anonymous": {who}}
    (first, _) = ask(world(*GROUND, *may(subject, rule("get", "secrets"))), "shop/a", "secrets").paths[0].steps
    assert first.changes == ()


def test_pods_do_not_ask_without_credentials_where_nothing_is_bound() -> None:
    assert leads(attack(*GROUND), "shop/a") == {}
    rights = may("group:system:authenticated", rule("get", "secrets"))
    assert leads(attack(*GROUND, *rights), "shop/a") == {}


EVERYTHING = {"shop/a", "serviceaccount:shop/default", "secrets:shop", "node:one"}


def test_every_right_in_a_namespace_leads_to_all_there() -> None:
    found = attack(*GROUND, namespace("shop", "restricted"))
    assert leads(found, "namespace:shop") == {"everything": EVERYTHING}


def test_every_right_there_is_leads_to_all() -> None:
    found = attack(*GROUND, *may(EVE, rule("get", "secrets")), binding("b", "it", "group:dev", "group:system:masters"))
    assert leads(found, "cluster-admin") == {
        "everything": {
            *EVERYTHING,
            "far/b",
            "serviceaccount:far/default",
            "secrets:far",
            "secrets",
            "namespace:shop",
            "namespace:far",
        },
        "impersonate": {EVE, "group:dev"},
    }


def test_a_namespace_is_a_part_of_the_cluster() -> None:
    snapshot = world(*GROUND, *may(EVE, ADMIN))
    assert told(ask(snapshot, EVE, "namespace:far")) == [
        "user:eve -holds-everything-> cluster-admin -everything-> namespace:far"
    ]
    # From a part nothing is got to that the whole does not give in fewer steps.
    assert told(ask(snapshot, EVE, "shop/a")) == [
        "user:eve -holds-everything-> cluster-admin -everything-> shop/a",
        "user:eve -holds-everything-> cluster-admin -everything-> node:one -node-pods-> shop/a",
    ]


def test_a_namespace_that_only_a_binding_tells_of_is_led_from_too() -> None:
    found = attack(*GROUND, *may("sa:hidden/robot", ADMIN, where="hidden"))
    assert leads(found, "namespace:hidden") == {"everything": {"node:one", "secrets:hidden"}}


def test_rights_by_other_bindings_count_beside_everything() -> None:
    both = (*may(EVE, ADMIN, rule("get", "secrets"), name="all"), *may(EVE, rule("get", "secrets"), name="read"))
    assert leads(attack(*GROUND, *both), EVE) == {
        "holds-everything": {"cluster-admin"},
        "read-secrets": {"secrets", "secrets:shop", "secrets:far"},
    }


def test_a_right_that_a_group_gives_is_its_own_step() -> None:
    snapshot = world(
        *GROUND,
        *may(
            "group:system:serviceaccounts",
            rule("create", "mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
        ),
    )
    assert told(ask(snapshot, API, "cluster-admin")) == [
        f"{API} -member-> group:system:serviceaccounts -webhook-> cluster-admin"
    ]


def test_two_bindings_of_one_right_are_two_things_to_remove() -> None:
    snapshot = world(*GROUND, role("it", rule("get", "secrets")), binding("one", "it", EVE), binding("two", "it", EVE))
    paths = ask(snapshot, EVE, "secrets")
    assert len(paths.paths) == 1
    assert [changes(each) for each in paths.paths[0].steps[0].changes] == [["binding one", "binding two"]]
    assert changes(paths.cut.changes if paths.cut else None) == ["binding one", "binding two"]


def test_a_role_that_is_bound_gives_what_its_rules_give_together() -> None:
    rights = role("pair", rule("create", "secrets"), rule("get", "secrets"))
    snapshot = world(
        *GROUND,
        rights,
        *may(EVE, rule("bind", "clusterroles", RBAC, "pair"), rule("create", "rolebindings", RBAC), where="shop"),
    )
    assert told(ask(snapshot, EVE, API, bound=2)) == [
        f"user:eve -bind-> ClusterRole pair in shop -token-secret-> {API}"
    ]
