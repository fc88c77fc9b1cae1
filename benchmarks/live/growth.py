"""Whether a process goes on growing, by what was seen of it in equal steps of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum, inf, sqrt
from statistics import fmean, linear_regression
from typing import NamedTuple

from benchmarks.live.watching import Sample

MOST_PER_HOUR = 0.08
"""By such a share of what it is, memory may grow in an hour."""
MOST_HIGHER = 1.10
"""So many times as high as in the middle third memory may be in the last: two large things may be done at once."""
MOST_FILES = 5
"""So many more files may be open: a stream that is begun anew is open beside the old one for a moment."""
_SPAN, _HOUR = 180.0, 3600.0
"""So many seconds hold at least one in which a cluster that is judged once a minute is not."""
_MEGA = 1e6


class Growth(NamedTuple):
    """
    What became of memory and files in the time after all caches were filled.

    To judge a cluster takes far more than to hold it, so that memory has peaks wherever a sample happens to meet one.
    `slope` is that of a line through the lowest samples of every three minutes of the last two thirds, in bytes an
    hour: what is held. `error` is its standard error. `highest` are the peaks of the middle and of the last third.
    `files` are the fewest that were open in each.
    """

    slope: float
    error: float
    lowest: int
    """The lowest sample of the last two thirds."""
    highest: tuple[int, int]
    files: tuple[int, int]

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Growth:
        """Look at samples of at least a few minutes."""
        third = max(1, len(samples) // 3)
        middle, last = samples[-2 * third : -third] or samples[:1], samples[-third:]
        filled = [*middle, *last]
        slope, error = _line(list(_lows(filled)))
        return cls(
            slope * _HOUR,
            error * _HOUR,
            min(each.memory for each in filled),
            (max(each.memory for each in middle), max(each.memory for each in last)),
            (min(each.files for each in middle), min(each.files for each in last)),
        )

    def faults(self) -> list[str]:
        """Return what grew."""
        found = []
        # Twice the error: by chance alone a line is seldom steeper.
        if self.slope - 2 * self.error > MOST_PER_HOUR * self.lowest:
            found.append(
                f"memory grows by {self.slope / _MEGA:.0f} MB an hour, or {self.error / _MEGA:.0f} less or more"
            )
        if self.highest[1] > MOST_HIGHER * self.highest[0]:
            highest = " to ".join(f"{each / _MEGA:.0f}" for each in self.highest)
            found.append(f"the peaks of memory grew from {highest} MB")
        if self.files[1] > self.files[0] + MOST_FILES:
            found.append(f"open files grew from {self.files[0]} to {self.files[1]}")
        return found

    def __str__(self) -> str:
        """Return it in words."""
        middle, last = (each / _MEGA for each in self.highest)
        return (
            f"last two thirds: {self.slope / _MEGA:+.0f} MB an hour (standard error {self.error / _MEGA:.0f}) "
            f"by a line through the lowest of every three minutes; "
            f"highest of the last third {last:.0f} MB, {last / middle:.3f} times that of the middle one"
        )


def _lows(samples: Sequence[Sample]) -> Iterator[tuple[float, float]]:
    """Yield the lowest sample of each whole span: when, and how many bytes."""
    spans: dict[int, list[Sample]] = {}
    for each in samples:
        spans.setdefault(int((each.at - samples[0].at) // _SPAN), []).append(each)
    most = max(map(len, spans.values()))
    for found in spans.values():
        if 2 * len(found) >= most:
            lowest = min(found, key=lambda each: each.memory)
            yield lowest.at, float(lowest.memory)


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the slope of the line through points, and its standard error; fewer than three leave it open."""
    if len(points) < 3:  # noqa: PLR2004 - through two there is always a line
        return 0.0, inf
    times, values = zip(*points, strict=True)
    slope, intercept = linear_regression(times, values)
    apart = fsum((value - slope * time - intercept) ** 2 for time, value in points)
    middle = fmean(times)
    return slope, sqrt(apart / (len(points) - 2) / fsum((time - middle) ** 2 for time in times))
