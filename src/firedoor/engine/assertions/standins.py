"""Few members that stand for all members of a network wherever policies of other namespaces are concerned."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family, parse_address
from firedoor.engine.reach.addresses import AddressAxis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.model.networkpolicy import IPBlock

    Integers = NDArray[np.int64]


class StandIns:
    """
    For each member of a network one that no selector and no port name can tell from it, whatever it says.

    Both are replicas of one workload and in one class; pods on the network of their node stand for themselves.
    """

    def __init__(self, network: Network, class_of: Integers) -> None:
        """Find them; `class_of` has the class of each member (`ClassIndex.of_member`)."""
        self._network = network
        known: dict[tuple[int, int, bool], int] = {}
        found = np.empty(len(network.members), dtype=np.int64)
        for position, (member, number) in enumerate(zip(network.members, class_of.tolist(), strict=True)):
            if member.host_network:
                found[position] = position
            else:
                is_v6 = network.version(position, position) is Family.V6
                found[position] = known.setdefault((id(member.kin), number, is_v6), position)
        self._found = found
        if network.scene.vocabulary.pods_by_address:
            _ = self._addresses

    def told_apart_by(self, blocks: Iterable[IPBlock]) -> Integers:
        """
        Return the stand-in of each member, shape ``(members,)``, where rules name these blocks besides those known.

        Where blocks match the addresses of pods, members that differ in a block stand apart.
        """
        new = [each for each in blocks if not self._network.addresses.knows(each)]
        if not (new and self._network.scene.vocabulary.pods_by_address):
            return self._found
        numbers, holders, has_one = self._addresses
        axis = AddressAxis(new)
        # Whoever has no address that is known, or several, or one of IPv6, stands for itself.
        codes = np.where(has_one, self._found, np.arange(len(has_one)))
        starts = np.asarray([each.first for each in axis.atoms if each.family is Family.V4], dtype=np.int64)
        externals = np.asarray([each.external for each in axis.atoms if each.family is Family.V4], dtype=np.int64)
        classes = np.full(len(codes), axis.size)
        classes[holders] = externals[starts.searchsorted(numbers, side="right") - 1]
        _, first, inverse = np.unique(codes * (axis.size + 1) + classes, return_index=True, return_inverse=True)
        found: Integers = first[inverse]
        return found

    @cached_property
    def _addresses(self) -> tuple[Integers, Integers, NDArray[np.bool_]]:
        """The IPv4 addresses of members that have one address, their positions, and which members these are."""
        numbers, holders = [], []
        for position, member in enumerate(self._network.members):
            own = [parse_address(text) for text in member.addresses]
            if len(own) == 1 and own[0][0] is Family.V4:
                numbers.append(own[0][1])
                holders.append(position)
        has_one = np.zeros(len(self._network.members), dtype=bool)
        has_one[holders] = True
        return np.asarray(numbers, dtype=np.int64), np.asarray(holders, dtype=np.int64), has_one
