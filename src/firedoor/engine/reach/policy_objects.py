"""NetworkPolicies of the model back into complete objects in the shape of the API."""

from __future__ import annotations

from typing import Any

import msgspec

from firedoor.model.networkpolicy import NetworkPolicy


def policy_manifest(policy: NetworkPolicy) -> dict[str, Any]:
    """
    Return the policy as an object that can be applied.

    Fields that the policy leaves empty are left out where that means the same;
    ``policyTypes`` is always written, so that nothing hangs on its default.
    """
    spec: dict[str, Any] = {
        "podSelector": _selector(policy.spec.pod_selector),
        "policyTypes": list(policy.spec.policy_types) or (["Ingress", "Egress"] if policy.spec.egress else ["Ingress"]),
    }
    for name, peers, rules in (
        ("ingress", "from", policy.spec.ingress),
        ("egress", "to", policy.spec.egress),
    ):
        if rules:
            spec[name] = [_rule(rule.peers, rule.ports, peers) for rule in rules]
    metadata: dict[str, Any] = {"name": policy.metadata.name, "namespace": policy.metadata.namespace}
    if policy.metadata.labels:
        metadata["labels"] = dict(policy.metadata.labels)
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata,
        "spec": spec,
    }


def _rule(peers: Any, ports: Any, field: str) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    if peers:
        rule[field] = [_peer(peer) for peer in peers]
    if ports:
        rule["ports"] = [_without_unset(msgspec.to_builtins(port)) for port in ports]
    return rule


def _peer(peer: Any) -> dict[str, Any]:
    if peer.ip_block is not None:
        block: dict[str, Any] = {"cidr": peer.ip_block.cidr}
        if peer.ip_block.excepts:
            block["except"] = list(peer.ip_block.excepts)
        return {"ipBlock": block}
    found: dict[str, Any] = {}
    if peer.namespace_selector is not None:
        found["namespaceSelector"] = _selector(peer.namespace_selector)
    if peer.pod_selector is not None:
        found["podSelector"] = _selector(peer.pod_selector)
    return found


def _selector(selector: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if selector.match_labels:
        found["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        found["matchExpressions"] = [_expression(each) for each in selector.match_expressions]
    return found


def _expression(requirement: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"key": requirement.key, "operator": str(requirement.operator)}
    if requirement.values:
        found["values"] = list(requirement.values)
    return found


def _without_unset(port: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in port.items() if value is not None}
