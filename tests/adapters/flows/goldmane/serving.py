"""
A Goldmane for tests: a real gRPC server on loopback, with flows in steps of 15 seconds as Calico's has them.

It lists what it holds of a time, added up and in pages, and streams steps in their order as they are over.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Self

import grpc

from firedoor.adapters.flows.goldmane import wire
from tests.receiving import free_port

STEP = 15
_BEGUN = [0]
ALLOW, DENY = 1, 2


def begin() -> None:
    """Let a test happen now: a Goldmane holds the last hour, and who asks looks at the clock."""
    _BEGUN[0] = int(time.time()) // STEP * STEP


def moment(step: int = 0) -> int:
    """Return when a step begins, in seconds since 1970, so many after the beginning."""
    return _BEGUN[0] + step * STEP


def flow(port: int, step: int, *, action: int = DENY, count: int = 1, **ends: str) -> Any:
    """Return a flow to a port, in the step so many steps after the beginning (before it, where it is negative)."""
    names = {"source_name": "web-*", "source_namespace": "shop", "dest_name": "db-*", "dest_namespace": "shop", **ends}
    made = wire.FlowResult(id=port)
    key = made.flow.Key
    for name, text in names.items():
        setattr(key, name, text)
    key.source_type = key.dest_type = 1
    key.dest_port, key.proto, key.reporter, key.action = port, "tcp", 2, action
    key.policies.enforced_policies.add(kind=10, action=action).trigger.kind = 6
    made.flow.start_time, made.flow.end_time = moment(step), moment(step + 1)
    made.flow.num_connections_started = count
    return made


@dataclass
class Goldmane:
    """
    What it holds, and what it was asked.

    `cut` ends that many streams, each after so many messages; `page` is the most flows of one.
    """

    held: list[Any] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    extra: list[bytes] = field(default_factory=list)
    page: int = 1000
    streams: list[Any] = field(default_factory=list)
    lists: list[Any] = field(default_factory=list)
    port: int = 0
    _server: Any = None
    _changed: Condition = field(default_factory=Condition)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"localhost:{self.port}"

    def start(self, credentials: Any = None) -> Self:
        """Listen, at the same port as before."""
        self._server = grpc.server(ThreadPoolExecutor(8))
        listing = grpc.unary_unary_rpc_method_handler(
            self._list, wire.FlowListRequest.FromString, wire.FlowListResult.SerializeToString
        )
        streaming = grpc.unary_stream_rpc_method_handler(self._stream, wire.FlowStreamRequest.FromString)
        handler = grpc.method_handlers_generic_handler("goldmane.Flows", {"List": listing, "Stream": streaming})
        self._server.add_generic_rpc_handlers((handler,))
        where = f"127.0.0.1:{self.port or free_port()}"
        add = self._server.add_secure_port if credentials else self._server.add_insecure_port
        self.port = add(where, credentials) if credentials else add(where)
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop at once."""
        with self._changed:
            server, self._server = self._server, None
            self._changed.notify_all()
        if server is not None:
            server.stop(None).wait()

    def tell(self, *flows: Any) -> None:
        """Let steps be over."""
        with self._changed:
            self.held += flows
            self._changed.notify_all()

    def _list(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - the interface of handlers
        self.lists.append(request)
        found: dict[bytes, Any] = {}
        for each in sorted(self.held, key=lambda one: one.flow.start_time):
            if not request.start_time_gte <= each.flow.start_time < request.start_time_lt:
                continue
            key = each.flow.Key.SerializeToString(deterministic=True)
            if key not in found:
                found[key] = wire.FlowResult.FromString(each.SerializeToString())
            else:
                found[key].flow.num_connections_started += each.flow.num_connections_started
                found[key].flow.end_time = each.flow.end_time
        size = min(request.page_size, self.page)
        results = list(found.values())
        shown = results[request.page * size : (request.page + 1) * size]
        answer = wire.FlowListResult(flows=shown)
        answer.meta.totalPages, answer.meta.totalResults = -(-len(results) // size), len(results)
        return answer

    def _stream(self, request: Any, context: Any) -> Iterator[bytes]:
        self.streams.append(request)
        left = self.cut.pop(0) if self.cut else -1
        for told in self._told(request, context):
            if left == 0:
                context.abort(grpc.StatusCode.UNAVAILABLE, "it is going away: Connection reset")
            left -= 1
            yield told

    def _told(self, request: Any, context: Any) -> Iterator[bytes]:
        yield from self.extra
        sent = 0 if request.start_time_gte else len(self.held)
        while context.is_active():
            with self._changed:
                if self._server is None:
                    return
                found, sent = self.held[sent:], len(self.held)
                if not found:
                    self._changed.wait(0.05)
            for each in sorted(found, key=lambda one: one.flow.start_time):
                if each.flow.start_time >= request.start_time_gte:
                    yield each.SerializeToString()


@contextmanager
def goldmane(*held: Any, credentials: Any = None, **settings: Any) -> Iterator[Goldmane]:
    """Yield a Goldmane that holds this."""
    made = Goldmane(list(held), **settings)
    made.start(credentials)
    try:
        yield made
    finally:
        made.stop()
