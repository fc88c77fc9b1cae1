"""Clusters and measurements, each made by a process of its own so that none pays for another's memory."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

_QUICK = 1.0
"""Measurements that take less than so many seconds are repeated, and the fastest counts."""
_TIMES = ("seconds", "decode", "load", "populate", "compile", "all_pairs", "warm")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measurement found; nothing at all when it took too long."""

    figures: dict[str, float | str]

    def __getitem__(self, name: str) -> float:
        """Return a figure; not a number where there is none, which every ratio then is too."""
        return float(self.figures.get(name, math.nan))

    def text(self, name: str) -> str:
        """Return words that were found."""
        return str(self.figures.get(name, ""))

    @property
    def judged(self) -> float:
        """The seconds from a snapshot to all pairs."""
        return self["compile"] + self["all_pairs"]

    @property
    def seconds(self) -> float:
        """The time that the measurement is about."""
        return math.fsum(self[name] for name in _TIMES if name in self.figures)


@dataclass(slots=True)
class Bench:
    """Makes clusters in `folder`, and measures them; nothing is made or measured twice."""

    folder: Path
    seed: int
    limit: float
    repeats: int
    _found: dict[tuple[str, Path], Measured] = field(default_factory=dict)

    def cluster(
        self,
        pods: int,
        variant: str = "ordinary",
        cluster_policies: int = 0,
        bindings: int = 0,
        *,
        owners: bool = False,
    ) -> Path:
        """Return the file of a cluster; `owners` are the objects that own pods."""
        owned = "-owned" if owners else ""
        path = self.folder / f"{variant}-{pods}-{cluster_policies}-{bindings}{owned}-seed{self.seed}.json"
        if not path.exists():
            part = path.with_suffix(".part")
            arguments = ["--pods", str(pods), "--variant", variant, "--seed", str(self.seed)]
            arguments += ["--cluster-policies", str(cluster_policies), "--bindings", str(bindings), str(part)]
            arguments += ["--owners"] * owners
            _python("benchmarks.generate", arguments, None)
            part.rename(path)
        return path

    def measure(self, what: str, path: Path) -> Measured:
        """Return the figures of one measurement."""
        key = what, path
        if key not in self._found:
            self._found[key] = self._measure(what, path)
        return self._found[key]

    def _measure(self, what: str, path: Path) -> Measured:
        best: Measured | None = None
        for _ in range(self.repeats):
            text = _python("benchmarks.measure", [what, str(path), "--limit", str(self.limit)], self.limit)
            found = Measured(json.loads(text))
            if best is None or found.seconds < best.seconds:
                best = found
            if not found.figures or found.seconds > _QUICK:
                break
        return best or Measured({})


def _python(module: str, arguments: list[str], limit: float | None) -> str:
    """Return what a module prints; an empty object when it takes longer than the limit."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return "{}"
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed with code {done.returncode}")
    return done.stdout
