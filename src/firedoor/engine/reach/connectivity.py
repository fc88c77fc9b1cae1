"""
All connections of a cluster, at the level of workloads or of pods.

Works group by group: the pods of one workload that share a profile and a node
behave alike. Values of whole rows of groups are combined at once; only distinct
combinations are ever turned into port ranges.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.cidrs import Family, format_range, parse_address
from firedoor.engine.reach.name_columns import OTHER_NAMES
from firedoor.engine.reach.requests import RequestIndex
from firedoor.engine.reach.values import Value, both
from firedoor.model.connections import PeerConnection, PeerEnd, PodDetail, RequestDemand
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.requests import Demand

    Demands = tuple[RequestDemand, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Members (by position) of one end that behave alike, and one of them to stand for all."""

    members: tuple[int, ...]

    @property
    def representative(self) -> int:
        """The member that stands for the group."""
        return self.members[0]


@dataclass(frozen=True, slots=True)
class End:
    """A workload or a pod, as its groups."""

    peer: PeerEnd
    groups: tuple[Group, ...]


def workload_ends(network: Network) -> list[End]:
    """Return the workloads, each with the groups of its pods."""
    return grouped_ends(network, ((position, PeerEnd(each.workload)) for position, each in enumerate(network.members)))


def grouped_ends(network: Network, peers: Iterable[tuple[int, PeerEnd]]) -> list[End]:
    """Return ends made of the members (by position) that are given with the peer each belongs to, sorted."""
    found: dict[PeerEnd, dict[tuple[int, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    placed = any(member.host_network for member in network.members)
    for position, peer in peers:
        node = network.members[position].node if placed else ""
        found[peer][network.profile_of[position], node].append(position)
    return [
        End(peer, tuple(Group(tuple(positions)) for positions in groups.values()))
        for peer, groups in sorted(found.items(), key=lambda item: item[0].sort_key)
    ]


def pod_ends(network: Network) -> list[End]:
    """Return the pods, each a group of its own."""
    ends = [
        End(PeerEnd(member.workload, member.name), (Group((position,)),))
        for position, member in enumerate(network.members)
    ]
    return sorted(ends, key=lambda end: end.peer.sort_key)


class ConnectionLister:
    """Lists connections between ends, and between ends and the outside."""

    def __init__(self, network: Network, ends: Sequence[End]) -> None:
        """Prepare for the given ends."""
        self._network = network
        self._ends = ends
        self._groups = [(number, group) for number, end in enumerate(ends) for group in end.groups]
        self._positions = np.asarray([group.representative for _, group in self._groups], dtype=np.int64)
        self._profiles = np.asarray(network.profile_of, dtype=np.int64)[self._positions]
        self._requests = RequestIndex(network)
        self._traffic: dict[int, Traffic] = {}
        self._towards_profile: dict[int, list[tuple[Value, NDArray[np.int64]]]] = {}
        members = [network.members[position] for position in self._positions.tolist()]
        self._dark = {
            direction: np.asarray(
                [next(network.gaps_of(each, direction), None) is not None for each in members], dtype=bool
            )
            for direction in Direction
        }
        self._hosts = np.asarray([each.host_network for each in members], dtype=bool)

    def connections(self, only: Container[PeerEnd] | None = None) -> Iterator[PeerConnection]:
        """
        Yield every pair of different ends that has any traffic, and every end with its outside ranges.

        With `only` those that have one of these ends, which takes as much less time as there are fewer of them.
        """
        columns_of: dict[int, list[int]] = defaultdict(list)
        for column, (number, _) in enumerate(self._groups):
            columns_of[number].append(column)
        wanted = [only is None or end.peer in only for end in self._ends]
        everybody = np.ones(len(self._groups), dtype=bool)
        among = np.asarray([wanted[number] for number, _ in self._groups], dtype=bool)
        for number, end in enumerate(self._ends):
            if not wanted[number]:
                yield from self._towards(end, columns_of[number], among)
                continue
            yield from self._towards(end, columns_of[number], everybody)
            yield from self.outside(end)

    def outside(self, end: End) -> Iterator[PeerConnection]:
        """Yield what one end exchanges with address ranges, and with names, that are no pods."""
        yield from self._outside(end, Direction.INGRESS)
        yield from self._outside(end, Direction.EGRESS)
        yield from self._domains(end)

    def _towards(self, end: End, own: list[int], among: NDArray[np.bool_]) -> Iterator[PeerConnection]:
        """Yield the connections to one end from all others that are `among` those asked about, by group."""
        pairs: dict[int, list[tuple[int, int, Value]]] = defaultdict(list)
        for destination in own:
            for source, value in self._sources(destination, among):
                pairs[self._groups[source][0]].append((source, destination, value))
        for other, found in pairs.items():
            source_end = self._ends[other]
            if source_end is end:
                continue
            yield self._connection(source_end, end, found)

    def _connection(self, src: End, dst: End, found: list[tuple[int, int, Value]]) -> PeerConnection:
        sure = possible = 0
        for _, _, value in found:
            sure, possible = sure | value[0], possible | value[1]
        complete = len(found) == len(src.groups) * len(dst.groups)
        details: tuple[PodDetail, ...] = ()
        if not complete or len({value for _, _, value in found}) > 1:
            details = self._details(found)
        demands: Demands = ()
        if self._requests.directions:
            pairs = {
                (int(self._profiles[source]), int(self._profiles[destination])) for source, destination, _ in found
            }
            demands = self._worded((each for pair in sorted(pairs) for each in self._requests.between(*pair)), sure)
        return PeerConnection(src.peer, dst.peer, self.traffic(sure), self.traffic(possible & ~sure), details, demands)

    def _details(self, found: list[tuple[int, int, Value]]) -> tuple[PodDetail, ...]:
        by_value: dict[tuple[int, Value], list[int]] = defaultdict(list)
        for source, destination, value in found:
            by_value[source, value].append(destination)
        merged: dict[tuple[tuple[int, ...], Value], list[int]] = defaultdict(list)
        for (source, value), destinations in by_value.items():
            merged[tuple(destinations), value].append(source)
        details = [
            PodDetail(
                self._names(sources),
                self._names(destinations),
                self.traffic(value[0]),
                self.traffic(value[1] & ~value[0]),
            )
            for (destinations, value), sources in merged.items()
        ]
        return tuple(sorted(details, key=lambda each: (each.src_pods, each.dst_pods)))

    def _names(self, columns: Sequence[int]) -> tuple[str, ...]:
        members = self._network.members
        return tuple(sorted(members[each].name for column in columns for each in self._groups[column][1].members))

    def _sources(self, destination: int, among: NDArray[np.bool_]) -> Iterator[tuple[int, Value]]:
        """Yield the groups, of some, that may reach one group, and with what."""
        network = self._network
        singly = self._singly(destination)
        for value, columns in self._accepting(int(self._profiles[destination])):
            yield from ((column, value) for column in columns[(among & ~singly)[columns]].tolist())
        position = int(self._positions[destination])
        for column in np.flatnonzero(singly & among).tolist():
            value = network.value(int(self._positions[column]), position)
            if value[1] and column != destination:
                yield column, value

    def _accepting(self, profile: int) -> list[tuple[Value, NDArray[np.int64]]]:
        """Return the values other than denied towards a profile by rows alone, and the groups that have each."""
        found = self._towards_profile.get(profile)
        if found is None:
            incoming, outgoing = (self._network.matrix[each] for each in (Direction.INGRESS, Direction.EGRESS))
            row = incoming.row(int(incoming.program_of[profile]))[self._profiles]
            combined = row.astype(np.int64) << 32 | self._egress_column(profile)
            codes, inverse = np.unique(combined, return_inverse=True)
            found = []
            for number, code in enumerate(codes.tolist()):
                value = both(incoming.table.values[code >> 32], outgoing.table.values[code & 0xFFFFFFFF])
                if value[1]:
                    found.append((value, np.flatnonzero(inverse == number)))
            self._towards_profile[profile] = found
        return found

    def _singly(self, destination: int) -> NDArray[np.bool_]:
        """Return which groups cannot be judged by rows alone: what they reach hangs on a node or on a gap."""
        if self._dark[Direction.INGRESS][destination]:
            return np.ones(len(self._groups), dtype=bool)
        is_host = self._network.members[int(self._positions[destination])].host_network
        found: NDArray[np.bool_] = self._dark[Direction.EGRESS].copy()
        if not is_host:
            found |= self._hosts
        elif self._network.tells_own_nodes:
            found |= ~self._hosts
        return found

    def _egress_column(self, profile: int) -> NDArray[np.int64]:
        """Return what every group may send to one profile."""
        egress = self._network.matrix[Direction.EGRESS]
        programs = egress.program_of[self._profiles]
        table = np.zeros(int(programs.max()) + 1, dtype=np.int64)
        for program in np.unique(programs).tolist():
            table[program] = egress.row(program)[profile]
        return table[programs]

    def _outside(self, end: End, direction: Direction) -> Iterator[PeerConnection]:
        """Yield the address ranges that one end exchanges traffic with, adjacent equal ones merged."""
        network = self._network
        first_column = len(network.profiles)
        families = network.families
        rows = []
        for group in end.groups:
            member = network.members[group.representative]
            own = {parse_address(each)[0] for each in member.addresses} or set(families)
            dark = next(network.gaps_of(member, direction), None) is not None
            matrix = network.matrix[direction]
            row = matrix.row(int(matrix.program_of[network.profile_of[group.representative]]))[first_column:]
            rows.append((own, dark, [matrix.table.values[number] for number in row.tolist()]))
        profiles = [network.profile_of[group.representative] for group in end.groups]
        runs: list[tuple[int, int, int, int, int, Demands]] = []
        for atom in network.addresses.atoms:
            if atom.family not in families:
                continue
            sure = possible = 0
            for own, dark, values in rows:
                if atom.family in own:
                    value = (0, network.axis.everything) if dark else values[atom.external]
                    sure, possible = sure | value[0], possible | value[1]
            demands = self._demanded(direction, profiles, first_column + atom.external, sure)
            if runs and runs[-1][0] == atom.family and runs[-1][3:] == (sure, possible, demands):
                runs[-1] = (atom.family, runs[-1][1], atom.last, sure, possible, demands)
            else:
                runs.append((atom.family, atom.first, atom.last, sure, possible, demands))
        for family, first, last, sure, possible, demands in runs:
            if possible:
                outside = PeerEnd(ips=format_range(Family(family), first, last))
                ends = (outside, end.peer) if direction is Direction.INGRESS else (end.peer, outside)
                unknown = self.traffic(possible & ~sure)
                yield PeerConnection(*ends, self.traffic(sure), unknown, demands=demands)

    def _demanded(self, direction: Direction, subjects: list[int], column: int, sure: int) -> Demands:
        """Return what the policies of some profiles ask of requests from or to a column, within `sure`."""
        if direction not in self._requests.directions:
            return ()
        return self._worded(
            [demand for each in subjects for demand in self._requests.of(direction, each, column)], sure
        )

    def _worded(self, demands: Iterable[Demand], sure: int) -> Demands:
        by_words: dict[str, int] = {}
        for ports, words in demands:
            by_words[words] = by_words.get(words, 0) | (ports & sure)
        return tuple(RequestDemand(self.traffic(ports), words) for words, ports in sorted(by_words.items()) if ports)

    def _domains(self, end: End) -> Iterator[PeerConnection]:
        """Yield the domain names that policies name and one end may connect to."""
        network = self._network
        matrix = network.matrix[Direction.EGRESS]
        for column, name in enumerate(network.index.domains, network.index.first_domain):
            if name == OTHER_NAMES:
                continue
            sure = possible = 0
            for group in end.groups:
                value = matrix.value(network.profile_of[group.representative], column)
                if next(network.gaps_of(network.members[group.representative], Direction.EGRESS), None) is not None:
                    value = (0, network.axis.everything)
                sure, possible = sure | value[0], possible | value[1]
            if possible:
                outside, unknown = PeerEnd(domain=name), self.traffic(possible & ~sure)
                profiles = [network.profile_of[group.representative] for group in end.groups]
                demands = self._demanded(Direction.EGRESS, profiles, column, sure)
                yield PeerConnection(end.peer, outside, self.traffic(sure), unknown, demands=demands)

    def traffic(self, mask: int) -> Traffic:
        """Return the port ranges of a mask, each distinct mask computed once."""
        found = self._traffic.get(mask)
        if found is None:
            found = self._traffic[mask] = self._network.axis.traffic(mask)
        return found
