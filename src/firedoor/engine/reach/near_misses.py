"""Rules that came close to accepting a connection, and why they did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from firedoor.engine.reach.network import Network
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import (
        EgressRule,
        IngressRule,
        IPBlock,
        NetworkPolicy,
        NetworkPolicyPeer,
        NetworkPolicyPort,
    )

MOST = 5
"""Near misses that are told."""


def near_misses(
    network: Network, direction: Direction, subject: int, peer: int | str, wanted: tuple[str, int]
) -> tuple[Reason, ...]:
    """Return the rules of the subject's policies that did not match, the closest first."""
    found: list[tuple[int, Reason]] = []
    profile = network.profile_of[subject]
    for compiled in network.selecting(direction, profile):
        policy = compiled.policy
        for number, rule in enumerate(policy.rules(direction)):
            faults = list(_faults(network, policy, rule, direction, subject, peer, wanted))
            if faults:
                path = f"spec.{direction}[{number}]"
                text = "; ".join(each for _, each in faults)
                reason = Reason(policy.name, path, policy.place.at(path), text, policy.ref.kind)
                found.append((sum(weight for weight, _ in faults), reason))
    found.sort(key=lambda each: (each[0], each[1].policy, each[1].rule))
    return tuple(reason for _, reason in found[:MOST])


def _faults(
    network: Network,
    policy: NetworkPolicy,
    rule: IngressRule | EgressRule,
    direction: Direction,
    subject: int,
    peer: int | str,
    wanted: tuple[str, int],
) -> Iterator[tuple[int, str]]:
    target = subject if direction is Direction.INGRESS else peer
    declared = network.members[target].ports if isinstance(target, int) else ()
    if rule.ports and not any(_port_matches(port, declared, wanted) for port in rule.ports):
        listed = ", ".join(map(str, rule.ports))
        yield 1, f"allows {listed}, not {wanted[0]}/{wanted[1]}{_name_hint(rule, declared)}"
    if rule.peers:
        faults = [_peer_fault(network, policy, each, peer) for each in rule.peers]
        if all(fault is not None for fault in faults):
            weight, text = min(fault for fault in faults if fault is not None)
            yield weight, text


def _name_hint(rule: IngressRule | EgressRule, declared: tuple[tuple[str, str, int], ...]) -> str:
    names = [port.port for port in rule.ports if isinstance(port.port, str)]
    known = {name: f"{protocol}/{number}" for name, protocol, number in declared}
    told = [f"{name} is {known[name]} here" if name in known else f"no port is named {name} here" for name in names]
    return f" ({', '.join(told)})" if told else ""


def _port_matches(port: NetworkPolicyPort, declared: tuple[tuple[str, str, int], ...], wanted: tuple[str, int]) -> bool:
    protocol, number = wanted
    if port.protocol != protocol:
        return False
    if port.port is None:
        return True
    if isinstance(port.port, str):
        return (port.port, protocol, number) in declared
    return port.port <= number <= (port.port if port.end_port is None else port.end_port)


def _peer_fault(
    network: Network, policy: NetworkPolicy, peer: NetworkPolicyPeer, other: int | str
) -> tuple[int, str] | None:
    """Return how far a peer is from matching, in words; None when it matches."""
    if peer.ip_block is not None:
        return _block_fault(network, peer.ip_block, other)
    if isinstance(other, str):
        return 9, f"admits {peer}, and {other} is an address outside the cluster"
    member = network.members[other]
    if member.host_network:
        return (
            9,
            f"admits {peer}; {member.full_name} uses its node's network (hostNetwork), which selectors do not match",
        )
    faults: list[str] = []
    if peer.namespace_selector is None:
        if member.namespace != policy.metadata.namespace:
            own = policy.metadata.namespace
            faults.append(f"admits pods of namespace {own} only; {member.full_name} is in {member.namespace}")
    else:
        faults += _label_faults(
            peer.namespace_selector,
            network.namespaces.get(member.namespace, {}),
            f"namespace {member.namespace}",
        )
    if peer.pod_selector is not None:
        faults += _label_faults(peer.pod_selector, member.labels, f"pod {member.name}")
    return (1 + len(faults), "; ".join(faults)) if faults else None


def _block_fault(network: Network, block: IPBlock, other: int | str) -> tuple[int, str] | None:
    columns = network.addresses.externals_of(block)
    if isinstance(other, str):
        external = network.addresses.external(other)
        if external not in columns:
            return 3, f"{other} is not in {block}"
        if not network.cni.ipblock_matches_nodes and external in network.addresses.of_nodes:
            return 8, f"admits the addresses {block}; under the profile {network.cni.name} those do not match nodes"
        return None
    member = network.members[other]
    matches = network.cni.ipblock_matches_nodes if member.host_network else network.cni.ipblock_matches_pods
    if not matches:
        return (
            8,
            f"admits the addresses {block}; under the profile {network.cni.name} those do not match pods",
        )
    if not member.addresses:
        return (
            None
            if network.addresses.covers(block, Family.V4)
            else (4, f"the address of {member.full_name} is not known, so {block} may or may not hold it")
        )
    inside = any(network.addresses.external(each) in columns for each in member.addresses)
    return None if inside else (4, f"{', '.join(member.addresses)} is not in {block}")


def _label_faults(selector: LabelSelector, labels: Mapping[str, str], whose: str) -> list[str]:
    return [
        f"wants {requirement}, and {whose} has {_label_text(requirement.key, labels)}"
        for requirement in selector.requirements
        if not requirement.matches(labels)
    ]


def _label_text(key: str, labels: Mapping[str, str]) -> str:
    return f"{key}={labels[key]}" if key in labels else f"no label {key}"
