"""Exported policies on a real API server: it takes them, and refuses by itself what they are about."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.control_plane import ControlPlane
from lab.places import binaries, missing

from tests.lab.api import Api, Manifest, until

HOME = "exported"
PATIENCE = 120
INTENTS = f"""
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
- name: only the api gets to the database
  only-these:
    from: [{{namespace: {HOME}, labels: app=api}}]
    to: {{namespace: {HOME}, labels: app=db}}
    ports: [5432]
- {{name: nothing gets out to a network, must-deny: {{from: {{namespace: {HOME}}}, to: 10.0.0.0/8}}}}
"""


def policy(**spec: Any) -> Manifest:
    whole = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress", "Egress"], **spec}
    metadata = {"name": "one", "namespace": HOME}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": whole}


def role(*rules: Manifest) -> Manifest:
    kind = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole"}
    return {**kind, "metadata": {"name": "one"}, "rules": list(rules)}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """Return an API server that nobody else has, with the policies in force."""
    if missing():
        pytest.skip(f"no {', '.join(missing())} in {binaries()}: `python -m lab build` makes them (Go 1.26, minutes)")
    folder = tmp_path_factory.mktemp("export")
    plane = ControlPlane(folder / "run")
    plane.up(lambda _text: None)
    try:
        found = Api(plane.kubeconfig)
        found.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}})
        for each in yaml.safe_load_all(exported(folder)):
            found.create(each)

        # The server takes them into force one after the other.
        _until_refused(found, policy(ingress=[{}]), "only the api gets")
        _until_refused(found, policy(egress=[{}]), "nothing gets out to a network")
        _until_refused(found, role({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}), "secrets-read")
        yield found
    finally:
        plane.down()


def exported(folder: Path) -> str:
    (folder / "intents.yaml").write_text(INTENTS)
    command = [sys.executable, "-m", "firedoor", "admission", "export", str(folder / "intents.yaml")]
    done = subprocess.run([*command, "--rule", "risky=deny"], capture_output=True, text=True, check=False)
    # What hangs on names of objects is let pass.
    assert done.returncode == 10, done.stderr
    return done.stdout


FROM_API = {"podSelector": {"matchLabels": {"app": "api"}}}
POSTGRES = {"protocol": "TCP", "port": 5432}


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"ingress": [{"from": [FROM_API], "ports": [POSTGRES]}]}, ""),
        ({"ingress": [{"ports": [{"protocol": "TCP", "port": 80}]}]}, ""),
        ({"podSelector": {"matchLabels": {"app": "web"}}, "ingress": [{}]}, ""),
        ({"ingress": [{"ports": [{"protocol": "TCP", "port": 5000, "endPort": 6000}]}]}, "only the api gets"),
        ({"ingress": [{"ports": [{"port": "postgres"}]}]}, "only the api gets"),
        ({"ingress": [{"from": [{**FROM_API, "namespaceSelector": {}}]}]}, "only the api gets"),
        ({"podSelector": {}, "ingress": [{"from": [{"podSelector": {}}]}]}, "only the api gets"),
        ({"egress": [{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]}, ""),
        ({"egress": [{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]}, "nothing gets out to a network"),
        ({"egress": [{}]}, "nothing gets out to a network"),
    ],
)
def test_a_policy_is_refused_where_its_own_rules_open_what_an_intent_forbids(
    api: Api, spec: Manifest, told: str
) -> None:
    status, content, _ = api.judged(policy(**spec))
    if told:
        assert status == HTTPStatus.UNPROCESSABLE_ENTITY, content
        assert told in content["message"]
    else:
        assert status == HTTPStatus.CREATED, content


def _until_refused(api: Api, manifest: dict[str, Any], told: str) -> None:
    """Wait until an object is refused with some words: the server takes policies into force one after the other."""

    def is_refused() -> bool:
        status, content, _ = api.judged(manifest)
        return status == HTTPStatus.UNPROCESSABLE_ENTITY and told in content["message"]

    until(is_refused, f"{told} is refused", PATIENCE)


def test_dangerous_roles_and_bindings_to_cluster_admin_are_refused_and_others_are_not(api: Api) -> None:
    _until_refused(api, role({"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}), "secrets-read")
    harmless = role({"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"]})
    assert api.judged(harmless)[0] == HTTPStatus.CREATED
    assert api.judged({**harmless, "rules": []})[0] == HTTPStatus.CREATED
    binding = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all"}}
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    _until_refused(api, {**binding, "roleRef": ref}, "cluster-admin")
    assert api.judged({**binding, "roleRef": {**ref, "name": "view"}})[0] == HTTPStatus.CREATED


def test_the_api_server_finds_no_fault_in_the_types_of_expressions(api: Api) -> None:
    path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"

    def are_checked() -> bool:
        status, content, _ = api.send("GET", path)
        assert status == HTTPStatus.OK
        return all("typeChecking" in each.get("status", {}) for each in content["items"])

    until(are_checked, "the types are checked", PATIENCE)
    _, content, _ = api.send("GET", path)
    assert [each for each in content["items"] if each["status"]["typeChecking"]] == []
