"""Faults that network plugins have, for the network in memory: ways to read a policy, or to decide without one."""

from __future__ import annotations

from typing import Any

from tests.conformance_network import Manifest, rules
from tests.reference.networkpolicy import Connection, Options, Verdict


def end_port_ignored(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    for rule in rules(policy):
        for port in rule.get("ports") or []:
            port.pop("endPort", None)
    return policy


def end_port_open(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    for rule in rules(policy):
        for port in rule.get("ports") or []:
            if "endPort" in port:
                del port["endPort"], port["port"]
    return policy


def first_named_port(policy: Manifest, cluster: list[Manifest]) -> Manifest:
    """Read a name as the number that the first pod has under it."""
    numbers: dict[tuple[str, str], int] = {}
    for pod in sorted(
        (each for each in cluster if each["kind"] == "Pod"), key=lambda each: str(each["metadata"]["name"])
    ):
        for port in pod["spec"]["containers"][0]["ports"]:
            numbers.setdefault((port["name"], port["protocol"]), port["containerPort"])
    for rule in rules(policy):
        for port in rule.get("ports") or []:
            if isinstance(port.get("port"), str):
                port["port"] = numbers.get((port["port"], port.get("protocol", "TCP")), 1)
    return policy


def no_direction(name: str) -> Any:
    def change(policy: Manifest, _cluster: list[Manifest]) -> Manifest | None:
        spec = policy["spec"]
        types = set(spec.get("policyTypes") or (["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]))
        spec["policyTypes"] = sorted(types - {name})
        return policy if spec["policyTypes"] else None

    return change


def no_expressions(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    peers = [each for rule in rules(policy) for each in (*rule.get("from", ()), *rule.get("to", ()))]
    selectors = [policy["spec"]["podSelector"]]
    selectors += [peer[each] for peer in peers for each in ("podSelector", "namespaceSelector") if each in peer]
    for selector in selectors:
        selector.pop("matchExpressions", None)
    return policy


def no_except(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    for rule in rules(policy):
        for peer in (*rule.get("from", ()), *rule.get("to", ())):
            peer.get("ipBlock", {}).pop("except", None)
    return policy


def either_selector(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    for rule in rules(policy):
        for field in ("from", "to"):
            if field in rule:
                rule[field] = [{key: value} for peer in rule[field] for key, value in peer.items()]
    return policy


def ingress_by_default(policy: Manifest, _cluster: list[Manifest]) -> Manifest:
    policy["spec"].setdefault("policyTypes", ["Ingress"])
    return policy


def own_node(cluster: list[Manifest], asked: Connection, _options: Options) -> Verdict | None:
    source, destination = asked.src, asked.dst
    assert not isinstance(source, str)
    assert not isinstance(destination, str)
    return Verdict.ACCEPTED if destination.host_network and destination.node == source.node else None


def except_denies(cluster: list[Manifest], asked: Connection, _options: Options) -> Verdict | None:
    """Deny what any exception of a policy for the destination holds, before all rules."""
    source, destination = asked.src, asked.dst
    assert not isinstance(source, str)
    assert not isinstance(destination, str)
    if source == destination:
        return None
    for policy in (each for each in cluster if each["kind"] == "NetworkPolicy"):
        blocks = [peer.get("ipBlock", {}) for rule in rules(policy) for peer in rule.get("from", ())]
        holes = {hole for each in blocks for hole in each.get("except", ())}
        if destination.labels.get("app") == "a" and holes & {f"{each}/32" for each in source.addresses}:
            return Verdict.DENIED
    return None
