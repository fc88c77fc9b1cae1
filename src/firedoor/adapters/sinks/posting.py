"""HTTP POST to a sink: verified, without redirects, patient for a bounded time, and silent about secrets."""

from __future__ import annotations

import ssl
import time
from contextlib import closing, suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from firedoor import __version__
from firedoor.adapters.sinks.secrets import reveal
from firedoor.adapters.sinks.sink import NotTakenError, plain
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.model.alerting import SinkPlan

_MOST_ANSWER = 16 * 1024
_REFUSED = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)
"""What is wrong is the event: it would be refused for ever, and everything behind it would wait."""


class _Place(Struct, frozen=True):
    url: str
    host: str
    is_secure: bool


class Poster:
    """Sends to the URL of one sink."""

    def __init__(self, plan: SinkPlan, path: str = "", *, is_secret: bool = False) -> None:
        """`path` is added to the URL, which is itself a secret where `is_secret`; raises ``UsageError``."""
        self._plan = plan
        self._path = path
        self._is_secret = is_secret
        self._context = _context(plan)
        self._pools: dict[str, Any] = {}
        self._place()
        self._token()

    def post(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Return the beginning of the answer of a sink that took the body; raises `NotTakenError`."""
        from urllib3 import Timeout  # noqa: PLC0415 - comes with the official client, and is as lazy
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            place, token = self._place(), self._token()
        except UsageError as error:
            raise NotTakenError(error.problem) from error
        every = {"User-Agent": f"firedoor/{__version__}", "Content-Type": "application/json", **headers}
        if token:
            every["Authorization"] = f"Bearer {token}"
        try:
            response = self._pool(place).request(
                "POST",
                place.url,
                body=body,
                headers=every,
                retries=False,
                # A redirect would carry the secret to whom the answer names.
                redirect=False,
                preload_content=False,
                timeout=Timeout(connect=self._plan.timeout, read=self._plan.timeout),
            )
            parts = urlsplit(place.url)
            text = self._text(response, (token, place.url, parts.path, parts.query))
        except (HTTPError, OSError, ValueError) as error:
            raise NotTakenError(f"{place.host} {_words(error)}") from error
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return text
        raise _no(place.host, response.status, response.headers, text)

    def _text(self, response: Any, secrets: tuple[str, ...]) -> str:
        """Return the beginning of an answer; one that trickles, or has no end, is left."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - see above

        end = time.monotonic() + self._plan.timeout
        found = b""
        # What counts is the status, and that is known by now.
        with suppress(HTTPError, OSError), closing(response):
            while len(found) < _MOST_ANSWER and time.monotonic() < end:
                part = response.read1(_MOST_ANSWER)
                if not part:
                    response.release_conn()
                    break
                found += part
        text = found.decode("utf-8", "replace")
        for each in secrets:
            # Whoever answers may repeat what was sent.
            if len(each) > 1 and (each == secrets[0] or self._is_secret):
                text = text.replace(each, "...")
        return text

    def _place(self) -> _Place:
        plan = self._plan
        if plan.url is None:
            raise UsageError("url is missing", place=plan.place, remedy="add url")
        url = reveal(plan.url, plan.place)
        try:
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + self._path)) if self._path else url
            host, is_known = parts.hostname or "", parts.scheme in {"http", "https"} and parts.port != 0
        except ValueError:
            host, is_known = "", False
        if not (host and is_known and url.isprintable() and " " not in url) or parts.username or parts.password:
            raise UsageError(
                f"the URL of sink {plan.name} is none, or has a user or password in it",
                place=plan.place,
                remedy="write it as in https://alerts.example/hook, and credentials as token",
            )
        if parts.scheme == "http" and (self._is_secret or plan.token is not None):
            raise UsageError(
                f"sink {plan.name} would send a secret without TLS", place=plan.place, remedy="use https://"
            )
        return _Place(url, parts.netloc.rpartition("@")[2], parts.scheme == "https")

    def _token(self) -> str:
        return reveal(self._plan.token, self._plan.place) if self._plan.token is not None else ""

    def _pool(self, place: _Place) -> Any:
        from urllib.request import getproxies_environment, proxy_bypass  # noqa: PLC0415

        from urllib3 import PoolManager, ProxyManager  # noqa: PLC0415

        proxy = getproxies_environment().get("https" if place.is_secure else "http", "")
        if proxy and proxy_bypass(place.host):
            proxy = ""
        if proxy not in self._pools:
            options: dict[str, Any] = {"ssl_context": self._context, "retries": False, "maxsize": 1}
            self._pools = {proxy: ProxyManager(proxy, **options) if proxy else PoolManager(**options)}
        return self._pools[proxy]


def _context(plan: SinkPlan) -> ssl.SSLContext:
    """Return what verifies certificates, by the system's authorities or those of the sink."""
    return tls_context(plan.ca, plan.place)


def tls_context(authorities: str, place: str) -> ssl.SSLContext:
    """Return what verifies the certificate and the name of a server; raises ``UsageError``."""
    try:
        context = ssl.create_default_context(cafile=authorities or None)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"{authorities} has no certificates that can be read: {error.strerror or error}",
            place=place,
            remedy="give a file of PEM certificates",
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _no(host: str, status: int, headers: Any, text: str) -> NotTakenError:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return NotTakenError(f"{host} answered {status}, a redirect, which is not followed")
    said = f": {plain(text)}" if text.strip() else ""
    return NotTakenError(
        f"{host} answered {status}{said}", pause=_seconds(headers.get("Retry-After")), is_refused=status in _REFUSED
    )


def _seconds(retry_after: str | None) -> float:
    """Return the pause that an answer asks for, in seconds or as a date; 0 where it asks for none."""
    if not retry_after:
        return 0.0
    if retry_after.isascii() and retry_after.isdecimal():
        return float(retry_after[:9])
    try:
        return max(parsedate_to_datetime(retry_after).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return 0.0


def _words(error: Exception) -> str:
    """Return what went wrong without the address, of which a part may be secret."""
    from urllib3 import exceptions  # noqa: PLC0415 - see above

    if isinstance(error, (exceptions.SSLError, ssl.SSLError)):
        reason = next((each for each in (error, *error.args) if isinstance(each, ssl.SSLError)), None)
        why = getattr(reason, "verify_message", "") or getattr(reason, "reason", "") or "no common ground"
        return f"cannot be trusted: {plain(str(why))}"
    for kind, words in (
        (exceptions.NameResolutionError, "has no address: its name cannot be resolved"),
        (exceptions.NewConnectionError, "cannot be connected to"),
        (exceptions.ProxyError, "cannot be reached through the proxy of the environment"),
        ((exceptions.TimeoutError, TimeoutError), "did not answer in time"),
    ):
        if isinstance(error, kind):
            return words
    return f"did not answer properly ({type(error).__name__})"
