"""
Policies written to a live cluster: server-side apply, exact restoring, deletion; and nothing but policies.

Apart from the reading `Transport`, which sends no other request than GET. Every write
names what it expects to find (``resourceVersion``), so that nothing is written over
what somebody else wrote meanwhile.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct, field

from firedoor.adapters.cluster.discovery import ServedList
from firedoor.adapters.cluster.requests import NotDoneError, Requests
from firedoor.adapters.cluster.transport import Refusal
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.rollout import Conflict, PolicyRef, Trial
from firedoor.model.rollout_contents import MANAGER, content, is_same, ref_of, restoring

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.adapters.cluster.transport import Transport
    from firedoor.model.rollout import Manifest

APPLY_PATCH = "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
_TRIES = 5
_PAGE = 500
_BY = {"fieldManager": MANAGER, "fieldValidation": "Strict"}


class _Owner(Struct):
    kind: str = ""
    name: str = ""
    controller: bool = False


class _PodMeta(Struct, rename="camel"):
    name: str = ""
    namespace: str = ""
    owner_references: list[_Owner] | None = None


class _Condition(Struct):
    type: str = ""
    status: str = ""


class _PodStatus(Struct):
    conditions: list[_Condition] | None = None


class _Pod(Struct):
    metadata: _PodMeta = field(default_factory=_PodMeta)
    status: _PodStatus = field(default_factory=_PodStatus)

    @property
    def is_ready(self) -> bool:
        return any(each.type == "Ready" and each.status == "True" for each in self.status.conditions or ())

    @property
    def maker(self) -> str:
        owner = next((each for each in self.metadata.owner_references or () if each.controller), None)
        kind, name = (owner.kind, owner.name) if owner is not None else ("Pod", self.metadata.name)
        return f"{kind} {self.metadata.namespace}/{name}"


class _ListMeta(Struct):
    continue_: str = field(name="continue", default="")


class _Pods(Struct):
    items: list[_Pod] | None = None
    metadata: _ListMeta = field(default_factory=_ListMeta)


class LivePolicyClient:
    """Implements ``interfaces.LivePolicies`` with the API of one server."""

    def __init__(self, transport: Transport, requests: Requests) -> None:
        """Read with `transport`, write with `requests`."""
        self.server = transport.server
        self._transport = transport
        self._requests = requests
        self._paths: dict[tuple[str, str], tuple[str, bool] | None] = {}

    def get(self, ref: PolicyRef) -> Manifest | None:
        """Return an object as the server has it; None where there is none, or nothing of its kind."""
        path = self._path(ref)
        if path is None:
            return None
        try:
            found: Manifest = self._transport.get(path, dict[str, Any])
        except Refusal as refusal:
            if refusal.code == HTTPStatus.NOT_FOUND:
                return None
            raise self._unreadable(str(ref), refusal) from refusal
        return found

    def try_out(self, manifest: Manifest, *, force: bool) -> Trial:
        """Return what the server says of an object (``dryRun=All``)."""
        ref = ref_of(manifest)
        path = self._path(ref)
        if path is None:
            return Trial(rejection=f"the server has no {ref.kind} of {ref.api_version}")
        query = {**_BY, "dryRun": "All", **({"force": "true"} if force else {})}
        try:
            return Trial(self._requests.send("PATCH", path, query, manifest, APPLY_PATCH, is_trial=True))
        except NotDoneError as error:
            conflicts = tuple(Conflict(each.field, each.manager) for each in error.status.field_conflicts)
            return Trial(None, conflicts) if conflicts else Trial(rejection=error.told)

    def apply(self, manifest: Manifest, now: Manifest | None, *, force: bool) -> Manifest:
        """Return the object as the server has it afterwards (server-side apply)."""
        path = self._known(ref_of(manifest))
        query = {**_BY, **({"force": "true"} if force else {})}

        def attempt(found: Manifest | None) -> Manifest:
            body = manifest
            if found is not None:
                version = found["metadata"]["resourceVersion"]
                body = {**manifest, "metadata": {**manifest["metadata"], "resourceVersion": version}}
            return self._requests.send("PATCH", path, query, body, APPLY_PATCH)

        return self._while_same(ref_of(manifest), now, attempt)

    def restore(self, now: Manifest | None, before: Manifest) -> None:
        """Make the content of an object what it was, and its fields belong to whom they did (``managedFields``)."""
        ref = ref_of(before)
        path = self._known(ref)

        def attempt(found: Manifest | None) -> Manifest:
            if found is None:
                collection = path.rpartition("/")[0]
                return self._requests.send("POST", collection, _BY, content(before), "application/json")
            return self._requests.send("PATCH", path, {"fieldManager": MANAGER}, restoring(found, before), JSON_PATCH)

        self._while_same(ref, now, attempt)
        owners = before["metadata"].get("managedFields")
        if owners:
            patch = [{"op": "add", "path": "/metadata/managedFields", "value": owners}]
            try:
                self._requests.send("PATCH", path, {"fieldManager": MANAGER}, patch, JSON_PATCH)
            except NotDoneError:
                # Who owns which field is not part of what was to be restored, and not every server keeps it.
                return

    def delete(self, now: Manifest) -> None:
        """Delete an object that is still as it is `now`."""
        path = self._known(ref_of(now))

        def attempt(found: Manifest | None) -> Manifest:
            if found is None:
                return {}
            expected = {key: found["metadata"][key] for key in ("uid", "resourceVersion") if key in found["metadata"]}
            body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": expected}
            return self._requests.send("DELETE", path, {}, body, "application/json")

        self._while_same(ref_of(now), now, attempt)

    def ready(self, namespace: str) -> dict[str, int]:
        """Return how many pods are ready by what made them (``status.conditions`` of type Ready)."""
        path = f"/api/v1/namespaces/{quote(namespace)}/pods" if namespace else "/api/v1/pods"
        counts: dict[str, int] = {}
        query: dict[str, str | int] = {"limit": _PAGE}
        while True:
            try:
                page = self._transport.get(path, _Pods, **query)
            except Refusal as refusal:
                raise self._unreadable("the pods", refusal) from refusal
            for each in page.items or ():
                if each.is_ready:
                    counts[each.maker] = counts.get(each.maker, 0) + 1
            if not page.metadata.continue_:
                return counts
            query["continue"] = page.metadata.continue_

    def _unreadable(self, what: str, refusal: Refusal) -> SourceError:
        return SourceError(
            f"{what} cannot be read: {refusal.status.message or refusal.code}",
            place=self.server,
            remedy="see which permissions `firedoor apply` needs in its how-to",
        )

    def _while_same(
        self, ref: PolicyRef, now: Manifest | None, attempt: Callable[[Manifest | None], Manifest]
    ) -> Manifest:
        """Return what an attempt returns; it is repeated when only such fields changed as people do not write."""
        for _ in range(_TRIES):
            try:
                return attempt(now)
            except NotDoneError as error:
                again = self.get(ref)
                if _version(again) == _version(now):
                    raise WriteRefusedError(f"{ref}: {error.told}", place=self.server) from error
                if not is_same(again, now):
                    raise WriteRefusedError(
                        f"{ref}: changed by somebody else meanwhile", place=self.server, remedy="try again"
                    ) from error
                now = again
        raise WriteRefusedError(
            f"{ref}: its status changes faster than it can be written", place=self.server, remedy="try again"
        )

    def _known(self, ref: PolicyRef) -> str:
        path = self._path(ref)
        if path is None:
            raise WriteRefusedError(f"the server has no {ref.kind} of {ref.api_version} any more", place=self.server)
        return path

    def _path(self, ref: PolicyRef) -> str | None:
        """Return the path of an object; None where the server has nothing of its kind."""
        key = (ref.api_version, ref.kind)
        if key not in self._paths:
            self._paths[key] = self._served(ref)
        found = self._paths[key]
        if found is None:
            return None
        plural, is_namespaced = found
        within = f"/namespaces/{quote(ref.namespace, safe='')}" if is_namespaced else ""
        return f"/apis/{ref.api_version}{within}/{plural}/{quote(ref.name, safe='')}"

    def _served(self, ref: PolicyRef) -> tuple[str, bool] | None:
        try:
            served = self._transport.get(f"/apis/{ref.api_version}", ServedList).resources or []
        except Refusal as refusal:
            if refusal.code == HTTPStatus.NOT_FOUND:
                return None
            raise SourceError(
                f"what the server has of {ref.api_version} cannot be read: {refusal.status.message or refusal.code}",
                place=self.server,
            ) from refusal
        return next(
            ((each.name, each.namespaced) for each in served if each.kind == ref.kind and "/" not in each.name), None
        )


def _version(found: Manifest | None) -> str:
    return "" if found is None else str(found["metadata"].get("resourceVersion", ""))
