"""What a relay says, sorted out: flows that are new, what was lost, and the nodes that cannot be asked."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from google.protobuf.message import DecodeError

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.cursor import Cursor, Gap
from firedoor.adapters.flows.relay.reading import Reading
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.adapters.flows.relay.wire import GetFlowsRequest, GetFlowsResponse

_SECOND = 1_000_000_000
_HOUR = 3600 * _SECOND
_MOST_NAMED = 5
_CONNECTED, _UNAVAILABLE, _GONE, _ERROR = 1, 2, 3, 4


class Intake:
    """
    Takes the messages of a stream, each once, and makes the request of each call.

    `unreachable` are the nodes that cannot be asked at this time.
    """

    def __init__(self, stream: Stream, cursor: Cursor, reading: Reading, wanted: Wanted) -> None:
        """Go on from a cursor."""
        self._stream = stream
        self._cursor = cursor
        self._reading = reading
        self._wanted = wanted
        self._base: int | None = None if wanted.last else wanted.since
        self._earliest = 0
        self._is_begun = False
        self._missing: set[str] = set()
        self._failed: dict[str, str] = {}
        self.unreachable: dict[str, str] = {}

    def miss(self, nodes: Iterable[str]) -> None:
        """Take what the server says of itself: that it cannot ask some nodes."""
        self._missing |= {_node(each) for each in nodes}

    def request(self) -> Any:
        """Begin a call, and return what is asked for."""
        self._is_begun = False
        if self._base is None and self._earliest:
            # The last ones were told before; what is needed now is all since the first of them.
            self._base = self._earliest
        since = None if self._base is None else self._cursor.since(self._base)
        self._cursor.begin(since)
        self.unreachable.clear()
        request = GetFlowsRequest(follow=self._wanted.follow)
        if since is None:
            request.number = self._wanted.last
        else:
            # All there is has to be asked for by a time: without one, what is followed begins with what comes next.
            request.since.seconds, request.since.nanos = divmod(max(since, 1), _SECOND)
        if self._wanted.until is not None:
            request.until.seconds, request.until.nanos = divmod(self._wanted.until, _SECOND)
        return request

    def take(self, data: bytes) -> None:
        """Take a message as it was on the wire."""
        cursor, reading = self._cursor, self._reading
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
            self.unreachable.pop(node, None)
        elif kind == "node_status":
            self._take_status(response.node_status)
        elif cursor.takes_apart(_node(response.node_name), _nanoseconds(response.time), _hash(data)):
            if kind is None:
                reading.ignore("an event of a kind that is not known")
            else:
                reading.take(response)

    def notes(self) -> Iterator[str]:
        """Yield what is missing from what was told."""
        if self._missing:
            yield f"the flows of nodes that could not be asked are missing: {_some(sorted(self._missing))}"
        if self._failed:
            named = [f"{node} ({why})" if why else node for node, why in sorted(self._failed.items())]
            yield f"nodes failed meanwhile, and flows of that time may be missing: {_some(named)}"
        if self._cursor.gaps:
            yield gaps_text(self._cursor.gaps, "the last import")

    def _take_status(self, status: Any) -> None:
        names = [_node(each) for each in status.node_names]
        state = status.state_change
        if state == _CONNECTED:
            for each in names:
                self.unreachable.pop(each, None)
            if not self._is_begun:
                self._is_begun = True
                if self._cursor.is_late(names, self._base or 0):
                    self._stream.ask_again()
        elif state == _UNAVAILABLE:
            self._missing |= set(names)
            self.unreachable |= dict.fromkeys(names, "it cannot be asked for its flows")
        elif state == _ERROR:
            # It may come back, and without what it saw before it went.
            self._failed |= dict.fromkeys(names, status.message)
            self.unreachable |= dict.fromkeys(names, status.message or "it failed")
        elif state == _GONE:
            for each in names:
                self.unreachable.pop(each, None)


def gaps_text(gaps: list[Gap], since: str) -> str:
    """Return which times are missing of which nodes, `since` something that came before."""
    found = _some([_gap_text(each) for each in gaps])
    return f"nodes no longer held all that they saw since {since}: {found}"


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
