"""The few requests that an API server is sent."""

from __future__ import annotations

import json
import sys
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from tools.access_reviews.vocabulary import RBAC

from firedoor.adapters.cluster.config import connect, credentials

if TYPE_CHECKING:
    from tools.access_reviews.held import Manifest
    from tools.access_reviews.questions import Question
    from tools.access_reviews.writers import Write

    from firedoor.model.access import User

RBAC_PATH = f"/apis/{RBAC}/v1"
KINDS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "ClusterRole": "clusterroles",
    "Role": "roles",
    "ClusterRoleBinding": "clusterrolebindings",
    "RoleBinding": "rolebindings",
}
_METHODS = {"create": "POST", "update": "PUT", "patch": "PATCH"}
_JUDGED = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
"""How a write of a valid object is answered; that the role of a binding is not found is said to who may not bind it."""
_EXTRA = {"authentication.kubernetes.io/credential-id": ["JTI=00000000-0000-0000-0000-000000000000"]}
QUIET = 5.0
"""Seconds without a change after which the controllers and the caches of the authorizer are taken to be done."""


class Server:
    """The API server of a kubeconfig, asked as its administrator."""

    def __init__(self, kubeconfig: str | None) -> None:
        self._connection = connect(kubeconfig, None)

    def version(self) -> str:
        """Return the version that the server says."""
        return str(self._must("GET", "/version")["gitVersion"])

    def create(self, manifest: Manifest) -> None:
        """Create an object; one of that name must not be there, but for accounts that controllers make."""
        status, content = self._send("POST", _collection(manifest), manifest, {})
        is_made = status == HTTPStatus.CONFLICT and manifest["kind"] == "ServiceAccount"
        if status != HTTPStatus.CREATED and not is_made:
            sys.exit(f"{manifest}: {status} {content.get('message')}")

    def cluster(self) -> list[Manifest]:
        """Return all roles and bindings as they are served, less who manages which field."""
        found = []
        for kind in ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"):
            for each in self._must("GET", f"{RBAC_PATH}/{KINDS[kind]}")["items"]:
                each["metadata"].pop("managedFields", None)
                found.append({"apiVersion": f"{RBAC}/v1", "kind": kind, **each})
        return found

    def settled(self) -> list[Manifest]:
        """Return all roles and bindings once nothing changes any more."""
        before = self.cluster()
        while True:
            time.sleep(QUIET)
            after = self.cluster()
            if after == before:
                return after
            before = after

    def answer(self, asked: Question) -> bool:
        """Return what a SubjectAccessReview says."""
        spec: dict[str, Any] = {"user": asked.user.name, "groups": list(asked.user.groups)}
        if asked.user.service_account:
            spec |= {"uid": "00000000-0000-0000-0000-000000000001", "extra": _EXTRA}
        if asked.path:
            spec["nonResourceAttributes"] = {"verb": asked.verb, "path": asked.path}
        else:
            fields = ("verb", "group", "resource", "subresource", "namespace", "name")
            spec["resourceAttributes"] = {each: getattr(asked, each) for each in fields}
        path = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}
        return bool(self._must("POST", path, review)["status"]["allowed"])

    def groups(self, name: str) -> list[str]:
        """Return the groups that a user of this name is put into when it is impersonated without any."""
        path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        return list(self._must("POST", path, review, {"Impersonate-User": name})["status"]["userInfo"]["groups"])

    def attempt(self, write: Write) -> int:
        """Return the status with which a write is answered; nothing is kept of it."""
        path, body = _collection(write.object), write.object
        if write.verb != "create":
            path += f"/{write.object['metadata']['name']}"
        if write.verb == "patch":
            body = {each: body[each] for each in ("rules", "aggregationRule") if each in body}
        status, content = self._send(_METHODS[write.verb], f"{path}?dryRun=All", body, _impersonation(write.user))
        if status not in _JUDGED:
            sys.exit(f"{write.verb} {path}: {status} {content.get('message')}\n{json.dumps(body)}")
        return status

    def _must(self, method: str, path: str, body: Any = None, headers: dict[str, Any] | None = None) -> Any:
        status, content = self._send(method, path, body, headers or {})
        if status not in {HTTPStatus.OK, HTTPStatus.CREATED}:
            sys.exit(f"{method} {path}: {status} {content.get('message')}\n{json.dumps(body)}")
        return content

    def _send(self, method: str, path: str, body: Any, headers: dict[str, Any]) -> tuple[int, Any]:
        client = self._connection.client
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        response = client.rest_client.pool_manager.request(
            method,
            client.configuration.host + path,
            body=None if body is None else json.dumps(body),
            headers=_header_list({**credentials(self._connection), "Content-Type": kind, **headers}),
        )
        return response.status, json.loads(response.data)


def _collection(manifest: Manifest) -> str:
    namespace, plural = manifest["metadata"].get("namespace", ""), KINDS[manifest["kind"]]
    prefix = "/api/v1" if manifest["apiVersion"] == "v1" else RBAC_PATH
    return f"{prefix}/namespaces/{namespace}/{plural}" if namespace else f"{prefix}/{plural}"


def _impersonation(user: User) -> dict[str, Any]:
    return {"Impersonate-User": user.name, "Impersonate-Group": list(user.groups)}


def _header_list(headers: dict[str, Any]) -> Any:
    """Return headers of which some have several values."""
    from urllib3 import HTTPHeaderDict  # noqa: PLC0415 - comes with the official client, and is as lazy

    found = HTTPHeaderDict()
    for name, values in headers.items():
        for value in [values] if isinstance(values, str) else values:
            found.add(name, value)
    return found
