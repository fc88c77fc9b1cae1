"""Objects that firedoor itself keeps in a cluster: events and reports."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from msgspec import Struct, field

from firedoor.adapters.cluster.requests import NotDoneError, Requests
from firedoor.adapters.cluster.transport import Refusal
from firedoor.adapters.cluster.writing import APPLY_PATCH
from firedoor.errors import SourceError, WriteRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.adapters.cluster.transport import Transport
    from firedoor.model.places import ObjectRef

MANAGER = "firedoor-watch"
"""The field manager of the objects."""
_CORE = {"Namespace": "namespaces", "Pod": "pods", "Service": "services", "ServiceAccount": "serviceaccounts"}
_OTHERS = {
    "Deployment": ("apps/v1", "deployments"),
    "StatefulSet": ("apps/v1", "statefulsets"),
    "DaemonSet": ("apps/v1", "daemonsets"),
    "ReplicaSet": ("apps/v1", "replicasets"),
    "Job": ("batch/v1", "jobs"),
    "CronJob": ("batch/v1", "cronjobs"),
    "NetworkPolicy": ("networking.k8s.io/v1", "networkpolicies"),
    "Ingress": ("networking.k8s.io/v1", "ingresses"),
    "Role": ("rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": ("rbac.authorization.k8s.io/v1", "rolebindings"),
    "ClusterRole": ("rbac.authorization.k8s.io/v1", "clusterroles"),
    "ClusterRoleBinding": ("rbac.authorization.k8s.io/v1", "clusterrolebindings"),
}
_NEVER = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY})
"""The namespace is gone, or the object is wrong."""
_UNKNOWN = ("404 page not found", "the server could not find the requested resource")
_TERMINATING = "NamespaceTerminating"
"""The reason of a cause in the answer, with the code 403."""
_LIMIT = 500


class _NamespaceGoneError(WriteRefusedError):
    """The namespace of an object is not there any more, or is about to go."""


class _Meta(Struct):
    uid: str = ""
    name: str = ""
    namespace: str = ""
    continue_: str = field(name="continue", default="")


class _Object(Struct):
    metadata: _Meta = field(default_factory=_Meta)


class _Items(Struct):
    items: list[dict[str, Any]] | None = None
    metadata: _Meta = field(default_factory=_Meta)


class _List(Struct):
    items: list[_Object] | None = None
    metadata: _Meta = field(default_factory=_Meta)


_Page = TypeVar("_Page", _List, _Items)


class OwnObjects:
    """Implements ``interfaces.ClusterObjects`` with the API of one server."""

    def __init__(self, transport: Transport, requests: Requests) -> None:
        """Read with `transport`, write with `requests`."""
        self._transport = transport
        self._requests = requests

    def identity(self, ref: ObjectRef) -> tuple[str, str]:
        """Return the ``apiVersion`` and the ``uid`` of an object of a kind that every cluster has."""
        api_version, plural = ("v1", _CORE[ref.kind]) if ref.kind in _CORE else _OTHERS.get(ref.kind, ("", ""))
        if not api_version:
            return "", ""
        try:
            found = self._transport.get(_path(api_version, plural, ref.namespace, ref.name), _Object)
        except Refusal:
            return api_version, ""
        return api_version, found.metadata.uid

    def create(self, manifest: Mapping[str, Any], plural: str) -> None:
        """Create an object; one of that name that is there stays as it is."""
        meta = manifest["metadata"]
        path = _path(manifest["apiVersion"], plural, meta.get("namespace", ""))
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        self._send("POST", path, query, manifest, "application/json", HTTPStatus.CONFLICT)

    def apply(self, manifest: Mapping[str, Any], plural: str, part: str = "") -> bool:
        """
        Make an object, or a part of it such as its status, what it is meant to be, with server-side apply.

        Returns False where its namespace goes, and for a part where the object is gone.
        """
        meta = manifest["metadata"]
        path = _path(manifest["apiVersion"], plural, meta.get("namespace", ""), meta["name"])
        query = {"fieldManager": MANAGER, "force": "true"}
        gone = HTTPStatus.NOT_FOUND if part else 0
        try:
            return self._send("PATCH", f"{path}/{part}" if part else path, query, manifest, APPLY_PATCH, gone)
        except _NamespaceGoneError:
            return False

    def items(self, api_version: str, plural: str, selector: str) -> list[dict[str, Any]]:
        """Return the objects with labels as the server has them, all where `selector` is empty."""
        return [each for page in self._pages(_Items, api_version, plural, selector) for each in page.items or ()]

    def listed(self, api_version: str, plural: str, selector: str) -> list[tuple[str, str]]:
        """Return the namespaces and names of the objects with labels."""
        pages = self._pages(_List, api_version, plural, selector)
        return [(each.metadata.namespace, each.metadata.name) for page in pages for each in page.items or ()]

    def delete(self, api_version: str, plural: str, namespace: str, name: str) -> None:
        """Delete an object; that it is gone already is well."""
        path = _path(api_version, plural, namespace, name)
        body = {"kind": "DeleteOptions", "apiVersion": "v1"}
        self._send("DELETE", path, {}, body, "application/json", HTTPStatus.NOT_FOUND)

    def _pages(self, form: type[_Page], api_version: str, plural: str, selector: str) -> Iterator[_Page]:
        query: dict[str, str | int] = {"limit": _LIMIT, **({"labelSelector": selector} if selector else {})}
        while True:
            try:
                page = self._transport.get(_path(api_version, plural, ""), form, **query)
            except Refusal as refusal:
                raise self._trouble(refusal.code, refusal.status.message) from refusal
            yield page
            if not page.metadata.continue_:
                return
            query["continue"] = page.metadata.continue_

    def _send(
        self, method: str, path: str, query: dict[str, str], body: object, content_type: str, well: int = 0
    ) -> bool:
        """Send a request, and return whether it was done; an answer with the code `well` is well, too."""
        try:
            # Each of these does the same when it is done twice.
            self._requests.send(method, path, query, body, content_type, is_trial=True)
        except NotDoneError as error:
            if error.code == well:
                return False
            told = error.told
            if told.startswith('namespaces "') or any(each.reason == _TERMINATING for each in error.status.causes):
                raise _NamespaceGoneError(told, place=self._transport.server) from error
            if error.code in _NEVER:
                if told.startswith(_UNKNOWN):
                    told = f"the server has nothing at {path.rpartition('/')[0]}: its kind is not installed"
                raise WriteRefusedError(told, place=self._transport.server) from error
            raise self._trouble(error.code, told) from error
        return True

    def _trouble(self, code: int, message: str) -> SourceError:
        return SourceError(
            f"the server answered {code}: {message}",
            place=self._transport.server,
            remedy="see which permissions the sink needs in the how-to of `firedoor watch`",
        )


def _path(api_version: str, plural: str, namespace: str, name: str = "") -> str:
    base = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
    within = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
    return f"{base}{within}/{plural}" + (f"/{quote(name, safe='')}" if name else "")
