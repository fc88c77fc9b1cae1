"""The page on a port of this machine."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

import uvicorn

from firedoor.errors import NothingInScopeError, UsageError
from firedoor.web import questions
from firedoor.web.guard import Pass
from firedoor.web.routes import application

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.web.subject import Subject

_BACKLOG = 128
_MOST_AT_ONCE = 64


def listening(address: str, port: int) -> socket.socket:
    """Return a socket that listens there (port 0: any free one); raises ``UsageError`` where that is not possible."""
    try:
        family = socket.AF_INET6 if ip_address(address).version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
    except ValueError as error:
        raise UsageError(f"{address!r} is no address", remedy="write one of this machine, as in 127.0.0.1") from error
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((address, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        remedy = "name another with --port, or leave it out"
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} of {address} is taken", remedy=remedy) from error
        if error.errno == errno.EACCES:
            raise UsageError(f"port {port} of {address} is not allowed to you", remedy=remedy) from error
        raise UsageError(f"cannot listen on {address}: {error.strerror}", remedy="name one of this machine") from error
    return found


def prepare(subject: Subject) -> None:
    """Read what the page is about, so that what is wrong with it is told at once, and work out the first view."""
    subject.read_anew()
    questions.about(subject, {})
    with suppress(NothingInScopeError):
        # The map says so itself; there may be roles to ask about.
        questions.connection_map(subject, {})


def serve(subject: Subject, bound: socket.socket, announce: Callable[[str], None]) -> None:
    """Serve the page until somebody ends the process; `announce` is told the link that opens it, once."""
    address, port = bound.getsockname()[:2]
    entry = Pass(port)
    config = uvicorn.Config(
        application(subject, entry),
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="off",
        ws="none",
        http="h11",
        loop="asyncio",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=1,
    )
    # Ctrl-C is how a page ends; once it has shut down, uvicorn raises what came as it came.
    with suppress(KeyboardInterrupt):
        announce(f"http://{_host(address)}:{port}/?token={entry.token}")
        uvicorn.Server(config).run(sockets=[bound])


def _host(address: str) -> str:
    """Return how an address stands in a link; that of all interfaces is asked for by the loopback one."""
    found = ip_address(address)
    if found.is_unspecified:
        return "127.0.0.1" if found.version == 4 else "[::1]"  # noqa: PLR2004 - IPv4
    return address if found.version == 4 else f"[{address}]"  # noqa: PLR2004 - IPv4
