"""An API server that knows nothing but exec: it sends what a test says, or refuses."""

from __future__ import annotations

import base64
import hashlib
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING = 0x2, 0x8, 0x9

Answer = Callable[["Peer"], None]


class Peer:
    """Who runs a command, and what it asked for."""

    def __init__(self, end: socket.socket, head: str) -> None:
        self._end = end
        first, *rest = head.split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in rest)}
        parts = urlsplit(first.split(" ")[1])
        self.path = parts.path
        self.query = parse_qsl(parts.query)

    def refuse(self, status: str, body: bytes) -> None:
        """Answer without an upgrade."""
        self._end.sendall(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def accept(self, protocol: str) -> None:
        """Upgrade, with one of the subprotocols."""
        digest = hashlib.sha1((self.headers["sec-websocket-key"] + _KEY).encode()).digest()  # noqa: S324 - RFC 6455
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {base64.b64encode(digest).decode()}",
            f"Sec-WebSocket-Protocol: {protocol}",
        ]
        self._end.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def send(self, channel: int, data: bytes) -> None:
        """Send something on a channel."""
        self._frame(_BINARY, bytes([channel]) + data)

    def ping(self) -> None:
        """Ask whether somebody is there."""
        self._frame(_PING, b"")

    def close(self) -> None:
        """End the stream."""
        self._frame(_CLOSE, struct.pack(">H", 1000))

    def _frame(self, opcode: int, payload: bytes) -> None:
        self._end.sendall(struct.pack(">BBQ", 0x80 | opcode, 127, len(payload)) + payload)


class ExecServer:
    """Answers each connection as it is told; use it as a context manager."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.peers: list[Peer] = []
        self._held: list[socket.socket] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        for each in self._held:
            each.close()

    def _serve(self) -> None:
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(end)
            head = b""
            while b"\r\n\r\n" not in head:
                head += end.recv(4096)
            peer = Peer(end, head.decode())
            self.peers.append(peer)
            with suppress(OSError):  # who was given up has gone
                self._answer(peer)
