"""The ends of an intent, as members of the network and ranges of addresses."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, is_address, parse_address, parse_cidr
from firedoor.algebra.intervals import Interval, IntervalSet, canonical, difference
from firedoor.model.intents import EndTerm, Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member

Span = tuple[Family, int, int]
"""A family, and the first and the last of some of its addresses."""


@dataclass(slots=True)
class Ends:
    """
    Everything that an end of an intent stands for.

    `members` are positions in the network, `ranges` the addresses of each family,
    `addresses` single ones that no pod has, `names` domain names; `unmatched` are the terms
    that stand for nothing.
    """

    members: set[int] = field(default_factory=set)
    ranges: dict[Family, list[Interval]] = field(default_factory=lambda: {family: [] for family in Family})
    addresses: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)


class EndFinder:
    """Finds what terms stand for in one network."""

    def __init__(self, network: Network) -> None:
        """Prepare for the network."""
        self._network = network

    def ends(self, terms: Iterable[EndTerm]) -> Ends:
        """Return everything that any of the terms stands for."""
        found = Ends()
        for term in terms:
            if term.word is not None:
                self._word(term.word, found)
            elif term.addresses:
                self._addresses(term.addresses, found)
            elif term.domain:
                found.names.append(term.domain)
            else:
                members = set(self._pods(term))
                found.members |= members
                if not members:
                    found.unmatched.append(term.text)
        return found

    def rest(self, listed: Ends) -> Ends:
        """Return all pods and everything outside but what is listed."""
        found = Ends(set(range(len(self._network.members))) - listed.members)
        singles = [parse_address(each) for each in listed.addresses]
        for family, outside in self._outside.items():
            single = [(number, number) for other, number in singles if other is family]
            found.ranges[family] = list(difference(outside, canonical([*listed.ranges[family], *single])))
        return found

    def spans(self, ends: Ends) -> dict[int, Span]:
        """Return the classes of addresses that the ranges of an end touch, each with the first atom that they touch."""
        found: dict[int, Span] = {}
        ranges = {family: canonical(each) for family, each in ends.ranges.items()}
        firsts = {family: [first for first, _ in each] for family, each in ranges.items()}
        lasts = {family: [last for _, last in each] for family, each in ranges.items()}
        for atom in self._network.addresses.atoms:
            own = ranges[atom.family]
            near = bisect_left(lasts[atom.family], atom.first)
            if atom.external not in found and near < len(own) and own[near][0] <= atom.last:
                # From the first address that is meant to the last: all between are treated alike.
                end = bisect_right(firsts[atom.family], atom.last) - 1
                found[atom.external] = atom.family, max(own[near][0], atom.first), min(own[end][1], atom.last)
        return found

    def inside(self, namespace: str) -> Sequence[int]:
        """Return the positions of the members of a namespace, sorted."""
        return self._by_namespace.get(namespace, ())

    @cached_property
    def _by_namespace(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for position, member in enumerate(self._network.members):
            found[member.namespace].append(position)
        return found

    @cached_property
    def _by_address(self) -> dict[tuple[Family, int], int]:
        """The pods by the addresses that are theirs alone."""
        members = [(each, member) for each, member in enumerate(self._network.members) if not member.host_network]
        return {parse_address(text): position for position, member in members for text in member.addresses}

    @cached_property
    def _outside(self) -> dict[Family, IntervalSet]:
        """All addresses of the families in use but those of pods and nodes."""
        nodes = {parse_address(each) for node in self._network.snapshot.nodes for each in node.addresses}
        hosts = {parse_address(each) for member in self._network.members for each in member.addresses}
        taken = nodes | hosts
        return {
            family: difference(family.everything, canonical((n, n) for other, n in taken if other is family))
            for family in self._network.families
        }

    def _word(self, word: Word, found: Ends) -> None:
        members = self._network.members
        if word in {Word.ANY, Word.PODS}:
            found.members.update(range(len(members)))
        if word is Word.NODES:
            found.members.update(position for position, member in enumerate(members) if member.host_network)
        if word in {Word.ANY, Word.OUTSIDE}:
            for family, ranges in self._outside.items():
                found.ranges[family].extend(ranges)

    def _addresses(self, text: str, found: Ends) -> None:
        if not is_address(text):
            family, first, last = parse_cidr(text)
            found.ranges[family].append((first, last))
            return
        pod = self._by_address.get(parse_address(text))
        if pod is None:
            found.addresses.append(text)
        else:
            found.members.add(pod)

    def _pods(self, term: EndTerm) -> Iterator[int]:
        network = self._network
        names = [
            name
            for name in self._by_namespace
            if (not term.namespace or name == term.namespace)
            and (term.namespace_labels is None or term.namespace_labels.matches(network.namespaces[name]))
        ]
        kind, _, workload = term.workload.rpartition("/")
        for name in names:
            for position in self._by_namespace[name]:
                member = network.members[position]
                if _is_of(member, workload, kind) and (term.labels is None or term.labels.matches(member.labels)):
                    yield position


def _is_of(member: Member, workload: str, kind: str) -> bool:
    if not workload:
        return True
    return member.workload.name == workload and (not kind or member.workload.kind.lower() == kind.lower())
