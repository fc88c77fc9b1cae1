"""A live cluster as it changes: read once, then followed, and read anew where that no longer holds."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from firedoor.adapters.cluster.config import connected
from firedoor.adapters.cluster.discovery import Discovery, discover
from firedoor.adapters.cluster.following import Following
from firedoor.adapters.cluster.reading import Reader
from firedoor.adapters.cluster.transport import LONGEST_PAUSE, Refusal, Transport
from firedoor.adapters.cluster.watching import WATCH_SECONDS, News, Watch, WatchSettings
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.feed import Turn
from firedoor.model.snapshot import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.cluster.config import Connection
    from firedoor.adapters.cluster.reading import SettingsReader
    from firedoor.adapters.cluster.readout import Readout
    from firedoor.interfaces import Progress


_LEAST = 1.0
_TIMES = 4.0
"""Changes that keep coming are gathered for so many times as long as it took to judge the last ones."""


class Stopping(Protocol):
    """Tells when to stop, as ``threading.Event`` does."""

    def is_set(self) -> bool:
        """Return whether it is time to stop."""

    def wait(self, timeout: float, /) -> object:
        """Return after so many seconds, or when it is time to stop."""


@dataclass(frozen=True, slots=True)
class ClusterFeed:
    """
    Follows the API server that kubectl would talk to.

    `kubeconfig`, `context`, `namespaces` and `mesh` are those of ``ClusterSource``. After a change nothing else must
    happen for `quiet` seconds before there is a turn, but none waits longer than `longest`, or than a few times as
    long as the last turn took whoever asked for it, where that is shorter. After `heartbeat` seconds without a change
    there is a turn without one. Every `rediscover` seconds the kinds that the server has are looked at again.
    `stopped` ends it; the rest is for tests.
    """

    stopped: Stopping
    kubeconfig: str | None = None
    context: str | None = None
    namespaces: tuple[str, ...] | None = None
    mesh: SettingsReader | None = None
    quiet: float = 0.5
    longest: float = 5.0
    rediscover: float = 300.0
    heartbeat: float = 15.0
    page_size: int = 500
    timeout: float = 60.0
    watch_seconds: int = WATCH_SECONDS
    jitter: Callable[[], float] = random.random

    def turns(self, progress: Progress) -> Iterator[Turn]:
        """
        Yield the cluster as it is, at least once, and then each time that it has changed, until `stopped` is set.

        Raises ``SourceError`` where it cannot be read at first; afterwards troubles are told with the turns,
        and whatever can be is tried again.
        """
        failures, has_begun = 0, False
        with connected(self.kubeconfig, self.context) as connection:
            while not (has_begun and self.stopped.is_set()):
                try:
                    found, readout = self._read(connection, _QUIET if has_begun else progress)
                except SourceError:
                    if not has_begun:
                        raise
                    failures += 1
                    self._wait(min(2.0**failures, LONGEST_PAUSE) * (0.5 + self.jitter()))
                    continue
                failures, has_begun = 0, True
                yield from self._follow(connection, found, readout)

    def _transport(self, connection: Connection) -> Transport:
        return Transport(connection, self.timeout, self._wait, self.jitter)

    def _wait(self, seconds: float) -> None:
        self.stopped.wait(seconds)

    def _read(self, connection: Connection, progress: Progress) -> tuple[Discovery, Readout]:
        transport = self._transport(connection)
        found = discover(transport)
        reader = Reader(transport, self.page_size, progress, connection.namespace, None, self.mesh)
        return found, reader.read(found, self.namespaces)

    def _follow(self, connection: Connection, found: Discovery, readout: Readout) -> Iterator[Turn]:
        """Yield the state that was read and those that come after it, until it has to be read anew."""
        news: SimpleQueue[News] = SimpleQueue()
        settings = WatchSettings(self.page_size, self.timeout, self.jitter, self.watch_seconds)
        watches = [Watch(connection, each, settings, news.put) for each in readout.held]
        state = Following(readout, is_whole=self.namespaces is None)
        try:
            for each in watches:
                each.start()
            snapshot = state.snapshot(_origin(connection, found))
            yield Turn(snapshot)
            looked = told = time.monotonic()
            took = 0.0
            while not (self.stopped.is_set() or state.is_outdated):
                lag = self._gather(news, state, min(self.longest, max(_LEAST, _TIMES * took)))
                if state.wants_settings and not self._read_settings(connection, readout):
                    return
                if state.has_news:
                    began = time.monotonic()
                    changes = state.changes()
                    snapshot = state.snapshot(_origin(connection, found))
                    yield Turn(snapshot, changes, lag, dict(state.troubles))
                    told = time.monotonic()
                    took = told - began
                elif time.monotonic() - told >= self.heartbeat:
                    yield Turn(snapshot, (), 0.0, dict(state.troubles))
                    told = time.monotonic()
                if time.monotonic() - looked > self.rediscover:
                    looked = time.monotonic()
                    if self._is_other(connection, found):
                        return
        finally:
            for each in watches:
                each.stop()
            for each in watches:
                each.join()

    def _read_settings(self, connection: Connection, readout: Readout) -> bool:
        """Read the settings of the mesh again; return whether that could be done."""
        try:
            Reader(self._transport(connection), 0, _QUIET, "", None, self.mesh, readout).read_settings()
        except SourceError:
            return False
        return True

    def _gather(self, news: SimpleQueue[News], state: Following, longest: float) -> float:
        """Take news until there are none for a while, and return how many seconds the first of them has waited."""
        began = 0.0
        while not self.stopped.is_set():
            try:
                state.take(news.get(timeout=self.quiet))
            except Empty:
                break
            began = began or (time.monotonic() if state.has_news else 0.0)
            if began and time.monotonic() - began > longest:
                break
        return time.monotonic() - began if began else 0.0

    def _is_other(self, connection: Connection, found: Discovery) -> bool:
        """Return whether the server now has other kinds, or is of another version; not being told is no change."""
        try:
            return discover(self._transport(connection)) != found
        except (SourceError, Refusal):
            return False


def _origin(connection: Connection, found: Discovery) -> Origin:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Origin("cluster", (connection.server,), at, found.server_version)


_QUIET = Silent()
