"""GET requests to an API server: patient with passing trouble, plain about lasting trouble."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from firedoor.adapters.cluster.config import credentials
from firedoor.adapters.cluster.troubles import refused, unreachable
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from urllib3 import BaseHTTPResponse

    from firedoor.adapters.cluster.config import Connection

ATTEMPTS = 6
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
CONNECT_TIMEOUT = 10.0
_LARGEST_EXCERPT = 300

_PASSING = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)

Content = TypeVar("Content")


class StatusMeta(Struct):
    """The part of a ``metav1.Status`` that offers a new continue token."""

    continue_: str = msgspec.field(name="continue", default="")


class Status(Struct):
    """What the server says of a request that it does not serve (``metav1.Status``)."""

    message: str = ""
    reason: str = ""
    metadata: StatusMeta = msgspec.field(default_factory=StatusMeta)


class Refusal(Exception):  # noqa: N818 - an answer like others, not an error of ours
    """The server answered with a status other than 200, and repeating the request did not help."""

    def __init__(self, code: int, status: Status) -> None:
        """Keep the HTTP code and the server's own words."""
        super().__init__(f"{code} {status.message}")
        self.code = code
        self.status = status


class Transport:
    """Asks one server, one request at a time; `requests` counts them."""

    def __init__(
        self,
        connection: Connection,
        timeout: float,
        sleep: Callable[[float], None],
        jitter: Callable[[], float],
    ) -> None:
        """Wait with `sleep` between attempts, a bit longer each time; `jitter` is a number from 0 to 1."""
        self.server = connection.server
        self.requests = 0
        self._connection = connection
        self._timeout = timeout
        self._sleep = sleep
        self._jitter = jitter
        self._has_answered = False

    def get(self, path: str, content: type[Content], **query: str | int) -> Content:
        """
        Return the JSON that the server has at `path`, decoded as `content`.

        Repeats the request when the server is busy or failing (429, 5xx), or the
        connection breaks; at most `ATTEMPTS` times. Raises `Refusal` for any other
        status, ``SourceError`` when the credentials are refused or nothing works.
        """
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(path, content, query)
            except PassingTrouble as trouble:
                if attempt == ATTEMPTS - 1:
                    raise trouble.lasting from trouble
                self._sleep(self._pause(attempt, trouble.retry_after))
        raise AssertionError("unreachable")

    def open(self, path: str, silence: float, **query: str | int) -> BaseHTTPResponse:
        """
        Return the answer as a stream whose content is not read yet; `silence` is how many seconds may pass without any.

        Nothing is repeated. Raises `Refusal` for any status but 200 that will stay, `PassingTrouble` for what may
        pass, ``SourceError`` when the credentials are refused.
        """
        response = self._request(path, query, silence)
        if response.status == HTTPStatus.OK:
            return response
        body = self._body(response)
        raise self._said_no(response.status, response.headers, body)

    def _pause(self, attempt: int, retry_after: float | None) -> float:
        pause = FIRST_PAUSE * 2.0**attempt if retry_after is None else retry_after
        return min(pause, LONGEST_PAUSE) * (1 + self._jitter() / 2)

    def _attempt(self, path: str, content: type[Content], query: dict[str, str | int]) -> Content:
        code, headers, body = self._send(path, query)
        if code == HTTPStatus.OK:
            try:
                return msgspec.json.decode(body, type=content)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                problem = f"the answer to {path} is not what an API server sends: {error}"
                remedy = "check that the server of the kubeconfig is an API server, and any proxy between"
                raise PassingTrouble(SourceError(problem, place=self.server, remedy=remedy)) from error
        raise self._said_no(code, headers, body)

    def _said_no(self, code: int, headers: Any, body: bytes) -> Exception:
        """Return what an answer other than 200 means."""
        if code == HTTPStatus.UNAUTHORIZED:
            return refused(self.server, self._connection.context)
        refusal = Refusal(code, _status_of(body))
        if code in _PASSING:
            return PassingTrouble(refusal, _seconds(headers.get("Retry-After")))
        return refusal

    def _send(self, path: str, query: dict[str, str | int]) -> tuple[int, Any, bytes]:
        """Return status, headers and raw body."""
        response = self._request(path, query, self._timeout)
        body = self._body(response)
        self._has_answered = True
        return response.status, response.headers, body

    def _body(self, response: BaseHTTPResponse) -> bytes:
        try:
            return response.read(decode_content=True)
        except _http_error() as error:
            raise PassingTrouble(unreachable(error, self.server).error) from error
        finally:
            response.release_conn()

    def _request(self, path: str, query: dict[str, str | int], silence: float) -> BaseHTTPResponse:
        """Return status and headers, through the official client's own connection pool."""
        from urllib3 import Timeout  # noqa: PLC0415 - comes with the official client, and is as lazy

        client = self._connection.client
        url = client.configuration.host + path + (f"?{urlencode(query)}" if query else "")
        self.requests += 1
        try:
            # The pool would repeat requests without a pause, and follow redirects with the credentials.
            response: BaseHTTPResponse = client.rest_client.pool_manager.request(
                "GET",
                url,
                headers=self._headers(),
                retries=False,
                redirect=False,
                preload_content=False,
                timeout=Timeout(connect=min(CONNECT_TIMEOUT, self._timeout), read=silence),
            )
        except _http_error() as error:
            trouble = unreachable(error, self.server)
            if not self._has_answered and trouble.is_at_the_door:
                raise trouble.error from error
            raise PassingTrouble(trouble.error) from error
        return response

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "User-Agent": "firedoor",
            # Asked for each time: this is where an expired token is renewed.
            **credentials(self._connection),
        }


class PassingTrouble(Exception):  # noqa: N818 - may pass
    """Something went wrong that may be over when it is tried again."""

    def __init__(self, lasting: Exception, retry_after: float | None = None) -> None:
        """Keep the error to raise if it does not pass, and the seconds that the server asks to wait."""
        super().__init__(str(lasting))
        self.lasting = lasting
        self.retry_after = retry_after


def _http_error() -> type[Exception]:
    """Return the base of all errors of the connection."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with the official client, and is as lazy

    return HTTPError


def _status_of(body: bytes) -> Status:
    try:
        return msgspec.json.decode(body, type=Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Status(" ".join(body[:_LARGEST_EXCERPT].decode("utf-8", "replace").split()))


def _seconds(retry_after: str | None) -> float | None:
    """Return the pause the server asks for; the form with a date is not used by API servers."""
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else None
