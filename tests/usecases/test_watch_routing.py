"""Which events go where, when and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from firedoor.model.alerting import Match, Notice, Rule, Silence, SinkKind, SinkPlan, SinkState, Threshold, WatchPlan
from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.usecases.watch_routing import Router, is_match, trial
from tests.receiving import event

NOW = 1_767_323_045.0
END: dict[str, Any] = {"kind": EventKind.CONNECTION_CLOSED, "severity": Severity.LOW}


class Kept:
    """An outbox that keeps what is put into it."""

    def __init__(self) -> None:
        self.notices: dict[str, list[Notice]] = {"a": [], "b": []}
        self.is_safe = True

    def put(self, notices: Mapping[str, Sequence[Notice]]) -> bool:
        for name, each in notices.items():
            self.notices[name] += each
        return self.is_safe

    def states(self) -> Sequence[SinkState]:
        return ()

    def messages(self, sink: str) -> list[str]:
        return [each.event.message for each in self.notices[sink]]


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class World:
    def __init__(self, *rules: Rule, silences: Sequence[Silence] = (), b: SinkKind = SinkKind.SLACK) -> None:
        self.kept, self.clock = Kept(), Clock()
        kinds = {"a": SinkKind.WEBHOOK, "b": b, "state": SinkKind.OPENREPORTS}
        sinks = tuple(SinkPlan(name, kind, "rules.yaml:1") for name, kind in kinds.items())
        plan = WatchPlan(sinks, rules, tuple(silences))
        self._router = Router(plan, self.kept, self.clock, lambda each: each.message != "unwanted")

    def take(self, *events: Event, after: float = 0.0) -> bool:
        self.clock.now += after
        return self._router.take(events)


def rule(name: str = "r", **others: Any) -> Rule:
    return Rule(name, "rules.yaml:1", **others)


def about(namespace: str, name: str = "web", kind: str = "Deployment") -> ObjectRef:
    return ObjectRef(kind, namespace, name)


def test_without_rules_everything_goes_to_every_sink() -> None:
    world = World()
    assert world.take(event("1"), event("2"))
    assert world.kept.messages("a") == world.kept.messages("b") == ["1", "2"]
    ids = [each.id for found in world.kept.notices.values() for each in found]
    assert len(set(ids)) == 4


def test_what_may_be_lost_is_said() -> None:
    world = World()
    world.kept.is_safe = False
    assert not world.take(event("1"))


def test_with_rules_only_what_matches_one_is_sent_and_once_to_each_sink() -> None:
    world = World(
        rule("first", match=Match(severity=Severity.HIGH), sinks=("a",), severity=Severity.CRITICAL),
        rule("second", match=Match(namespaces=("data",))),
    )
    world.take(event("1"), event("2", severity=Severity.LOW), event("3", severity=Severity.LOW, object=about("shop")))
    assert [(each.event.message, each.rule, str(each.event.severity)) for each in world.kept.notices["a"]] == [
        ("1", "first", "critical"),
        ("2", "second", "low"),
    ]
    assert [(each.event.message, each.rule) for each in world.kept.notices["b"]] == [("1", "second"), ("2", "second")]


@pytest.mark.parametrize(
    ("match", "others", "expected"),
    [
        (Match(), {}, True),
        (Match(kinds=(EventKind.RIGHT_GAINED,)), {}, False),
        (Match(kinds=(EventKind.RIGHT_GAINED, EventKind.CONNECTION_OPENED)), {}, True),
        (Match(namespaces=("da*",)), {}, True),
        (Match(namespaces=("shop",)), {}, False),
        (Match(namespaces=("shop",)), {"object": about("", "shop", "Namespace")}, True),
        (Match(namespaces=("shop",)), {"object": about("", "shop", "ClusterRole")}, False),
        (Match(severity=Severity.CRITICAL), {}, False),
        (Match(severity=Severity.MEDIUM), {}, True),
        (Match(checks=("pod-*",)), {}, False),
        (Match(checks=("pod-*",)), {"check": "pod-unprotected"}, True),
        (Match(checks=("pod-*",), severity=Severity.CRITICAL), {"check": "pod-unprotected"}, False),
    ],
)
def test_all_that_is_given_must_be_true(match: Match, others: dict[str, Any], expected: bool) -> None:
    assert is_match(match, event(**others)) is expected


def test_a_group_of_one_moment_is_told_as_one_with_the_worst_in_front() -> None:
    world = World(rule(group_by=("namespace",), sinks=("a",)))
    world.take(
        event("1", severity=Severity.LOW, fingerprint="x"),
        event("2", causes=("b", "c")),
        event("3", object=about("shop")),
        event("4", severity=Severity.INFO, causes=("c",)),
    )
    many, alone = (each.event for each in world.kept.notices["a"])
    assert many.message == "3 events, the worst: 2"
    assert (many.severity, many.evidence) == (Severity.HIGH, ("1", "2", "4"))
    assert many.causes == ("NetworkPolicy data/deny deleted", "b", "c")
    assert alone.message == "3"
    world.take(event("5", severity=Severity.LOW), event("6"))
    assert world.kept.notices["a"][2].event.fingerprint == many.fingerprint


def test_a_threshold_counts_within_its_window_and_begins_anew() -> None:
    world = World(rule(threshold=Threshold(3, 60.0), group_by=("namespace",), sinks=("a",)))
    world.take(event("1"), event("other", object=about("shop")))
    world.take(event("2"), after=30)
    assert world.kept.messages("a") == []
    world.take(event("3"), after=31)
    assert world.kept.messages("a") == []
    world.take(event("4"), after=20)
    assert world.kept.messages("a") == ["3 events, the worst: 2"]
    world.take(event("5"), event("6"), after=1)
    assert len(world.kept.messages("a")) == 1
    world.take(event("7"), after=1)
    assert world.kept.messages("a")[1:] == ["3 events, the worst: 5"]


def test_the_same_is_told_again_only_after_a_time() -> None:
    world = World(rule(dedupe=60.0))
    world.take(event("1"), event("1 again"), event("2", fingerprint="f2", subject="s2"))
    world.take(event("1 later"), after=59)
    assert world.kept.messages("a") == world.kept.messages("b") == ["1", "2"]
    world.take(event("1 much later"), after=2)
    assert world.kept.messages("a")[2:] == ["1 much later"]


def test_what_ended_meanwhile_is_told_again_even_if_nobody_was_told_of_the_end() -> None:
    world = World(rule(dedupe=3600.0, match=Match(severity=Severity.HIGH)))
    world.take(event("opened"))
    world.take(event("opened"), after=1)
    world.take(event("closed", fingerprint="f2", **END), after=1)
    world.take(event("opened again"), after=1)
    assert world.kept.messages("a") == ["opened", "opened again"]


def test_groups_are_told_again_only_after_a_time_too() -> None:
    world = World(rule(dedupe=60.0, group_by=("namespace",)))
    for number in range(4):
        world.take(event(f"{number}", subject=f"{number}"), event("x", subject=f"x{number}"), after=20)
    assert world.kept.messages("a") == ["2 events, the worst: 0", "2 events, the worst: 3"]


def test_a_silence_holds_until_its_end() -> None:
    silence = Silence(Match(namespaces=("data",)), "2026-01-02T03:04:20Z", "work", "rules.yaml:9")
    world = World(silences=(silence,))
    world.take(event("1"), event("2", object=about("shop")))
    assert world.kept.messages("a") == ["2"]
    world.take(event("3"), after=14.9)
    assert world.kept.messages("a") == ["2"]
    world.take(event("4"), after=0.1)
    assert world.kept.messages("a") == ["2", "4"]


def test_what_keeps_alerts_open_is_told_of_every_end_one_by_one_whatever_rules_say() -> None:
    silence = Silence(Match(namespaces=("shop",)), "2027-01-02T03:04:05Z", "work", "rules.yaml:9")
    match = Match(severity=Severity.HIGH)
    world = World(rule(match=match, group_by=("namespace",), dedupe=60.0), silences=(silence,), b=SinkKind.ALERTMANAGER)
    world.take(event("1"), event("end", **END), event("unwanted", **END), event("hushed", object=about("shop"), **END))
    assert world.kept.messages("a") == ["1"]
    assert world.kept.messages("b") == ["1", "end", "unwanted", "hushed"]
    world = World(rule(group_by=("namespace",)), b=SinkKind.ALERTMANAGER)
    world.take(event("1"), event("2"), event("end", **END))
    assert world.kept.messages("a") == ["3 events, the worst: 1"]
    assert world.kept.messages("b") == ["2 events, the worst: 1", "end"]


def test_what_is_not_wanted_goes_nowhere() -> None:
    world = World()
    world.take(event("unwanted"), event("1"))
    assert world.kept.messages("a") == ["1"]


def test_groups_of_which_nothing_counts_any_more_are_forgotten() -> None:
    world = World(rule(threshold=Threshold(2, 60.0), group_by=("object",), sinks=("a",)))
    for number in range(50):
        world.take(event(str(number), object=about("shop", f"web-{number}")), after=10)
    assert len(world._router._rules[0]._counted) <= 8
    assert world.kept.messages("a") == []


def test_a_trial_begins_nothing() -> None:
    first, second = trial(NOW), trial(NOW)
    assert first.id != second.id
    assert first.event.kind.ended is not None
    assert first.event.time == "2026-01-02T03:04:05Z"
