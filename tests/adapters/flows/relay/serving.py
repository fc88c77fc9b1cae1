"""A Hubble Relay for tests: a real gRPC server on loopback, with nodes that hold flows as those of Cilium do."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from threading import Condition
from typing import Any, Self
from uuid import UUID

import grpc
from google.protobuf.json_format import ParseDict

from firedoor.adapters.flows.relay import wire
from firedoor.adapters.flows.relay.asking import Security, Wanted
from firedoor.adapters.flows.relay.channel import Server
from firedoor.adapters.flows.relay.source import HubbleRelay
from firedoor.adapters.flows.store import Store
from firedoor.interfaces import Silent
from firedoor.model.flow_reading import Imported
from firedoor.usecases.flows_import import import_flows
from tests.adapters.flows.samples import NOBODY, line
from tests.receiving import free_port

SECOND = 1_000_000_000
NOW = 1_735_000_000
"""When the tests happen, in seconds since 1970."""


def flow(number: int, at: float, node: str = "n1", **changed: Any) -> Any:
    """Return what a node tells of the connection of that number, so many seconds after the beginning."""
    written = json.loads(line(**changed))["flow"]
    written |= {"node_name": node, "time": stamp(at), "uuid": str(UUID(int=number))}
    written["l4"] = {"TCP": {"source_port": 1024 + number % 60_000, "destination_port": 80}}
    return message({"flow": written, "node_name": node, "time": stamp(at)})


def lost(count: int, at: float, node: str = "n1", source: str = "PERF_EVENT_RING_BUFFER") -> Any:
    """Return that a node lost so many events."""
    told = {"source": source, "num_events_lost": str(count)}
    return message({"lost_events": told, "node_name": node, "time": stamp(at)})


def message(values: dict[str, Any]) -> Any:
    """Return a message of the stream, as protobuf's JSON writes it."""
    return ParseDict(values, wire.GetFlowsResponse(), ignore_unknown_fields=True)


def stamp(at: float) -> str:
    """Return a time, so many seconds after the beginning."""
    moment = wire.GetFlowsResponse()
    moment.time.FromNanoseconds(NOW * SECOND + round(at * SECOND))
    return str(moment.time.ToJsonString())


def moment(at: float) -> int:
    """Return a time in nanoseconds since 1970, so many seconds after the beginning."""
    return NOW * SECOND + round(at * SECOND)


def _when(told: Any) -> int:
    return int(told.time.seconds) * SECOND + int(told.time.nanos)


@dataclass
class Relay:
    """
    A relay and its nodes.

    `cut` ends that many calls, each after so many messages. `status` replaces what it says of itself, `answer`
    the stream, and `refusal` both with an error. `extra` goes before the flows of each call.
    """

    nodes: dict[str, list[Any]] = field(default_factory=dict)
    unreachable: tuple[str, ...] = ()
    cut: list[int] = field(default_factory=list)
    extra: list[Any] = field(default_factory=list)
    answer: Callable[[Any], Iterator[bytes]] | None = None
    refusal: tuple[Any, str] | None = None
    requests: list[Any] = field(default_factory=list)
    sent: set[bytes] = field(default_factory=set)
    port: int = 0
    _server: Any = None
    _changed: Condition = field(default_factory=Condition)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"localhost:{self.port}"

    def start(self, credentials: Any = None, *, has_methods: bool = True) -> Self:
        """Listen, at the same port as before."""
        self._server = grpc.server(ThreadPoolExecutor(8))
        methods = {
            "ServerStatus": grpc.unary_unary_rpc_method_handler(
                self._status,
                wire.ServerStatusRequest.FromString,
                wire.ServerStatusResponse.SerializeToString,
            ),
            "GetFlows": grpc.unary_stream_rpc_method_handler(self._flows, wire.GetFlowsRequest.FromString),
        }
        if has_methods:
            self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("observer.Observer", methods),))
        where = f"127.0.0.1:{self.port or free_port()}"
        self.port = (
            self._server.add_secure_port(where, credentials) if credentials else self._server.add_insecure_port(where)
        )
        self._server.start()
        return self

    def stop(self) -> None:
        """Stop at once, in the middle of whatever goes on."""
        with self._changed:
            server, self._server = self._server, None
            self._changed.notify_all()
        if server is not None:
            server.stop(None).wait()

    def tell(self, *told: Any) -> None:
        """Let nodes see what happens."""
        with self._changed:
            for each in told:
                self.nodes.setdefault(each.node_name, []).append(each)
            self._changed.notify_all()

    def wait_for(self, *told: Any) -> None:
        """Wait until somebody was sent all this, and has had time to take it, which a busy machine gives late."""
        end = time.monotonic() + 90
        while not {each.SerializeToString() for each in told} <= self.sent:
            assert time.monotonic() < end
            time.sleep(0.02)
        time.sleep(0.5 * min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), 10.0))

    def _status(self, request: Any, context: Any) -> Any:  # noqa: ARG002 - the interface of handlers
        if self.refusal is not None:
            context.abort(*self.refusal)
        held = sum(map(len, self.nodes.values()))
        return wire.ServerStatusResponse(num_flows=held, unavailable_nodes=self.unreachable, version="test")

    def _flows(self, request: Any, context: Any) -> Iterator[bytes]:
        self.requests.append(request)
        if self.refusal is not None:
            context.abort(*self.refusal)
        left = self.cut.pop(0) if self.cut else -1
        for told in self.answer(request) if self.answer is not None else self._told(request, context):
            if left == 0:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the relay is going away: Connection reset")
            left -= 1
            yield told
            self.sent.add(told)

    def _told(self, request: Any, context: Any) -> Iterator[bytes]:
        reachable = sorted(set(self.nodes) - set(self.unreachable))
        for state, names in (("NODE_CONNECTED", reachable), ("NODE_UNAVAILABLE", self.unreachable)):
            if names:
                status = {"state_change": state, "node_names": [each.removeprefix("default/") for each in names]}
                yield message({"node_status": status, "node_name": "relay"}).SerializeToString()
        for each in self.extra:
            yield each if isinstance(each, bytes) else each.SerializeToString()
        places: dict[str, int] = {}
        is_first = True
        while context.is_active() and (is_first or request.follow):
            with self._changed:
                if self._server is None:
                    return
                found = [each for name in sorted(self.nodes) for each in self._new(name, request, places)]
                if not found and not is_first:
                    self._changed.wait(0.05)
            for each in sorted(found, key=_when):
                yield each.SerializeToString()
            is_first = False

    def _new(self, name: str, request: Any, places: dict[str, int]) -> list[Any]:
        if name in self.unreachable:
            return []
        held = self.nodes[name]
        if name not in places:
            places[name] = self._beginning(held, request)
        found, places[name] = held[places[name] :], len(held)
        if request.HasField("until"):
            until = request.until.ToNanoseconds()
            found = [each for each in found if _when(each) <= until]
        return found

    def _beginning(self, held: list[Any], request: Any) -> int:
        if request.HasField("since"):
            since = request.since.ToNanoseconds()
            return sum(1 for each in held if _when(each) < since)
        if request.number:
            return max(0, len(held) - int(request.number))
        return len(held) if request.follow else 0


@contextmanager
def relay(*told: Any, credentials: Any = None, **settings: Any) -> Iterator[Relay]:
    """Return a relay whose nodes hold this."""
    made = Relay(**settings)
    made.tell(*told)
    made.start(credentials)
    try:
        yield made
    finally:
        made.stop()


def imported(
    folder: Path,
    asked: Relay | str,
    security: Security | None = None,
    *,
    is_stopped: Callable[[], bool] = lambda: False,
    told: list[str] | None = None,
    cluster: str = "c",
    **wanted: Any,
) -> Imported:
    """Import from a relay into a store."""
    server = Server(asked if isinstance(asked, str) else asked.address, security or Security())
    heard: list[str] = [] if told is None else told
    source = HubbleRelay(server, Wanted(**wanted), cluster, is_stopped, heard.append)
    return import_flows(source, Store(folder), NOBODY, cluster, Silent())


@cache
def certificates() -> Path:
    """Return a folder with an authority (ca), a server of ``*.hubble-relay.cilium.io`` (server), and a client."""
    folder = Path(mkdtemp(prefix="firedoor-certificates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(folder, "req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=ca")
    (folder / "server.ext").write_text("subjectAltName=DNS:*.hubble-relay.cilium.io\n")
    (folder / "client.ext").write_text("extendedKeyUsage=clientAuth\n")
    for name in ("server", "client"):
        _openssl(folder, "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        _openssl(folder, "x509", "-req", *signed, "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
    return folder


def tls(*, asks: bool = False) -> Any:
    """Return the credentials of a server; `asks` for the certificate of who connects."""
    folder = certificates()
    pair = ((folder / "server.key").read_bytes(), (folder / "server.pem").read_bytes())
    authority = (folder / "ca.pem").read_bytes() if asks else None
    return grpc.ssl_server_credentials([pair], authority, asks)


def _openssl(folder: Path, *arguments: str) -> None:
    command = ("openssl", *arguments)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
