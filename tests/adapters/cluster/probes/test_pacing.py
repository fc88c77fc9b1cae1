"""How many at the same time, and how many in a second."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from firedoor.adapters.cluster.probes.pacing import Pace, at_once, at_once_by


def test_no_more_than_allowed_are_worked_on_and_no_more_are_taken() -> None:
    lock = threading.Lock()
    now, most, taken, ended = 0, 0, 0, 0
    full = threading.Event()

    def tasks() -> Iterator[int]:
        nonlocal taken
        for number in range(30):
            with lock:
                taken += 1
                assert taken - ended <= 4 + 1
            yield number

    def work(number: int) -> int:
        nonlocal now, most, ended
        with lock:
            now += 1
            most = max(most, now)
            if now == 4:
                full.set()
        # The first ones wait for each other, however late the threads begin.
        assert full.wait(60)
        time.sleep(0.005)
        with lock:
            now -= 1
            ended += 1
        return number

    assert sorted(at_once(work, tasks(), 4)) == list(range(30))
    assert most == 4


def test_who_stops_listening_waits_for_what_has_begun() -> None:
    ended: list[int] = []

    def work(number: int) -> int:
        assert not number or first_is_told.wait(60)
        ended.append(number)
        return number

    first_is_told = threading.Event()
    results = at_once(work, iter(range(100)), 3)
    assert next(results) == 0
    first_is_told.set()
    results.close()  # type: ignore[attr-defined]
    assert sorted(ended) == [0, 1, 2]


def test_an_error_is_raised_to_the_caller() -> None:
    def work(number: int) -> int:
        raise ValueError(number)

    with pytest.raises(ValueError, match="7"):
        list(at_once(work, [7], 2))


def test_no_more_of_one_key_than_allowed_and_others_pass_by() -> None:
    lock = threading.Lock()
    now: Counter[str] = Counter()
    most: Counter[str] = Counter()
    order: list[str] = []
    both = {"a": threading.Event(), "b": threading.Event()}

    def work(task: tuple[str, int]) -> tuple[str, int]:
        name = task[0]
        with lock:
            order.append(name)
            now[name] += 1
            most[name] = max(most[name], now[name])
            if now[name] == 2:
                both[name].set()
        assert both[name].wait(60)
        time.sleep(0.01)
        with lock:
            now[name] -= 1
        return task

    tasks = [(name, number) for name in "ab" for number in range(12)]
    assert sorted(at_once_by(lambda each: each[0], work, iter(tasks), 6, 2)) == tasks
    assert most == {"a": 2, "b": 2}
    assert "b" in order[:12]


def test_nothing_to_do_is_done_at_once() -> None:
    assert list(at_once(str, (), 2)) == []


def test_the_rate_holds_for_all_threads_together() -> None:
    pace = Pace(50)
    begin = time.monotonic()
    list(at_once(lambda _each: pace.wait(), range(11), 8))
    assert time.monotonic() - begin >= 10 / 50
    Pace(0).wait()
