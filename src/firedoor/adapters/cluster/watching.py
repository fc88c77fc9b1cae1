"""One list of a server, followed from the state in which it was read (``?watch``)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from threading import Event, Thread
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from firedoor.adapters.cluster.listing import Listing, decode_item, gap_of, list_all, pod_way
from firedoor.adapters.cluster.transport import FIRST_PAUSE, LONGEST_PAUSE, PassingTrouble, Refusal, Transport
from firedoor.adapters.cluster.troubles import unreachable
from firedoor.errors import FiredoorError, SourceError
from firedoor.interfaces import Silent
from firedoor.model.places import Gap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3 import BaseHTTPResponse

    from firedoor.adapters.cluster.config import Connection
    from firedoor.adapters.cluster.readout import Held
    from firedoor.model.decoding import ModelObject

WATCH_SECONDS = 150
_SLACK = 15.0
_SHORT = 1.0
_PATIENCE = 2.0
_POLL_SECONDS = 60.0
"""How often a list is read that may not be watched."""
_LARGEST_EVENT = 64 << 20


class Put(Struct, frozen=True):
    """An object, or the gap of one that cannot be read, is now what is at a path; None where nothing is any more."""

    held: Held
    path: str
    value: ModelObject | Gap | None


class Replaced(Struct, frozen=True):
    """The whole list was read anew, since the server no longer had the state that was to be followed."""

    held: Held
    listing: Listing


class Troubled(Struct, frozen=True):
    """The list cannot be followed for the time being, for this reason; an empty one says that it is over."""

    held: Held
    reason: str


class Lost(Struct, frozen=True):
    """The list can no longer be read in this way; nothing more comes of it."""

    held: Held


News = Put | Replaced | Troubled | Lost


class _Meta(Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    resource_version: str = ""


class _Object(Struct):
    metadata: _Meta = field(default_factory=_Meta)
    code: int = 0
    message: str = ""


class _Event(Struct):
    type: str
    object: msgspec.Raw


class _GoneError(Exception):
    """The server no longer has the state that was asked for (410)."""


class WatchSettings(Struct, frozen=True):
    """
    How lists are read anew, for how many seconds a server may be silent then, and numbers from 0 to 1.

    After `seconds`, and up to half as long again, a stream is ended and begun anew: a dead one is noticed by then.
    """

    page_size: int
    timeout: float
    jitter: Callable[[], float]
    seconds: int = WATCH_SECONDS


class Watch:
    """Follows one list in a thread of its own, and tells what is new in the order of the server."""

    def __init__(
        self, connection: Connection, held: Held, settings: WatchSettings, tell: Callable[[News], None]
    ) -> None:
        """`tell` is called in the thread."""
        self._held = held
        self._settings = settings
        self._jitter = settings.jitter
        self._tell = tell
        self._version = held.listing.version
        self._stopped = Event()
        self._transport = Transport(connection, settings.timeout, self._wait, self._jitter)
        self._stream: BaseHTTPResponse | None = None
        self._is_troubled = False
        self._pods = pod_way(held.resource, held.namespace)
        self._seen = 0
        self._thread = Thread(target=self._run, name=f"watch {self._path}", daemon=True)

    @property
    def _path(self) -> str:
        return self._held.resource.path(self._held.namespace)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Begin to end; from now on nothing is told any more."""
        self._stopped.set()
        stream = self._stream
        if stream is not None:
            # Also raised where the stream ended by itself in this instant.
            with suppress(Exception):
                stream.shutdown()

    def join(self) -> None:
        """Wait for the end, if it comes soon: a server may keep a request waiting for long, and nobody else need."""
        self._thread.join(_PATIENCE)

    def _wait(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def _run(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            seen, began = self._seen, time.monotonic()
            wait = 0.0
            try:
                self._follow()
                reason = "the server ends the stream at once" if time.monotonic() - began < _SHORT else ""
            except _GoneError:
                if not self._read_anew():
                    return
                continue
            except Refusal as refusal:
                if not self._read_anew():
                    return
                reason = f"it may be listed and not watched ({refusal.code}); grant the verb watch"
                wait = _POLL_SECONDS
            except PassingTrouble as trouble:
                reason, wait = _told(trouble.lasting), trouble.retry_after or 0.0
            except SourceError as error:
                reason = error.problem
            if self._seen > seen or not reason:
                failures = 0
                continue
            failures += 1
            self._trouble(reason)
            pause = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE) * (0.5 + self._jitter())
            self._wait(max(pause, wait))

    def _read_anew(self) -> bool:
        """Read the whole list; return whether it can be followed from there."""
        try:
            held = self._held
            listing = list_all(self._transport, held.resource, held.namespace, self._settings.page_size, Silent())
        except Refusal:
            self._send(Lost(self._held))
            return False
        except SourceError as error:
            self._trouble(error.problem)
            self._wait(LONGEST_PAUSE * self._jitter())
            return True
        self._version = listing.version
        self._send(Replaced(self._held, listing))
        return True

    def _follow(self) -> None:
        """Take events until the stream ends; raises for all but a good end."""
        seconds = int(self._settings.seconds * (1 + self._jitter() / 2))
        query = {"watch": "1", "allowWatchBookmarks": "true", "resourceVersion": self._version}
        try:
            stream = self._transport.open(self._path, seconds + _SLACK, timeoutSeconds=seconds, **query)
        except Refusal as refusal:
            if refusal.code == HTTPStatus.GONE:
                raise _GoneError from refusal
            raise
        except PassingTrouble as trouble:
            # How a server answers that has gone back to an older state, and waits for this one in vain.
            if isinstance(trouble.lasting, Refusal) and trouble.lasting.code == HTTPStatus.GATEWAY_TIMEOUT:
                raise _GoneError from trouble
            raise
        self._stream = stream
        try:
            if self._stopped.is_set():
                return
            self._trouble("")
            for line in _lines(stream, self._transport.server):
                self._take(msgspec.json.decode(line, type=_Event))
        except msgspec.DecodeError as error:
            problem = f"the stream of {self._path} is not what an API server sends: {error}"
            raise PassingTrouble(SourceError(problem, place=self._transport.server)) from error
        finally:
            self._stream = None
            stream.close()

    def _take(self, event: _Event) -> None:
        about = msgspec.json.decode(event.object, type=_Object)
        if event.type == "ERROR":
            if about.code == HTTPStatus.GONE:
                raise _GoneError
            raise PassingTrouble(SourceError(f"the server ended the stream: {about.message}"))
        self._seen += 1
        if event.type != "BOOKMARK":
            resource, meta = self._held.resource, about.metadata
            path = resource.path(meta.namespace or self._held.namespace, meta.name)
            value = None if event.type == "DELETED" else self._decoded(event.object)
            if value is not None and not isinstance(value, Gap) and value.place.source == path:
                # The same text, which is kept as long as the object is, need not be there twice.
                path = value.place.source
            self._send(Put(self._held, path, value))
        self._version = about.metadata.resource_version or self._version

    def _decoded(self, raw: msgspec.Raw) -> ModelObject | Gap | None:
        if self._pods is not None and self._pods.is_full:
            self._pods = pod_way(self._held.resource, self._held.namespace)
        try:
            return decode_item(self._held.resource, self._held.namespace, raw, self._pods)
        except (msgspec.MsgspecError, TypeError, AttributeError, ValueError) as error:
            return gap_of(self._held.resource, self._held.namespace, raw, 0, str(error))

    def _trouble(self, reason: str) -> None:
        """Tell that following fails, or (without a reason) that it works again."""
        if reason or self._is_troubled:
            self._is_troubled = bool(reason)
            self._send(Troubled(self._held, reason))

    def _send(self, news: News) -> None:
        if not self._stopped.is_set():
            self._tell(news)


def _lines(stream: BaseHTTPResponse, server: str) -> Iterator[bytes]:
    """Yield the lines of a stream as they come; what stands behind the last end of line is cut off, and left."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with the official client, and is as lazy

    begun = bytearray()
    try:
        while chunk := stream.read1(decode_content=True):
            begun += chunk
            if b"\n" in chunk:
                *whole, rest = begun.split(b"\n")
                yield from filter(None, map(bytes, whole))
                begun = bytearray(rest)
            elif len(begun) > _LARGEST_EVENT:
                raise PassingTrouble(SourceError("an event is larger than any object can be", place=server))
    except (HTTPError, OSError, ValueError) as error:
        # The last is raised where the stream is ended by `stop` just before it is read.
        raise PassingTrouble(unreachable(error, server).error) from error


def _told(error: Exception) -> str:
    return error.problem if isinstance(error, FiredoorError) else str(error)
