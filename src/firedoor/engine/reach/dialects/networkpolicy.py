"""
NetworkPolicy of ``networking.k8s.io/v1``: rules that only allow, and isolation of the pods they are for.

A MultiNetworkPolicy means the same, on the network that it is for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.multinetwork import MultiNetworkPolicy
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.networkpolicy import EgressRule, IngressRule, NetworkPolicy, NetworkPolicyPeer

CompiledNetworkPolicy = CompiledPolicy["NetworkPolicy"]


def collect(policies: Iterable[NetworkPolicy], cni: CniProfile, vocabulary: Vocabulary) -> None:
    """Add what the policies name to the vocabulary."""
    vocabulary.pods_by_address |= cni.ipblock_matches_pods
    vocabulary.hosts_by_address |= cni.ipblock_matches_nodes
    for policy in policies:
        vocabulary.pod_selectors.append(policy.spec.pod_selector)
        for rule in _rules(policy):
            for peer in rule.peers:
                if peer.ip_block is not None:
                    vocabulary.blocks[peer.ip_block] = None
                if peer.pod_selector is not None:
                    vocabulary.pod_selectors.append(peer.pod_selector)
                if peer.namespace_selector is not None:
                    vocabulary.namespace_selectors.append(peer.namespace_selector)
            for port in rule.ports:
                if isinstance(port.port, int):
                    last = port.port if port.end_port is None else port.end_port
                    vocabulary.port_ranges.add((port.protocol, port.port, last))
                elif port.port is not None:
                    vocabulary.port_names.add(port.port)


def compile_policies(
    policies: Iterable[NetworkPolicy], direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile
) -> Iterator[CompiledNetworkPolicy]:
    """Yield the policies compiled for a direction in which they isolate, or may: some are understood in part only."""
    for policy in policies:
        is_doubted = isinstance(policy, MultiNetworkPolicy) and policy.is_unsure("spec")
        if policy.isolates(direction) or is_doubted:
            compiled = _compiled(policy, direction, index, axis, cni)
            yield _doubted(policy, compiled, index, axis) if isinstance(policy, MultiNetworkPolicy) else compiled


def _doubted(
    policy: MultiNetworkPolicy, compiled: CompiledNetworkPolicy, index: PeerIndex, axis: PortAxis
) -> CompiledNetworkPolicy:
    """Return the policy as far as it is understood: what is not matches perhaps, or selects perhaps."""
    anything = PortTest(axis.everything)
    rules = tuple(
        replace(rule, peers=index.perhaps_anyone, ports=anything) if policy.is_unsure(rule.path) else rule
        for rule in compiled.rules
    )
    if not policy.is_unsure("spec"):
        return replace(compiled, rules=rules)
    everyone = index.columns(index.in_namespace(policy.metadata.namespace))
    return CompiledPolicy(policy, np.zeros(0, dtype=np.int32), rules, everyone)


def _compiled(
    policy: NetworkPolicy, direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile
) -> CompiledNetworkPolicy:
    namespace = policy.metadata.namespace
    rules = tuple(
        CompiledRule(f"spec.{direction}[{number}]", peers_of(namespace, rule.peers, index, cni), _ports(rule, axis))
        for number, rule in enumerate(policy.rules(direction))
    )
    return CompiledPolicy(policy, index.selected(namespace, policy.spec.pod_selector), rules)


def peers_of(namespace: str, peers: Sequence[NetworkPolicyPeer], index: PeerIndex, cni: CniProfile) -> Peers:
    """Return the union of the peers of one rule of a policy in `namespace`; without peers it is anyone."""
    if not peers:
        return index.anyone
    found = [_pods(namespace, peer, index) for peer in peers if peer.ip_block is None]
    blocks = [peer.ip_block for peer in peers if peer.ip_block is not None]
    if blocks:
        found += index.blocks(blocks, pods=cni.ipblock_matches_pods, nodes=cni.ipblock_matches_nodes)
    return index.union(found)


def _rules(policy: NetworkPolicy) -> Iterator[IngressRule | EgressRule]:
    for direction in Direction:
        yield from policy.rules(direction)


def _pods(namespace: str, peer: NetworkPolicyPeer, index: PeerIndex) -> Peers:
    pods, spaces = peer.pod_selector, peer.namespace_selector
    key = (
        namespace if spaces is None else "",
        None if pods is None else pods.key,
        None if spaces is None else spaces.key,
    )

    def find() -> Peers:
        if spaces is not None:
            return index.sets.peers(index.columns(index.in_namespaces(spaces) & index.pods(pods)))
        first, last = index.span(namespace)
        return index.sets.peers(index.columns(index.pods(pods)[first:last], first))

    return index.once(key, find)


def _ports(rule: IngressRule | EgressRule, axis: PortAxis) -> PortTest:
    if not rule.ports:
        return PortTest(axis.everything)
    mask, names = 0, set()
    for port in rule.ports:
        if port.port is None:
            mask |= axis.mask(port.protocol, FIRST_PORT, LAST_PORT)
        elif isinstance(port.port, str):
            names.add((port.port, port.protocol))
        else:
            mask |= axis.mask(port.protocol, port.port, port.port if port.end_port is None else port.end_port)
    return PortTest(mask, tuple(sorted(names)))
