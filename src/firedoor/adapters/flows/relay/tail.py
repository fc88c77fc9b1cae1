"""Somebody who tells flows over gRPC, followed beside a cluster, over breaks and restarts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.looking import Looking
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.errors import SourceError
from firedoor.model.flow_following import FlowPlace, FollowedPart

_MARK = msgspec.msgpack.Decoder(tuple[int, bytes])


class Tail(ABC):
    """
    The flows of one server; implements ``interfaces.FlowFollower``.

    At first those from now on, and later all since then that it still holds. A connection that breaks is made again,
    each time a little later, for as long as it takes.
    """

    def __init__(self, server: Server, method: str, name: str, base: int) -> None:
        """Ask nothing yet; `name` is that of the mark, and `base` from when on flows are wanted."""
        self._server = server
        self._name = name
        self._is_closed = False
        self._stream = Stream(
            server, method, Wanted(follow=True), lambda: self._is_closed, lambda _: None, tick=0, gives_up=False
        )
        self._go_on(base, b"", is_awaited=False)

    @property
    def troubles(self) -> Mapping[str, str]:
        """Why it does not answer."""
        problem = self._stream.problem
        if problem is None:
            return {}
        return {self._server.name: f"{problem.problem}{f'; {problem.remedy}' if problem.remedy else ''}"}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:  # noqa: ARG002 - it has no files
        """Go on from a mark; raises ``SourceError`` where it is none."""
        mark = marks.get(self._name)
        if mark is None:
            return
        try:
            base, kept = _MARK.decode(mark)
            self._go_on(base, kept, is_awaited=True)
        except msgspec.DecodeError as error:
            raise SourceError(
                f"how far it was followed cannot be read: {error}",
                place=self._server.name,
                remedy="begin anew with --forget",
            ) from error

    @abstractmethod
    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come, of no more than some messages."""

    def places(self) -> tuple[FlowPlace, ...]:
        """Return none."""
        return ()

    def marks(self) -> dict[str, bytes]:
        """Return how far it was followed."""
        return {self._name: msgspec.msgpack.encode((self._base, self._mark()))}

    def close(self) -> None:
        """Ask for no more."""
        self._is_closed = True
        self._looking.close()

    def _go_on(self, base: int, mark: bytes, *, is_awaited: bool) -> None:
        self._base = base
        self._looking = Looking(self._stream, self._requests(base, mark), is_awaited=is_awaited)

    @abstractmethod
    def _requests(self, base: int, mark: bytes) -> Callable[[], object]:
        """Begin anew, and return what makes requests; raises ``msgspec.DecodeError`` where the mark is none."""

    @abstractmethod
    def _mark(self) -> bytes:
        """Return what a later start needs to go on."""
