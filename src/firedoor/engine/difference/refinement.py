"""Two networks cut ports and addresses in different places: both are told on a cut that is as fine as either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.algebra.ports import PortAxis, Traffic
from firedoor.engine.reach.classes import ClassIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from firedoor.engine.reach.addresses import AddressAxis
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value


class JointPorts:
    """The axis that has the boundaries of several axes."""

    def __init__(self, *axes: PortAxis) -> None:
        """Cut wherever any axis does."""
        self.axis = PortAxis(atom for axis in axes for bit in range(len(axis)) for atom in axis.traffic(1 << bit))
        self._traffic: dict[int, Traffic] = {}

    def traffic(self, mask: int) -> Traffic:
        """Return the ranges of a mask of the joint axis, each mask computed once."""
        found = self._traffic.get(mask)
        if found is None:
            found = self._traffic[mask] = self.axis.traffic(mask)
        return found


class Side:
    """One of the two networks, its values told on the joint ports."""

    def __init__(self, network: Network, ports: JointPorts) -> None:
        """Find the classes of the network."""
        self.network = network
        self.classes = ClassIndex(network)
        self._ports = ports
        self._masks: dict[int, int] = {}

    def value(self, own: Value) -> Value:
        """Return a value of the network on the joint ports."""
        return self._mask(own[0]), self._mask(own[1])

    def _mask(self, own: int) -> int:
        found = self._masks.get(own)
        if found is None:
            axis = self._ports.axis
            found = sum(axis.mask(protocol, first, last) for protocol, first, last in self.network.axis.traffic(own))
            self._masks[own] = found
        return found


@dataclass(frozen=True, slots=True)
class JointAddresses:
    """
    Ranges of addresses that neither network cuts.

    `old` and `new` are the class that each range belongs to in either network.
    """

    families: tuple[Family, ...]
    family: NDArray[np.int64]
    ranges: tuple[tuple[Family, int, int], ...]
    old: NDArray[np.int64]
    new: NDArray[np.int64]


def joint_addresses(old: Network, new: Network) -> JointAddresses:
    """Return the common ranges of the families that either network uses."""
    families = tuple(each for each in Family if each in {*old.families, *new.families})
    ranges: list[tuple[Family, int, int]] = []
    numbers: list[tuple[int, int]] = []
    for family in families:
        starts = sorted({first for axis in (old.addresses, new.addresses) for first in _starts(axis, family)})
        ends = [*(start - 1 for start in starts[1:]), family.last]
        found = [_spread(axis, family, starts) for axis in (old.addresses, new.addresses)]
        ranges += [(family, first, last) for first, last in zip(starts, ends, strict=True)]
        numbers += zip(*found, strict=True)
    both = np.asarray(numbers, dtype=np.int64)
    family_of = np.asarray([family for family, _, _ in ranges], dtype=np.int64)
    return JointAddresses(families, family_of, tuple(ranges), both[:, 0], both[:, 1])


def _starts(axis: AddressAxis, family: Family) -> list[int]:
    return [atom.first for atom in axis.atoms if atom.family is family]


def _spread(axis: AddressAxis, family: Family, starts: list[int]) -> list[int]:
    """Return the external class of the range that begins at each start."""
    found: list[int] = []
    atoms = iter([atom for atom in axis.atoms if atom.family is family])
    atom = next(atoms)
    for start in starts:
        while start > atom.last:
            atom = next(atoms)
        found.append(atom.external)
    return found
