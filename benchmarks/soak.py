"""
Watch a cluster that changes for long, and see whether anything grows: ``python -m benchmarks.soak --minutes 30``.

Prints a line a minute, and at the end what `Growth` says. Ends with code 1 where memory or open files of the watch
grew, where a change was not told of, or where it fell behind.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.live.growth import Growth
from benchmarks.live.watching import Run, Sample, watched
from benchmarks.running import Bench

MOST_LAG = 60.0
"""Longer may no change wait that was made last."""
_LEAST_MINUTES = 15.0
"""In less nothing can be said of memory: it still fills, and a line through a few points may be any."""


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
        run = watched(cluster, chosen.rate, seconds, every=1.0 if chosen.smoke else 5.0, note=_Minutes().note)
    for name, each in run.figures().items():
        print(f"{name}: {each if isinstance(each, str) else round(each, 3)}")
    faults = _faults(run)
    if seconds < 60 * _LEAST_MINUTES:
        print(f"memory is judged from {_LEAST_MINUTES:.0f} minutes on")
    else:
        growth = Growth.of(run.samples)
        grown = growth.faults()
        print(growth)
        print("memory and files: " + ("they grow" if grown else "flat"))
        faults += grown
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


if __name__ == "__main__":
    main()
