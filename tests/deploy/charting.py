"""The chart as helm renders it, for several sets of values."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.helm import helm
from lab.places import KUBERNETES

ROOT = Path(__file__).parents[2]
CHART = ROOT / "deploy/helm/firedoor"
PLAIN = ROOT / "deploy/kustomize"
Manifest = dict[str, Any]

AUTHORITY = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
BUNDLE = base64.b64encode(AUTHORITY).decode()
INTENTS = [{"name": "nobody gets to the database", "only-these": {"from": [], "to": "shop/db"}}]
RULES: Manifest = {
    "sinks": [
        {
            "name": "soc",
            "type": "webhook",
            "url": "https://soc.example/hooks/firedoor",
            "secret": {"env": "SOC_SECRET"},
            "token": {"file": "/run/secrets/firedoor/soc/token"},
        },
        {"name": "chat", "type": "slack", "url": {"file": "/run/secrets/firedoor/chat.example/url"}},
        {"name": "cluster", "type": "kubernetes-events"},
        {"name": "wrong-now", "type": "policy-report"},
        {"name": "wrong-too", "type": "openreports"},
    ],
    "rules": [
        {"name": "opened", "match": {"kind": ["connection-opened"], "namespace": "data-*"}, "sinks": ["soc", "cluster"]}
    ],
    "silences": [{"match": {"namespace": "sandbox"}, "until": "2027-01-31", "reason": "the demo is built there"}],
}
SINKS: Manifest = {
    "rules": RULES,
    "secrets": [{"name": "soc"}, {"name": "chat.example"}],
    "env": [{"name": "SOC_SECRET", "secret": "soc", "key": "secret"}],
}
RELAY: Manifest = {
    "enabled": True,
    "address": "hubble-relay.kube-system.svc:443",
    "tls": {"enabled": True, "secretName": "relay-client", "clientCertificate": True},
}
GOLDMANE: Manifest = {"enabled": True, "tls": {"secretName": "goldmane-client"}}
EVERYTHING: Manifest = {
    "image": {"repository": "harbor.internal:5000/sec/firedoor", "tag": "1.2", "digest": f"sha256:{'0' * 63}1"},
    "rbac": {"apis": ["cilium.io", "gateway.networking.k8s.io", "projectcalico.org", "security.istio.io"]},
    "flows": {"hubbleRelay": RELAY},
    "watch": {
        **SINKS,
        "customResources": {"enabled": True},
        "config": {"disable": [{"check": "no-flow-log", "reason": "flows are kept elsewhere"}]},
        "flows": {"otlp": {"enabled": True}, "learn": "7d"},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "state": {"existingClaim": "firedoor-state"},
        "annotations": {"example.com/team": "security"},
        "tolerations": [{"key": "infra", "operator": "Exists"}],
        "nodeSelector": {"pool": "infra"},
        "priorityClassName": "system-cluster-critical",
    },
    "admission": {
        "replicas": 3,
        "certificate": {"certManager": {"enabled": True}},
        "failurePolicy": "Fail",
        "exempt": ["cert-manager"],
        "intents": INTENTS,
        "flows": {"enabled": True},
    },
    "networkPolicy": {
        "apiServer": {"cidrs": ["10.0.0.1/32"], "ports": [6443]},
        "otlp": {"from": [{"ipBlock": {"cidr": "10.9.0.8/32"}}]},
        "cilium": True,
        "egress": [{"to": [{"ipBlock": {"cidr": "10.9.0.7/32"}}], "ports": [{"port": 514, "protocol": "TCP"}]}],
    },
}
SETS: dict[str, Manifest] = {
    "default": {},
    "watch only": {"admission": {"enabled": False}},
    "admission only": {"watch": {"enabled": False}},
    "a CA of one's own": {"admission": {"certificate": {"caBundle": BUNDLE}, "exempt": ["ops"]}},
    "own pods only": {"networkPolicy": {"wholeNamespace": False, "dns": {"enabled": False}}},
    "several watch": {"watch": {"replicas": 2}},
    "sinks": {"watch": SINKS},
    "Hubble Relay": {"flows": {"hubbleRelay": {"enabled": True}}},
    "Hubble Relay with TLS": {"flows": {"hubbleRelay": RELAY}},
    "Goldmane": {"flows": {"goldmane": GOLDMANE}},
    "used": {"flows": {"goldmane": GOLDMANE}, "admission": {"flows": {"enabled": True}}},
    "used, and kept": {
        "flows": {"hubbleRelay": {"enabled": True}},
        "admission": {"flows": {"enabled": True, "existingClaim": "used"}, "replicas": 1},
    },
    "everything": EVERYTHING,
}


def program() -> str:
    """Return helm; skip where it is not there."""
    found = helm()
    if found is None:
        pytest.skip("no helm 3: `python -m lab.helm` builds it (Go 1.26, minutes)")
    return found


def ran(*arguments: str, values: Manifest | None = None) -> subprocess.CompletedProcess[str]:
    """Run helm, with values that come from its standard input."""
    given = ["--values", "-"] if values is not None else []
    text = yaml.safe_dump(values or {})
    return subprocess.run([program(), *arguments, *given], input=text, capture_output=True, text=True, check=False)


def template(values: Manifest, release: str = "firedoor", namespace: str = "firedoor") -> str:
    """Return what the chart renders, as text."""
    options = ["--namespace", namespace, "--kube-version", f"v{KUBERNETES}"]
    done = ran("template", release, str(CHART), *options, values=values)
    assert done.returncode == 0, done.stderr
    return done.stdout


def render(values: Manifest, release: str = "firedoor", namespace: str = "firedoor") -> list[Manifest]:
    """Return the objects that the chart renders."""
    return [each for each in yaml.safe_load_all(template(values, release, namespace)) if each]


def one(objects: list[Manifest], kind: str, end: str = "") -> Manifest:
    """Return the only object of a kind whose name ends so."""
    (found,) = (each for each in objects if each["kind"] == kind and each["metadata"]["name"].endswith(end))
    return found
