"""Requests that change something: sent once, repeated only where the server surely did nothing."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from firedoor.adapters.cluster.config import credentials
from firedoor.adapters.cluster.transport import ATTEMPTS, CONNECT_TIMEOUT, FIRST_PAUSE
from firedoor.adapters.cluster.troubles import refused, unreachable
from firedoor.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from firedoor.adapters.cluster.config import Connection

_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_WRONG_TYPES = "failed to create typed patch object"
"""How the API server begins to say that a field is unknown or of a wrong type, with the code 500."""
_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')
_LARGEST_EXCERPT = 300


class _Cause(Struct):
    reason: str = ""
    message: str = ""
    field: str = ""

    @property
    def manager(self) -> str:
        """Who owns the field."""
        found = _MANAGER.search(self.message)
        return found[1] if found else self.message


class _Details(Struct):
    causes: list[_Cause] | None = None


class WriteStatus(Struct):
    """What the server says of a request that it does not do (``metav1.Status``)."""

    message: str = ""
    reason: str = ""
    details: _Details | None = None

    @property
    def causes(self) -> list[_Cause]:
        """The single faults."""
        return (self.details.causes or []) if self.details is not None else []

    @property
    def field_conflicts(self) -> list[_Cause]:
        """The fields that other managers own."""
        return [each for each in self.causes if each.reason == "FieldManagerConflict"]


class NotDoneError(Exception):
    """The server did not do what was asked for, and says why."""

    def __init__(self, code: int, status: WriteStatus) -> None:
        """Keep the HTTP code and the server's own words."""
        super().__init__(f"{code} {status.message}")
        self.code = code
        self.status = status

    @property
    def told(self) -> str:
        """The fields and what is wrong with each, or the message of the whole."""
        faults = [f"{each.field}: {each.message}" for each in self.status.causes if each.field]
        return "; ".join(faults) or self.status.message or f"the server answered {self.code}"


class Requests:
    """Sends one request at a time to one server."""

    def __init__(self, connection: Connection, timeout: float, sleep: Callable[[float], None]) -> None:
        """Wait with `sleep` where the server is busy; `timeout` is how many seconds it may be silent."""
        self._connection = connection
        self._timeout = timeout
        self._sleep = sleep

    def send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: object,
        content_type: str,
        *,
        is_trial: bool = False,
    ) -> dict[str, Any]:
        """
        Return the JSON of the answer.

        A trial, which changes nothing, is repeated whatever failed. Raises `NotDoneError` where the server says why
        it did nothing, and ``SourceError`` where it cannot be known whether it did something.
        """
        for attempt in range(ATTEMPTS):
            is_last = attempt == ATTEMPTS - 1
            try:
                code, answer = self._once(method, path, query, body, content_type)
            except SourceError:
                if not is_trial or is_last:
                    raise
                self._sleep(FIRST_PAUSE * 2.0**attempt)
                continue
            if code in {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED}:
                return self._decoded(path, answer)
            if code == HTTPStatus.UNAUTHORIZED:
                raise refused(self._connection.server, self._connection.context)
            status = _status(answer)
            is_clear = code < HTTPStatus.INTERNAL_SERVER_ERROR or status.message.startswith(_WRONG_TYPES)
            if is_clear and code not in _BUSY:
                raise NotDoneError(code, status)
            if is_last or not (code in _BUSY or is_trial):
                raise SourceError(
                    f"the server answered {code}: {status.message}",
                    place=self._connection.server,
                    remedy="see the log of the API server, or of the admission webhook that the message names",
                )
            self._sleep(FIRST_PAUSE * 2.0**attempt)
        raise AssertionError("unreachable")

    def _decoded(self, path: str, answer: bytes) -> dict[str, Any]:
        try:
            return msgspec.json.decode(answer, type=dict[str, Any])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(
                f"the answer to {path} is not what an API server sends: {error}",
                place=self._connection.server,
                remedy="check that the server of the kubeconfig is an API server, and any proxy between",
            ) from error

    def _once(
        self, method: str, path: str, query: Mapping[str, str], body: object, content_type: str
    ) -> tuple[int, bytes]:
        from urllib3 import Timeout  # noqa: PLC0415 - comes with the official client, and is as lazy
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        client = self._connection.client
        try:
            response = client.rest_client.pool_manager.request(
                method,
                client.configuration.host + path + (f"?{urlencode(query)}" if query else ""),
                body=msgspec.json.encode(body),
                headers={
                    "Accept": "application/json",
                    "Content-Type": content_type,
                    "User-Agent": "firedoor",
                    **credentials(self._connection),
                },
                retries=False,
                redirect=False,
                timeout=Timeout(connect=min(CONNECT_TIMEOUT, self._timeout), read=self._timeout),
            )
        except HTTPError as error:
            raise unreachable(error, self._connection.server).error from error
        return int(response.status), bytes(response.data)


def _status(answer: bytes) -> WriteStatus:
    try:
        return msgspec.json.decode(answer, type=WriteStatus)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return WriteStatus(" ".join(answer[:_LARGEST_EXCERPT].decode("utf-8", "replace").split()))
