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
from threading import Lock, Thread
from typing import Any, Self

import grpc

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.faults import fault, is_final
from firedoor.errors import SourceError

_MOST_WAITING = 10_000
_PATIENCE = 10
TICK = 0.2
_MOST_ATTEMPTS = 5
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 30.0


class Stream:
    """What a server tells from now on; `tell` takes what a person may want to know while it goes on."""

    def __init__(
        self,
        server: Server,
        method: str,
        wanted: Wanted,
        is_stopped: Callable[[], bool],
        tell: Callable[[str], None],
        *,
        tick: float = TICK,
        gives_up: bool = True,
    ) -> None:
        """
        Keep whom to ask for what, by which method, and who says that it is enough.

        While nothing comes there is a None every `tick` seconds. Who never `gives_up` asks again whatever the answer.
        """
        self._server = server
        self._method = method
        self._wanted = wanted
        self._is_stopped = is_stopped
        self._tell = tell
        self._end = None if wanted.seconds is None else time.monotonic() + wanted.seconds
        self._is_to_ask_again = False
        self._failures = 0
        self._tick = tick
        self._gives_up = gives_up
        self.problem: SourceError | None = None
        """Why nothing comes at this time."""

    def ask(self, method: str, request: Any, answer: Any) -> Any:
        """Return the one answer to a request, a message of type `answer`; raises ``SourceError`` without one."""
        with self._server.channel() as channel:
            call = channel.unary_unary(method, type(request).SerializeToString, answer.FromString)
            try:
                return call(request, timeout=_PATIENCE)
            except grpc.RpcError as error:
                raise fault(error, self._server) from error

    def ask_again(self) -> None:
        """Leave the call that goes on, and ask once more."""
        self._is_to_ask_again = True

    def responses(self, request: Callable[[], Any]) -> Generator[bytes | None]:
        """
        Yield messages as they are on the wire, and None from time to time where none comes.

        `request` makes the request of each call. Raises ``SourceError`` where it is of no use to try again.
        """
        while not self._is_over():
            problem = yield from self._answers(request())
            if problem is not None:
                self._failures += 1
                self.problem = problem
                if not self._wanted.follow and self._failures >= _MOST_ATTEMPTS:
                    raise problem
                if self._failures == 1:
                    self._tell(f"{problem.place}: the connection was lost ({problem.problem}); trying again")
                yield from self._wait()
            elif not self._is_to_ask_again:
                return
            self._is_to_ask_again = False

    def _answers(self, request: Any) -> Generator[bytes | None, None, SourceError | None]:
        """Yield the messages of one call; return what went wrong, None where all that is wanted was told."""
        try:
            with _Call(self._server, self._method, request) as call:
                for message in self._received(call):
                    if message is not None and self._failures:
                        self._tell(f"{self._server.name}: connected again")
                        self._failures, self.problem = 0, None
                    yield message
        except grpc.RpcError as error:
            problem = fault(error, self._server)
            if self._gives_up and is_final(error):
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
                message = call.queue.get(timeout=self._tick)
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

    def _wait(self) -> Iterator[None]:
        """Wait before the next attempt, the longer the more have failed, and not all who wait for the same time."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(self._failures, 10))
        end = time.monotonic() + longest * random.uniform(0.5, 1)  # noqa: S311 - nothing secret
        while time.monotonic() < end and not self._is_over():
            time.sleep(min(self._tick, longest / 4))
            yield None

    def _is_over(self) -> bool:
        return self._is_stopped() or (self._end is not None and time.monotonic() >= self._end)


@dataclass(frozen=True, slots=True)
class _Ended:
    error: grpc.RpcError | SourceError | None


class _Call:
    """A call whose messages wait in a queue; not too many of them, for then it is read no further."""

    def __init__(self, server: Server, name: str, request: Any) -> None:
        self.queue: SimpleQueue[bytes | _Ended] = SimpleQueue()
        self._call: Any = None
        self._is_open = True
        self._lock = Lock()
        self._thread = Thread(target=self._run, args=(server, name, request), name="flows", daemon=True)
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
        with self._lock:
            self._is_open = False
            call = self._call
        # Without a call it is still connecting, and ends by itself.
        if call is not None:
            call.cancel()
            self._thread.join()

    def _run(self, server: Server, name: str, request: Any) -> None:
        try:
            # To fetch a certificate that is not verified takes as long as the server likes.
            channel = server.channel()
        except SourceError as error:
            self.queue.put(_Ended(error))
            return
        with channel:
            # Without a deserializer messages come as they are, so that a broken one breaks nothing else.
            method = channel.unary_stream(name, type(request).SerializeToString)
            with self._lock:
                if not self._is_open:
                    return
                self._call = method(request)
            self._receive(self._call)

    def _receive(self, call: Any) -> None:
        put, size = self.queue.put, self.queue.qsize
        try:
            for message in call:
                put(message)
                while size() > _MOST_WAITING and self._is_open:
                    time.sleep(TICK / 20)
        except grpc.RpcError as error:
            put(_Ended(error))
        else:
            put(_Ended(None))
