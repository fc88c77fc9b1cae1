"""
Connections that show what the rules of policies do, found for all groups of pods at once.

For each goal the best level at which any connection shows it is found, looking at all of
them; the goal counts as shown only by a connection of that level. A few connections are kept
for each goal, from which a plan is chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.engine.verification.rulebooks import Need, Rulebook, all_rules, rules_for
from firedoor.engine.verification.tables import DirectionTable, words_of
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.rulebooks import Effect, Facts

MOST_CANDIDATES = 4
"""Groups at which a rule is looked for once it was found as well as can be."""
_ROOMY = 20_000
"""A port to take where any would do."""

OTHER = {Direction.INGRESS: Direction.EGRESS, Direction.EGRESS: Direction.INGRESS}


class Candidate(NamedTuple):
    """A connection that could be tried, between members by their positions."""

    source: int
    destination: int
    protocol: str
    port: int


class Seeker:
    """Finds connections that show something in one network, of those that one populace allows."""

    def __init__(self, network: Network, populace: Populace) -> None:
        """Prepare for the network."""
        self._network = network
        self._populace = populace
        self.tables = {each: DirectionTable(network, populace, each) for each in Direction}
        self.rules = all_rules(network)
        self.asked_rules = rules_for(network, self.rules, {each: self._asked_profiles(each) for each in Direction})
        """The rules on pods that are asked about, whether or not these can be probed."""
        self._books: dict[tuple[Direction, int], Rulebook] = {}
        self.best: dict[int, int] = {}
        """The best level at which each goal that can be shown is shown."""
        self._times: dict[int, int] = {}
        self.candidates: dict[Candidate, None] = {}
        self.atoms = len(network.axis)
        """How many atoms of ports there are."""
        self._listening = [self._declared(each) for each in populace.representatives]
        self._listening_words = words_of(self._listening, self.atoms)

    @property
    def size(self) -> int:
        """How many goals there are: two for each rule, and two for each group."""
        return 2 * len(self.rules) + 2 * len(self._populace)

    def isolation(self, direction: Direction, group: int) -> int:
        """Return the number of the goal that a group is isolated."""
        return 2 * len(self.rules) + 2 * group + (direction is Direction.EGRESS)

    def isolated(self) -> Iterator[tuple[int, Direction, int]]:
        """Yield the goals about the isolation of groups that are restricted and asked about."""
        for direction in Direction:
            for group in range(len(self._populace)):
                if self._is_subject(direction, group):
                    yield self.isolation(direction, group), direction, group

    def book(self, direction: Direction, group: int) -> Rulebook:
        """Return the rules on a group in a direction."""
        found = self._books.get((direction, group))
        if found is None:
            profile = int(self._populace.profiles[group])
            found = self._books[direction, group] = Rulebook(self._network, direction, profile, self.rules)
        return found

    def seek(self) -> None:
        """Find the best level of each goal, and candidates for it."""
        for direction in Direction:
            for group in range(len(self._populace)):
                if self._is_subject(direction, group):
                    self._seek(direction, group)

    def shown(self, candidate: Candidate) -> Iterator[int]:
        """Yield the goals that a connection shows."""
        bit = 1 << self._network.axis.atom(candidate.protocol, candidate.port)
        groups = {
            Direction.EGRESS: self._populace.of_member[candidate.source],
            Direction.INGRESS: self._populace.of_member[candidate.destination],
        }
        for direction, subject in groups.items():
            peer = groups[OTHER[direction]]
            if not self._is_subject(direction, subject):
                continue
            book = self.book(direction, subject)
            facts = book.facts(book.matched(int(self._populace.profiles[peer])))
            said = self.tables[OTHER[direction]].value(peer, subject)
            for goal, effect in self._goals(direction, subject, facts):
                level = _level(effect, bit, said)
                if level is not None and level == self.best.get(goal):
                    yield goal

    def _is_subject(self, direction: Direction, group: int) -> bool:
        populace = self._populace
        is_asked = populace.as_destination if direction is Direction.INGRESS else populace.as_source
        if not is_asked[group] or not populace.can_probe[group] or populace.dark[direction][group]:
            return False
        return not self.book(direction, group).is_free

    def _asked_profiles(self, direction: Direction) -> NDArray[np.bool_]:
        populace = self._populace
        own = populace.as_destination if direction is Direction.INGRESS else populace.as_source
        found = np.zeros(len(self._network.profiles), dtype=bool)
        found[populace.profiles[own & populace.as_either]] = True
        return found

    def _goals(self, direction: Direction, subject: int, facts: Facts) -> Iterator[tuple[int, Effect]]:
        yield self.isolation(direction, subject), facts.isolated
        for rule, effect in facts.applying.items():
            yield 2 * rule, effect
        for rule, effect in facts.outside.items():
            yield 2 * rule + 1, effect

    def _seek(self, direction: Direction, subject: int) -> None:
        allowed = self._populace.probed(direction, subject)
        if not allowed.any():
            return
        book = self.book(direction, subject)
        masks, pattern_of = book.patterns(self._populace.profiles)
        facts = [book.facts(mask) for mask in masks]
        other = self.tables[OTHER[direction]]
        numbers = other.with_peer(subject)
        search = _Search(self, direction, subject, allowed, pattern_of)
        search.accepted = {Need.ACCEPTS: other.sure[numbers], Need.MAY_ACCEPT: other.possible[numbers]}
        goals = [dict(self._goals(direction, subject, each)) for each in facts]
        for goal in goals[0]:
            if self.best.get(goal) == 0 and self._times.get(goal, 0) >= MOST_CANDIDATES:
                continue
            rule = goal // 2
            fired = [each.fired.get(rule, 0) for each in facts] if goal < 2 * len(self.rules) else [0] * len(facts)
            search.run(goal, [each[goal] for each in goals], fired)

    def keep(self, direction: Direction, subject: int, peer: int, atoms: int, beside: int) -> None:
        """Keep a connection of two groups on one of some atoms; ports that are declared, then those next to others."""
        ends = (subject, peer) if direction is Direction.EGRESS else (peer, subject)
        source, destination = self._populace.pair(*ends)
        liked = atoms & self._listening[ends[1]] or atoms & (beside << 1 | beside >> 1) or atoms
        atom = (liked & -liked).bit_length() - 1
        self.candidates[Candidate(source, destination, *self.port(atom, destination))] = None

    def port(self, atom: int, destination: int) -> tuple[str, int]:
        """Return the protocol of an atom and a port of it, one that the destination declares if there is any."""
        ((protocol, first, last),) = self._network.axis.traffic(1 << atom)
        return protocol, self.port_in(protocol, first, last, destination)

    def port_in(self, protocol: str, first: int, last: int, destination: int) -> int:
        """Return a port of a range, one that the destination declares if there is any."""
        declared = self._network.members[destination].listening
        inside = [port for each, port in declared if each == protocol and first <= port <= last]
        if inside:
            return min(inside)
        return first if first > 1 else min(_ROOMY, last)

    def listening_of(self, direction: Direction, subject: int) -> NDArray[np.uint64]:
        """Return the atoms that destinations declare, as words that broadcast over the peers of a group."""
        words = self._listening_words
        return words if direction is Direction.EGRESS else words[subject]

    def found(self, goal: int, level: int) -> bool:
        """Note that a goal can be shown at a level; return whether that is the best so far."""
        best = self.best.get(goal)
        if best is not None and level > best:
            return False
        if best != level:
            self._times[goal] = 0
        self.best[goal] = level
        self._times[goal] += 1
        return True

    def _declared(self, representatives: Sequence[int]) -> int:
        axis, members = self._network.axis, self._network.members
        found = 0
        for protocol, port in members[representatives[0]].listening:
            found |= 1 << axis.atom(protocol, port)
        return found


class _Search:
    """Looks for goals among the connections of one group in one direction."""

    def __init__(
        self,
        seeker: Seeker,
        direction: Direction,
        subject: int,
        allowed: NDArray[np.bool_],
        pattern_of: NDArray[np.int64],
    ) -> None:
        self._seeker = seeker
        self._direction = direction
        self._subject = subject
        self._allowed = allowed
        self._pattern_of = pattern_of
        self.accepted: dict[Need, NDArray[np.uint64]] = {}
        """What the other ends accept, by what is needed."""

    def run(self, goal: int, effects: Sequence[Effect], fired: Sequence[int]) -> None:
        """Keep some connections that show a goal at the best level that there is; `effects` are those of patterns."""
        for level in range(len(effects[0])):
            masks = [each[level][0] for each in effects]
            if not any(masks):
                continue
            cells = words_of(masks, self._seeker.atoms)[self._pattern_of]
            words = self.accepted.get(effects[0][level][1])
            if words is not None:
                cells = cells & words
            hits = np.flatnonzero(cells.any(axis=1) & self._allowed)
            if len(hits):
                if self._seeker.found(goal, level):
                    self._keep(cells, hits, fired)
                return

    def _keep(self, cells: NDArray[np.uint64], hits: NDArray[np.int64], fired: Sequence[int]) -> None:
        words = self._seeker.listening_of(self._direction, self._subject)
        declared = hits[(cells[hits] & (words if words.ndim == 1 else words[hits])).any(axis=1)]
        chosen = declared if len(declared) else hits
        for peer in dict.fromkeys((int(chosen[0]), int(chosen[len(chosen) // 2]), int(chosen[-1]))):
            atoms = int.from_bytes(cells[peer].tobytes(), "little")
            self._seeker.keep(self._direction, self._subject, peer, atoms, fired[int(self._pattern_of[peer])])


def _level(effect: Effect, bit: int, said: Value) -> int | None:
    """Return the first level at which a port shows something, where the other end says this of it."""
    for level, (mask, need) in enumerate(effect):
        if mask & bit and (need is Need.ANYTHING or said[need is Need.MAY_ACCEPT] & bit):
            return level
    return None
