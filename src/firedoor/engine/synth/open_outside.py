"""What workloads may exchange with the outside beyond what is needed."""

from __future__ import annotations

from collections import defaultdict
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.sides import dark_profiles
from firedoor.engine.synth.allowed import Allowed
from firedoor.engine.synth.permitted import Side
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.addresses import Atom
    from firedoor.engine.reach.network import Network
    from firedoor.model.generation import Need, Party


class OpenOutside:
    """Holds what is open between workloads, which have numbers, and addresses against what is permitted there."""

    def __init__(self, network: Network) -> None:
        """Begin with nothing that is permitted."""
        self._network = network
        self._permitted: dict[tuple[int, Direction], Side] = defaultdict(Side)
        self._sides = {direction: _Rows(network, direction) for direction in Direction}
        self._atoms: dict[int, list[tuple[int, Atom]]] = defaultdict(list)
        """The addresses of each external class, of the families that are in use, with their position among all."""
        for position, atom in enumerate(network.addresses.atoms):
            if atom.family in network.families:
                self._atoms[atom.external].append((position, atom))

    def permit(self, workload: int, direction: Direction, party: Party, need: Need) -> None:
        """Take in that a workload may exchange with the addresses of an end what a need says."""
        side = self._permitted[workload, direction]
        for block in party.blocks:
            traffic = side.written_blocks.get(block, ())
            side.written_blocks[block] = (*traffic, (need.protocol, need.first, need.last))

    def is_open(self, workload: int, direction: Direction, profiles: Iterable[int]) -> bool:
        """Return whether anything is open beyond what is permitted to a workload whose pods have these profiles."""
        return any(True for each in profiles for _ in self._beyond(workload, direction, each))

    def ports(self, workload: int, direction: Direction, profiles: Iterable[int]) -> tuple[int, Atom | None]:
        """Return the ports that are open beyond what is permitted, and the first addresses that they are open with."""
        ports, first = 0, None
        for profile in profiles:
            found = list(self._beyond(workload, direction, profile))
            for beyond, _, _ in found:
                ports |= beyond
            if found and first is None:
                _, _, first = min(found, key=itemgetter(1))
        return ports, first

    def _beyond(self, workload: int, direction: Direction, profile: int) -> Iterator[tuple[int, int, Atom]]:
        """Yield what is open to a profile and not permitted, with the addresses and their position."""
        opened = self._sides[direction].opened(profile)
        if not opened:
            return
        allowed = Allowed(self._network, self._permitted[workload, direction])
        for external, ports in opened:
            for position, atom in self._atoms[external]:
                beyond = ports & ~allowed.addresses(atom.family, atom.first, atom.last, external)
                if beyond:
                    yield beyond, position, atom


class _Rows:
    """What one direction opens for addresses, profile by profile."""

    def __init__(self, network: Network, direction: Direction) -> None:
        matrix = network.matrix[direction]
        self._pairs = matrix.pairs
        self._values = matrix.table.values
        self._rows = matrix.program_of
        self._outside = slice(network.index.first_external, network.index.first_domain)
        hosts = np.asarray([each.host_network for each in network.profiles], dtype=bool)
        self._closed = hosts | dark_profiles(network, direction)
        self._opens = np.asarray([bool(value[0]) for value in self._values], dtype=bool)

    def opened(self, profile: int) -> list[tuple[int, int]]:
        """Return the external classes with which anything is surely open, and the ports; no pod of a node has any."""
        if self._closed[profile]:
            return []
        numbers = self._pairs.row(int(self._rows[profile]))[self._outside]
        found = np.flatnonzero(self._opens[numbers])
        return [
            (external, self._values[number][0])
            for external, number in zip(found.tolist(), numbers[found].tolist(), strict=True)
        ]
