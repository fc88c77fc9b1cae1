"""Exported policies on Kyverno's own command line: it takes them, and judges files as they are meant."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.cli.command import firedoor
from tests.lab.api import Manifest

INTENTS = """
apiVersion: firedoor.dev/v1alpha1
kind: Intents
intents:
- name: only the api gets to the database
  only-these:
    from: [{namespace: shop, labels: app=api}]
    to: {namespace: shop, labels: app=db}
    ports: [5432]
- {name: nothing gets out to a network, must-deny: {from: {namespace: shop}, to: 10.0.0.0/8}}
- name: red stays out
  must-deny: {from: {namespace-labels: team=red}, to: {namespace-labels: team=blue}, ports: [53/UDP]}
"""
ONLY, OUT, RED = (
    "firedoor-1-only-the-api-gets-to-the-database",
    "firedoor-2-nothing-gets-out-to-a-network",
    "firedoor-3-red-stays-out",
)
ROLES, BINDINGS = "firedoor-risky-clusterroles", "firedoor-risky-bindings"
VALUES = """
apiVersion: cli.kyverno.io/v1alpha1
kind: Value
metadata: {name: namespaces}
namespaces:
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop, team: blue}}
- apiVersion: v1
  kind: Namespace
  metadata: {name: other, labels: {kubernetes.io/metadata.name: other, team: green}}
"""
API = {"podSelector": {"matchLabels": {"app": "api"}}}
RED_SPACES = {"namespaceSelector": {"matchLabels": {"team": "red"}}}
RBAC = "rbac.authorization.k8s.io"


def policy(namespace: str = "shop", **spec: object) -> Manifest:
    whole = {"podSelector": {"matchLabels": {"app": "db"}}, "policyTypes": ["Ingress", "Egress"], **spec}
    kind = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
    return {**kind, "metadata": {"namespace": namespace}, "spec": whole}


def port(number: int | str, protocol: str = "TCP", **more: int) -> list[Manifest]:
    return [{"protocol": protocol, "port": number, **more}]


def role(*resources: str) -> Manifest:
    rules = [{"verbs": ["get"], "apiGroups": [""], "resources": list(resources)}]
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRole", "metadata": {}, "rules": rules}


def binding(name: str) -> Manifest:
    ref = {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}
    return {"apiVersion": f"{RBAC}/v1", "kind": "ClusterRoleBinding", "metadata": {}, "roleRef": ref}


CASES: tuple[tuple[Manifest, set[str], set[str]], ...] = (
    (policy(), set(), {ONLY, OUT, RED}),
    (policy(ingress=[{}], egress=[{}]), {ONLY, OUT, RED}, set()),
    (policy("other", ingress=[{}], egress=[{}]), set(), set()),
    (policy(ingress=[{"from": [API], "ports": port(5432)}]), set(), {ONLY, OUT, RED}),
    (policy(ingress=[{"ports": port(80)}]), set(), {ONLY, OUT, RED}),
    (policy(ingress=[{"ports": port("postgres")}]), {ONLY}, {OUT, RED}),
    (policy(ingress=[{"ports": port(5000, endPort=6000)}]), {ONLY}, {OUT, RED}),
    (policy(ingress=[{"from": [RED_SPACES], "ports": port(53, "UDP")}]), {RED}, {ONLY, OUT}),
    (policy(ingress=[{"from": [RED_SPACES], "ports": port(54, "UDP")}]), set(), {ONLY, OUT, RED}),
    (policy(egress=[{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}]}]), set(), {ONLY, OUT, RED}),
    (policy(egress=[{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}]}]), {OUT}, {ONLY, RED}),
    (role("configmaps"), set(), {ROLES}),
    (role("secrets"), {ROLES}, set()),
    (binding("view"), set(), {BINDINGS}),
    (binding("cluster-admin"), {BINDINGS}, set()),
)


def test_kyverno_refuses_files_that_open_what_an_intent_forbids_and_no_others(tmp_path: Path) -> None:
    program = shutil.which("kyverno")
    if program is None:
        pytest.skip("no kyverno: put its command line on the PATH, 1.17 or later")
    names = [f"case-{number}" for number, _ in enumerate(CASES)]
    given = [
        {**each, "metadata": {"name": name, **each["metadata"]}} for name, (each, *_) in zip(names, CASES, strict=True)
    ]
    (tmp_path / "intents.yaml").write_text(INTENTS)
    (tmp_path / "values.yaml").write_text(VALUES)
    (tmp_path / "given.yaml").write_text(yaml.safe_dump_all(given))
    intents = str(tmp_path / "intents.yaml")
    (tmp_path / "policies.yaml").write_text(
        firedoor("admission", "export", intents, "--rule", "risky=deny", "--format", "kyverno").out
    )
    command = [
        program,
        "apply",
        "policies.yaml",
        "-r",
        "given.yaml",
        "-f",
        "values.yaml",
        "-p",
        "--output-format",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    reports = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    told: dict[str, dict[str, set[str]]] = {name: {} for name in names}
    for result in (each for report in reports for each in report["results"]):
        for thing in result["resources"]:
            told[thing["name"]].setdefault(result["result"], set()).add(result["policy"])
    wanted = {
        name: {**({"fail": refused} if refused else {}), **({"pass": passed} if passed else {})}
        for name, (_, refused, passed) in zip(names, CASES, strict=True)
    }
    assert told == wanted, done.stderr
