"""The objects of a cluster that probes need: made, read, found again by their label, and deleted."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct

from firedoor.adapters.cluster.requests import NotDoneError
from firedoor.adapters.cluster.transport import Refusal
from firedoor.errors import FiredoorError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.cluster.requests import Requests
    from firedoor.adapters.cluster.transport import Transport

Manifest = dict[str, Any]

_BY = {"fieldManager": "firedoor", "fieldValidation": "Strict"}
_PAGE = 500
_AT_ONCE = 4
"""Fewer requests than the connections that the official client keeps; it complains where there are more."""
_WHERE = {
    "Pod": ("/api/v1", "pods"),
    "Service": ("/api/v1", "services"),
    "EndpointSlice": ("/apis/discovery.k8s.io/v1", "endpointslices"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "Job": ("/apis/batch/v1", "jobs"),
}


class _List(Struct):
    metadata: dict[str, Any]
    items: list[Manifest] | None = None


class RefusedError(FiredoorError):
    """The server did not do what one request asked for; its words are the problem."""


class Objects:
    """Objects of one cluster; may be used by several threads at the same time."""

    def __init__(self, reading: Transport, writing: Requests) -> None:
        """Read with one, and change with the other."""
        self.server = reading.server
        self._reading = reading
        self._writing = writing
        self._few = threading.Semaphore(_AT_ONCE)

    def create(self, manifest: Manifest, namespace: str, *, is_trial: bool = False) -> Manifest:
        """Return the object as the server has it; raises `RefusedError`, or ``SourceError`` when all is broken."""
        query = {**_BY, "dryRun": "All"} if is_trial else _BY
        made = self._refusable(
            lambda: self._writing.send(
                "POST", path(manifest["kind"], namespace), query, manifest, "application/json", is_trial=is_trial
            )
        )
        return {**made, "kind": manifest["kind"], "apiVersion": manifest["apiVersion"]}

    def patch(self, kind: str, namespace: str, name: str, body: Manifest) -> Manifest:
        """Return the object after a strategic merge patch; `name` may end with a subresource."""
        where = f"{path(kind, namespace)}/{name}"
        form = "application/strategic-merge-patch+json"
        return self._refusable(lambda: self._writing.send("PATCH", where, {"fieldManager": "firedoor"}, body, form))

    def get(self, kind: str, namespace: str, name: str) -> Manifest | None:
        """Return an object, None where there is none; raises `RefusedError`."""
        try:
            with self._few:
                return self._reading.get(f"{path(kind, namespace)}/{quote(name, safe='')}", dict[str, Any])
        except Refusal as refusal:
            if refusal.code == HTTPStatus.NOT_FOUND:
                return None
            raise self._refused(refusal) from refusal

    def list(self, kind: str, namespace: str, selector: str = "") -> list[Manifest]:
        """Return the objects with a label, of one namespace or (empty) of all; raises `RefusedError`."""
        query: dict[str, str | int] = {"limit": _PAGE, **({"labelSelector": selector} if selector else {})}
        found: list[Manifest] = []
        while True:
            try:
                with self._few:
                    page = self._reading.get(path(kind, namespace), _List, **query)
            except Refusal as refusal:
                raise self._refused(refusal) from refusal
            found += page.items or []
            query["continue"] = page.metadata.get("continue") or ""
            if not query["continue"]:
                return found

    def delete(self, kind: str, found: Manifest) -> None:
        """Delete an object, and what it owns soon after; one that is gone, or another by now, is none."""
        metadata = found["metadata"]
        body = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
            "preconditions": {"uid": metadata["uid"]},
        }
        where = f"{path(kind, metadata['namespace'])}/{quote(metadata['name'], safe='')}"
        try:
            with self._few:
                self._writing.send("DELETE", where, {}, body, "application/json")
        except NotDoneError as error:
            if error.code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                raise RefusedError(error.told, place=self.server) from error

    def _refusable(self, send: Callable[[], Manifest]) -> Manifest:
        try:
            with self._few:
                return send()
        except NotDoneError as error:
            raise RefusedError(error.told, place=self.server) from error

    def _refused(self, refusal: Refusal) -> RefusedError:
        said = refusal.status.message or f"the server answered {refusal.code}"
        return RefusedError(said, place=self.server)


def path(kind: str, namespace: str) -> str:
    """Return the path of the objects of a kind."""
    prefix, plural = _WHERE[kind]
    return f"{prefix}/namespaces/{quote(namespace, safe='')}/{plural}" if namespace else f"{prefix}/{plural}"


def why(error: FiredoorError) -> str:
    """Return the server's words, as the reason why something cannot be used."""
    return error.problem if isinstance(error, (RefusedError, SourceError)) else str(error)
