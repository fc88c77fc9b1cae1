"""Lines of syslog (RFC 5424) over UDP (RFC 5426), TCP (RFC 6587, octet counting) or TLS (RFC 5425)."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from firedoor.adapters.sinks.posting import tls_context
from firedoor.adapters.sinks.secrets import reveal
from firedoor.adapters.sinks.sink import NotTakenError, plain
from firedoor.errors import UsageError
from firedoor.model.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.alerting import Notice, SinkPlan
    from firedoor.model.events import Event

PORTS = {"tls": 6514, "tcp": 601, "udp": 514}
_AUDIT = 13
"""The facility "log audit"."""
_SEVERITIES = {
    Severity.CRITICAL: 2,
    Severity.HIGH: 3,
    Severity.MEDIUM: 4,
    Severity.LOW: 5,
    Severity.INFO: 6,
}
_BLOCK = "firedoor@32473"
"""The number is the one for examples (RFC 5612): the project has none of its own."""
_MOST_TEXT = 1_000
_MOST_VALUE = 253
_MOST_BYTES = 16_384


class Syslog:
    """Sends each event as a line; keeps its connection open. Implements `Sink`."""

    most = 50

    def __init__(self, plan: SinkPlan) -> None:
        """Raise ``UsageError`` where the plan does not work out."""
        self._plan = plan
        self._socket: socket.socket | None = None
        self._host = plain(socket.gethostname(), 255).replace(" ", "-") or "-"
        self._scheme = self._target()[0]
        self._context = tls_context(plan.ca, plan.place) if self._scheme == "tls" else None

    def send(self, notices: Sequence[Notice]) -> int:
        """Send them; that a line was taken is not answered, so a broken connection may have lost the last ones."""
        try:
            for each in notices:
                whole = line(each.event, self._host).encode("utf-8", "replace")[:_MOST_BYTES]
                self._line(whole.decode("utf-8", "ignore").encode())
        except (OSError, UsageError) as error:
            self._leave()
            raise NotTakenError(_words(error)) from error
        return 0

    def idle(self) -> None:
        """Do nothing."""

    def _line(self, content: bytes) -> None:
        if self._scheme != "udp":
            content = b"%d %s" % (len(content), content)
            if self._socket is not None and _is_closed(self._socket):
                self._leave()
        if self._socket is None:
            self._socket = self._connected()
        self._socket.sendall(content)

    def _connected(self) -> socket.socket:
        scheme, host, port = self._target()
        if scheme == "udp":
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
            datagrams = socket.socket(family, kind)
            datagrams.connect(address)
            return datagrams
        stream = socket.create_connection((host, port), self._plan.timeout)
        if self._context is None:
            return stream
        try:
            return self._context.wrap_socket(stream, server_hostname=host)
        except BaseException:
            stream.close()
            raise

    def _leave(self) -> None:
        if self._socket is not None:
            with closing(self._socket):
                self._socket = None

    def _target(self) -> tuple[str, str, int]:
        plan = self._plan
        if plan.url is None:
            raise UsageError("url is missing", place=plan.place, remedy="add url")
        try:
            parts = urlsplit(reveal(plan.url, plan.place))
            host, port = parts.hostname, parts.port
        except ValueError:
            parts, host, port = urlsplit(""), None, None
        if parts.scheme not in PORTS or not host or port == 0 or parts.path.strip("/") or parts.username is not None:
            raise UsageError(
                f"the URL of sink {plan.name} is none of syslog",
                place=plan.place,
                remedy="write it as in tls://logs.example:6514, tcp://... or udp://...",
            )
        return parts.scheme, host, port or PORTS[parts.scheme]


def line(event: Event, host: str) -> str:
    """Return an event as a message of RFC 5424."""
    values = {
        "kind": str(event.kind),
        "severity": str(event.severity),
        "objectKind": event.object.kind,
        "namespace": event.object.namespace,
        "name": event.object.name,
        "check": event.check,
        "fingerprint": event.fingerprint,
        "causes": "; ".join(event.causes),
    }
    data = "".join(f' {name}="{_escaped(value)}"' for name, value in values.items() if value)
    priority = _AUDIT * 8 + _SEVERITIES[event.severity]
    head = f"<{priority}>1 {event.time} {host} firedoor - {event.kind} [{_BLOCK}{data}]"
    return f"{head} \ufeff{plain(event.message, _MOST_TEXT)}"


def _escaped(value: str) -> str:
    """Return a value for structured data, in which three characters are escaped."""
    text = plain(value, _MOST_VALUE)
    for each in '\\"]':
        text = text.replace(each, f"\\{each}")
    return text


def _is_closed(connection: socket.socket) -> bool:
    """Return whether the other end closed the connection, which would swallow what is written next."""
    before = connection.gettimeout()
    connection.settimeout(0)
    try:
        return connection.recv(4096) == b""
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    finally:
        connection.settimeout(before)


def _words(error: Exception) -> str:
    if isinstance(error, UsageError):
        return error.problem
    if isinstance(error, ssl.SSLError):
        why = getattr(error, "verify_message", "") or error.reason or "no common ground"
        return f"the server cannot be trusted: {plain(str(why))}"
    return f"the line cannot be sent: {getattr(error, 'strerror', None) or type(error).__name__}"
