"""HTTPS for an API server, with certificates that may be exchanged while it runs."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from firedoor.adapters.admission.reviews import answered
from firedoor.errors import FiredoorError, SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.adapters.admission.reviews import Judge

PATH = "/validate"
_MOST_BYTES = 16 << 20
"""An API server takes no object that is larger than a few MiB; a question holds two."""
_PATIENCE = 30


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The files of a certificate with its chain, and of its key, both as PEM."""

    certificate: Path
    key: Path

    def stamps(self) -> tuple[int, ...]:
        """Return what changes whenever the files are exchanged."""
        return tuple(number for each in (self.certificate, self.key) for number in _stamp(each))

    def context(self) -> ssl.SSLContext:
        """Return what shakes hands with them."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        return context


@contextmanager
def serve(place: tuple[str, int], files: TlsFiles, judge: Judge, is_ready: Callable[[], bool]) -> Iterator[int]:
    """
    Answer questions at a host and port meanwhile, and yield the port; 0 is any that is free.

    ``POST /validate`` is the question, ``GET /healthz`` and ``/readyz`` tell of the server. Until it is ready it
    answers 503, which an API server treats as no answer. Raises ``UsageError`` for the place, ``SourceError`` for the
    files.
    """
    try:
        stamps = files.stamps()
        context = files.context()
    except (OSError, ssl.SSLError) as error:
        raise SourceError(
            f"the certificate cannot be used: {getattr(error, 'strerror', None) or error}",
            place=f"{files.certificate}, {files.key}",
            remedy="give a certificate and its key as PEM files",
        ) from error
    handler = type("Handler", (_Handler,), {"judge": staticmethod(judge), "is_ready": staticmethod(is_ready)})
    try:
        server = _Server(place, handler, context, files, stamps)
    except OSError as error:
        raise UsageError(
            f"nothing can be served at {place[0]}:{place[1]}: {error.strerror or error}",
            remedy="choose another port, or address",
        ) from error
    Thread(target=server.serve_forever, name="admission", daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


def _stamp(path: Path) -> tuple[int, int]:
    # Kubernetes exchanges a symbolic link to the folder of a Secret: what it leads to is what counts.
    status = path.stat()
    return status.st_mtime_ns, status.st_ino


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, place: tuple[str, int], handler: Any, context: ssl.SSLContext, files: TlsFiles, stamps: tuple[int, ...]
    ) -> None:
        self._context, self._files, self._stamps = context, files, stamps
        super().__init__(place, handler)

    def get_request(self) -> tuple[ssl.SSLSocket, Any]:
        there, address = self.socket.accept()
        self._renew()
        # The handshake is made in the thread of the connection: nobody else waits for a slow one.
        there.settimeout(_PATIENCE)
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._context.wrap_socket(there, server_side=True, do_handshake_on_connect=False), address

    def _renew(self) -> None:
        """Take new files; where they are half-written, or do not fit each other yet, the old ones stay."""
        try:
            stamps = self._files.stamps()
            if stamps != self._stamps:
                # A context into which only one of two files could be loaded is of no use.
                self._context = self._files.context()
                self._stamps = stamps
        except (OSError, ssl.SSLError):
            return

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that break; what answers a question does not fail."""


class _Handler(BaseHTTPRequestHandler):
    judge: Judge
    is_ready: Callable[[], bool]
    protocol_version = "HTTP/1.1"
    server_version = "firedoor"
    sys_version = ""

    def setup(self) -> None:
        """Shake hands."""
        self.request.do_handshake()
        super().setup()

    def do_GET(self) -> None:
        """Tell of the server."""
        if self.path == "/healthz":
            self._answer(HTTPStatus.OK, b"ok\n")
        elif self.path == "/readyz":
            self._answer(*((HTTPStatus.OK, b"ok\n") if self.is_ready() else _NOT_YET))
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"see /healthz and /readyz\n")

    def do_POST(self) -> None:
        """Answer a question."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self.close_connection = True
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"a question has a Content-Length of at most 16 MiB\n")
            return
        content = self.rfile.read(int(length))
        if self.path.partition("?")[0] != PATH:
            self._answer(HTTPStatus.NOT_FOUND, b"questions go to /validate\n")
        elif not self.is_ready():
            self._answer(*_NOT_YET)
        else:
            self._judge(content)

    def _judge(self, content: bytes) -> None:
        try:
            answer = answered(content, self.judge)
        except FiredoorError as error:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error}\n".encode())
            return
        self._answer(answer.status, answer.content, "application/json")

    def _answer(self, status: HTTPStatus, content: bytes, form: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep quiet: there are questions all the time."""


_NOT_YET = (HTTPStatus.SERVICE_UNAVAILABLE, b"the cluster is not known yet\n")
