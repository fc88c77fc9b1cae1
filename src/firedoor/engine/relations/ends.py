"""The ends of connections that columns and profiles stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import format_address, parse_address
from firedoor.engine.reach.name_columns import OTHER_NAMES
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network

End = int | str
"""A member by position, an address outside the cluster, or a domain name."""

_SHOWN_FIRST = ("203.0.113.10", "2001:db8::10")
"""Addresses for documentation, which stand for a class that holds them."""

_ANOTHER_NAME = "elsewhere"
"""No policy names it, because names in policies have two labels at least."""


class Ends:
    """Members and addresses of a network by the columns that they are in."""

    def __init__(self, network: Network) -> None:
        """Find the members of each profile, and who has which address."""
        self._network = network
        self.members: list[list[int]] = [[] for _ in network.profiles]
        """The members of each profile."""
        for position, profile in enumerate(network.profile_of):
            self.members[profile].append(position)
        first = [members[0] for members in self.members]
        self.is_host = np.asarray([each.host_network for each in network.profiles], dtype=bool)
        """Whether each profile is on the network of its node."""
        self.is_dark: dict[Direction, NDArray[np.bool_]] = {
            direction: np.asarray(
                [next(network.gaps_of(network.members[each], direction), None) is not None for each in first],
                dtype=bool,
            )
            for direction in Direction
        }
        """Whether a gap makes what each profile accepts unknown."""
        self._addresses: dict[int, tuple[str, ...]] = {}
        own = {each for member in network.members if not member.host_network for each in member.addresses}
        nodes = {each for node in network.snapshot.nodes for each in node.internal_addresses}
        self._pods = {parse_address(each) for each in own}
        self._nodes = {parse_address(each) for each in nodes}

    def asked(self, direction: Direction) -> NDArray[np.bool_]:
        """Return which columns are ends that the direction can meet: no name connects to a pod by itself."""
        index = self._network.index
        asked = np.zeros(index.size, dtype=bool)
        asked[: index.first_external] = True
        for external in range(self._network.addresses.size):
            asked[index.first_external + external] = bool(self.addresses(external))
        asked[index.first_domain :] = direction is Direction.EGRESS
        return asked

    def addresses(self, external: int) -> tuple[str, ...]:
        """
        Return addresses that stand for an external class, as no pod has them.

        It is one address that is no node's where there is one, or else all that the class has.
        """
        found = self._addresses.get(external)
        if found is None:
            found = self._addresses[external] = self._find_addresses(external)
        return found

    def name(self, column: int) -> str:
        """Return the domain name or pattern of a column, and for all other names one that policies do not name."""
        name = self._network.index.domains[column - self._network.index.first_domain]
        return name if name != OTHER_NAMES else _ANOTHER_NAME

    def by_node(self, profiles: NDArray[np.int64]) -> dict[str, int]:
        """Return one member of the profiles for each node that they run on; the node may be unknown."""
        members = self._network.members
        found: dict[str, int] = {}
        for profile in profiles.tolist():
            for position in self.members[profile]:
                found.setdefault(members[position].node, position)
        return found

    def two(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> tuple[int, int] | None:
        """Return two different members, one of each set of profiles; None where there is only one member."""
        one, other = self.members[int(first[0])][0], self.members[int(second[0])][0]
        if one != other:
            return one, other
        for profiles, swapped in ((second, False), (first, True)):
            for profile in profiles[:2].tolist():
                for position in self.members[profile][:2]:
                    if position != one:
                        return (position, one) if swapped else (one, position)
        return None

    def _find_addresses(self, external: int) -> tuple[str, ...]:
        atoms = [atom for atom in self._network.addresses.atoms if atom.external == external]
        for text in _SHOWN_FIRST:
            family, number = parse_address(text)
            taken = (family, number) in self._pods or (family, number) in self._nodes
            if not taken and any(atom.family is family and atom.first <= number <= atom.last for atom in atoms):
                return (text,)
        found: list[str] = []
        for atom in atoms:
            for number in range(atom.first, atom.last + 1):
                if (atom.family, number) in self._pods:
                    continue
                if (atom.family, number) not in self._nodes:
                    return (format_address(atom.family, number),)
                found.append(format_address(atom.family, number))
        return tuple(found)


def split(profiles: NDArray[np.int64], by: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], bool]]:
    """Yield the profiles that a mask does not hold and those that it does, without empty parts."""
    inside = by[profiles]
    for found, holds in ((profiles[~inside], False), (profiles[inside], True)):
        if len(found):
            yield found, holds
