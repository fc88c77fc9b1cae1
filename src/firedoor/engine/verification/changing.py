"""
What is to be shown of a change of policies, and connections that show it.

For each pair of groups, which no policy tells apart now or did before, between which something
is accepted that was not, or denied that was not: one connection on which this is so.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from firedoor.engine.difference import differences
from firedoor.engine.reach.classes import ClassIndex
from firedoor.engine.verification.seeking import Candidate
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Goal, GoalKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.seeking import Seeker
    from firedoor.model.places import ObjectRef

_Alike = tuple[int, int]
"""The group of a member now, and its class before."""
_Key = tuple[_Alike, _Alike, Verdict]


class Earlier:
    """A network as it was with other policies, and what is otherwise between its pods since then."""

    def __init__(self, before: Network, network: Network) -> None:
        """Compare both, which have the same pods."""
        self.before = before
        self._network = network
        self.changes = [each for each in differences(before, network) if each.src.workload and each.dst.workload]

    def touched(self, policies: Collection[ObjectRef]) -> frozenset[int]:
        """Return the members that some policies are for, or were; and the ends of other changes."""
        members = self._network.members
        found = {each for network in (self.before, self._network) for each in _subjects(network, policies)}
        known = {members[each].workload for each in found}
        others = {
            end.workload
            for each in self.changes
            if known.isdisjoint((each.src.workload, each.dst.workload))
            for end in (each.src, each.dst)
        }
        return frozenset(found | {number for number, each in enumerate(members) if each.workload in others})


def _subjects(network: Network, policies: Collection[ObjectRef]) -> Iterator[int]:
    """Yield the members that some policies are for, or may be."""
    for direction in Direction:
        profiles = {
            profile
            for layer in network.matrix[direction].layering.layers
            for policy in layer.policies
            if policy.policy.ref in policies
            for profile in (*policy.selected.tolist(), *policy.perhaps.tolist())
        }
        yield from (position for position, profile in enumerate(network.profile_of) if profile in profiles)


class Changed:
    """The goals of what is otherwise than in an earlier network of the same pods, numbered from `first` on."""

    def __init__(self, network: Network, earlier: Earlier | None, populace: Populace, first: int) -> None:
        """Keep both; without an earlier network there are no goals."""
        self._network = network
        self._earlier = earlier
        self._populace = populace
        self._first = first
        self._classes = [] if earlier is None else ClassIndex(earlier.before).of_member
        self._numbers: dict[_Key, int] = {}
        self.goals: list[Goal] = []

    def candidates(self, seeker: Seeker) -> Iterator[Candidate]:
        """Yield a connection for each goal; this finds the goals."""
        if self._earlier is None:
            return
        members = self._members()
        for each in self._earlier.changes:
            assert each.src.workload is not None and each.dst.workload is not None  # noqa: S101, PT018 - no address
            change = each.change
            for verdict, traffic in (
                (Verdict.ACCEPTED, (*change.gained, *change.opened)),
                (Verdict.DENIED, (*change.lost, *change.closed)),
            ):
                for pair in product(members[each.src.workload], members[each.dst.workload]):
                    yield from self._between(self._earlier.before, pair, verdict, traffic, seeker)

    def shown(self, candidate: Candidate) -> Iterator[int]:
        """Yield the goals that a connection shows."""
        if self._earlier is not None:
            verdict = self._network.verdict(*candidate)
            key = self._key(candidate.source, candidate.destination, verdict)
            if key in self._numbers and self._earlier.before.verdict(*candidate) is not verdict:
                yield self._first + self._numbers[key]

    def _between(
        self, before: Network, pair: tuple[int, int], verdict: Verdict, traffic: Traffic, seeker: Seeker
    ) -> Iterator[Candidate]:
        source, destination = pair
        key = self._key(source, destination, verdict)
        if source == destination or key in self._numbers or not self._is_asked(source, destination):
            return
        for protocol, first, last in self._liked(traffic, destination):
            found = Candidate(source, destination, protocol, seeker.port_in(protocol, first, last, destination))
            # Of a workload that has changed it may be some pods only.
            if self._network.verdict(*found) is verdict is not before.verdict(*found):
                self._numbers[key] = len(self.goals)
                subject, peer = (self._network.members[each].workload for each in pair)
                self.goals.append(Goal(GoalKind.CHANGE, subject=subject, peer=peer))
                yield found
                return

    def _members(self) -> dict[ObjectRef, list[int]]:
        """Return of each workload the members that can be probed, two at most of those that nothing tells apart."""
        alike: dict[tuple[ObjectRef, _Alike], list[int]] = defaultdict(list)
        for position, member in enumerate(self._network.members):
            if self._populace.can_probe[self._populace.of_member[position]]:
                alike[member.workload, self._alike(position)].append(position)
        found: dict[ObjectRef, list[int]] = defaultdict(list)
        for (workload, _), positions in alike.items():
            found[workload] += positions[:2]
        return found

    def _is_asked(self, source: int, destination: int) -> bool:
        populace, of_member = self._populace, self._populace.of_member
        first, second = of_member[source], of_member[destination]
        either = populace.as_either[first] or populace.as_either[second]
        return bool(either and populace.as_source[first] and populace.as_destination[second])

    def _liked(self, traffic: Traffic, destination: int) -> Sequence[tuple[str, int, int]]:
        """Return ranges of ports, those first in which the destination declares one."""
        declared = self._network.members[destination].listening
        return sorted(
            traffic,
            key=lambda each: not any(protocol == each[0] and each[1] <= port <= each[2] for protocol, port in declared),
        )

    def _key(self, source: int, destination: int, verdict: Verdict) -> _Key:
        return self._alike(source), self._alike(destination), verdict

    def _alike(self, position: int) -> _Alike:
        return self._populace.of_member[position], self._classes[position]
