"""Servers of a test that take what sinks send: real sockets, and answers that the test chooses."""

from __future__ import annotations

import json
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from firedoor.model.alerting import Notice, Secret, SinkKind, SinkPlan
from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef

PATIENCE = 90.0


@dataclass
class Request:
    """What was sent."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        """The JSON in it."""
        return json.loads(self.body)


@dataclass
class Reply:
    """An answer."""

    status: int = 200
    body: bytes = b"ok"
    headers: Mapping[str, str] = field(default_factory=dict)


class Receiver:
    """A server, what it got, and what it answers: `replies` first, then `reply`."""

    def __init__(self, tls: tuple[Path, Path] | None = None, port: int = 0) -> None:
        self.requests: list[Request] = []
        self.replies: list[Reply] = []
        self.reply = Reply()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append(Request(self.path, dict(self.headers.items()), body))
                reply = receiver.replies.pop(0) if receiver.replies else receiver.reply
                self.send_response(reply.status)
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.scheme = "http" if tls is None else "https"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def receiving(tls: tuple[Path, Path] | None = None, port: int = 0) -> Iterator[Receiver]:
    """Yield a server that listens meanwhile."""
    server = Receiver(tls, port)
    try:
        yield server
    finally:
        server.close()


def free_port() -> int:
    """
    Return a port on which nobody listens.

    It is none of those that the kernel gives to whoever asks for any, so that it stays free for a while.
    """
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            return port


def until(is_so: Callable[[], object], what: str = "it") -> None:
    """Return when something is true."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"{what} never came"
        time.sleep(0.01)


def plan(kind: SinkKind, url: str, **others: Any) -> SinkPlan:
    """Return the plan of a sink at a URL."""
    return SinkPlan("one", kind, "rules.yaml:3", Secret(text=url), **{"timeout": 20.0, **others})


def event(message: str = "opened: shop/web -> data/db TCP/5432", **others: Any) -> Event:
    """Return an event."""
    values: dict[str, Any] = {
        "kind": EventKind.CONNECTION_OPENED,
        "severity": Severity.HIGH,
        "time": "2026-01-02T03:04:05Z",
        "object": ObjectRef("StatefulSet", "data", "db"),
        "message": message,
        "fingerprint": "f1",
        "evidence": ("shop/web -> data/db",),
        "causes": ("NetworkPolicy data/deny deleted",),
        "subject": "s1",
    }
    return Event(**{**values, **others})


def notice(number: int = 0, **others: Any) -> Notice:
    """Return a notice with a number in its id and message."""
    return Notice(f"id{number}", event(**{"message": f"event {number}", **others}), "a rule")
