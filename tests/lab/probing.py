"""What the tests of probes have in common: what was made, and who may make it."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from firedoor.adapters.cluster.probes import ProbeSettings
from firedoor.model.places import ObjectRef
from firedoor.model.probing import ProbeSite
from tests.lab.api import Api, Manifest, as_token_of, until, until_allowed

PAGE = Path(__file__).parents[2] / "docs/howto/verify-runners.md"
KINDS = {
    "pods": "/api/v1",
    "services": "/api/v1",
    "deployments": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
}

SHORT = ProbeSettings(ready_timeout=0.5)
"""There is no node: no pod ever starts."""
CONTAINER = {"name": "c", "image": "registry.k8s.io/pause:3.10"}


def objects(api: Api, kind: str, namespace: str = "", selector: str = "firedoor.dev/probe") -> list[Manifest]:
    within = f"/namespaces/{namespace}" if namespace else ""
    status, content, _ = api.send("GET", f"{KINDS[kind]}{within}/{kind}?labelSelector={selector}")
    assert status == HTTPStatus.OK, content
    return [{"kind": content["kind"], **each} for each in content["items"]]


def left(api: Api, namespace: str) -> list[str]:
    return [f"{kind}/{each['metadata']['name']}" for kind in KINDS for each in objects(api, kind, namespace)]


def as_account(api: Api, kubeconfig: Path, namespace: str, rules: list[Manifest], target: Path) -> Path:
    """Return a kubeconfig of an account that may do what some rules say, in one namespace."""
    group = "rbac.authorization.k8s.io"
    api.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "prober", "namespace": namespace}})
    where = {"name": "prober", "namespace": namespace}
    api.create({"apiVersion": f"{group}/v1", "kind": "Role", "metadata": where, "rules": rules})
    api.create(
        {
            "apiVersion": f"{group}/v1",
            "kind": "RoleBinding",
            "metadata": where,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": "prober"},
            "subjects": [{"kind": "ServiceAccount", **where}],
        }
    )
    account = as_token_of(kubeconfig, api.token(namespace, "prober"), target)
    until_allowed(account, rules, namespace)
    return account


def documented(name: str) -> list[Manifest]:
    """Return the rules of a role on the page."""
    blocks = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1:]
    found = [yaml.safe_load(each.partition("```")[0]) for each in blocks]
    return next(each["rules"] for each in found if each["metadata"]["name"] == name)


def make_namespace(api: Api, labels: Manifest) -> str:
    """Make a namespace of its own for a test, and wait for its account."""
    name = f"probes-{uuid.uuid4().hex[:8]}"
    api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    path = f"/api/v1/namespaces/{name}/serviceaccounts/default"
    until(lambda: api.send("GET", path)[0] == HTTPStatus.OK, f"the account of {name}")
    return name


def site(namespace: str, app: str = "web", **other: Any) -> ProbeSite:
    """Return a site that listens on port 80."""
    parts: dict[str, Any] = {"labels": {"app": app}, "ports": (("http", "TCP", 80),), "listening": (("TCP", 80),)}
    return ProbeSite(ObjectRef("Deployment", namespace, app), "", **(parts | other))
