"""The few requests that the tests send to the API server themselves."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from firedoor.adapters.cluster.config import connect, credentials

Manifest = dict[str, Any]

_CORE = {
    "Namespace": ("namespaces", False),
    "ServiceAccount": ("serviceaccounts", True),
    "Service": ("services", True),
    "ConfigMap": ("configmaps", True),
    "Pod": ("pods", True),
    "Secret": ("secrets", True),
}
_OTHERS = {
    "Deployment": ("deployments", True),
    "StatefulSet": ("statefulsets", True),
    "DaemonSet": ("daemonsets", True),
    "Job": ("jobs", True),
    "CronJob": ("cronjobs", True),
    "Ingress": ("ingresses", True),
    "IngressClass": ("ingressclasses", False),
    "NetworkPolicy": ("networkpolicies", True),
    "PodDisruptionBudget": ("poddisruptionbudgets", True),
    "Role": ("roles", True),
    "RoleBinding": ("rolebindings", True),
    "ClusterRole": ("clusterroles", False),
    "ClusterRoleBinding": ("clusterrolebindings", False),
    "ValidatingAdmissionPolicy": ("validatingadmissionpolicies", False),
    "ValidatingAdmissionPolicyBinding": ("validatingadmissionpolicybindings", False),
    "ValidatingWebhookConfiguration": ("validatingwebhookconfigurations", False),
}
_FIRST = {"Namespace": 0, "ServiceAccount": 1}


class Api:
    """An API server, asked with the credentials of a kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        self._connection = connect(str(kubeconfig), None)

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any, list[str]]:
        """Return status, content and warnings of a response; what is no JSON is content with a message."""
        client = self._connection.client
        response = client.rest_client.pool_manager.request(
            method,
            client.configuration.host + path,
            body=None if body is None else json.dumps(body),
            headers={**credentials(self._connection), "Content-Type": "application/json"},
        )
        try:
            content = json.loads(response.data)
        except json.JSONDecodeError:
            # A path that the server does not know at all is answered with text, and so is much while it starts.
            content = {"message": response.data.decode(errors="replace")}
        return response.status, content, response.headers.getlist("Warning")

    def create(self, manifest: Manifest) -> None:
        """Create an object; one that is there stays as it is."""
        status, content, _ = self.send("POST", collection(manifest), manifest)
        assert status in {HTTPStatus.CREATED, HTTPStatus.CONFLICT}, (manifest, content)

    def judged(self, manifest: Manifest) -> tuple[int, Any, list[str]]:
        """Return what the server says of an object, strictly, without keeping it."""
        return self.send("POST", f"{collection(manifest)}?dryRun=All&fieldValidation=Strict", manifest)

    def delete(self, path: str) -> None:
        """Delete an object."""
        status, content, _ = self.send("DELETE", path)
        assert status == HTTPStatus.OK, content

    def changed(self, path: str, change: Callable[[Manifest], object], part: str = "") -> None:
        """Change an object in place, or a part of it such as ``/status``, whoever else writes to it meanwhile."""

        def is_written() -> bool:
            status, found, _ = self.send("GET", path)
            assert status == HTTPStatus.OK, found
            change(found)
            status, content, _ = self.send("PUT", f"{path}{part}", found)
            assert status in {HTTPStatus.OK, HTTPStatus.CONFLICT}, content
            return status == HTTPStatus.OK

        until(is_written, f"{path}{part} is written")

    def may(self, rule: Manifest, namespace: str = "") -> bool:
        """Return whether the server lets us do the first thing that a rule of a role names."""
        resource, _, subresource = rule["resources"][0].partition("/")
        asked = {"verb": rule["verbs"][0], "group": rule["apiGroups"][0], "resource": resource}
        asked |= {"subresource": subresource, "namespace": namespace, "name": rule.get("resourceNames", [""])[0]}
        kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        status, content, _ = self.send("POST", path, {**kind, "spec": {"resourceAttributes": asked}})
        return status == HTTPStatus.CREATED and bool(content["status"]["allowed"])

    def serves(self, api_version: str, plural: str) -> bool:
        """Return whether a kind is served, and told to whoever asks which kinds there are, which is later."""
        group, _, version = api_version.partition("/")
        if self.send("GET", f"/apis/{api_version}/{plural}")[0] != HTTPStatus.OK:
            return False
        told = self.send("GET", f"/apis/{api_version}")[1].get("resources", [])
        groups = {each["name"]: each["versions"] for each in self.send("GET", "/apis")[1].get("groups", [])}
        return plural in {each["name"] for each in told} and version in {
            each["version"] for each in groups.get(group, [])
        }

    def until_nothing_goes(self) -> None:
        """Wait until namespaces of tests before are gone, with all roles and bindings that were in them."""

        def are_gone() -> bool:
            spaces = [each["metadata"] for each in self.send("GET", "/api/v1/namespaces")[1]["items"]]
            # One with finalizers waits for a test.
            return all(each.get("finalizers") or "deletionTimestamp" not in each for each in spaces)

        until(are_gone, "namespaces that go are gone", 120)

    def token(self, namespace: str, account: str) -> str:
        """Return a token of a service account, which the controllers may be about to make."""
        home = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}"
        until(lambda: self.send("GET", home)[0] == HTTPStatus.OK, f"the account {namespace}/{account}")
        path = f"{home}/token"
        status, content, _ = self.send("POST", path, {"spec": {"expirationSeconds": 3600}})
        assert status == HTTPStatus.CREATED, content
        return str(content["status"]["token"])


def collection(manifest: Manifest) -> str:
    """Return the path to which an object is posted."""
    kind, version = manifest["kind"], manifest["apiVersion"]
    plural, is_namespaced = _CORE.get(kind) or _OTHERS[kind]
    prefix = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    namespace = manifest["metadata"].get("namespace", "default") if is_namespaced else ""
    return f"{prefix}/namespaces/{namespace}/{plural}" if namespace else f"{prefix}/{plural}"


def documents(folder: Path) -> list[Manifest]:
    """Return all objects of the manifests of a folder, those first that others need."""
    texts = (path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.yaml")))
    found = [each for text in texts for each in yaml.safe_load_all(text) if each]
    known = [each for each in found if each["kind"] in {*_CORE, *_OTHERS}]
    return sorted(known, key=lambda each: _FIRST.get(each["kind"], len(_FIRST)))


def as_token_of(kubeconfig: Path, token: str, target: Path) -> Path:
    """Write a kubeconfig for the same server with another token, and return its path."""
    config = json.loads(kubeconfig.read_text(encoding="utf-8"))
    config["users"][0]["user"] = {"token": token}
    target.write_text(json.dumps(config), encoding="utf-8")
    return target


def until_allowed(kubeconfig: Path, rules: Iterable[Manifest], namespace: str = "") -> None:
    """Wait until an account may do what rules say: the authorizer hears of roles and bindings later than we."""
    account = Api(kubeconfig)
    for each in rules:
        if "resources" in each:
            until(partial(account.may, each, namespace), f"{each} is allowed")


def until(is_done: Callable[[], bool], what: str, seconds: float = 120) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not is_done():
        assert time.monotonic() < end, what
        time.sleep(0.1)
