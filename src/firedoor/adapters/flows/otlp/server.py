"""OTLP over HTTP: requests with log records, each answered when what it tells was taken."""

from __future__ import annotations

import socket
import time
import zlib
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Any

from firedoor.adapters.flows.otlp.answers import FORMS, Form
from firedoor.adapters.flows.otlp.bodies import NoRequest
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.adapters.flows.otlp.intake import Intake

PATH = "/v1/logs"
MOST_BYTES = 20 << 20
"""What the specification recommends, before and after decompression."""
_MOST_CONNECTIONS = 128
_MOST_AT_ONCE = 4
"""So many requests are read at the same time, which bounds what they take in memory."""
_PATIENCE = 30.0
_LINGER = 2.0
_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
_RETRY = {"Retry-After": "1"}


class _Refused(Exception):  # noqa: N818 - it names what happened
    def __init__(self, status: HTTPStatus, why: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(why)
        self.status, self.why, self.headers = status, why, headers or {}


@contextmanager
def serve(place: tuple[str, int], intake: Intake) -> Iterator[int]:
    """
    Take requests at a host and port meanwhile, and yield the port; 0 is any that is free.

    Raises ``UsageError`` where nothing can be served there.
    """
    try:
        server = _Server(place, type("Handler", (_Handler,), {"intake": intake}))
    except OSError as error:
        raise UsageError(
            f"nothing can be served at {place[0]}:{place[1]}: {error.strerror or error}",
            remedy="choose another port, or address",
        ) from error
    Thread(target=server.serve_forever, name="otlp", daemon=True).start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], handler: Any) -> None:
        self.address_family = socket.AF_INET6 if ":" in place[0] else socket.AF_INET
        self._connections = BoundedSemaphore(_MOST_CONNECTIONS)
        self.readers = BoundedSemaphore(_MOST_AT_ONCE)
        super().__init__(place, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there are not too many."""
        if self._connections.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            # Whoever is cut off tries again later.
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer all requests of a connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about connections that break."""


class _Handler(BaseHTTPRequestHandler):
    intake: Intake
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "firedoor"
    sys_version = ""
    timeout = _PATIENCE
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Say what is asked for here."""
        self._refuse(FORMS["application/json"], _Refused(HTTPStatus.METHOD_NOT_ALLOWED, "POST it", {"Allow": "POST"}))

    def do_POST(self) -> None:
        """Take a request."""
        content_type = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        form = FORMS.get(content_type, FORMS["application/json"])
        try:
            self._check(content_type)
            with self._turn():
                verdict = self.intake.take(form.groups(self._content()))
        except _Refused as refused:
            self._refuse(form, refused)
        except NoRequest as error:
            why = f"this is no ExportLogsServiceRequest: {error}"
            self._refuse(form, _Refused(HTTPStatus.BAD_REQUEST, why))
        else:
            self._answer(HTTPStatus.OK, form, form.accepted(*verdict))

    def _check(self, content_type: str) -> None:
        if content_type not in FORMS:
            known = " or ".join(FORMS)
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the Content-Type has to be {known}")
        if self.path.partition("?")[0] != PATH:
            raise _Refused(HTTPStatus.NOT_FOUND, f"only logs are taken, at {PATH}")
        if self.intake.is_full:
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too much waits to be judged", _RETRY)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until few enough others are being read."""
        if not self.server.readers.acquire(timeout=_PATIENCE):
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "too many send at the same time", _RETRY)
        try:
            yield
        finally:
            self.server.readers.release()

    def _content(self) -> bytes:
        coding = self.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in {"gzip", "identity", ""}:
            headers = {"Accept-Encoding": "gzip"}
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the Content-Encoding {coding} is not known", headers)
        chunked = self.headers.get("Transfer-Encoding", "").strip().lower()
        if chunked not in {"chunked", ""}:
            raise _Refused(HTTPStatus.NOT_IMPLEMENTED, f"the Transfer-Encoding {chunked} is not known")
        content = self._chunked() if chunked else self._whole()
        return _unpacked(content) if coding == "gzip" else content

    def _whole(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdecimal()):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "there is no Content-Length")
        if int(length) > MOST_BYTES:
            raise _too_large()
        return self._read(int(length), time.monotonic() + _PATIENCE)

    def _chunked(self) -> bytes:
        found, end = bytearray(), time.monotonic() + _PATIENCE
        while True:
            size = self.rfile.readline(_PIECE).partition(b";")[0].strip()
            try:
                length = int(size, 16)
            except ValueError:
                length = -1
            if length < 0 or time.monotonic() > end:
                raise _Refused(HTTPStatus.BAD_REQUEST, "its chunks cannot be read")
            if len(found) + length > MOST_BYTES:
                raise _too_large()
            if not length:
                while self.rfile.readline(_PIECE).strip():
                    """A trailer says nothing here."""
                return bytes(found)
            found += self._read(length, end)
            self.rfile.readline(_PIECE)

    def _read(self, length: int, end: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            piece = self.rfile.read1(min(_PIECE, length - len(found)))
            if not piece or time.monotonic() > end:
                raise _Refused(HTTPStatus.BAD_REQUEST, "it ended too early, or came too slowly")
            found += piece
        return bytes(found)

    def _refuse(self, form: Form, refused: _Refused) -> None:
        # What was not read of the request would be taken for the next one.
        self.close_connection = True
        headers = {**refused.headers, "Connection": "close"}
        with suppress(OSError):
            self._answer(refused.status, form, form.refused(refused.why), headers)
            self._drain()

    def _drain(self) -> None:
        """Read what is still sent for a while: a connection with unread bytes is reset, and the answer lost."""
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(_LINGER)
        end, left = time.monotonic() + _LINGER, 2 * MOST_BYTES
        while left > 0 and time.monotonic() < end and (piece := self.rfile.read1(_PIECE)):
            left -= len(piece)

    def _answer(self, status: HTTPStatus, form: Form, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", form.content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Keep quiet: there are requests all the time."""


def _too_large() -> _Refused:
    return _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {MOST_BYTES >> 20} MiB")


def _unpacked(data: bytes) -> bytes:
    found = bytearray()
    while data:
        unpacker = zlib.decompressobj(_GZIP)
        try:
            found += unpacker.decompress(data, MOST_BYTES + 1 - len(found))
        except zlib.error as error:
            raise _Refused(HTTPStatus.BAD_REQUEST, f"its gzip is damaged: {error}") from error
        if len(found) > MOST_BYTES:
            raise _too_large()
        if not unpacker.eof:
            raise _Refused(HTTPStatus.BAD_REQUEST, "its gzip is cut")
        data = unpacker.unused_data
    return bytes(found)
