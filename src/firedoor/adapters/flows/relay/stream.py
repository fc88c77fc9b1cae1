"""
The answers of a server as one stream, over as many connections as it takes.

A thread of its own receives, so that whoever reads can look at the clock, and be stopped, while nothing comes.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Self

import grpc

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.faults import fault, is_final
from firedoor.adapters.flows.relay.wire import (
    GET_FLOWS,
    SERVER_STATUS,
    GetFlowsRequest,
    ServerStatusRequest,
    ServerStatusResponse,
)
from firedoor.errors import SourceError

_MOST_WAITING = 10_000
_PATIENCE = 10
_TICK = 0.2
_MOST_ATTEMPTS = 5
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0
_SECOND = 1_000_000_000


class Stream:
    """What a server tells from now on; `tell` takes what a person may want to know while it goes on."""

    def __init__(
        self, server: Server, wanted: Wanted, is_stopped: Callable[[], bool], tell: Callable[[str], None]
    ) -> None:
        """Keep whom to ask for what, and who says that it is enough."""
        self._server = server
        self._wanted = wanted
        self._is_stopped = is_stopped
        self._tell = tell
        self._end = None if wanted.seconds is None else time.monotonic() + wanted.seconds
        self._is_to_ask_again = False
        self._failures = 0

    def status(self) -> Any:
        """Return the status of the server; raises ``SourceError`` where there is none, or it does not answer."""
        with self._server.channel() as channel:
            call = channel.unary_unary(
                SERVER_STATUS, ServerStatusRequest.SerializeToString, ServerStatusResponse.FromString
            )
            try:
                return call(ServerStatusRequest(), timeout=_PATIENCE)
            except grpc.RpcError as error:
                raise fault(error, self._server) from error

    def ask_again(self) -> None:
        """Leave the call that goes on, and ask once more."""
        self._is_to_ask_again = True

    def responses(self, since: Callable[[], int | None]) -> Generator[bytes | None]:
        """
        Yield messages as they are on the wire, and None from time to time where none comes.

        `since` says for each call from when on flows are needed, None where as many as wanted of the last ones.
        Raises ``SourceError`` where it is of no use to try again.
        """
        while not self._is_over():
            problem = yield from self._answers(since())
            if problem is not None:
                self._failures += 1
                if not self._wanted.follow and self._failures >= _MOST_ATTEMPTS:
                    raise problem
                if self._failures == 1:
                    self._tell(f"{problem.place}: the connection was lost ({problem.problem}); trying again")
                yield from self._wait()
            elif not self._is_to_ask_again:
                return
            self._is_to_ask_again = False

    def _answers(self, since: int | None) -> Generator[bytes | None, None, SourceError | None]:
        """Yield the messages of one call; return what went wrong, None where all that is wanted was told."""
        try:
            with _Call(self._server, self._request(since)) as call:
                for message in self._received(call):
                    if message is not None and self._failures:
                        self._tell(f"{self._server.name}: connected again")
                        self._failures = 0
                    yield message
        except grpc.RpcError as error:
            problem = fault(error, self._server)
            if is_final(error):
                raise problem from error
            return problem
        except SourceError as error:
            return error
        if self._is_over() or self._is_to_ask_again or not self._wanted.follow:
            return None
        return SourceError("it ended the stream", place=self._server.name)

    def _received(self, call: _Call) -> Iterator[bytes | None]:
        while not self._is_over() and not self._is_to_ask_again:
            try:
                message = call.queue.get(timeout=_TICK)
            except Empty:
                yield None
                continue
            if isinstance(message, _Ended):
                if message.error is not None:
                    raise message.error
                return
            yield message
        if not self._is_to_ask_again:
            yield from call.left()

    def _request(self, since: int | None) -> Any:
        wanted = self._wanted
        request = GetFlowsRequest(follow=wanted.follow)
        if since is None:
            request.number = wanted.last
        else:
            # All there is has to be asked for by a time: without one, what is followed begins with what comes next.
            request.since.seconds, request.since.nanos = divmod(max(since, 1), _SECOND)
        if wanted.until is not None:
            request.until.seconds, request.until.nanos = divmod(wanted.until, _SECOND)
        return request

    def _wait(self) -> Iterator[None]:
        """Wait before the next attempt, the longer the more have failed, and not all who wait for the same time."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures, 10))
        end = time.monotonic() + longest * random.uniform(0.5, 1)  # noqa: S311 - nothing secret
        while time.monotonic() < end and not self._is_over():
            time.sleep(min(_TICK, longest / 4))
            yield None

    def _is_over(self) -> bool:
        return self._is_stopped() or (self._end is not None and time.monotonic() >= self._end)


@dataclass(frozen=True, slots=True)
class _Ended:
    error: grpc.RpcError | None


class _Call:
    """A call whose messages wait in a queue; not too many of them, for then it is read no further."""

    def __init__(self, server: Server, request: Any) -> None:
        self.queue: SimpleQueue[bytes | _Ended] = SimpleQueue()
        self._channel = server.channel()
        # Without a deserializer messages come as they are, so that a broken one breaks nothing else.
        method = self._channel.unary_stream(GET_FLOWS, GetFlowsRequest.SerializeToString)
        self._call = method(request)
        self._is_open = True
        self._thread = Thread(target=self._receive, name="hubble-relay", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def left(self) -> Iterator[bytes]:
        """Close, and yield what was received before."""
        self._close()
        while not self.queue.empty():
            message = self.queue.get()
            if not isinstance(message, _Ended):
                yield message

    def _close(self) -> None:
        self._is_open = False
        self._call.cancel()
        self._thread.join()
        self._channel.close()

    def _receive(self) -> None:
        put, size = self.queue.put, self.queue.qsize
        try:
            for message in self._call:
                put(message)
                while size() > _MOST_WAITING and self._is_open:
                    time.sleep(_TICK / 20)
        except grpc.RpcError as error:
            put(_Ended(error))
        else:
            put(_Ended(None))
