"""The one cluster that questions are about, read anew when what was read is old."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from firedoor.engine.reach.cni import CniProfile
from firedoor.model.exceptions import Rules
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.custom_checks import OwnChecks


@dataclass(frozen=True, slots=True)
class State:
    """What was read: the snapshot, and the checks that a configuration adds for it."""

    snapshot: Snapshot
    own: OwnChecks


@dataclass(frozen=True, slots=True)
class Before:
    """A state to compare with: what a person calls it and the cluster, and how it is read."""

    old: str
    new: str
    load: Callable[[], Snapshot]


@dataclass(slots=True)
class Cluster:
    """
    What `load` reads, at most `keep` seconds old by `clock`.

    `rules` are those of the day of the question. Without `before` nothing can be compared.
    """

    load: Callable[[], State]
    profile: CniProfile
    rules: Callable[[], Rules]
    clock: Callable[[], float]
    keep: float
    before: Before | None = None
    _state: State | None = field(default=None, init=False)
    _read_at: float = field(default=0.0, init=False)

    def now(self) -> State:
        """Return the state; raises what `load` raises."""
        if self._state is None or self.clock() - self._read_at > self.keep:
            self._state = self.load()
            self._read_at = self.clock()
        return self._state
