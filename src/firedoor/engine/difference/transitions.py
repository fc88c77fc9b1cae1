"""From one value to another: which ports changed their verdict, and how."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from firedoor.engine.reach.values import DENIED, Value
from firedoor.model.difference import ChangeKind, TrafficChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from firedoor.algebra.ports import Traffic


@dataclass(frozen=True, slots=True)
class Transition:
    """The values before and after, over one axis of ports, and the ports whose verdict is another one."""

    old: Value = DENIED
    new: Value = DENIED
    gained: int = 0
    lost: int = 0
    unsettled: int = 0
    opened: int = 0
    closed: int = 0

    @property
    def is_change(self) -> bool:
        """Whether any verdict is another one."""
        return bool(self.gained | self.lost | self.unsettled | self.opened | self.closed)

    @property
    def kind(self) -> ChangeKind:
        """What happened, of a transition that is a change."""
        if self.gained and self.lost:
            return ChangeKind.CHANGED
        if self.gained:
            return ChangeKind.WIDENED if self.old[1] else ChangeKind.ADDED
        if self.lost:
            return ChangeKind.NARROWED if self.new[1] else ChangeKind.REMOVED
        if not self.unsettled:
            return ChangeKind.KNOWN
        return ChangeKind.CHANGED if self.opened | self.closed else ChangeKind.UNKNOWN

    def traffic_change(self, traffic: Callable[[int], Traffic]) -> TrafficChange:
        """Return the ports as ranges."""
        return TrafficChange(*map(traffic, (self.gained, self.lost, self.unsettled, self.opened, self.closed)))


@lru_cache(maxsize=1 << 13)
def transition(old: Value, new: Value) -> Transition:
    """Return the transition between two values."""
    was_open, is_open = old[1] & ~old[0], new[1] & ~new[0]
    return Transition(
        old,
        new,
        gained=new[0] & ~old[1],
        lost=old[0] & ~new[1],
        unsettled=is_open & ~was_open,
        opened=was_open & new[0],
        closed=was_open & ~new[1],
    )


def union(transitions: Iterable[Transition]) -> Transition:
    """Return the transition of a pair of workloads from those of their pods."""
    old = new = DENIED
    gained = lost = unsettled = opened = closed = 0
    for each in transitions:
        old = old[0] | each.old[0], old[1] | each.old[1]
        new = new[0] | each.new[0], new[1] | each.new[1]
        gained, lost, unsettled = gained | each.gained, lost | each.lost, unsettled | each.unsettled
        opened, closed = opened | each.opened, closed | each.closed
    return Transition(old, new, gained, lost, unsettled, opened, closed)
