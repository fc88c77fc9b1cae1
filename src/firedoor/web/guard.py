"""
Who may talk to the page, and what a browser may do with it.

The page listens where every program and every web page of the machine can knock. A link with a token that is good
once makes a cookie that other sites cannot send; the name that was asked for must be one that no DNS answer can
bend here; what comes from another page is refused; and nothing but what is served here may be loaded or run.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
# A page of our own goes on to the next: a redirect would still count as begun by whoever had the link, and the cookie
# would stay behind.
_ENTERED = '<!doctype html><html lang="en"><meta http-equiv="refresh" content="0;url=/"><title>firedoor</title>'
_READING = frozenset({"GET", "HEAD"})


@dataclass(slots=True)
class Pass:
    """The token that opens the page once, and the cookie that keeps it open."""

    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _is_used: bool = False
    _lock: Lock = field(default_factory=Lock)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers keep one jar for all ports of a host."""
        return f"firedoor_{self.port}"

    def exchange(self, token: str) -> str | None:
        """Return what the cookie holds for the token, the first time that it is shown."""
        with self._lock:
            if self._is_used or not secrets.compare_digest(token.encode(), self.token.encode()):
                return None
            self._is_used = True
            return self._session

    def admits(self, value: str) -> bool:
        """Return whether this is what the cookie holds."""
        return secrets.compare_digest(value.encode(), self._session.encode())


class Guard:
    """Lets pass what may, and tells browsers what they may do."""

    def __init__(self, app: ASGIApp, entry: Pass) -> None:
        """Stand before an application."""
        self._app = app
        self._entry = entry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is none."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = self._refused(request) or self._entered(request) or self._unknown(request)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await (answer or self._app)(scope, receive, guarded)

    def _refused(self, request: Request) -> Response | None:
        headers = request.headers
        if not _is_own_name(headers.get("host", ""), self._entry.port):
            return _no(421, "this page is asked for by its address, as in http://127.0.0.1:PORT/")
        if request.method not in {*_READING, "POST"}:
            return _no(405, "only GET and POST are understood")
        if request.method == "POST" and not _is_from_here(headers):
            return _no(403, "this request comes from another page")
        if headers.get("sec-fetch-site") in {"cross-site", "same-site"} and not _is_link(request):
            return _no(403, "this request comes from another site")
        return None

    def _entered(self, request: Request) -> Response | None:
        if not _is_link(request):
            return None
        session = self._entry.exchange(request.query_params["token"])
        if session is None:
            if self._is_known(request):
                return HTMLResponse(_ENTERED)
            return _no(403, "this link was used before, or is not of this firedoor; start `firedoor ui` anew")
        answer = HTMLResponse(_ENTERED)
        answer.set_cookie(self._entry.cookie, session, httponly=True, samesite="strict", path="/")
        return answer

    def _unknown(self, request: Request) -> Response | None:
        if self._is_known(request):
            return None
        return _no(403, "open the link that `firedoor ui` printed")

    def _is_known(self, request: Request) -> bool:
        return self._entry.admits(request.cookies.get(self._entry.cookie, ""))


def _is_link(request: Request) -> bool:
    """Return whether somebody follows the link, which may stand on a page of anybody, such as a terminal's."""
    return request.method == "GET" and request.url.path == "/" and "token" in request.query_params


def _no(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status)


def _is_own_name(host: str, port: int) -> bool:
    """Return whether a Host header is localhost or an address, with the port: other names can be made to lead here."""
    name, colon, number = host.rpartition(":")
    if not colon or number != str(port):
        return False
    if name.lower() == "localhost":
        return True
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_from_here(headers: Headers) -> bool:
    """Return whether a page of this server sends it; browsers send Origin with every POST."""
    return headers.get("origin") == f"http://{headers['host']}"
