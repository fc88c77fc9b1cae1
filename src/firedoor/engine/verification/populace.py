"""The pods of a network in groups that neither its policies nor the question tell apart, and who stands for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.classes import ClassIndex
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member

_REPRESENTATIVES = 2
"""A group that connects to itself needs two pods."""


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Which connections are asked about, by members at their ends; None is all of them.

    The source is in `sources`, the destination in `destinations`, and one of the two in `either`.
    """

    sources: Collection[int] | None = None
    destinations: Collection[int] | None = None
    either: Collection[int] | None = None


EVERYTHING = Scope()
"""All connections."""


def can_be_probed(member: Member) -> bool:
    """
    Return whether probes can stand in for a pod, or start from and arrive at it.

    It runs and has an address, or is not there yet and only described; it is not on the
    network of its node, where policies do not act on it.
    """
    return not member.host_network and _is_there(member)


def can_only_begin(member: Member) -> bool:
    """Return whether probes can start from a pod on the network of its node; towards it there are none."""
    return member.host_network and _is_there(member)


def _is_there(member: Member) -> bool:
    phase = member.pod.status.phase
    return member.is_template or not phase or (phase == "Running" and bool(member.addresses))


class Populace:
    """
    The groups of one network under one scope, numbered in the order that they are met.

    A group is a class of the network, and within it those members that can be probed and are
    asked about at the same ends.
    """

    def __init__(self, network: Network, scope: Scope) -> None:
        """Find the group of every member."""
        classes = ClassIndex(network)
        numbers: dict[tuple[int, bool, bool, bool, bool, bool], int] = {}
        members = network.members
        self.of_member: list[int] = []
        """The group of each member, by its position."""
        grouped: dict[int, list[int]] = defaultdict(list)
        for position, member in enumerate(members):
            key = (
                classes.of_member[position],
                can_be_probed(member),
                scope.sources is None or position in scope.sources,
                scope.destinations is None or position in scope.destinations,
                scope.either is None or position in scope.either,
                can_only_begin(member),
            )
            number = numbers.setdefault(key, len(numbers))
            self.of_member.append(number)
            grouped[number].append(position)
        self.asks_outside = {
            Direction.EGRESS: scope.destinations is None,
            Direction.INGRESS: scope.sources is None,
        }
        """Whether connections to, and from, the outside of the cluster are asked about."""
        keys = list(numbers)
        self.can_probe, self.as_source, self.as_destination, self.as_either, self.can_begin = (
            np.asarray([key[part] for key in keys], dtype=bool) for part in (1, 2, 3, 4, 5)
        )
        self.sizes = np.asarray([len(grouped[number]) for number in range(len(keys))], dtype=np.int64)
        some = [grouped[number][0] for number in range(len(keys))]
        self.profiles = np.asarray([network.profile_of[each] for each in some], dtype=np.int64)
        """The profile of each group, which is its column in the rows of a matrix."""
        self.dark = {
            direction: np.asarray(
                [next(network.gaps_of(members[each], direction), None) is not None for each in some], dtype=bool
            )
            for direction in Direction
        }
        """Of which groups everything is unknown in a direction, because of gaps."""
        self.representatives = [_chosen(members, grouped[number]) for number in range(len(keys))]
        """For each group one or two of its members, those first that are there and declare ports."""

    def __len__(self) -> int:
        """Return the number of groups."""
        return len(self.sizes)

    def asked(self, direction: Direction, subject: int) -> NDArray[np.bool_]:
        """Return which groups the connections that are asked about go to (or for ingress come from) at one group."""
        own, other = self.as_source, self.as_destination
        if direction is Direction.INGRESS:
            own, other = other, own
        found: NDArray[np.bool_] = other & (self.as_either | self.as_either[subject]) & own[subject]
        return found

    def probed(self, direction: Direction, subject: int) -> NDArray[np.bool_]:
        """Return which groups probes can be tried with from (or for ingress towards) one that can be probed."""
        found: NDArray[np.bool_] = self.asked(direction, subject) & self.can_probe
        if self.sizes[subject] < _REPRESENTATIVES:
            found[subject] = False
        return found

    def pair(self, source: int, destination: int) -> tuple[int, int]:
        """Return the members that stand for a connection between two groups."""
        first = self.representatives[source][0]
        return first, self.representatives[destination][source == destination]


def _chosen(members: Sequence[Member], positions: list[int]) -> tuple[int, ...]:
    ordered = sorted(positions, key=lambda each: (members[each].is_template, not members[each].listening, each))
    return tuple(ordered[:_REPRESENTATIVES])
