from __future__ import annotations

from datetime import date

import pytest

from firedoor.model.exceptions import Carrier, Pattern, Waiver, home_of, parse_day
from firedoor.model.label_text import parse_selector
from firedoor.model.places import ObjectRef

WEB = ObjectRef("Deployment", "shop", "web")
SHOP = ObjectRef("Namespace", "", "shop")
ROLE = ObjectRef("ClusterRole", "", "shop")


def test_a_day_is_written_as_year_month_and_day() -> None:
    assert parse_day("2027-01-31") == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("31.1.2027", "no day as in"),
        ("20270131", "no day as in"),
        ("", "no day as in"),
        ("2027-02-30", "there is no day 2027-02-30"),
    ],
)
def test_what_is_no_day_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_day(text)


def test_a_namespace_is_in_itself_and_a_cluster_role_in_none() -> None:
    assert [home_of(each) for each in (WEB, SHOP, ROLE)] == ["shop", "shop", ""]


def test_an_exception_on_an_object_is_for_it_alone() -> None:
    assert Carrier(WEB).holds(WEB, ())
    assert not Carrier(WEB).holds(ObjectRef("Deployment", "shop", "api"), ())
    assert not Carrier(ROLE).holds(WEB, ())
    assert str(Carrier(WEB)) == "of Deployment shop/web"


def test_an_exception_on_a_namespace_is_for_what_is_in_it() -> None:
    assert Carrier(SHOP).holds(WEB, ())
    assert Carrier(SHOP).holds(SHOP, ())
    assert not Carrier(SHOP).holds(ROLE, ())
    assert not Carrier(SHOP).holds(ObjectRef("Namespace", "", "other"), ())


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        (Pattern(), {WEB, SHOP, ROLE}),
        (Pattern(namespace="sh*"), {WEB, SHOP}),
        (Pattern(namespace="*"), {WEB, SHOP}),
        (Pattern(namespace="Shop"), set()),
        (Pattern(kind="deployment"), {WEB}),
        (Pattern(name="w?b"), {WEB}),
        (Pattern(name="[!w]*"), {SHOP, ROLE}),
        (Pattern(namespace="shop", kind="Namespace", name="shop"), {SHOP}),
        (Pattern(labels=parse_selector("app=web")), {WEB}),
        (Pattern(labels=parse_selector("app!=web")), {WEB, ROLE}),
    ],
)
def test_a_pattern_holds_where_each_of_its_fields_does(pattern: Pattern, matched: set[ObjectRef]) -> None:
    # A workload has two sets of labels, its own and its pods'; of a namespace that nobody wrote none are known.
    labels: dict[ObjectRef, tuple[dict[str, str], ...]] = {WEB: ({}, {"app": "web"}), ROLE: ({},)}
    assert {each for each in (WEB, SHOP, ROLE) if pattern.holds(each, labels.get(each, ()))} == matched


def test_a_pattern_says_what_it_selects() -> None:
    assert str(Pattern("shop", labels=parse_selector("app=web"))) == "namespace shop, labels app=web"
    assert str(Pattern()) == "everywhere"


def test_an_exception_is_from_the_checks_that_it_names_or_from_all() -> None:
    some, every = (Waiver(checks, Pattern(), "why", "file:1") for checks in (("a", "b"), ("*",)))
    assert [some.is_for(each) for each in "abc"] == [True, True, False]
    assert every.is_for("c")
