"""
Watch a cluster that changes for long, and see whether anything grows: ``python -m benchmarks.soak --minutes 30``.

Prints a line a minute. Ends with code 1 where memory or open files of the watch grew, where a change was not told
of, or where it fell behind. Memory goes up and down with what is judged, and caches fill in the first minutes: the
lowest of the last third of the time is held against the lowest of the third before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.live.watching import Run, Sample, watched
from benchmarks.running import Bench

MOST_GROWTH = 1.15
"""So many times as much memory may be in use in the last third of the time as in the third before."""
MOST_FILES = 5
"""So many more files may be open: a stream that is begun anew is open beside the old one for a moment."""
MOST_LAG = 60.0
"""Longer may no change wait that was made last."""
_PARTS = 3


def main() -> None:
    """Watch for as long as is said."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--pods", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=100.0, help="changes a second")
    parser.add_argument("--smoke", action="store_true", help="a small cluster for a short time, to see that it runs")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the cluster there, and use the one it has")
    chosen = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("nothing is measured: memory and open files of a process are read from /proc, which Linux has")
        return
    pods, seconds = (600, 12.0) if chosen.smoke else (chosen.pods, 60 * chosen.minutes)
    with tempfile.TemporaryDirectory() as folder:
        kept = chosen.keep or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        cluster = Bench(kept, 1, seconds, 1).cluster(pods, owners=True)
        run = watched(cluster, chosen.rate, seconds, every=1.0 if chosen.smoke else 10.0, note=_Minutes().note)
    for name, each in run.figures().items():
        print(f"{name}: {each if isinstance(each, str) else round(each, 3)}")
    # In a few seconds nothing can be said of memory: it still fills.
    faults = _faults(run) if chosen.smoke else [*_faults(run), *_growth(run.samples)]
    if faults:
        sys.exit("\n".join(faults))


class _Minutes:
    """Prints a sample a minute."""

    def __init__(self) -> None:
        self._told = -1

    def note(self, sample: Sample) -> None:
        minute = int(sample.at // 60)
        if minute > self._told:
            self._told = minute
            memory = f"{sample.memory / 1e6:.0f} MB"
            print(f"{minute} min: {memory}, {sample.files} files, {sample.processor:.0f} s of a processor", flush=True)


def _faults(run: Run) -> list[str]:
    found = []
    if run.missed or not run.lags:
        found.append(f"{run.missed} changes were not told of, {len(run.lags)} were")
    elif run.lags[-1] > MOST_LAG:
        found.append(f"the last change was told of after {run.lags[-1]:.0f} s")
    return found


def _growth(samples: Sequence[Sample]) -> list[str]:
    """Return what grew from the second third of the samples to the last."""
    size = max(1, len(samples) // _PARTS)
    first, last = samples[-2 * size : -size] or samples[:1], samples[-size:]
    found = []
    memory = [min(each.memory for each in part) for part in (first, last)]
    if memory[1] > MOST_GROWTH * memory[0]:
        found.append(f"memory grew from {memory[0] / 1e6:.0f} to {memory[1] / 1e6:.0f} MB")
    files = [min(each.files for each in part) for part in (first, last)]
    if files[1] > files[0] + MOST_FILES:
        found.append(f"open files grew from {files[0]} to {files[1]}")
    return found


if __name__ == "__main__":
    main()
