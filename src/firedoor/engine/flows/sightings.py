"""Records of flows, gathered into connections: each is seen several times, at both ends and in both directions."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from firedoor.engine.flows.columns import VERDICTS, standing, taken_out
from firedoor.model.flow_reading import Connection, ConnectionColumns, FlowPart, FlowTally, Sighting
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict, LostFlows

HOUR = 3_600_000_000_000
"""An hour in nanoseconds."""

OTHER_SIDE = {"ingress": "egress", "egress": "ingress", "": ""}
_RANK = {verdict: rank for rank, verdict in enumerate(VERDICTS)}
# Policies are asked when a connection opens, never for replies: who is judged has opened it.
_OPENING = frozenset({FlowVerdict.DENIED, FlowVerdict.AUDITED})
_Ends = tuple[str, str, int, str, int]
_WITH_PORTS = frozenset({"TCP", "UDP", "SCTP"})


class Sightings:
    """What was seen of connections so far."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tally = FlowTally()
        self.connections: dict[Connection, Sighting] = {}
        self._totals: dict[tuple[object, ...], Sighting] = {}
        self._undirected: list[FlowRecord] = []
        self._owners: dict[str, str] = {}
        self._columns: ConnectionColumns | None = None

    def add(self, record: FlowRecord) -> None:
        """Take in a record."""
        self.told(record.start, record.end)
        is_first = is_opening(record)
        if is_first is None:
            self._undirected.append(record)
        else:
            self._directed(record, is_reply=not is_first)

    def told(self, first: int, last: int, count: int = 1) -> None:
        """Count records of a time; 0 is none."""
        tally = self.tally
        tally.records += count
        if last > tally.last:  # noqa: PLR1730 - a call takes longer than a comparison
            tally.last = last
        if first and (first < tally.first or not tally.first):
            tally.first = first

    def lose(self, lost: LostFlows) -> None:
        """Count what the source says it dropped."""
        self.tally.lost += lost.count

    def add_columns(self, columns: ConnectionColumns, ends: Iterable[FlowEnd]) -> None:
        """
        Take in connections as columns, once in a part; who counted their lines has said so to `told`.

        `ends` are all that the lines tell of.
        """
        self._columns = columns
        for end in ends:
            self._learn(end)

    def part(self) -> FlowPart:
        """Return all that was seen; records without a direction join the connection that others tell of."""
        if self._columns is not None:
            self._take_out(self._columns)
        left = [record for record in self._undirected if not self._joined(record)]
        return FlowPart(
            self.tally,
            list(self.connections.values()),
            list(self._totals.values()),
            left,
            self._owners,
            [],
            self._columns,
        )

    def _take_out(self, columns: ConnectionColumns) -> None:
        """Put what columns and records tell of the same connection together."""
        wanted = set(self.connections)
        for record in self._undirected:
            for _, key in _both_ways(record):
                wanted |= {(*key, side) for side in OTHER_SIDE}
        if wanted:
            self._columns, found = taken_out(columns, wanted)
            for connection, other in found:
                seen = self.connections.setdefault(connection, other)
                if seen is not other:
                    _take_in(seen, other)

    def _joined(self, record: FlowRecord) -> bool:
        for reply, known in _both_ways(record):
            if any((*known, side) in self.connections for side in OTHER_SIDE):
                self._directed(record, is_reply=reply)
                return True
        return False

    def _directed(self, record: FlowRecord, *, is_reply: bool) -> None:
        source, destination, side, verdict = opened(record, is_reply=is_reply)
        if record.connections != 1 or (not source.port and record.protocol in _WITH_PORTS):
            self._total(record, replace(source, port=0), destination, side, verdict)
            return
        key: Connection = (*_key(record.protocol, source, destination), side)
        seen = self.connections.get(key)
        if seen is None:
            seen = self.connections[key] = _new(record, source, destination, side, verdict)
            self._learn(source)
            self._learn(destination)
        else:
            _merge(seen, record, verdict)
            if not _is_same(seen.source, source):
                self._learn(source)
                seen.source = _better(seen.source, source)
            if not _is_same(seen.destination, destination):
                self._learn(destination)
                seen.destination = _better(seen.destination, destination)

    def _total(
        self, record: FlowRecord, source: FlowEnd, destination: FlowEnd, side: str, verdict: FlowVerdict
    ) -> None:
        hour = record.start // HOUR
        key = (record.protocol, source, destination, side, verdict, record.translated, hour, record.policies)
        found = self._totals.get(key)
        if found is None:
            self._totals[key] = _new(record, source, destination, side, verdict)
            self._learn(source)
            self._learn(destination)
            return
        found.count += record.connections * record.sampling
        found.packets += record.packets * record.sampling
        found.octets += record.octets * record.sampling
        found.first = min(found.first, record.start)
        found.last = max(found.last, record.end)

    def _learn(self, end: FlowEnd) -> None:
        if end.pod and end.workload:
            pod = f"{end.namespace}/{end.pod}"
            # Whichever is told first: of several always the same.
            self._owners[pod] = min(self._owners.get(pod, end.workload), end.workload)


def opened(record: FlowRecord, *, is_reply: bool) -> tuple[FlowEnd, FlowEnd, str, FlowVerdict]:
    """Return who opened the connection of a record, to whom, which of them reports it, and what that tells."""
    if not is_reply:
        return record.source, record.destination, record.direction, record.verdict
    # A reply shows that the connection was let through; that one was dropped shows nothing of policies.
    verdict = record.verdict if record.verdict is FlowVerdict.ALLOWED else FlowVerdict.OTHER
    return record.destination, record.source, OTHER_SIDE[record.direction], verdict


def is_opening(record: FlowRecord) -> bool | None:
    """Return whether the source of a record opened its connection; None where the record does not tell."""
    if record.is_reply is None:
        return True if record.verdict in _OPENING else None
    return not record.is_reply


def _both_ways(record: FlowRecord) -> tuple[tuple[bool, _Ends], tuple[bool, _Ends]]:
    """Return the ends of a record with either as the one that opened the connection, and whether it is a reply then."""
    key = _key(record.protocol, record.source, record.destination)
    return (False, key), (True, (key[0], *key[3:5], *key[1:3]))


def _key(protocol: str, source: FlowEnd, destination: FlowEnd) -> _Ends:
    return protocol, source.address, source.port, destination.address, destination.port


def _new(record: FlowRecord, source: FlowEnd, destination: FlowEnd, side: str, verdict: FlowVerdict) -> Sighting:
    sampling = record.sampling
    return Sighting(
        source,
        destination,
        record.protocol,
        verdict,
        side,
        record.start,
        record.end,
        record.connections * sampling,
        record.packets * sampling,
        record.octets * sampling,
        record.translated,
        record.node,
        record.policies,
    )


def _merge(seen: Sighting, record: FlowRecord, verdict: FlowVerdict) -> None:
    if record.start < seen.first:  # noqa: PLR1730 - a call takes longer than a comparison
        seen.first = record.start
    if record.end > seen.last:  # noqa: PLR1730 - as above
        seen.last = record.end
    if verdict is not seen.verdict and _RANK[verdict] > _RANK[seen.verdict]:
        seen.verdict = verdict
    seen.packets += record.packets * record.sampling
    seen.octets += record.octets * record.sampling
    if record.policies and record.policies != seen.policies:
        seen.policies = tuple(sorted({*seen.policies, *record.policies}))
    if seen.translated is None:
        seen.translated = record.translated


def _take_in(seen: Sighting, other: Sighting) -> None:
    """Put what another sighting of the same connection tells into one; `other` is of lines that count no packets."""
    seen.first = min(seen.first, other.first)
    seen.last = max(seen.last, other.last)
    seen.verdict = max(seen.verdict, other.verdict, key=_RANK.__getitem__)
    seen.policies = tuple(sorted({*seen.policies, *other.policies}))
    seen.source = _better(seen.source, other.source)
    seen.destination = _better(seen.destination, other.destination)


def _is_same(one: FlowEnd, other: FlowEnd) -> bool:
    """Return whether two ends at one address tell the same of who it is; calls and tuples would take longer."""
    return (
        one.pod == other.pod
        and one.workload == other.workload
        and one.namespace == other.namespace
        and one.names == other.names
        and one.role == other.role
    )


def _better(known: FlowEnd, other: FlowEnd) -> FlowEnd:
    """Return the end that tells more of who it is."""
    return min(known, other, key=standing)
