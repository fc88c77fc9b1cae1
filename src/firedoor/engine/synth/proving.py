"""
Whether policies do what they were made for and nothing else, as the engine judges them.

Both directions are held against what is permitted one by one, column by column: all classes of pods, all classes of
addresses, all names. Nothing is taken from how the policies were made.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family, format_address, format_range
from firedoor.algebra.ports import Traffic
from firedoor.engine.synth.allowed import Allowed
from firedoor.engine.synth.asking import Asker
from firedoor.model.generation import OpenPair
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from firedoor.engine.reach.addresses import Atom
    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.groups import Group
    from firedoor.engine.synth.permitted import Abilities, Permitted

UNDECIDED = "not decided, for part of the source could not be read or is not known"


class Prover:
    """Holds one network with generated policies against what is permitted."""

    def __init__(self, network: Network, permitted: Permitted, abilities: Abilities) -> None:
        """Prepare for a network whose members are those that the groups were made of."""
        self._network = network
        self._permitted = permitted
        self._abilities = abilities
        self._judged = sum(network.axis.mask(protocol) for protocol in abilities.protocols)
        self._by_profile: dict[int, list[int]] = defaultdict(list)
        for position, profile in enumerate(network.profile_of):
            self._by_profile[profile].append(position)
        self._asker = Asker(network, permitted.index, domains=abilities.domains)
        self._group_of = {position: group for group in permitted.groups for position in group.members}
        self._atoms: dict[int, list[Atom]] = defaultdict(list)
        """The addresses of each external class, of the families that are in use."""
        for atom in network.addresses.atoms:
            if atom.family in network.families:
                self._atoms[atom.external].append(atom)

    def denied(self) -> Iterator[str]:
        """Yield the needs that are not surely accepted, in words."""
        needs = self._permitted.written
        for need, verdict in zip(needs, self._asker.verdicts(needs), strict=True):
            if verdict is not Verdict.ACCEPTED:
                yield f"{need}: {UNDECIDED if verdict is Verdict.UNKNOWN else verdict}"

    def opened(self) -> Iterator[OpenPair]:
        """Yield what is accepted at one end and not permitted there."""
        directions = tuple(Direction) if self._abilities.egress else (Direction.INGRESS,)
        opens = {each: self._opens(each) for each in directions}
        for subject in self._permitted.subjects:
            for direction in directions:
                yield from self._opened(subject, direction, opens[direction])

    def _opens(self, direction: Direction) -> NDArray[np.bool_]:
        """Return which of the values of all pairs surely accept anything that is asked about."""
        matrix = self._network.matrix[direction]
        matrix.pairs  # noqa: B018 - there are all values once all pairs are there
        return np.asarray([bool(value[0] & self._judged) for value in matrix.table.values], dtype=bool)

    def _opened(self, subject: Group, direction: Direction, opens: NDArray[np.bool_]) -> Iterator[OpenPair]:
        network = self._network
        allowed = Allowed(network, self._permitted.side(subject, direction))
        firsts = {network.profile_of[each]: each for each in reversed(subject.members)}
        for profile, position in sorted(firsts.items()):
            matrix = network.matrix[direction]
            row = matrix.pairs.row(int(matrix.program_of[profile]))
            for column in np.flatnonzero(opens[row]).tolist():
                value = matrix.table.values[int(row[column])][0] & self._judged
                for end, found in self._beyond(direction, position, column, value, allowed):
                    yield self._pair(subject, direction, end, found)

    def _beyond(
        self, direction: Direction, subject: int, column: int, value: int, allowed: Allowed
    ) -> Iterator[tuple[str, int]]:
        """Yield the ends of a column with the ports that are accepted and not permitted."""
        index = self._network.index
        sees_outside = direction is Direction.EGRESS or self._abilities.outside_in
        if column >= index.first_domain:
            name = index.domains[column - index.first_domain]
            found = value & ~allowed.domain(name)
            if found and direction is Direction.EGRESS:
                yield name, found
        elif column >= index.first_external:
            if sees_outside:
                yield from self._beyond_outside(column - index.first_external, value, allowed)
        else:
            yield from self._beyond_members(direction, subject, column, value, allowed)

    def _beyond_members(
        self, direction: Direction, subject: int, column: int, value: int, allowed: Allowed
    ) -> Iterator[tuple[str, int]]:
        network = self._network
        sees_outside = direction is Direction.EGRESS or self._abilities.outside_in
        for position in self._firsts(column):
            member = network.members[position]
            if position == subject and member.workload.kind == "Pod":
                continue  # a pod reaches itself, whatever the policies say
            if member.host_network:
                value = network.direction_value(direction, subject, position)[0] & self._judged
                if not sees_outside or network.lets_in(direction, subject, position) is not False:
                    continue
            found = value & ~allowed.member(position, self._group_of[position])
            if found:
                yield f"{member.workload.namespace}/{member.workload.name}", found

    def _firsts(self, column: int) -> list[int]:
        """Return a pod of each group that a column is about."""
        firsts: dict[Group, int] = {}
        for position in self._by_profile[column]:
            firsts.setdefault(self._group_of[position], position)
        return list(firsts.values())

    def _beyond_outside(self, external: int, value: int, allowed: Allowed) -> Iterator[tuple[str, int]]:
        for atom in self._atoms[external]:
            found = value & ~allowed.addresses(atom.family, atom.first, atom.last, external)
            if found:
                yield _range(atom.family, atom.first, atom.last), found

    def _pair(self, subject: Group, direction: Direction, end: str, ports: int) -> OpenPair:
        own = f"{subject.namespace}/{subject.name}"
        traffic: Traffic = self._network.axis.traffic(ports)
        return OpenPair(*((end, own) if direction is Direction.INGRESS else (own, end)), traffic)


def _range(family: Family, first: int, last: int) -> str:
    return format_address(family, first) if first == last else format_range(family, first, last)
