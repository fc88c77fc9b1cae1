from __future__ import annotations

from firedoor.engine.verification.covering import cover


def test_what_adds_most_comes_first_and_what_adds_nothing_is_left_out() -> None:
    shows = {"a": (1,), "b": (1, 2, 3), "c": (3, 4), "d": (4, 5), "e": ()}
    assert cover(shows, dict.fromkeys(shows, 0)) == ["b", "d"]


def test_of_equal_ones_the_liked_and_then_the_first_is_taken() -> None:
    shows = {"a": (1, 2), "b": (1, 2), "c": (1, 2)}
    assert cover(shows, {"a": 1, "b": 0, "c": 0}) == ["b"]
    assert cover(shows, dict.fromkeys(shows, 0)) == ["a"]


def test_nothing_needs_nothing() -> None:
    assert cover({}, {}) == []
    assert cover({"a": ()}, {"a": 0}) == []


def test_a_promise_that_shrank_is_looked_at_again() -> None:
    shows = {"a": (1, 2, 3, 4), "b": (3, 4, 5), "c": (5, 6)}
    assert cover(shows, dict.fromkeys(shows, 0)) == ["a", "c"]
