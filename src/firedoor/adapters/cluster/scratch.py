"""
Namespaces that are made for a while and deleted again, and the NetworkPolicies in them.

Writes nothing outside of them: what is written goes to a namespace that was made here. All
of them carry a label, by which they are found again if nobody came to delete them.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from msgspec import Struct, field

from firedoor.adapters.cluster.requests import NotDoneError
from firedoor.adapters.cluster.transport import Refusal
from firedoor.errors import SourceError, WriteRefusedError
from firedoor.model.rollout_contents import MANAGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from firedoor.adapters.cluster.requests import Requests
    from firedoor.adapters.cluster.transport import Transport
    from firedoor.model.places import ObjectRef
    from firedoor.model.rollout import Manifest

LABEL = "firedoor.dev/probe"
_VALUE = "conformance"
_PREFIX = "firedoor-conformance-"
_BY = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
_APPLY_PATCH = "application/apply-patch+yaml"
_MERGE_PATCH = "application/merge-patch+json"
_PAGE = 500
_PAUSE = 0.5
_PATIENCE = 120.0
"""So many seconds a namespace may take until pods can be made in it, or until it is gone."""
# Pods on the network of their node are part of the suite; the levels that forbid them may be the default.
_ADMITTED = {"pod-security.kubernetes.io/enforce": "privileged", "pod-security.kubernetes.io/warn": "privileged"}


class _ListMeta(Struct):
    continue_: str = field(name="continue", default="")


class _Objects(Struct):
    items: list[dict[str, Any]] | None = None
    metadata: _ListMeta = field(default_factory=_ListMeta)


class ScratchNamespaces:
    """Implements ``interfaces.Scratch`` with the API of one server."""

    def __init__(self, transport: Transport, requests: Requests, sleep: Callable[[float], None]) -> None:
        """Read with `transport`, write with `requests`, and wait with `sleep`."""
        self._transport = transport
        self._requests = requests
        self._sleep = sleep
        self._made: list[str] = []

    def nodes(self) -> Sequence[Manifest]:
        """Return all nodes."""
        # The items of a list do not say what they are.
        return [{"apiVersion": "v1", "kind": "Node", **each} for each in self._list("/api/v1/nodes", "the nodes")]

    def make(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Make a namespace, and wait until pods can be made in it."""
        metadata = {"name": namespace, "labels": {**labels, **_ADMITTED, LABEL: _VALUE}}
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        # It is noted first: whatever becomes of the request, it will be deleted.
        self._made.append(namespace)
        try:
            self._requests.send("POST", "/api/v1/namespaces", _BY, body, "application/json")
        except NotDoneError as error:
            self._made.pop()
            raise SourceError(
                f"the namespace {namespace} cannot be made: {error.told}",
                place=self._transport.server,
                remedy="see which permissions the conformance mode needs in its how-to",
            ) from error
        self._until(
            lambda: self._is_there(f"/api/v1/namespaces/{namespace}/serviceaccounts/default"),
            f"the namespace {namespace} gets no service account: is there a controller manager?",
        )

    def put(self, policy: Manifest) -> None:
        """Make a NetworkPolicy what the manifest says (server-side apply)."""
        try:
            # Repeating it does no harm, as if it were only a trial.
            self._requests.send("PATCH", _path(policy), {**_BY, "force": "true"}, policy, _APPLY_PATCH, is_trial=True)
        except NotDoneError as error:
            raise WriteRefusedError(
                f"the server refuses NetworkPolicy {policy['metadata']['namespace']}/{policy['metadata']['name']}: "
                f"{error.told}"
            ) from error

    def remove(self, policy: Manifest) -> None:
        """Delete a NetworkPolicy."""
        self._delete(_path(policy))

    def relabel(self, ref: ObjectRef, labels: Mapping[str, str | None]) -> None:
        """Set and take away labels of a pod or of a namespace that was made here."""
        space = ref.namespace or ref.name
        path = f"/api/v1/namespaces/{quote(space)}" + (f"/pods/{quote(ref.name)}" if ref.namespace else "")
        body = {"metadata": {"labels": dict(labels)}}
        try:
            self._requests.send("PATCH", path, {"fieldManager": MANAGER}, body, _MERGE_PATCH, is_trial=True)
        except NotDoneError as error:
            raise WriteRefusedError(f"the labels of {ref} cannot be changed: {error.told}") from error

    def close(self) -> None:
        """Delete the namespaces, and wait until they are gone."""
        try:
            self.remove_namespaces(self._made)
        finally:
            self._made.clear()

    def remove_namespaces(self, names: Iterable[str]) -> None:
        """Delete some namespaces, and wait until they are gone; raises ``SourceError`` that names those left."""
        paths = {name: f"/api/v1/namespaces/{quote(name)}" for name in names}
        faults = []
        for name, path in paths.items():
            try:
                self._delete(path)
            except (SourceError, WriteRefusedError) as error:
                faults.append(f"{name} ({error.problem})")
        left = ", ".join(faults)
        if not faults:
            left = ", ".join(paths)
            gone = f"these namespaces are still being deleted: {left}"
            self._until(lambda: not any(map(self._is_there, paths.values())), gone)
            return
        raise SourceError(
            f"these namespaces are left: {left}",
            place=self._transport.server,
            remedy=f"delete them with `kubectl delete namespace -l {LABEL}={_VALUE}`",
        )

    def left_over(self) -> list[str]:
        """Return the names of all namespaces that were made here or elsewhere, and not deleted."""
        found = self._list("/api/v1/namespaces", "the namespaces", labelSelector=f"{LABEL}={_VALUE}")
        names = (str(each["metadata"]["name"]) for each in found)
        return sorted(each for each in names if each.startswith(_PREFIX))

    def _list(self, path: str, what: str, **query: str) -> list[Manifest]:
        found: list[Manifest] = []
        asked: dict[str, str | int] = {"limit": _PAGE, **query}
        while True:
            try:
                page = self._transport.get(path, _Objects, **asked)
            except Refusal as refusal:
                raise self._unreadable(what, refusal) from refusal
            found += page.items or []
            if not page.metadata.continue_:
                return found
            asked["continue"] = page.metadata.continue_

    def _is_there(self, path: str) -> bool:
        try:
            self._transport.get(path, dict[str, Any])
        except Refusal as refusal:
            if refusal.code == HTTPStatus.NOT_FOUND:
                return False
            raise self._unreadable(path, refusal) from refusal
        return True

    def _delete(self, path: str) -> None:
        body = {"kind": "DeleteOptions", "apiVersion": "v1"}
        try:
            self._requests.send("DELETE", path, {}, body, "application/json", is_trial=True)
        except NotDoneError as error:
            if error.code not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}:
                raise WriteRefusedError(f"{path} cannot be deleted: {error.told}") from error

    def _until(self, is_so: Callable[[], bool], otherwise: str) -> None:
        waited = 0.0
        while not is_so():
            if waited >= _PATIENCE:
                raise SourceError(otherwise, place=self._transport.server)
            self._sleep(_PAUSE)
            waited += _PAUSE

    def _unreadable(self, what: str, refusal: Refusal) -> SourceError:
        return SourceError(
            f"{what} cannot be read: {refusal.status.message or refusal.code}",
            place=self._transport.server,
            remedy="see which permissions the conformance mode needs in its how-to",
        )


def _path(policy: Manifest) -> str:
    namespace, name = (quote(policy["metadata"][each]) for each in ("namespace", "name"))
    return f"/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies/{name}"
