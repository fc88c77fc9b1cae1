"""Ends as groups of pods that both networks treat alike, but for the nodes that they run on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.difference.joining import JointEnd, JointMember
    from firedoor.engine.difference.refinement import Side
    from firedoor.engine.reach.network import Network

ABSENT = -1
"""Stands for the class of a pod that is not there."""


@dataclass(frozen=True, slots=True)
class JointClass:
    """The classes of pods on both sides, and the IP families that they have there."""

    old: int
    new: int
    old_families: tuple[Family, ...]
    new_families: tuple[Family, ...]


@dataclass(frozen=True, slots=True)
class JointGroup:
    """Pods of one end that are in one joint class."""

    joint: int
    members: tuple[JointMember, ...]

    def nodes(self, network: Network, *, is_old: bool) -> dict[str, int]:
        """Return one of the pods, by its position in the network of one side, for each node that they run on."""
        positions = [each.old if is_old else each.new for each in self.members]
        return {network.members[each].node: each for each in positions if each is not None}


class JointGroups:
    """The groups of all ends, and the joint classes that they are in."""

    def __init__(self, old: Side, new: Side, ends: Sequence[JointEnd], families: tuple[Family, ...]) -> None:
        """Find the joint class of every pod."""
        self._sides = old, new
        self._families = families
        numbers: dict[JointClass, int] = {}
        self.of_end: list[tuple[JointGroup, ...]] = []
        """The groups of each end."""
        for end in ends:
            members: dict[int, list[JointMember]] = defaultdict(list)
            for member in end.members:
                members[numbers.setdefault(self._class(member), len(numbers))].append(member)
            self.of_end.append(tuple(JointGroup(number, tuple(found)) for number, found in members.items()))
        self.classes = tuple(numbers)
        self.old = np.asarray([each.old for each in self.classes], dtype=np.int64)
        """The old class of each joint class, or `ABSENT`."""
        self.new = np.asarray([each.new for each in self.classes], dtype=np.int64)
        self.hosts = self._host(0, self.old) | self._host(1, self.new)
        """Which joint classes use the network of their node, on either side."""
        self.ends_of: list[list[int]] = [[] for _ in self.classes]
        """For each joint class, the ends that have pods of it."""
        for number, groups in enumerate(self.of_end):
            for group in groups:
                self.ends_of[group.joint].append(number)

    def _host(self, side: int, classes: np.typing.NDArray[np.int64]) -> np.typing.NDArray[np.bool_]:
        # The last element stands for `ABSENT`.
        found: np.typing.NDArray[np.bool_] = np.append(self._sides[side].classes.hosts, False)[classes]
        return found

    def _class(self, member: JointMember) -> JointClass:
        old, new = self._sides
        before: tuple[Family, ...] = ()
        after: tuple[Family, ...] = ()
        # Where there is one family, nobody has an address of another.
        if len(self._families) > 1:
            before, after = _own_families(old.network, member.old), _own_families(new.network, member.new)
        known = before or after or self._families
        return JointClass(
            ABSENT if member.old is None else old.classes.of_member[member.old],
            ABSENT if member.new is None else new.classes.of_member[member.new],
            () if member.old is None else before or known,
            () if member.new is None else after or known,
        )


def _own_families(network: Network, position: int | None) -> tuple[Family, ...]:
    """Return the families of the addresses of a pod, empty where they are not known."""
    if position is None:
        return ()
    return tuple(sorted({Family.V6 if ":" in each else Family.V4 for each in network.members[position].addresses}))
