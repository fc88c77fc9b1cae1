"""
The bit matrix once more, for every interval of ports that policies tell apart: what the engine answers between pods.

Each matrix has one bit for each pair of pods, both directions met. Rules for all ports
are put into bases once; each interval starts from these and adds the rules that name
it. Rules with the same rows are one operation, intervals with the same rules one
matrix. Both directions have sources as rows, so that nothing is transposed.
Addresses outside the cluster are not answered, which the engine does besides.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from msgspec import msgpack
from numpy.typing import NDArray

from benchmarks import floor
from benchmarks.bitmatrix import Bits, LabelIndex, isolates, pods_of

PROTOCOLS = ("TCP", "UDP", "SCTP")
_LAST = 65535
_DIRECTIONS = ("Ingress", "Egress")


class Axis:
    """The intervals of ports of all protocols, cut where any rule begins or ends."""

    def __init__(self, policies: list[floor.NetworkPolicy], named: dict[tuple[str, str], dict[int, list[int]]]) -> None:
        cuts: dict[str, set[int]] = {protocol: {1} for protocol in PROTOCOLS}
        for port in (each for policy in policies for each in _ports(policy)):
            numbers = [port.port] if not isinstance(port.port, str) else named.get((port.protocol, port.port), {})
            for number in numbers:
                if number is not None:
                    cuts[port.protocol].update((number, (port.end_port or number) + 1))
        self._starts = {protocol: sorted(each for each in cuts[protocol] if each <= _LAST) for protocol in PROTOCOLS}
        self._offsets = {"TCP": 0, "UDP": len(self._starts["TCP"])}
        self._offsets["SCTP"] = self._offsets["UDP"] + len(self._starts["UDP"])
        self.size = sum(map(len, self._starts.values()))

    def interval(self, protocol: str, port: int) -> int:
        """Return the number of the interval that holds a port."""
        return self._offsets[protocol] + bisect_right(self._starts[protocol], port) - 1

    def mask(self, protocol: str, first: int = 1, last: int = _LAST) -> NDArray[np.bool_]:
        """Return which intervals are in a range."""
        found = np.zeros(self.size, dtype=bool)
        found[self.interval(protocol, first) : self.interval(protocol, last) + 1] = True
        return found


class _Side:
    """The rules of one direction: columns of bits for rows of sources, and the intervals for which they hold."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._numbers: dict[bytes, int] = {}
        self._found: dict[tuple[int, bytes], Bits] = {}
        self._rows: list[NDArray[np.int64]] = []

    def add(self, rows: Bits, columns: Bits, mask: NDArray[np.bool_]) -> None:
        number = self._numbers.setdefault(rows.tobytes(), len(self._rows))
        if number == len(self._rows):
            self._rows.append(np.flatnonzero(np.unpackbits(rows, count=self._size)))
        key = number, mask.tobytes()
        held = self._found.get(key)
        self._found[key] = columns.copy() if held is None else held | columns

    def close(self, base: Bits) -> None:
        """Put the rules for all intervals into the base, and sort the others by rows."""
        self.base = base
        rest: list[tuple[int, NDArray[np.bool_], Bits]] = []
        for (number, key), columns in sorted(self._found.items(), key=lambda each: each[0][0]):
            mask = np.frombuffer(key, dtype=bool)
            if mask.all():
                _put(base, self._rows[number], columns)
            else:
                rest.append((number, mask, columns))
        self._rest = rest
        self.masks = np.asarray([mask for _, mask, _ in rest], dtype=bool).reshape(len(rest), -1)

    def fill(self, matrix: Bits, interval: int) -> None:
        """Make the matrix of an interval."""
        np.copyto(matrix, self.base)
        together: dict[int, Bits] = {}
        for position in np.flatnonzero(self.masks[:, interval]).tolist():
            number, _, columns = self._rest[position]
            held = together.get(number)
            together[number] = columns if held is None else held | columns
        for number, columns in together.items():
            _put(matrix, self._rows[number], columns)


class PortBits:
    """Who may connect to whom on each interval of ports."""

    def __init__(self, cluster: floor.Cluster) -> None:
        """Make the rules of both directions; pods on the network of their node are left out."""
        self.pods = pods_of(cluster)
        names = {each.metadata.name: each.metadata.labels for each in cluster.of(floor.Namespace)}
        size = len(self.pods)
        self._own = LabelIndex((each.metadata.labels for each in self.pods), size)
        self._namespace = LabelIndex((names[each.metadata.namespace] for each in self.pods), size)
        self._home = LabelIndex(({"": each.metadata.namespace} for each in self.pods), size)
        self._everyone = self._own.everyone()
        self._known: dict[tuple[str, bytes], Bits] = {}
        self._named: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for position, pod in enumerate(self.pods):
            for port in (each for container in pod.spec.containers for each in container.ports if each.name):
                self._named[port.protocol, port.name][port.container_port].append(position)
        policies: list[floor.NetworkPolicy] = cluster.of(floor.NetworkPolicy)
        self.axis = Axis(policies, self._named)
        self._ingress, self._egress = (self._side(policies, direction) for direction in _DIRECTIONS)
        masks = np.concatenate([self._ingress.masks, self._egress.masks])
        alike: dict[bytes, list[int]] = defaultdict(list)
        for interval in range(self.axis.size):
            alike[masks[:, interval].tobytes()].append(interval)
        self.groups = list(alike.values())
        """Intervals that the same rules hold for, in an order by chance, so that the first ones are a fair sample."""
        random.Random(1).shuffle(self.groups)

    def matrices(self) -> Iterator[tuple[list[int], Bits]]:
        """Yield intervals and their matrix, bit (source, destination), rows packed; the next one overwrites it."""
        matrix, other = np.empty_like(self._egress.base), np.empty_like(self._ingress.base)
        for group in self.groups:
            self._egress.fill(matrix, group[0])
            self._ingress.fill(other, group[0])
            matrix &= other
            yield group, matrix

    def _side(self, policies: list[floor.NetworkPolicy], direction: str) -> _Side:
        side, isolated = _Side(len(self.pods)), np.zeros_like(self._everyone)
        for policy in policies:
            if not isolates(policy, direction):
                continue
            home = self._home.bits("", policy.metadata.namespace)
            selected = home & self._selected(self._own, policy.spec.pod_selector)
            isolated |= selected
            for rule in policy.spec.ingress if direction == "Ingress" else policy.spec.egress:
                peers = self._peers(rule.sources if direction == "Ingress" else rule.destinations, home)
                rows, columns = (peers, selected) if direction == "Ingress" else (selected, peers)
                for allowed, mask in self._allowed(rule, columns):
                    side.add(rows, allowed, mask)
        open_ = self._everyone & ~isolated
        base = np.zeros((len(self.pods), len(open_)), dtype=np.uint8)
        if direction == "Ingress":
            base |= open_
        else:
            base[np.flatnonzero(np.unpackbits(open_, count=len(self.pods)))] = self._everyone
        side.close(base)
        return side

    def _allowed(self, rule: floor.Rule, columns: Bits) -> Iterator[tuple[Bits, NDArray[np.bool_]]]:
        """Yield destinations and the intervals of a rule; port names mean what the destination declares."""
        if not rule.ports:
            yield columns, np.ones(self.axis.size, dtype=bool)
        plain = np.zeros(self.axis.size, dtype=bool)
        for port in rule.ports:
            if port.port is None:
                plain |= self.axis.mask(port.protocol)
            elif isinstance(port.port, int):
                plain |= self.axis.mask(port.protocol, port.port, port.end_port or port.port)
            else:
                for number, pods in self._named.get((port.protocol, port.port), {}).items():
                    declaring = np.zeros(len(self.pods), dtype=bool)
                    declaring[pods] = True
                    yield columns & np.packbits(declaring), self.axis.mask(port.protocol, number, number)
        if plain.any():
            yield columns, plain

    def _peers(self, peers: tuple[floor.Peer, ...], home: Bits) -> Bits:
        found = np.zeros_like(home) if peers else self._everyone
        for peer in peers:
            if peer.ip_block is None:
                namespaces = home
                if peer.namespace_selector is not None:
                    namespaces = self._selected(self._namespace, peer.namespace_selector)
                own = self._everyone
                if peer.pod_selector is not None:
                    own = self._selected(self._own, peer.pod_selector)
                found |= namespaces & own
        return found

    def _selected(self, index: LabelIndex, selector: floor.Selector) -> Bits:
        key = "own" if index is self._own else "namespace", msgpack.encode(selector)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = index.selected(selector)
        return found


def _put(matrix: Bits, rows: NDArray[np.int64], columns: Bits) -> None:
    if len(rows) == len(matrix):
        matrix |= columns
    else:
        matrix[rows] |= columns


def _ports(policy: floor.NetworkPolicy) -> Iterator[floor.Port]:
    return (port for rules in (policy.spec.ingress, policy.spec.egress) for rule in rules for port in rule.ports)
