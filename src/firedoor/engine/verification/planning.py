"""Which connections to try, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from firedoor.engine.verification.changing import Changed
from firedoor.engine.verification.covering import cover
from firedoor.engine.verification.hosting import FromNodes
from firedoor.engine.verification.intended import Intended
from firedoor.engine.verification.populace import EVERYTHING, Populace, Scope, can_be_probed
from firedoor.engine.verification.seeking import Candidate, Seeker
from firedoor.engine.verification.sharing import ShareCounter
from firedoor.model.networkpolicy import Direction
from firedoor.model.probing import Probe, ProbeSite
from firedoor.model.verification import Goal, GoalKind, PlannedProbe, ProbePlan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.verification.changing import Earlier
    from firedoor.model.intents import Intent

T = TypeVar("T")

_NOBODYS = 20_000
"""From here on a port is looked for that nobody declares."""


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """
    What is to be planned for.

    With `is_all` every pair of groups is tried besides, on each port that the destination
    declares and on one that nobody does. At most `budget` probes are planned, as many as are
    needed where it is None; with `through_service` each is planned a second time, through a service.
    What became otherwise since an `earlier` network of the same pods is to be shown besides.
    """

    scope: Scope = EVERYTHING
    intents: Sequence[Intent] = ()
    is_all: bool = False
    budget: int | None = None
    through_service: bool = False
    earlier: Earlier | None = None


class Planner:
    """Plans probes for one network, which has a member at least."""

    def __init__(self, network: Network, request: PlanRequest) -> None:
        """Find the groups of the network, and what is to be shown."""
        self._network = network
        self._request = request
        self._populace = Populace(network, request.scope)
        self._seeker = Seeker(network, self._populace)
        self._intended = Intended(network, self._populace, request.intents, self._seeker.size)
        first = self._seeker.size + len(self._intended.goals)
        self._hosts = FromNodes(network, self._populace, self._seeker, first)
        first += len(self._hosts.goals)
        self._changed = Changed(network, request.earlier, self._populace, first)

    @property
    def size_of_all(self) -> int:
        """How many probes `PlanRequest.is_all` adds at most."""
        populace, members = self._populace, self._network.members
        found = 0
        for destination in np.flatnonzero(populace.can_probe).tolist():
            first = members[populace.representatives[destination][0]]
            sources = int(populace.probed(Direction.INGRESS, destination).sum())
            found += sources * (len(set(first.listening)) + 1)
        return found

    def plan(self) -> ProbePlan:
        """Return the plan."""
        seeker = self._seeker
        seeker.seek()
        shows = self._shows()
        covering = cover({each: goals for each, goals in shows.items() if goals}, self._liking(shows))
        every = _distinct(chain(covering, self._all() if self._request.is_all else ()))
        chosen = list(islice(self._with_services(every), self._request.budget))
        numbers, goals = self._goals()
        shown = {goal for probe, _ in chosen for goal in shows.get(probe, ())}
        can_be_shown = {goal for found in shows.values() for goal in found}
        members = list(dict.fromkeys(end for each, _ in chosen for end in (each.source, each.destination)))
        sites = {member: number for number, member in enumerate(members)}
        return ProbePlan(
            self._sites(members, [each for each, _ in chosen]),
            tuple(self._planned(each, sites, shows.get(each, ()), numbers, via) for each, via in chosen),
            goals,
            tuple(number for goal, number in numbers.items() if goal in can_be_shown - shown),
            tuple(number for goal, number in numbers.items() if goal not in can_be_shown),
            ShareCounter(self._network, self._populace, seeker.tables).share(
                each for each, _ in chosen if not self._network.members[each.source].host_network
            ),
            tuple(members),
            sum(not can_be_probed(each) for each in self._network.members),
            self._network.snapshot.gaps,
            self._network.cni.name,
        )

    def _shows(self) -> dict[Candidate, tuple[int, ...]]:
        """Return all connections that may be tried, and the goals that each shows."""
        seeker, others = self._seeker, (self._intended, self._changed)
        found = dict.fromkeys(chain(seeker.candidates, *(each.candidates(seeker) for each in others)))
        shows = {
            each: tuple(dict.fromkeys(chain(seeker.shown(each), *(other.shown(each) for other in others))))
            for each in found
        }
        return shows | {each: tuple(self._hosts.shown(each)) for each in self._hosts.candidates}

    def _liking(self, candidates: Iterable[Candidate]) -> dict[Candidate, int]:
        """Return what speaks against each candidate: a port that nobody listens on, and pods that are not there."""
        members = self._network.members
        return {
            each: 2 * ((each.protocol, each.port) not in members[each.destination].listening)
            + (members[each.source].is_template or members[each.destination].is_template)
            for each in candidates
        }

    def _with_services(self, probes: Iterable[Candidate]) -> Iterator[tuple[Candidate, bool]]:
        for each in probes:
            yield each, False
            if self._request.through_service:
                yield each, True

    def _all(self) -> Iterator[Candidate]:
        populace, members = self._populace, self._network.members
        free = self._nobodys
        for source in np.flatnonzero(populace.can_probe).tolist():
            for destination in np.flatnonzero(populace.probed(Direction.EGRESS, source)).tolist():
                pair = populace.pair(source, destination)
                for protocol, port in dict.fromkeys((*members[pair[1]].listening, ("TCP", free))):
                    yield Candidate(*pair, protocol, port)

    @property
    def _nobodys(self) -> int:
        """A port that no pod declares."""
        declared = {port for each in self._network.members for _, port in each.listening}
        return next(port for port in range(_NOBODYS, 1 << 16) if port not in declared)

    def _goals(self) -> tuple[dict[int, int], tuple[Goal, ...]]:
        """Return the position of each goal that counts in the plan, and the goals."""
        found: dict[int, Goal] = {}
        for (direction, policy, path), rule in self._seeker.rules.items():
            if 2 * rule in self._seeker.best or rule in self._seeker.asked_rules:
                found[2 * rule] = Goal(GoalKind.RULE, direction, policy, path)
            if 2 * rule + 1 in self._seeker.best:
                found[2 * rule + 1] = Goal(GoalKind.OUTSIDE, direction, policy, path)
        for goal, direction, group in self._seeker.isolated():
            if goal in self._seeker.best:
                subject = self._network.members[self._populace.representatives[group][0]].workload
                found[goal] = Goal(GoalKind.ISOLATION, direction, subject=subject)
        others = (self._intended, self._hosts, self._changed)
        found.update(enumerate(chain.from_iterable(each.goals for each in others), self._seeker.size))
        return {goal: number for number, goal in enumerate(found)}, tuple(found.values())

    def _planned(
        self,
        each: Candidate,
        sites: dict[int, int],
        goals: Sequence[int],
        numbers: dict[int, int],
        via: bool,  # noqa: FBT001
    ) -> PlannedProbe:
        verdict = self._network.verdict(each.source, each.destination, each.protocol, each.port)
        probe = Probe(sites[each.source], sites[each.destination], each.protocol, each.port, via)
        return PlannedProbe(probe, verdict, tuple(numbers[goal] for goal in goals))

    def _sites(self, members: Sequence[int], probes: Iterable[Candidate]) -> tuple[ProbeSite, ...]:
        """Return the sites; each listens on what is sent to it, and for its control on a port of each protocol."""
        listening: dict[int, dict[tuple[str, int], None]] = {each: {} for each in members}
        sent: dict[tuple[int, str], int] = {}
        for each in probes:
            listening[each.destination][each.protocol, each.port] = None
            sent.setdefault((each.source, each.protocol), each.port)
        for (member, protocol), port in sent.items():
            own = listening[member]
            if not any(each == protocol for each, _ in own):
                declared = [number for each, number in self._network.members[member].listening if each == protocol]
                # What listens on the network of a node keeps out of the way of everything else there.
                free = self._nobodys if self._network.members[member].host_network else port
                own[protocol, min(declared, default=free)] = None
        return tuple(self._site(each, tuple(sorted(listening[each]))) for each in members)

    def _site(self, position: int, listening: tuple[tuple[str, int], ...]) -> ProbeSite:
        member = self._network.members[position]
        return ProbeSite(
            member.workload,
            "" if member.is_template else member.name,
            dict(member.labels),
            member.ports,
            listening,
            member.spec.account,
            member.node,
            member.host_network,
        )


def _distinct(found: Iterable[T]) -> Iterator[T]:
    """Yield each thing once, as soon as it is met."""
    seen: set[T] = set()
    for each in found:
        if each not in seen:
            seen.add(each)
            yield each
