from __future__ import annotations

from tests.engine.rbac_least.asked import for_object, for_url, rule

from firedoor.engine.rbac_least.least import least_rules


def test_requests_in_namespaces_need_rules_there_and_all_others_rules_everywhere() -> None:
    found = least_rules(
        [
            for_object("list", "pods", "shop"),
            for_object("list", "pods", "bank"),
            for_object("list", "nodes"),
            for_url("get", "/metrics"),
        ],
        0,
    )
    assert found == {
        "": (rule("list", "nodes"), rule("get", urls="/metrics")),
        "bank": (rule("list", "pods"),),
        "shop": (rule("list", "pods"),),
    }


def test_what_is_needed_everywhere_is_in_no_namespace_again() -> None:
    found = least_rules(
        [for_object("list", "pods"), for_object("list", "pods", "shop"), for_object("get", "pods", "bank", "x")], 0
    )
    assert found == {"": (rule("list", "pods"),), "bank": (rule("get", "pods"),)}


def test_verbs_and_resources_and_groups_with_the_same_use_share_a_rule() -> None:
    found = least_rules(
        [
            for_object(verb, resource, "shop", group=group)
            for verb in ("watch", "list")
            for resource, group in (("pods", ""), ("services", ""), ("events", ""), ("events", "events.k8s.io"))
        ],
        0,
    )
    assert found == {
        "shop": (rule("list watch", "events pods services"), rule("list watch", "events", "events.k8s.io"))
    }
    events = [for_object("create", "events", "shop", group=group) for group in ("", "events.k8s.io")]
    assert least_rules(events, 0) == {"shop": (rule("create", "events", "core events.k8s.io"),)}


def test_names_limit_a_rule_where_all_requests_have_one_and_they_are_few() -> None:
    two = [for_object("get", "secrets", "shop", name) for name in ("db", "api")]
    assert least_rules(two, 2) == {"shop": (rule("get", "secrets", names="api db"),)}
    assert least_rules(two, 1) == {"shop": (rule("get", "secrets"),)}
    assert least_rules([*two, for_object("get", "secrets", "shop")], 5) == {"shop": (rule("get", "secrets"),)}


def test_names_that_controllers_make_up_limit_nothing() -> None:
    pods = [
        for_object("get", "pods", "shop", "web-7d4b9c-x2x1z"),
        for_object("get", "pods/log", "shop", "web-7d4b9c-x2x1z"),
    ]
    assert least_rules(pods, 5) == {"shop": (rule("get", "pods pods/log"),)}


def test_a_name_that_is_permitted_everywhere_is_not_listed_in_a_namespace() -> None:
    found = least_rules(
        [
            for_object("watch", "configmaps", "", "a"),
            for_object("watch", "configmaps", "shop", "a"),
            for_object("watch", "configmaps", "shop", "b"),
        ],
        2,
    )
    assert found == {"": (rule("watch", "configmaps", names="a"),), "shop": (rule("watch", "configmaps", names="b"),)}


def test_names_permitted_everywhere_still_count_against_the_limit() -> None:
    found = least_rules(
        [
            for_object("watch", "configmaps", "", "a"),
            *(for_object("watch", "configmaps", "shop", name) for name in ("a", "b")),
        ],
        1,
    )
    assert found["shop"] == (rule("watch", "configmaps"),)


def test_verbs_with_other_names_have_a_rule_of_their_own() -> None:
    found = least_rules(
        [
            for_object("get", "leases", "shop", "a", "coordination.k8s.io"),
            for_object("update", "leases", "shop", "a", "coordination.k8s.io"),
            for_object("create", "leases", "shop", "", "coordination.k8s.io"),
        ],
        3,
    )
    group = "coordination.k8s.io"
    assert found == {"shop": (rule("create", "leases", group), rule("get update", "leases", group, names="a"))}


def test_nothing_needs_no_rule() -> None:
    assert least_rules([], 3) == {}
