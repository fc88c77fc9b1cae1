"""What goes up and down is told from what grows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

import pytest
from benchmarks.live.growth import Growth
from benchmarks.live.watching import Sample

MEGA = 1_000_000
STEP = 5.0


def samples(memory: Callable[[float], float], files: Callable[[float], int] = lambda _: 15) -> list[Sample]:
    """Return half an hour of samples; a minute is judged in ten seconds, in which it takes 200 MB more."""

    def each() -> Iterator[Sample]:
        for number in range(360):
            at = number * STEP
            peak = 200 if at % 60 < 10 else 0
            yield Sample(at, at / 3, int((memory(at / 3600) + peak) * MEGA), files(at / 3600))

    return list(each())


def test_peaks_and_what_fills_at_first_are_no_growth() -> None:
    found = Growth.of(samples(lambda hours: 600 + 100 * min(1.0, hours * 10)))
    assert found.faults() == []
    assert found.slope == pytest.approx(0)
    assert found.highest == (900 * MEGA, 900 * MEGA)
    assert str(found) == (
        "last two thirds: +0 MB an hour (standard error 0) by a line through the lowest of every three minutes; "
        "highest of the last third 900 MB, 1.000 times that of the middle one"
    )


def test_a_little_more_each_minute_is_growth() -> None:
    found = Growth.of(samples(lambda hours: 600 + 120 * hours))
    assert found.slope / MEGA == pytest.approx(120)
    assert found.faults() == ["memory grows by 120 MB an hour, or 0 less or more"]
    assert Growth.of(samples(lambda hours: 600 + 12 * hours)).faults() == []


def test_higher_peaks_and_more_files_are_growth() -> None:
    found = Growth.of(samples(lambda hours: 600 + 300 * (0.45 < hours < 0.455), lambda hours: 15 + int(20 * hours)))
    assert found.faults() == ["the peaks of memory grew from 800 to 1100 MB"]
    assert Growth.of(samples(lambda _: 600, lambda hours: 15 + int(60 * hours))).faults() == [
        "open files grew from 25 to 35"
    ]


def test_a_few_samples_are_judged_without_a_line() -> None:
    found = Growth.of(samples(lambda _: 600)[:3])
    assert (found.slope, found.error, found.faults()) == (0.0, math.inf, [])


def test_what_goes_up_and_down_by_chance_is_no_growth_and_a_leak_is_one_all_the_same() -> None:
    chance = random.Random(1)

    def noise(hours: float) -> float:
        return 600 + chance.uniform(0, 60)

    assert Growth.of(samples(noise)).faults() == []
    assert Growth.of(samples(lambda hours: noise(hours) + 300 * hours)).faults() != []
