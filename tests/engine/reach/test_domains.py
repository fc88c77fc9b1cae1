"""Which names a pattern of names matches, and which other patterns lie within it."""

from __future__ import annotations

import pytest

from firedoor.engine.reach.domains import any_matches, canonical_name, cilium_pattern, written

ONE, MORE, INSIDE, EVERY = map(cilium_pattern, ("*.x.y", "**.x.y", "a*.x.y", "*"))


def test_case_spaces_and_the_final_dot_have_no_meaning() -> None:
    assert canonical_name(" Www.Example.COM. ") == "www.example.com"
    assert cilium_pattern("Www.Example.com.") == "www.example.com"
    assert written(cilium_pattern("*.Example.com")) == "*.example.com"


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("x.y", {"x.y"}),
        ("*.x.y", {"a.x.y", "b.a.x.y"}),
        (ONE, {"a.x.y"}),
        (MORE, {"a.x.y", "b.a.x.y"}),
        (INSIDE, {"a.x.y"}),
        (cilium_pattern("*y"), set()),
        (cilium_pattern("x*.y*"), {"x.y"}),
        (EVERY, {"x.y", "a.x.y", "b.a.x.y", "x.yy.z"}),
    ],
)
def test_names(pattern: str, matched: set[str]) -> None:
    names = ("x.y", "a.x.y", "b.a.x.y", "x.yy.z")
    assert {name for name in names if any_matches((pattern,), name)} == matched


@pytest.mark.parametrize(
    ("pattern", "within"),
    [
        ("*.x.y", {"*.x.y", ONE, MORE, INSIDE}),
        (MORE, {"*.x.y", ONE, MORE, INSIDE}),
        (ONE, {ONE, INSIDE}),
        (INSIDE, {INSIDE}),
        (EVERY, {"*.x.y", ONE, MORE, INSIDE, EVERY, ""}),
        ("a.x.y", set()),
    ],
)
def test_patterns_within_patterns(pattern: str, within: set[str]) -> None:
    others = ("*.x.y", ONE, MORE, INSIDE, EVERY, "")
    assert {other for other in others if any_matches((pattern,), other)} == within
