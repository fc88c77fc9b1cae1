from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.flows.relay import cursor as cursors
from firedoor.adapters.flows.relay.cursor import OVERLAP, Cursor, Gap

SECOND = 1_000_000_000


def read(
    mark: bytes, *streams: tuple[int | None, list[int]], node: str = "a"
) -> tuple[bytes, list[list[int]], list[Gap]]:
    """Return the mark after some streams of flows at some seconds, what was new in each, and gaps."""
    cursor = Cursor(mark)
    new = []
    for since, flows in streams:
        cursor.begin(None if since is None else since * SECOND)
        new.append([each for each in flows if cursor.takes(node, each * SECOND, each)])
    return cursor.mark(), new, cursor.gaps


def test_what_was_read_is_known_in_the_next_stream_and_in_the_next_import() -> None:
    mark, new, _ = read(b"", (0, [100, 200, 300]), (0, [100, 200, 300, 400]))
    assert new == [[100, 200, 300], [400]]
    assert read(mark, (0, [100, 400, 500]))[1] == [[500]]


def test_what_was_left_out_before_is_new_later() -> None:
    mark, new, _ = read(b"", (None, [400, 500]), (300, [300, 400, 500, 600]), (0, [100, 200, 300, 400, 500, 600]))
    assert new == [[400, 500], [300, 600], [100, 200]]
    assert read(mark, (0, [100, 200, 300, 400, 500, 600]))[1] == [[]]


def test_a_stream_that_was_cut_leaves_two_stretches_that_become_one() -> None:
    flows = list(range(100, 1000, 100))
    mark, new, _ = read(b"", (None, [800, 900]), (0, flows[:3]), (None, [800, 900]))
    assert new == [[800, 900], [100, 200, 300], []]
    assert Cursor(mark).since(0) == 0
    mark, new, _ = read(mark, (0, flows))
    assert new == [[400, 500, 600, 700]]
    assert Cursor(mark).since(0) == 900 * SECOND - OVERLAP


def test_it_is_asked_since_the_node_that_is_furthest_behind() -> None:
    cursor = Cursor()
    assert cursor.since(7) == 7
    cursor.begin(0)
    cursor.takes("a", 1000 * SECOND, 1)
    cursor.takes("b", 2000 * SECOND, 2)
    assert cursor.since(0) == 1000 * SECOND - OVERLAP
    assert cursor.since(1500 * SECOND) == 1500 * SECOND
    assert not cursor.is_late(["b"], 0)
    assert cursor.since(0) == 2000 * SECOND - OVERLAP
    cursor.begin(2000 * SECOND - OVERLAP)
    assert cursor.is_late(["a", "b"], 0)
    assert cursor.is_late(["b", "new"], 0)
    assert not cursor.is_late(["b", "new"], 2000 * SECOND)
    cursor.begin(None)
    assert not cursor.is_late(["new"], 0)


def test_a_gap_is_what_is_no_longer_told_after_the_last_flow() -> None:
    assert read(b"", (0, [100]), (70, [100, 200]))[2] == []
    assert read(b"", (0, [100]), (70, [150]))[2] == [Gap("a", 100 * SECOND, 150 * SECOND)]
    assert read(b"", (0, [100]), (120, [150]))[2] == [], "nobody asked for what was before"
    assert read(b"", (0, [100]), (None, [150]))[2] == []


def test_flows_close_to_the_end_are_told_apart_one_by_one() -> None:
    cursor = Cursor()
    cursor.begin(0)
    assert [cursor.takes("a", at * SECOND, at) for at in (100, 120, 110, 110, 95, 120)] == [
        True,
        True,
        True,
        False,
        True,
        False,
    ]


def test_few_flows_are_remembered_and_those_before_them_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "MOST_REMEMBERED", 10)
    times = list(range(100, 125))
    mark, new, _ = read(b"", (0, times), (0, times), (0, [*times, 125]))
    assert new == [times, [], [125]]
    assert len(msgspec.msgpack.decode(mark)["recent"]) == 10


def test_what_lies_behind_is_not_remembered() -> None:
    mark, _, _ = read(b"", (0, list(range(1000))))
    assert len(msgspec.msgpack.decode(mark)["recent"]) == 30


def test_nodes_that_are_long_gone_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cursors, "_MOST_NODES", 3)
    cursor = Cursor()
    cursor.begin(0)
    for number in range(1, 6):
        cursor.takes(f"n{number}", number * 1000 * SECOND, number)
    assert sorted(msgspec.msgpack.decode(cursor.mark())["nodes"]) == ["n3", "n4", "n5"]


def test_what_does_not_tell_how_far_a_node_is_moves_nothing() -> None:
    cursor = Cursor()
    cursor.begin(0)
    assert cursor.takes_apart("a", 900 * SECOND, 1)
    assert not cursor.takes_apart("a", 900 * SECOND, 1)
    assert cursor.takes("a", 100 * SECOND, 2)
    assert cursor.takes("a", 200 * SECOND, 3)
    assert not cursor.takes_apart("a", 110 * SECOND, 4), "it is of a time that was read"
    assert cursor.takes_apart("a", 0, 5)
    assert not cursor.takes_apart("a", 0, 5)
    assert cursor.since(0) == 200 * SECOND - OVERLAP


def test_what_is_no_mark_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        Cursor(b"\x05")


@pytest.mark.slow
@given(st.integers(0, 1 << 32))
def test_no_import_takes_twice_or_leaves_out(seed: int) -> None:
    rolls = random.Random(seed)
    held: dict[str, list[tuple[int, int]]] = {"a": [], "b": [], "c": []}
    taken: set[int] = set()
    mark, now = b"", 1
    for _ in range(rolls.randrange(1, 8)):
        for _ in range(rolls.randrange(30)):
            now += rolls.choice((1, 1, 5, 20, 100)) * SECOND
            held[rolls.choice("aabbbc")].append((now, now))
        reachable = [name for name in held if rolls.random() < 0.8]
        mark = _imported(rolls, mark, held, reachable, taken)
        for flows in held.values():
            del flows[: rolls.choice((0, 0, 3, 10))]
    mark = _imported(rolls, mark, held, list(held), taken, is_whole=True)
    assert {found for flows in held.values() for _, found in flows} <= taken


def _imported(
    rolls: random.Random,
    mark: bytes,
    held: dict[str, list[tuple[int, int]]],
    reachable: list[str],
    taken: set[int],
    *,
    is_whole: bool = False,
) -> bytes:
    """Read what nodes hold, or some of it, and return the mark; only what is new is taken, and all that is new."""
    times = [at for flows in held.values() for at, _ in flows] or [1]
    base = 0 if is_whole else rolls.choice((0, 0, rolls.choice(times)))
    last = 0 if is_whole else rolls.choice((0, 0, 3))
    cursor = Cursor(mark)
    since = None if last else cursor.since(base)
    cursor.begin(since)
    if cursor.is_late(reachable, base):
        since = cursor.since(base)
        cursor.begin(since)
        assert not cursor.is_late(reachable, base)
    streams = {
        name: [each for each in held[name] if each[0] >= (since or 0)][-last if last else 0 :] for name in reachable
    }
    places = [name for name in reachable for _ in streams[name]]
    rolls.shuffle(places)
    for name in places if is_whole else places[: rolls.choice((5, 20, 1000))]:
        at, found = streams[name].pop(0)
        assert cursor.takes(name, at, found) == (found not in taken), (name, at, found)
        taken.add(found)
    return cursor.mark() if rolls.random() < 0.5 or is_whole else Cursor(cursor.mark()).mark()
