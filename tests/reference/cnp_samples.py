"""Minimal valid cluster-wide policies for the examples, which change one thing at a time."""

from __future__ import annotations

from typing import Any

from tests.reference.clusternetworkpolicy import Options, decide_direction
from tests.reference.manifests import Manifest
from tests.reference.samples import Ask

EVERYONE: Manifest = {"namespaces": {}}
DEFAULT_NAMESPACE: Manifest = {"namespaces": {"matchLabels": {"kubernetes.io/metadata.name": "default"}}}
VERSIONS = {
    "ClusterNetworkPolicy": "v1alpha2",
    "AdminNetworkPolicy": "v1alpha1",
    "BaselineAdminNetworkPolicy": "v1alpha1",
}


def labelled(app: str) -> Manifest:
    """Return the peer, or the subject, that is every pod with an ``app`` label, in all namespaces."""
    return {"pods": {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": app}}}}


def rule(action: str, *peers: Any, **more: Any) -> Manifest:
    """Return a rule towards peers, everyone in the cluster unless given; an egress rule, until ``arriving``."""
    return {"action": action, "to": list(peers) or [EVERYONE], **more}


def arriving(egress: Manifest) -> Manifest:
    """Return the rule as one for ingress."""
    return {("from" if field == "to" else field): value for field, value in egress.items()}


def cnp(*egress: Manifest, tier: str = "Admin", priority: int = 10, name: str = "sample", **spec: Any) -> Manifest:
    """Return a ClusterNetworkPolicy with egress rules for every pod; ``spec`` replaces or adds fields."""
    fields = {"tier": tier, "priority": priority, "subject": EVERYONE, "egress": list(egress)}
    return _policy("ClusterNetworkPolicy", name, fields | spec)


def baseline(*egress: Manifest, priority: int = 10, name: str = "sample", **spec: Any) -> Manifest:
    """Return a ClusterNetworkPolicy of the Baseline tier."""
    return cnp(*egress, tier="Baseline", priority=priority, name=name, **spec)


def anp(*egress: Manifest, priority: int = 10, name: str = "sample", **spec: Any) -> Manifest:
    """Return an AdminNetworkPolicy with egress rules for every pod."""
    fields = {"priority": priority, "subject": EVERYONE, "egress": list(egress)}
    return _policy("AdminNetworkPolicy", name, fields | spec)


def banp(*egress: Manifest, name: str = "default", **spec: Any) -> Manifest:
    """Return a BaselineAdminNetworkPolicy with egress rules for every pod."""
    return _policy("BaselineAdminNetworkPolicy", name, {"subject": EVERYONE, "egress": list(egress)} | spec)


def labelled_node(name: str, labels: Any, *addresses: str) -> Manifest:
    """Return a Node with labels, the first address internal and others external."""
    kinds = ["InternalIP", *("ExternalIP",) * len(addresses)]
    status = [{"type": kind, "address": address} for kind, address in zip(kinds, addresses, strict=False)]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "status": {"addresses": [{"type": "Hostname", "address": name}, *status]},
    }


verdict = Ask(decide_direction, Options())


def _policy(kind: str, name: str, spec: Manifest) -> Manifest:
    version = f"policy.networking.k8s.io/{VERSIONS[kind]}"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
