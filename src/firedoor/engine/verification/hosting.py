"""
What is to be shown of pods on the network of their node, and connections that show it.

Policies do not act on such pods, and take what comes from them for an address of their node. For
each group of them: one connection that an isolated pod denies, and one that it accepts.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.verification.seeking import Candidate
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Goal, GoalKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.seeking import Seeker

_VERDICTS = (Verdict.DENIED, Verdict.ACCEPTED)


class FromNodes:
    """The goals of pods on the network of their node, numbered from `first` on."""

    def __init__(self, network: Network, populace: Populace, seeker: Seeker, first: int) -> None:
        """Find a connection for each goal."""
        self._network = network
        self._populace = populace
        self._seeker = seeker
        self._first = first
        self._numbers: dict[tuple[int, Verdict], int] = {}
        self.goals: list[Goal] = []
        self.candidates: list[Candidate] = []
        isolated = [group for _, direction, group in seeker.isolated() if direction is Direction.INGRESS]
        for source in np.flatnonzero(populace.can_begin).tolist():
            asked = populace.asked(Direction.EGRESS, source)
            ends = [group for group in isolated if asked[group]]
            for verdict, found in self._best(source, ends).items():
                self._numbers[source, verdict] = len(self.goals)
                subject, peer = (network.members[each].workload for each in (found.source, found.destination))
                self.goals.append(Goal(GoalKind.NODE, subject=subject, peer=peer))
                self.candidates.append(found)

    def shown(self, candidate: Candidate) -> Iterator[int]:
        """Yield the goal that one of the candidates shows."""
        group = self._populace.of_member[candidate.source]
        yield self._first + self._numbers[group, self._network.verdict(*candidate)]

    def _best(self, source: int, ends: Sequence[int]) -> dict[Verdict, Candidate]:
        """Return the connection of each verdict, if there is one, that least speaks against."""
        best: dict[Verdict, tuple[tuple[bool, bool], Candidate]] = {}
        representatives = self._populace.representatives
        for end in ends:
            for pair in product(representatives[source], representatives[end]):
                for verdict, against, candidate in self._between(*pair):
                    if verdict not in best or against < best[verdict][0]:
                        best[verdict] = against, candidate
            if len(best) == len(_VERDICTS) and not any(any(against) for against, _ in best.values()):
                break
        return {verdict: best[verdict][1] for verdict in _VERDICTS if verdict in best}

    def _between(self, source: int, destination: int) -> Iterator[tuple[Verdict, tuple[bool, bool], Candidate]]:
        """Yield a connection of each verdict, with what speaks against it: any pod is reached from its own node."""
        network = self._network
        own = network.members[destination]
        sure, possible = network.value(source, destination)
        declared = 0
        for each in own.listening:
            declared |= 1 << network.axis.atom(*each)
        is_near = network.same_node(source, own) is True
        for verdict, atoms in zip(_VERDICTS, (network.axis.everything & ~possible, sure), strict=True):
            if atoms:
                liked = atoms & declared or atoms
                protocol, port = self._seeker.port((liked & -liked).bit_length() - 1, destination)
                yield verdict, (is_near, not atoms & declared), Candidate(source, destination, protocol, port)
