"""
Of how many connections the verdict follows from what is probed.

A probe that is expected to be accepted *tells of* the decisions of both its ends. One that is
expected to be denied tells of the decision that denies it where the other end surely accepts,
and else of the pair of decisions of both ends. A connection is covered if it is accepted and
the decisions of both ends are told of, or denied and a decision that denies it is, or the pair
of its decisions.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.verification.decisions import Decisions
from firedoor.model.networkpolicy import Direction
from firedoor.model.verification import Share

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.seeking import Candidate
    from firedoor.engine.verification.tables import DirectionTable


@dataclass(slots=True)
class _Told:
    """Decisions that probes tell of."""

    accepting: set[int] = field(default_factory=set)
    denying: set[int] = field(default_factory=set)


class ShareCounter:
    """Counts the connections of one network that one populace is asked about."""

    def __init__(self, network: Network, populace: Populace, tables: dict[Direction, DirectionTable]) -> None:
        """Find the decisions between all groups."""
        self._network = network
        self._populace = populace
        self._tables = tables
        self._decisions = {each: Decisions(network, populace, tables[each]) for each in Direction}

    def share(self, probes: Iterable[Candidate]) -> Share:
        """Return how many connections there are, and how many of them the probes cover."""
        told = {each: _Told() for each in Direction}
        pairs: _Pairs = defaultdict(set)
        for probe in probes:
            self._tell(probe, told, pairs)
        covered = self._covered(told, pairs)
        populace, atoms = self._populace, len(self._network.axis)
        inside = everything = 0
        for group in range(len(populace)):
            asked = populace.asked(Direction.INGRESS, group)
            everything += self._pods(group, asked)
            if populace.can_probe[group]:
                inside += self._pods(group, asked & populace.can_probe)
        return Share(covered, inside * atoms, (everything - inside) * atoms, self._outside() * atoms)

    def _pods(self, destination: int, sources: NDArray[np.bool_]) -> int:
        """Return how many pairs of different pods there are from some groups to one."""
        sizes = self._populace.sizes
        found = int(sizes[sources].sum()) - int(sources[destination])
        return found * int(sizes[destination])

    def _outside(self) -> int:
        """Return how many pairs of a pod and a class of addresses there are, in both directions."""
        network, populace = self._network, self._populace
        classes = {atom.external for atom in network.addresses.atoms if atom.family in network.families}
        sizes = populace.sizes * populace.as_either
        own = {Direction.EGRESS: populace.as_source, Direction.INGRESS: populace.as_destination}
        return sum(int((sizes * own[way]).sum()) for way in _WAYS if populace.asks_outside[way]) * len(classes)

    def _tell(self, probe: Candidate, told: dict[Direction, _Told], pairs: _Pairs) -> None:
        of_member = self._populace.of_member
        source, destination = of_member[probe.source], of_member[probe.destination]
        atom = self._network.axis.atom(probe.protocol, probe.port)
        bit = 1 << atom
        ends = {Direction.EGRESS: (source, destination), Direction.INGRESS: (destination, source)}
        decisions = {way: self._decisions[way].decision(*pair, atom) for way, pair in ends.items()}
        values = {way: self._tables[way].value(*pair) for way, pair in ends.items()}
        outgoing, incoming = decisions[Direction.EGRESS], decisions[Direction.INGRESS]
        if outgoing is None or incoming is None:
            return
        sure = {way for way, value in values.items() if value[0] & bit}
        denied = {way for way, value in values.items() if not value[1] & bit}
        if len(sure) == len(values):
            told[Direction.EGRESS].accepting.add(outgoing)
            told[Direction.INGRESS].accepting.add(incoming)
        elif denied and sure:
            (way,) = denied
            told[way].denying.add(outgoing if way is Direction.EGRESS else incoming)
        elif denied:
            pairs[self._decisions[Direction.INGRESS].row(incoming)].add((outgoing, incoming))

    def _covered(self, told: dict[Direction, _Told], pairs: _Pairs) -> int:
        populace, outgoing, incoming = self._populace, *(self._decisions[each] for each in _WAYS)
        accepting = [self._decisions[way].words(told[way].accepting) for way in _WAYS]
        denying = [self._decisions[way].words(told[way].denying) for way in _WAYS]
        destinations = np.flatnonzero(populace.can_probe & populace.as_destination).tolist()
        covered, row, paired = 0, -1, list[tuple["NDArray[np.uint64]", "NDArray[np.uint64]"]]()
        for destination in sorted(destinations, key=incoming.row_of):
            if incoming.row_of(destination) != row:
                row = incoming.row_of(destination)
                paired = [(outgoing.words([one]), incoming.words([two])) for one, two in sorted(pairs.get(row, ()))]
            sources = np.flatnonzero(populace.asked(Direction.INGRESS, destination) & populace.can_probe)
            out = outgoing.patterns_with_peer(destination)[sources]
            into = incoming.patterns_with_subject(destination)[sources]
            words = (accepting[0][out] & accepting[1][into]) | denying[0][out] | denying[1][into]
            for first, second in paired:
                words |= first[out] & second[into]
            weights = populace.sizes[sources] * populace.sizes[destination]
            weights[sources == destination] -= populace.sizes[destination]
            covered += int((np.bitwise_count(words).sum(axis=1, dtype=np.int64) * weights).sum())
        return covered


_WAYS = (Direction.EGRESS, Direction.INGRESS)
_Pairs = defaultdict[int, set[tuple[int, int]]]
"""Pairs of an outgoing and an incoming decision, by the row of the incoming one."""
