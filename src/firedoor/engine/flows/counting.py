"""
Sightings of connections, counted into rows that can be added up in any order.

A connection that was seen in the part before goes on rather than begins, and is not counted again; so
is one that was seen both at the address of a service and at that of the pod behind it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from firedoor.engine.flows.resolving import Resolved, Resolver
from firedoor.engine.flows.sightings import HOUR
from firedoor.model.flow_reading import FlowPart, FlowRow, Sighting
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict

MOST_REMEMBERED = 1 << 17
"""How many connections are remembered from one part to the next, those that were seen last."""

_Key = tuple[FlowPeer, FlowPeer, str, int, FlowVerdict, str, int]


class Remembered:
    """The connections that were seen last, as hashes: what goes on needs them, and what is resumed as well."""

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        """Begin with those of before."""
        self._hashes = dict.fromkeys(hashes)

    def renew(self, found: int) -> bool:
        """Remember a connection; return whether it was before."""
        was_there = found in self._hashes
        if was_there:
            del self._hashes[found]
        self._hashes[found] = None
        return was_there

    def hashes(self) -> list[int]:
        """Return those that were seen last, the oldest first, and forget the others."""
        for old in list(self._hashes)[: max(0, len(self._hashes) - MOST_REMEMBERED)]:
            del self._hashes[old]
        return list(self._hashes)


def count_part(part: FlowPart, resolver: Resolver, remembered: Remembered) -> list[FlowRow]:
    """Return the rows of a part, and put into its tally what could not be attributed."""
    tally = part.tally
    tally.direction_unknown += sum(each.connections for each in part.undirected)
    rows = _Rows()
    resolved = [(each, resolver.resolve(each)) for each in part.connections]
    at_services = any(found.is_translated for _, found in resolved)
    direct = {_client(each, found) for each, found in resolved if not found.is_translated} if at_services else set()
    for seen, found in resolved:
        is_known = remembered.renew(_hash(seen))
        count = 0 if is_known or (found.is_translated and _client(seen, found) in direct) else seen.count
        rows.add(seen, found, count)
        tally.connections += count
        if not found.is_attributed:
            tally.unattributed += count
    for seen in part.totals:
        found = resolver.resolve(seen)
        rows.add(seen, found, seen.count)
        tally.connections += seen.count
        tally.unattributed += 0 if found.is_attributed else seen.count
    return rows.rows()


class _Row:
    __slots__ = ("count", "first", "last", "octets", "packets", "policies")

    def __init__(self, seen: Sighting) -> None:
        self.count = self.packets = self.octets = 0
        self.first, self.last = seen.first, seen.last
        self.policies: set[str] = set()

    def row(self, key: _Key) -> FlowRow:
        source, destination, protocol, port, verdict, side, hour = key
        edge = FlowEdge(source, destination, protocol, port, verdict, self.count, self.first, self.last)
        return FlowRow(edge, side, hour, self.packets, self.octets, tuple(sorted(self.policies)))


class _Rows:
    """Rows in the making; peers are told apart by numbers, for few of them come again and again."""

    def __init__(self) -> None:
        self._numbers: dict[FlowPeer, int] = {}
        self._known: dict[int, tuple[int, FlowPeer]] = {}
        self._found: dict[tuple[int, int, str, int, str, str, int], tuple[_Key, _Row]] = {}

    def add(self, seen: Sighting, found: Resolved, count: int) -> None:
        hour = seen.first // HOUR
        source, destination = found.source, found.destination
        # The text of a verdict has its hash at hand, the verdict has not.
        verdict = seen.verdict._value_
        key = (self._number(source), self._number(destination), seen.protocol, found.port, verdict, seen.side, hour)
        known = self._found.get(key)
        if known is None:
            whole = (source, destination, seen.protocol, found.port, seen.verdict, seen.side, hour)
            known = self._found[key] = (whole, _Row(seen))
        row = known[1]
        row.count += count
        row.packets += seen.packets
        row.octets += seen.octets
        if seen.first < row.first:  # noqa: PLR1730 - a call takes longer than a comparison
            row.first = seen.first
        if seen.last > row.last:  # noqa: PLR1730 - as above
            row.last = seen.last
        if seen.policies:
            row.policies.update(seen.policies)

    def rows(self) -> list[FlowRow]:
        return [row.row(key) for key, row in self._found.values()]

    def _number(self, peer: FlowPeer) -> int:
        # The same object is the same peer for as long as it is kept here.
        known = self._known.get(id(peer))
        if known is None:
            known = self._known[id(peer)] = (self._numbers.setdefault(peer, len(self._numbers)), peer)
        return known[0]


def _client(seen: Sighting, found: Resolved) -> tuple[object, ...]:
    """Return what a connection to a service and the same one to the pod behind it have in common."""
    return (seen.source.address, seen.source.port, seen.protocol, seen.side, found.destination, found.port)


def _hash(seen: Sighting) -> int:
    source, destination = seen.source, seen.destination
    ends = f"{source.address} {source.port} {destination.address} {destination.port}"
    text = f"{seen.protocol} {ends} {seen.side} {seen.verdict}"
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
