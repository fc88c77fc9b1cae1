"""Metrics, health and readiness on one address."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.metrics.meter import Meter


@contextmanager
def serve(meter: Meter, place: tuple[str, int]) -> Iterator[int]:
    """
    Serve ``/metrics``, ``/healthz`` and ``/readyz`` at a host and port meanwhile, and yield the port.

    Port 0 is any that is free. Raises ``UsageError`` where nothing can be served there.
    """
    try:
        server = ThreadingHTTPServer(place, type("Handler", (_Handler,), {"meter": meter}))
    except OSError as error:
        raise UsageError(
            f"nothing can be served at {place[0]}:{place[1]}: {error.strerror or error}",
            remedy="choose another port, or address",
        ) from error
    server.daemon_threads = True
    Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    meter: Meter
    server_version = "firedoor"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, generate_latest(self.meter.registry), CONTENT_TYPE_LATEST)
        elif path == "/healthz":
            self._state(self.meter.is_alive)
        elif path == "/readyz":
            self._state(self.meter.is_ready)
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"see /metrics, /healthz and /readyz\n")

    def _state(self, is_so: bool) -> None:  # noqa: FBT001 - the answer itself
        status = HTTPStatus.OK if is_so else HTTPStatus.SERVICE_UNAVAILABLE
        self._answer(status, b"ok\n" if is_so else b"not yet, or not any more\n")

    def _answer(self, status: HTTPStatus, content: bytes, form: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep quiet: a scrape every few seconds is nothing to tell of."""
