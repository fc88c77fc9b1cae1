"""
What is to be shown of intents, and connections that show it.

For each intent: one connection of each group of pods among its sources and among its
destinations, and one in each range of its ports. What it demands of ends outside of the
cluster, of domain names and of messages is not tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from firedoor.engine.assertions.ends import EndFinder
from firedoor.engine.verification.seeking import Candidate
from firedoor.model.intents import IntentKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.verification import Goal, GoalKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.seeking import Seeker
    from firedoor.model.intents import Intent


@dataclass(frozen=True, slots=True)
class _Ends:
    """The members of an intent that can be probed, and by the number of each group what it is to show."""

    intent: Intent
    sources: dict[int, list[int]]
    destinations: dict[int, list[int]]
    members: tuple[frozenset[int], frozenset[int]]
    of_source: dict[int, int]
    of_destination: dict[int, int]
    of_range: tuple[int, ...]


class Intended:
    """The goals of intents, numbered from `first` on."""

    def __init__(self, network: Network, populace: Populace, intents: Sequence[Intent], first: int) -> None:
        """Find the ends of the intents."""
        self._network = network
        self._populace = populace
        self.goals: list[Goal] = []
        self._first = first
        finder = EndFinder(network)
        self._ends = [self._of(finder, each) for each in intents]

    def _of(self, finder: EndFinder, intent: Intent) -> _Ends:
        sources, destinations = finder.ends(intent.sources), finder.ends(intent.destinations)
        if intent.kind is IntentKind.ONLY_THESE:
            sources = finder.rest(sources)
        populace = self._populace
        groups = [
            self._grouped(ends.members, asked.tolist())
            for ends, asked in ((sources, populace.as_source), (destinations, populace.as_destination))
        ]
        members = [frozenset(each for inside in by_group.values() for each in inside) for by_group in groups]
        return _Ends(
            intent,
            groups[0],
            groups[1],
            (members[0], members[1]),
            {group: self._goal(intent, Direction.EGRESS, inside) for group, inside in groups[0].items()},
            {group: self._goal(intent, Direction.INGRESS, inside) for group, inside in groups[1].items()},
            tuple(self._goal(intent) for _ in intent.ports or (None,)),
        )

    def _grouped(self, members: Iterable[int], asked: Sequence[bool]) -> dict[int, list[int]]:
        populace = self._populace
        found: dict[int, list[int]] = {}
        for position in sorted(members):
            group = populace.of_member[position]
            if populace.can_probe[group] and asked[group]:
                found.setdefault(group, []).append(position)
        for group, inside in found.items():
            liked = populace.representatives[group]
            inside.sort(key=lambda each: (each not in liked, each))
            del inside[2:]
        return found

    def _goal(self, intent: Intent, direction: Direction | None = None, members: Sequence[int] = ()) -> int:
        subject = self._network.members[members[0]].workload if members else None
        self.goals.append(Goal(GoalKind.INTENT, direction, subject=subject, intent=intent.name, place=intent.place))
        return self._first + len(self.goals) - 1

    def candidates(self, seeker: Seeker) -> Iterator[Candidate]:
        """Yield connections, one at least for each goal that any shows."""
        for ends in self._ends:
            ranges = ends.intent.ports
            if not ranges:
                continue
            froms, tos = list(ends.sources.values()), list(ends.destinations.values())
            pairs: dict[tuple[int, int], None] = {}
            for number in range(max(len(froms), len(tos))):
                if number < len(froms):
                    pairs.update(dict.fromkeys(self._first_pair([froms[number]], _turned(tos, number))))
                if number < len(tos):
                    pairs.update(dict.fromkeys(self._first_pair(_turned(froms, number), [tos[number]])))
            for number, (source, destination) in enumerate(pairs):
                for protocol, low, high in (ranges[number % len(ranges)], *(() if number else ranges)):
                    port = seeker.port_in(protocol, low, high, destination)
                    yield Candidate(source, destination, protocol, port)

    def _first_pair(self, froms: Sequence[list[int]], tos: Sequence[list[int]]) -> Iterator[tuple[int, int]]:
        pairs = (pair for sources, destinations in product(froms, tos) for pair in product(sources, destinations))
        return islice((pair for pair in pairs if pair[0] != pair[1] and self._is_asked(*pair)), 1)

    def _is_asked(self, source: int, destination: int) -> bool:
        either, of_member = self._populace.as_either, self._populace.of_member
        return bool(either[of_member[source]] or either[of_member[destination]])

    def shown(self, candidate: Candidate) -> Iterator[int]:
        """Yield the goals that a connection shows."""
        of_member = self._populace.of_member
        source, destination, protocol, port = candidate
        for ends in self._ends:
            if source not in ends.members[0] or destination not in ends.members[1]:
                continue
            held = [
                goal
                for goal, (each, low, high) in zip(ends.of_range, ends.intent.ports, strict=False)
                if each == protocol and low <= port <= high
            ]
            if held:
                yield from held
                yield ends.of_source[of_member[source]]
                yield ends.of_destination[of_member[destination]]


def _turned(groups: list[list[int]], by: int) -> list[list[int]]:
    """Return the groups from one of them on, round in a circle."""
    start = by % len(groups) if groups else 0
    return groups[start:] + groups[:start]
