from __future__ import annotations

import pytest

from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator


@pytest.mark.parametrize(
    ("operator", "values", "with_web", "with_db", "without", "text"),
    [
        (Operator.IN, ("web",), True, False, False, "app=web"),
        (Operator.IN, ("web", "db"), True, True, False, "app in (web, db)"),
        (Operator.NOT_IN, ("web",), False, True, True, "app notin (web)"),
        (Operator.EXISTS, (), True, True, False, "app"),
        (Operator.DOES_NOT_EXIST, (), False, False, True, "!app"),
    ],
)
def test_each_operator_matches_and_is_written_as_kubectl_does(
    operator: Operator, values: tuple[str, ...], *, with_web: bool, with_db: bool, without: bool, text: str
) -> None:
    requirement = LabelSelectorRequirement("app", operator, values)
    found = [requirement.matches(labels) for labels in ({"app": "web"}, {"app": "db"}, {})]
    assert found == [with_web, with_db, without]
    assert str(requirement) == text


def test_both_kinds_of_requirement_must_hold() -> None:
    tier = LabelSelectorRequirement("tier", Operator.EXISTS)
    selector = LabelSelector({"app": "web"}, (tier,))
    assert selector.matches({"app": "web", "tier": ""})
    assert not selector.matches({"app": "web"})
    assert not selector.matches({"tier": "a"})
    assert str(selector) == "app=web,tier"


def test_the_empty_selector_matches_everything_and_says_so() -> None:
    assert LabelSelector().matches({})
    assert LabelSelector().is_empty
    assert str(LabelSelector()) == "everything"


def test_requirements_that_mean_the_same_are_written_once() -> None:
    same = LabelSelectorRequirement("app", Operator.IN, ("web", "web"))
    assert LabelSelector({"app": "web"}, (same,)).requirements == LabelSelector({"app": "web"}).requirements
