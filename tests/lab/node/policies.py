"""The policies that tests of enforcement are about."""

from __future__ import annotations

from typing import Any

from tests.lab.api import Manifest


def default_deny(namespace: str) -> Manifest:
    """Return the policy that lets nothing in."""
    return policy(namespace, "default-deny", {"podSelector": {}, "policyTypes": ["Ingress"]})


def no_way_out(namespace: str) -> Manifest:
    """Return the policy that lets nothing out."""
    return policy(namespace, "no-way-out", {"podSelector": {}, "policyTypes": ["Egress"]})


def allow(namespace: str, server: str, client: str, ports: dict[str, int]) -> Manifest:
    """Return the policy that lets one pod connect to ports of another."""
    rule = {
        "from": [{"podSelector": {"matchLabels": {"app": client}}}],
        "ports": [{"protocol": protocol.upper(), "port": port} for protocol, port in ports.items()],
    }
    spec = {"podSelector": {"matchLabels": {"app": server}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    return policy(namespace, f"allow-{client}", spec)


def policy(namespace: str, name: str, spec: dict[str, Any]) -> Manifest:
    """Return a NetworkPolicy."""
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"namespace": namespace, "name": name},
        "spec": spec,
    }
