"""In which order tests run, and which of them in one process: what needs a cluster comes first, and shares it."""

from __future__ import annotations

from functools import cache

from xdist.scheduler import LoadScopeScheduling

_LAB = "tests/lab"
_NODE = f"{_LAB}/node"
_OWN = (f"{_LAB}/test_admission.py", f"{_LAB}/test_admission_export.py")
"""Files with an API server that nobody else has."""


def unit(nodeid: str) -> str:
    """Return what a test runs in one process with: all that has the same cluster, else its file."""
    return _unit(nodeid.partition("::")[0])


@cache
def _unit(file: str) -> str:
    if file in _OWN:
        return file
    return next((each for each in (_NODE, _LAB) if file.startswith(f"{each}/")), file)


def turn(nodeid: str, *, is_slow: bool) -> int:
    """Return when a test has its turn: first what waits for clusters, last what is fast and fills the gaps."""
    return {_NODE: 0, _LAB: 1, **dict.fromkeys(_OWN, 2)}.get(unit(nodeid), 3 if is_slow else 4)


class ByUnit(LoadScopeScheduling):  # type: ignore[misc] # it has types, and does not say so
    """Gives each process one unit after the other, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)
