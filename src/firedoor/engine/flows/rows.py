"""Rows in the making: edges as one side reported them within an hour, added up."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from firedoor.engine.flows.resolving import Resolved
from firedoor.model.flow_reading import FlowRow
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict


class Counted(Struct, frozen=True, gc=False):
    """Connections with one verdict that one side reported in an hour, and what is to be added up of them."""

    protocol: str
    verdict: FlowVerdict
    side: str
    hour: int
    count: int
    first: int
    last: int
    packets: int = 0
    octets: int = 0


class Rows:
    """Rows by what they are about; peers are told apart by numbers, for few of them come again and again."""

    def __init__(self) -> None:
        """Begin without any."""
        self._numbers: dict[FlowPeer, int] = {}
        self._known: dict[int, tuple[int, FlowPeer]] = {}
        self._found: dict[tuple[int, int, str, int, str, str, int], _Row] = {}

    def add(self, found: Resolved, told: Counted, policies: Iterable[str]) -> None:
        """Add connections between two peers."""
        # The text of a verdict has its hash at hand, the verdict has not.
        verdict = told.verdict._value_
        ends = (self._number(found.source), self._number(found.destination))
        key = (*ends, told.protocol, found.port, verdict, told.side, told.hour)
        row = self._found.get(key)
        if row is None:
            row = self._found[key] = _Row(found, told)
        row.count += told.count
        row.packets += told.packets
        row.octets += told.octets
        if told.first < row.first:  # noqa: PLR1730 - a call takes longer than a comparison
            row.first = told.first
        if told.last > row.last:  # noqa: PLR1730 - as above
            row.last = told.last
        if policies:
            row.policies.update(policies)

    def rows(self) -> list[FlowRow]:
        """Return them."""
        return [each.row() for each in self._found.values()]

    def _number(self, peer: FlowPeer) -> int:
        # The same object is the same peer for as long as it is kept here.
        known = self._known.get(id(peer))
        if known is None:
            known = self._known[id(peer)] = (self._numbers.setdefault(peer, len(self._numbers)), peer)
        return known[0]


class _Row:
    __slots__ = ("_found", "_told", "count", "first", "last", "octets", "packets", "policies")

    def __init__(self, found: Resolved, told: Counted) -> None:
        self._found, self._told = found, told
        self.count = self.packets = self.octets = 0
        self.first, self.last = told.first, told.last
        self.policies: set[str] = set()

    def row(self) -> FlowRow:
        found, told = self._found, self._told
        edge = FlowEdge(
            found.source,
            found.destination,
            told.protocol,
            found.port,
            told.verdict,
            self.count,
            self.first,
            self.last,
        )
        return FlowRow(edge, told.side, told.hour, self.packets, self.octets, tuple(sorted(self.policies)))
