"""What is told when a baseline holds no longer, or holds again, and what is not."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import msgspec
import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.interfaces import Silent
from firedoor.model.events import EventKind
from firedoor.model.feed import Turn
from firedoor.model.findings import Severity
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.watching import Gauge
from firedoor.usecases.watch import Watcher
from firedoor.usecases.watch_running import run
from tests.usecases.test_watch import DENY, SERVER, SHOP, Feed, Memory, Meter, changes
from tests.usecases.test_watch_resources import CLOSED, DATA, TODAY, Board, baseline, state

WANTED = SHOP + baseline(f"intents: [{CLOSED}]")
BROKEN, HELD = EventKind.BASELINE_BROKEN, EventKind.BASELINE_HELD


def at(text: str, when: str) -> Snapshot:
    """Return the state of the cluster as it was seen at a time."""
    return msgspec.structs.replace(state(text), origin=Origin("cluster", (SERVER,), when))


def kinds(board: Board) -> list[EventKind]:
    return [each.kind for each in board.events]


def test_one_that_stops_holding_is_told_with_what_fails_and_what_was_changed() -> None:
    board = Board()
    board.show(WANTED + DENY, WANTED, WANTED + DENY)
    broken, held = board.events
    assert (broken.kind, broken.severity, str(broken.object)) == (BROKEN, Severity.HIGH, "ZeroTrustBaseline data/b")
    assert broken.message == "ZeroTrustBaseline data/b no longer holds: intents fail: closed"
    assert broken.evidence[0].startswith("intent closed: ")
    assert "-> data/db: accepted on all" in broken.evidence[0]
    assert any("no policy isolates data/db for ingress" in each for each in broken.evidence)
    assert broken.causes == ("NetworkPolicy data/deny deleted",)
    assert (held.kind, held.severity) == (HELD, Severity.INFO)
    assert held.message == "ZeroTrustBaseline data/b holds again: the namespace is as the baseline says"
    assert held.causes == ("NetworkPolicy data/deny created",)
    # An end belongs to its beginning, and each happening of it is the same thing.
    assert held.subject == broken.subject
    assert held.fingerprint != broken.fingerprint
    assert HELD.ended is BROKEN
    board.show(WANTED)
    assert board.events[2].fingerprint == broken.fingerprint


def test_of_the_first_look_nothing_is_told_and_what_stays_is_told_once() -> None:
    board = Board()
    board.show(WANTED, WANTED + DATA, WANTED)
    assert kinds(board) == []
    assert board.keeper.baselines == {("data", "b"): False}


def test_a_new_one_that_does_not_hold_is_told_and_one_that_does_is_not() -> None:
    board = Board()
    other = baseline("intents: [{name: open, must-allow: {from: pods, to: {workload: db}}}]", "c")
    board.show(SHOP, WANTED, WANTED + other)
    (event,) = board.events
    assert event.message == "ZeroTrustBaseline data/b does not hold: intents fail: closed"
    assert board.keeper.baselines == {("data", "b"): False, ("data", "c"): True}


def test_one_that_is_gone_is_the_end_of_what_was_told() -> None:
    board = Board()
    board.show(WANTED, SHOP)
    (event,) = board.events
    assert (event.kind, event.message) == (
        HELD,
        "ZeroTrustBaseline data/b is gone: it did not hold, and is asked for no longer",
    )
    board = Board()
    board.show(WANTED + DENY, SHOP + DENY)
    assert board.events == []


def test_findings_that_are_left_are_told_with_the_severity_of_the_worst() -> None:
    board = Board()
    wanted = baseline("fail-on: low")
    board.show(SHOP + wanted.replace("low", "critical"), SHOP + wanted)
    (event,) = board.events
    assert event.message.startswith("ZeroTrustBaseline data/b no longer holds: findings that are too grave: ")
    assert event.severity in {Severity.LOW, Severity.MEDIUM, Severity.HIGH}
    assert any(each.startswith(f"{event.severity} ") for each in event.evidence)


def test_what_can_no_longer_be_decided_is_what_it_was() -> None:
    board = Board()
    other = "\n---\n{apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: p, namespace: data}}\n"
    malformed = SHOP + DENY + baseline("intents: [{name: a, must-deny: {from: podz, to: any}}]")
    board.show(WANTED + DENY, WANTED + DENY + other, malformed, WANTED + DENY)
    assert board.events == []
    board.show(WANTED, malformed, WANTED, WANTED + DENY)
    assert kinds(board) == [BROKEN, HELD]
    board.show(malformed)
    assert board.keeper.baselines == {("data", "b"): None}


def test_an_exception_that_ends_is_told() -> None:
    board = Board()
    until = "{intent: closed, reason: later, expires: 2026-11-30}"
    text = SHOP + baseline(f"intents: [{CLOSED}], exceptions: [{until}]")
    board.show(text)
    board.day = date(2026, 12, 1)
    board.take(Turn(state(text), ()))
    assert kinds(board) == [BROKEN]


def test_causes_are_those_since_it_was_judged_last() -> None:
    board = Board(pause=1000.0)
    seen = [state(WANTED + DENY), state(WANTED + DATA + DENY), state(WANTED + DATA)]
    board.show(WANTED + DENY)
    # As long as it would rest after many intents.
    board.keeper._rest = 100.0
    for old, new in pairwise(seen):
        board.watcher.take(turn := Turn(new, tuple(changes(old, new))))
        board.events += board.keeper.take(turn, board.watcher)
    assert board.events == []
    board.events += board.keeper.rest(board.watcher)
    assert [each.causes for each in board.events] == [("Namespace data created", "NetworkPolicy data/deny deleted")]
    assert board.keeper.rest(board.watcher) == []


@pytest.mark.parametrize(("before", "now", "expected"), [(DENY, "", [BROKEN]), ("", DENY, [HELD]), ("", "", [])])
def test_what_changed_while_nobody_watched_is_told_first(before: str, now: str, expected: list[EventKind]) -> None:
    board, meter = Board(), Meter()
    events = board.events
    turn = Turn(at(WANTED + now, "2026-01-02T03:04:05Z"))
    memory = Memory(at(WANTED + before, "2026-01-02T02:00:00Z"))
    watcher = Watcher(SPEC, board.clock, today=lambda: TODAY)
    run(Feed([turn]), watcher, memory, meter, events.extend, Silent(), board.clock, keeper=board.keeper)
    assert [each.kind for each in events if each.kind in {BROKEN, HELD}] == expected
    (gauge,) = meter.noted
    assert isinstance(gauge, Gauge)
    assert gauge.baselines == {("data", "b"): bool(now)}
    assert sum(gauge.events.get((each, severity), 0) for each in expected for severity in Severity) == len(expected)


def test_what_was_judged_earlier_was_judged_on_the_day_of_that() -> None:
    board = Board()
    until = "{intent: closed, reason: later, expires: 2026-01-02}"
    text = SHOP + baseline(f"intents: [{CLOSED}], exceptions: [{until}]")
    earlier = at(text, "2026-01-02T23:00:00Z")
    board.watcher.begin(earlier)
    board.keeper.begin(earlier, board.watcher)
    board.take(Turn(state(text)))
    assert kinds(board) == [BROKEN]
