"""All pairs of two ends, class by class; only those that are not as demanded are looked at singly."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family, format_address, format_range, parse_address
from firedoor.engine.reach.classes import ClassIndex, nearness
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.engine.assertions.ends import EndFinder, Ends, Span
    from firedoor.engine.assertions.findings import Findings, Pair
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

    _Make = Callable[[list[int]], list["Group"]]


@dataclass(frozen=True, slots=True)
class Group:
    """The members of one workload that are in one class."""

    name: str
    members: tuple[int, ...]
    nodes: dict[str, int]


class Grouped:
    """The members of an end by class; groups are made of those classes that somebody looks at."""

    def __init__(self, members: Iterable[int], of_member: NDArray[np.int64], make: _Make) -> None:
        positions = np.fromiter(members, dtype=np.int64)
        positions.sort()
        classes = of_member[positions]
        order = np.argsort(classes, kind="stable")
        self.numbers, starts = np.unique(classes[order], return_index=True)
        """The classes, sorted."""
        ends = [*starts[1:].tolist(), len(positions)]
        spans = zip(self.numbers.tolist(), starts.tolist(), ends, strict=False)
        self._spans = {number: (start, end) for number, start, end in spans}
        self._positions = positions[order]
        self._make = make
        self._made: dict[int, list[Group]] = {}

    def items(self) -> Iterator[tuple[int, list[Group]]]:
        """Yield all classes with their groups."""
        return ((number, self.of(number)) for number in self.numbers.tolist())

    def of(self, number: int) -> list[Group]:
        """Return the groups of a class."""
        found = self._made.get(number)
        if found is None:
            start, end = self._spans[number]
            found = self._made[number] = self._make(self._positions[start:end].tolist())
        return found


class PairFinder:
    """Judges pairs of ends in one network."""

    def __init__(
        self,
        network: Network,
        finder: EndFinder,
        classes: ClassIndex | None = None,
        shared: Collection[tuple[str, str]] | None = None,
    ) -> None:
        """Find the classes of the network, and the names that workloads share, unless they are given."""
        self._network = network
        self._finder = finder
        self.classes = ClassIndex(network) if classes is None else classes
        self.shared = _shared_names(network) if shared is None else shared
        self._of_member = np.asarray(self.classes.of_member, dtype=np.int64)

    def judge(self, sources: Ends, destinations: Ends, found: Findings) -> None:
        """Add everything between the two ends that is not as demanded; a pod and itself is no pair."""
        first, second = self._grouped(sources.members), self._grouped(destinations.members)
        self._inside(first, second, found)
        self._beyond(first, second, sources, destinations, found)

    def _beyond(self, first: Grouped, second: Grouped, sources: Ends, destinations: Ends, found: Findings) -> None:
        """Judge what groups of pods exchange with everything outside that the two ends have."""
        self._outside(second, self._finder.spans(sources), Direction.INGRESS, found)
        self._outside(first, self._finder.spans(destinations), Direction.EGRESS, found)
        for address in sources.addresses:
            for name, member in _placed(second):
                self._add(address, name, (address, member), self._network.value(address, member), found)
        for address in (*destinations.addresses, *destinations.names):
            for name, member in _placed(first):
                self._add(name, address, (member, address), self._network.value(member, address), found)

    def _add(self, source: str, destination: str, pair: Pair, value: Value, found: Findings) -> None:
        """Add a pair, unless the question is about a message of an IP version that it does not use."""
        message = self._network.scene.icmp
        if message is None or self._network.version(*pair) in {None, message.version}:
            found.add(source, destination, pair, value)

    def _grouped(self, members: Iterable[int]) -> Grouped:
        return Grouped(members, self._of_member, self._groups)

    def _groups(self, positions: list[int]) -> list[Group]:
        """Return the groups of members of one class, and where messages are asked about by their IP version too."""
        nodes, is_split = self._network.members, self._network.scene.icmp is not None
        groups: dict[tuple[str, bool], list[int]] = defaultdict(list)
        for position in positions:
            is_apart = is_split and self._network.version(position, position) is Family.V6
            groups[self._name(position), is_apart].append(position)
        return [
            Group(name, tuple(found), {nodes[each].node: each for each in reversed(found)})
            for (name, _), found in groups.items()
        ]

    def _name(self, position: int) -> str:
        ref = self._network.members[position].workload
        if (ref.namespace, ref.name) in self.shared:
            return f"{ref.namespace}/{ref.kind.lower()}/{ref.name}"
        return f"{ref.namespace}/{ref.name}"

    def _inside(self, sources: Grouped, destinations: Grouped, found: Findings) -> None:
        numbers, hosts = sources.numbers, self.classes.hosts
        for destination in destinations.numbers.tolist():
            valued = self.classes.towards(destination)
            broken = np.asarray([any(found.demand.broken_by(value)) for value in valued.values], dtype=bool)
            near = self._near_to(hosts[numbers], destination)
            for source in numbers[broken[valued.numbers[numbers]] | near].tolist():
                value = valued.values[int(valued.numbers[source])]
                for one in sources.of(source):
                    for other in destinations.of(destination):
                        if self._near_to(hosts[[source]], destination)[0]:
                            self._near(one, other, found)
                        elif (pair := _pair(one, other)) is not None:
                            self._add(one.name, other.name, pair, value, found)

    def _near_to(self, hosts: NDArray[np.bool_], destination: int) -> NDArray[np.bool_]:
        """Return which sources, by whether they are on the network of their node, must be judged node by node."""
        if not self.classes.hosts[destination]:
            return hosts
        return ~hosts & self._network.tells_own_nodes

    def _near(self, one: Group, other: Group, found: Findings) -> None:
        """Judge pods on the network of their node, in every way in which the pods lie to each other."""
        for pair in nearness(one.nodes, other.nodes).values():
            self._add(one.name, other.name, pair, self._network.value(*pair), found)

    def _outside(self, grouped: Grouped, spans: dict[int, Span], direction: Direction, found: Findings) -> None:
        if not spans:
            return
        externals = np.asarray(sorted(spans), dtype=np.int64)
        for number in grouped.numbers.tolist():
            valued = self.classes.outside(number, direction)
            alike: dict[tuple[int, Family], list[Span]] = defaultdict(list)
            for external in externals.tolist():
                alike[int(valued.numbers[external]), spans[external][0]].append(spans[external])
            for (value, _), ranges in alike.items():
                if any(found.demand.broken_by(valued.values[value])):
                    for group in grouped.of(number):
                        self._with_ranges(group, ranges, direction, valued.values[value], found)

    def _with_ranges(
        self, group: Group, ranges: list[Span], direction: Direction, value: Value, found: Findings
    ) -> None:
        """Add what the members of a group exchange with ranges that are all treated alike."""
        family, first, last = min(ranges)
        address = format_address(family, first)
        text = address if first == last else format_range(family, first, last)
        if len(ranges) > 1:
            text += f" and {len(ranges) - 1} more"
        for member in group.members:
            if not self._has(member, family):
                continue
            if direction is Direction.INGRESS:
                self._add(text, group.name, (address, member), value, found)
            else:
                self._add(group.name, text, (member, address), value, found)
            return

    def _has(self, member: int, family: Family) -> bool:
        """Return whether a member has, or may have, an address of the family."""
        addresses = self._network.members[member].addresses
        return not addresses or any(parse_address(each)[0] is family for each in addresses)


def _shared_names(network: Network) -> set[tuple[str, str]]:
    names = defaultdict(set)
    for member in network.members:
        names[member.namespace, member.workload.name].add(member.workload.kind)
    return {key for key, kinds in names.items() if len(kinds) > 1}


def _pair(one: Group, other: Group) -> tuple[int, int] | None:
    """Return two different members of two groups, None where there are not two."""
    for first in one.members[:2]:
        for second in other.members[:2]:
            if first != second:
                return first, second
    return None


def _placed(grouped: Grouped) -> Iterator[tuple[str, int]]:
    """Yield a member for each class, workload and node."""
    for number in grouped.numbers.tolist():
        for group in grouped.of(number):
            for member in group.nodes.values():
                yield group.name, member
