from __future__ import annotations

from tests.engine.rbac_least.asked import rule

from firedoor.engine.rbac_least.merging import Permission, as_rule, in_order, merged, parts


def test_a_rule_falls_into_parts_and_comes_together_again() -> None:
    for each in (
        rule("get list", "pods services", "core apps"),
        rule("get update", "secrets", names="a b"),
        rule("get post", urls="/healthz /metrics"),
    ):
        assert merged(parts(each)) == (each,)
        assert set(merged(part for one in parts(each) for part in parts(as_rule(one)))) == {each}


def test_all_objects_and_one_of_them_are_both_kept() -> None:
    found = merged([Permission("get", "", "secrets"), Permission("get", "", "secrets", "db")])
    assert found == (rule("get", "secrets"), rule("get", "secrets", names="db"))


def test_repeated_words_are_one_part() -> None:
    assert len(list(parts(rule("get get", "pods pods", "core core", names="a a")))) == 1
    assert list(parts(rule("get get", urls="/a /a"))) == [Permission("get", url="/a")]


def test_urls_with_other_verbs_are_apart() -> None:
    found = merged([Permission("get", url="/b"), Permission("get", url="/a"), Permission("post", url="/c")])
    assert found == (rule("get", urls="/a /b"), rule("post", urls="/c"))


def test_verbs_stand_as_people_list_them() -> None:
    assert in_order({"use", "patch", "bind", "list", "get"}) == ("get", "list", "patch", "bind", "use")
