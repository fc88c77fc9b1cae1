"""What tests of apply need on a real API server: two namespaces of pods that seem to run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firedoor.model.rollout_contents import content
from tests.cli.command import Ran, firedoor
from tests.lab.api import Api, Manifest, until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
LISTS = "/apis/networking.k8s.io/v1/namespaces/{}/networkpolicies"
PODS = "/api/v1/namespaces/{}/pods"
SPACES = ("apply-a", "apply-b")
A, B = SPACES


def populate(api: Api) -> None:
    """Make the namespaces and their pods."""
    for number, name in enumerate(SPACES):
        api.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        until(lambda: api.send("GET", f"/api/v1/namespaces/{name}/serviceaccounts/default")[0] == 200, "an account")  # noqa: B023
        for position, app in enumerate(("web", "db", "x")):
            api.create(
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": app, "namespace": name, "labels": {"app": app}},
                    "spec": {"containers": [{"name": "main", "image": "none"}]},
                }
            )
            set_status(api, name, app, phase="Running", podIP=f"10.8.{number}.{position + 1}")


def clear(api: Api) -> None:
    """Remove all policies, and the pods, which other tests would count."""
    for name in SPACES:
        assert api.send("DELETE", f"{PODS.format(name)}?gracePeriodSeconds=0")[0] == 200
        assert api.send("DELETE", LISTS.format(name))[0] == 200


def set_status(api: Api, namespace: str, pod: str, **status: Any) -> None:
    """Say of a pod what its kubelet would."""
    api.changed(f"{PODS.format(namespace)}/{pod}", lambda found: found["status"].update(status), "/status")


def run(verb: str, kubeconfig: Path, *arguments: str) -> Ran:
    return firedoor(verb, "--kubeconfig", str(kubeconfig), *arguments)


def apply(kubeconfig: Path, folder: Path, *arguments: str) -> tuple[int, Any]:
    ran = run("apply", kubeconfig, str(folder / "policies"), "--yes", "-o", "json", *arguments)
    assert ran.out, ran.err
    return ran.code, json.loads(ran.out)


def actions(document: Any) -> list[tuple[str, str, str]]:
    steps = (each for wave in document["waves"] for each in wave["steps"])
    return [(each["action"], each["object"]["namespace"], each["object"]["name"]) for each in steps]


def state(api: Api) -> dict[str, str]:
    """Return what people write of all policies, as JSON, byte by byte."""
    found: dict[str, str] = {}
    for name in SPACES:
        for each in api.send("GET", LISTS.format(name))[1]["items"]:
            found[f"{name}/{each['metadata']['name']}"] = json.dumps(content(each))
    return found


def specs(api: Api) -> dict[str, Any]:
    return {name: json.loads(each)["spec"] for name, each in state(api).items()}


def managers(api: Api, namespace: str, name: str) -> set[str]:
    _, found, _ = api.send("GET", f"{LISTS.format(namespace)}/{name}")
    return {each["manager"] for each in found["metadata"]["managedFields"]}


@contextmanager
def served(api: Api, *kinds: tuple[Manifest, str], known: Manifest | None = None) -> Iterator[None]:
    """
    Make the server have more kinds, each by an object of it and its plural, and remove them afterwards.

    `known` are the schemas of fields of their specifications whose types the server is to know.
    """
    fields = {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": known or {}}}
    made = []
    try:
        for each, plural in kinds:
            group, version = each["apiVersion"].split("/")
            name = f"{plural}.{group}"
            definition = {
                "apiVersion": "apiextensions.k8s.io/v1",
                "kind": "CustomResourceDefinition",
                "metadata": {
                    "name": name,
                    "annotations": {"api-approved.kubernetes.io": "https://example.com/of-a-test"},
                },
                "spec": {
                    "group": group,
                    "names": {"kind": each["kind"], "plural": plural, "singular": each["kind"].lower()},
                    "scope": "Namespaced" if "namespace" in each["metadata"] else "Cluster",
                    "versions": [
                        {
                            "name": version,
                            "served": True,
                            "storage": True,
                            "schema": {"openAPIV3Schema": {"type": "object", "properties": fields}},
                        }
                    ],
                },
            }
            assert api.send("POST", DEFINITIONS, definition)[0] == 201
            made.append(f"{DEFINITIONS}/{name}")
            until(lambda: api.serves(each["apiVersion"], plural), plural)  # noqa: B023
        yield
    finally:
        for path in made:
            api.delete(path)
        for path in made:
            until(lambda: api.send("GET", path)[0] == 404, path)  # noqa: B023
