"""What reading flows comes to: sightings of connections, counts of what was told, and rows that can be added up."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

from firedoor.model.flows import FlowEdge, FlowEnd, FlowRecord, FlowVerdict

Connection: TypeAlias = tuple[str, str, int, str, int, str]
"""Protocol, address and port of the end that opened it, of the other end, and the end that reports."""


class Sighting(Struct, gc=False):
    """
    What one end of a connection reported of it, taken together.

    `source` is the end that opened it. `count` is how many connections it stands for; nanoseconds since 1970.
    """

    source: FlowEnd
    destination: FlowEnd
    protocol: str
    verdict: FlowVerdict
    side: str
    first: int
    last: int
    count: int = 1
    packets: int = 0
    octets: int = 0
    translated: FlowEnd | None = None
    node: str = ""
    policies: tuple[str, ...] = ()


class ConnectionColumns(Struct, gc=False):
    """
    Many connections of one each, which nothing but what is here is told of: what `Sighting` has, as columns.

    `rows` are bytes of the columns that ``engine.flows.columns`` names; `ends` have no port.
    """

    ends: list[FlowEnd]
    policies: list[tuple[str, ...]]
    rows: bytes


class FlowTally(Struct, gc=False):
    """
    Counts of what a part of a source told.

    `records` are flows, `ignored` well-formed things that are none, by reason; `lost` what the source
    says it dropped. `direction_unknown` counts records of which neither they nor others of the same
    connection tell who opened it; `unattributed` connections with an end that nobody is known to be.
    """

    lines: int = 0
    records: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    malformed: int = 0
    direction_unknown: int = 0
    connections: int = 0
    unattributed: int = 0
    first: int = 0
    last: int = 0

    def add(self, other: FlowTally) -> None:
        """Take in what another part told."""
        self.first = min(filter(None, (self.first, other.first)), default=0)
        self.last = max(self.last, other.last)
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for reason, count in other.ignored.items():
            self.ignored[reason] = self.ignored.get(reason, 0) + count


_COUNTS = ("lines", "records", "lost", "malformed", "direction_unknown", "connections", "unattributed")


class MalformedFlow(Struct, frozen=True, gc=False):
    """A line that is not what its format says: its number, where it begins in bytes, why, and its text."""

    line: int
    offset: int
    reason: str
    text: str


class FlowRow(Struct, frozen=True, gc=False):
    """
    An edge as one side reported it within one hour: the smallest thing that is stored, and can be added up.

    `side` is ``egress`` or ``ingress`` (who reported it), or empty where that is not known.
    """

    edge: FlowEdge
    side: str
    hour: int
    packets: int
    octets: int
    policies: tuple[str, ...]


class FlowPart(Struct, gc=False):
    """What was read of a part of a source, before anything is attributed."""

    tally: FlowTally
    connections: list[Sighting]
    totals: list[Sighting]
    undirected: list[FlowRecord]
    owners: dict[str, str]
    """The topmost owner of each pod of which the source tells it: ``namespace/pod`` to ``Kind/name``."""
    malformed: list[MalformedFlow]
    columns: ConnectionColumns | None = None
    """Connections besides those in `connections`; none is in both."""


class ReadPart(Struct, gc=False):
    """A part of a source and where it ends: in bytes, lines, and by the last bytes before its end."""

    part: FlowPart
    position: int
    lines: int
    tail: bytes
    is_whole: bool = False
    """Whether the source ended as a whole document, so that nothing can be added to it."""
    mark: bytes = b""
    """What a source that has no positions of its own needs to go on from here."""


class SourceMemory(Struct, gc=False):
    """
    What is remembered of a source, for what goes on after it.

    The connections that it told last, as hashes, the owners of pods that it told, and its mark.
    """

    hashes: list[int] = []
    owners: dict[str, str] = {}
    mark: bytes = b""


class SourceEntry(Struct, gc=False, kw_only=True):
    """A source in the ledger of the store: what it is, how far it was read, and what it told so far."""

    id: str
    name: str
    format: str
    cluster: str
    head: str
    head_length: int
    position: int = 0
    lines: int = 0
    tail: str = ""
    tail_length: int = 0
    is_whole: bool = False
    tally: FlowTally = field(default_factory=FlowTally)
    memory: str = ""
    rejects: tuple[str, ...] = ()
    imported: int = 0


class FlowQuestion(Struct, frozen=True, gc=False):
    """
    Which edges are asked for; what is empty asks for all.

    `source` and `destination` are a namespace, ``namespace/workload`` or an address; times are
    nanoseconds since 1970, `until` not included, and hold for whole hours.
    """

    cluster: str = ""
    source: str = ""
    destination: str = ""
    port: int | None = None
    protocol: str = ""
    verdicts: tuple[FlowVerdict, ...] = ()
    since: int | None = None
    until: int | None = None


class FlowCoverage(Struct, frozen=True, gc=False):
    """How much of what happened the store knows: flows that were told, lost, and not understood."""

    sources: int
    tally: FlowTally

    @property
    def share(self) -> float | None:
        """The share of flows that were told, of those and the ones that sources say they lost; None of nothing."""
        whole = self.tally.records + self.tally.lost
        return self.tally.records / whole if whole else None


class StoredHours(Struct, frozen=True, gc=False):
    """What the store holds of a cluster: hours, files, bytes and rows."""

    cluster: str
    first: int
    last: int
    hours: int
    files: int
    octets: int
    rows: int


class FlowEdges(Struct, frozen=True, gc=False):
    """Edges, how many there are in all, and what they are based on."""

    edges: tuple[FlowEdge, ...]
    total: int
    coverage: FlowCoverage


class FlowHoldings(Struct, frozen=True, gc=False):
    """What was imported into a store, and what it holds of each cluster."""

    sources: tuple[SourceEntry, ...]
    hours: tuple[StoredHours, ...]
    coverage: FlowCoverage


class Imported(Struct, frozen=True, gc=False):
    """
    What an import of one source came to.

    `tally` is of what was new; `skipped` bytes were imported before. `is_cut` says that the
    last line had no end and was left for the next time.
    """

    entry: SourceEntry
    tally: FlowTally
    skipped: int
    malformed: tuple[MalformedFlow, ...]
    is_cut: bool
    note: str = ""
