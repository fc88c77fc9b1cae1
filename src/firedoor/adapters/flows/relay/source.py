"""Hubble Relay as a source of flows: they are read in parts by time, and an import goes on after what was read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import msgspec
from google.protobuf.message import DecodeError

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.cursor import Cursor, Gap
from firedoor.adapters.flows.relay.reading import Reading
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.adapters.flows.relay.wire import GetFlowsResponse
from firedoor.errors import SourceError
from firedoor.interfaces import Progress
from firedoor.model.flow_reading import ReadPart, SourceEntry

FORMAT = "hubble-relay"
_SECOND = 1_000_000_000
_HOUR = 3600 * _SECOND
_MOST_NAMED = 5
_CONNECTED, _UNAVAILABLE, _ERROR = 1, 2, 4


@dataclass(frozen=True, slots=True)
class HubbleRelay:
    """The flows of a cluster, as its Hubble Relay tells them; one source, under whatever address it is reached."""

    server: Server
    wanted: Wanted
    cluster: str
    is_stopped: Callable[[], bool]
    tell: Callable[[str], None]

    @contextmanager
    def opened(self) -> Iterator[OpenRelay]:
        """Return it connected; raises ``SourceError`` where it does not answer as a Hubble Relay does."""
        stream = Stream(self.server, self.wanted, self.is_stopped, self.tell)
        yield OpenRelay(self.server.name, self.cluster, stream, self.wanted, stream.status())


class OpenRelay:
    """A Hubble Relay that has answered, to be read once."""

    def __init__(self, name: str, cluster: str, stream: Stream, wanted: Wanted, status: Any) -> None:
        """Keep whom to read, and what it says of itself."""
        self.name = name
        self.format = FORMAT
        self.head = f"{FORMAT} of {cluster}".encode()
        self.is_cut = False
        self.note = ""
        self._cluster = cluster
        self._stream = stream
        self._wanted = wanted
        self._held = int(status.num_flows)
        self._missing = {_node(each) for each in status.unavailable_nodes}
        self._failed: dict[str, str] = {}
        self._base: int | None = None if wanted.last else wanted.since
        self._earliest = 0
        self._is_begun = False

    def is_same(self, entry: SourceEntry) -> bool:
        """Return whether it is of the same cluster."""
        return entry.format == FORMAT and entry.cluster == self._cluster

    def parts(self, entry: SourceEntry, mark: bytes, progress: Progress) -> Iterator[ReadPart]:
        """Yield what was not read before, in parts by time and number."""
        cursor = _cursor(mark, self.name)
        reading = Reading(entry, cursor)
        problem: SourceError | None = None
        responses = self._stream.responses(lambda: self._asked(cursor))
        try:
            for data in responses:
                if data is not None:
                    self._take(data, reading, cursor)
                is_due = reading.is_due()
                if is_due or data is None:
                    progress.step("flows", reading.taken, None if self._wanted.follow else self._held or None)
                if is_due:
                    yield reading.part()
        except SourceError as error:
            problem = error
        finally:
            responses.close()
        if reading.has_more():
            yield reading.part()
        self.note = "; ".join(self._notes(cursor))
        if problem is not None:
            raise SourceError(
                f"the connection was lost, and {reading.taken:,} messages are kept: {problem.problem}",
                place=self.name,
                remedy="import again: it goes on where it ended",
            ) from problem

    def _asked(self, cursor: Cursor) -> int | None:
        """Begin a call; return since when flows are needed, None for as many of the last ones as are wanted."""
        self._is_begun = False
        if self._base is None and self._earliest:
            # The last ones were told before; what is needed now is all since the first of them.
            self._base = self._earliest
        since = None if self._base is None else cursor.since(self._base)
        cursor.begin(since)
        return since

    def _take(self, data: bytes, reading: Reading, cursor: Cursor) -> None:
        try:
            response = GetFlowsResponse.FromString(data)
        except DecodeError as error:
            if cursor.takes_apart("", 0, _hash(data)):
                reading.reject(f"no message of the Observer service: {error}", data)
            return
        kind = response.WhichOneof("kind")
        if kind == "flow":
            flow = response.flow
            node = _node(response.node_name or flow.node_name)
            when, uuid = _nanoseconds(flow.time if flow.HasField("time") else response.time), flow.uuid
            found = _hash(uuid.encode() if uuid else data)
            if when:
                self._earliest = min(self._earliest or when, when)
            if (cursor.takes if when else cursor.takes_apart)(node, when, found):
                reading.take(response)
            self._missing.discard(node)
        elif kind == "node_status":
            self._take_status(response.node_status, cursor)
        elif cursor.takes_apart(_node(response.node_name), _nanoseconds(response.time), _hash(data)):
            if kind is None:
                reading.ignore("an event of a kind that is not known")
            else:
                reading.take(response)

    def _take_status(self, status: Any, cursor: Cursor) -> None:
        names = [_node(each) for each in status.node_names]
        state = status.state_change
        if state == _CONNECTED and not self._is_begun:
            self._is_begun = True
            if cursor.is_late(names, self._base or 0):
                self._stream.ask_again()
        elif state == _UNAVAILABLE:
            self._missing |= set(names)
        elif state == _ERROR:
            # It may come back, and without what it saw before it went.
            self._failed |= dict.fromkeys(names, status.message)

    def _notes(self, cursor: Cursor) -> Iterator[str]:
        if self._missing:
            yield f"the flows of nodes that could not be asked are missing: {_some(sorted(self._missing))}"
        if self._failed:
            named = [f"{node} ({why})" if why else node for node, why in sorted(self._failed.items())]
            yield f"nodes failed meanwhile, and flows of that time may be missing: {_some(named)}"
        if cursor.gaps:
            gaps = _some([_gap_text(each) for each in cursor.gaps])
            yield f"nodes no longer held all that they saw since the last import: {gaps}"


def _cursor(mark: bytes, name: str) -> Cursor:
    try:
        return Cursor(mark)
    except msgspec.DecodeError as error:
        raise SourceError(
            f"where the last import ended cannot be read: {error}",
            place=name,
            remedy="import into another store, with --store",
        ) from error


def _node(name: str) -> str:
    """Return the name of a node without that of a cluster which has none of its own: not all places have it."""
    return name.removeprefix("default/")


def _nanoseconds(moment: Any) -> int:
    """Return a time since 1970, 0 where it is none, or not yet: all before it would seem to have been told."""
    found = int(moment.seconds) * _SECOND + int(moment.nanos)
    return found if 0 < found < time.time_ns() + _HOUR else 0


def _hash(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def _gap_text(gap: Gap) -> str:
    return f"{gap.node or 'the server'} from {_text(gap.first)} to {_text(gap.last)}"


def _text(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment // _SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _some(names: list[str]) -> str:
    rest = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f", and {rest} more" if rest > 0 else "")
