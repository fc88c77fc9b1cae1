"""
ClusterNetworkPolicy, AdminNetworkPolicy and BaselineAdminNetworkPolicy of ``policy.networking.k8s.io``.

Ordered rules of which the first that matches decides. They isolate nothing: what
they leave open goes to the NetworkPolicies (from the Admin tier) or is accepted
(from the Baseline tier).
"""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from firedoor.algebra.ports import PROTOCOLS
from firedoor.engine.reach.domains import any_matches, canonical_name
from firedoor.engine.reach.layers import PolicyRank, PolicyTier
from firedoor.engine.reach.programs import ACCEPT, DENY, PASS
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.clusterpolicy import Action, ClusterPolicy, DomainsPeer, NetworksPeer, NodesPeer, PodsPeer, Tier
from firedoor.model.networkpolicy import Direction, IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.clusterpolicy import ClusterPort, ClusterRule
    from firedoor.model.workloads import Node

_ACTIONS = {Action.ACCEPT: ACCEPT, Action.DENY: DENY, Action.PASS: PASS}


def collect(policies: Iterable[ClusterPolicy], nodes: Sequence[Node], vocabulary: Vocabulary) -> None:
    """Add what the policies name to the vocabulary."""
    for policy in policies:
        _collect_pods(policy.subject, vocabulary)
        for direction in Direction:
            for rule in policy.rules(direction):
                for port in rule.ports or ():
                    _collect_port(port, vocabulary)
                for peer in rule.peers:
                    match peer:
                        case PodsPeer():
                            _collect_pods(peer, vocabulary)
                        case NetworksPeer():
                            vocabulary.pods_by_address = vocabulary.hosts_by_address = True
                            vocabulary.blocks.update((IPBlock(cidr), None) for cidr in peer.cidrs)
                        case DomainsPeer():
                            vocabulary.domains.update(map(canonical_name, peer.names))
                            vocabulary.blocks.update(_node_blocks(nodes))
                        case NodesPeer():
                            vocabulary.hosts_by_node = vocabulary.hosts_by_address = True
                            vocabulary.blocks.update(_node_blocks(nodes))


def tier(
    which: Tier,
    policies: Iterable[ClusterPolicy],
    direction: Direction,
    index: PeerIndex,
    axis: PortAxis,
    nodes: Sequence[Node],
) -> PolicyTier:
    """Return a tier with its policies by priority; the winner among equal ones is left open by the API."""
    own = sorted((each for each in policies if each.tier is which), key=lambda each: each.priority)
    ranks = [
        PolicyRank(tuple(_policy(each, direction, index, axis, nodes) for each in equal), is_union=False)
        for _, equal in groupby(own, key=lambda each: each.priority)
    ]
    return PolicyTier(str(which), tuple(ranks), denies_rest=False)


def _node_blocks(nodes: Sequence[Node]) -> dict[IPBlock, None]:
    return {_host_block(address): None for node in nodes for address in node.addresses}


def _host_block(address: str) -> IPBlock:
    """Return the block of one address."""
    return IPBlock(f"{address}/{128 if ':' in address else 32}")


def _collect_pods(peer: PodsPeer, vocabulary: Vocabulary) -> None:
    vocabulary.namespace_selectors.append(peer.namespace_selector)
    if peer.pod_selector is not None:
        vocabulary.pod_selectors.append(peer.pod_selector)


def _collect_port(port: ClusterPort, vocabulary: Vocabulary) -> None:
    if port.name:
        vocabulary.port_names.add(port.name)
    else:
        vocabulary.port_ranges.add((port.protocol, port.first, port.first if port.last is None else port.last))


def _policy(
    policy: ClusterPolicy, direction: Direction, index: PeerIndex, axis: PortAxis, nodes: Sequence[Node]
) -> CompiledPolicy[ClusterPolicy]:
    subject = policy.subject
    selected = index.living_once(subject.namespace_selector, subject.pod_selector).sure
    rules = tuple(
        compiled
        for rule in policy.rules(direction)
        for compiled in (_rule(rule, index, axis, nodes),)
        if compiled is not None
    )
    return CompiledPolicy(policy, selected, rules, isolates=False)


def _rule(rule: ClusterRule, index: PeerIndex, axis: PortAxis, nodes: Sequence[Node]) -> CompiledRule | None:
    if rule.fails_closed:
        if rule.action is Action.ACCEPT:
            return None
        return CompiledRule(rule.path, index.anyone, PortTest(axis.everything), DENY)
    action = _ACTIONS[rule.action]
    if rule.unsure:
        return CompiledRule(rule.path, index.perhaps_anyone, PortTest(axis.everything), action)
    blocks = [IPBlock(cidr) for peer in rule.peers if isinstance(peer, NetworksPeer) for cidr in peer.cidrs]
    found = [*_other_peers(rule, index, nodes), *((index.networks(blocks),) if blocks else ())]
    return CompiledRule(rule.path, index.union(found), _ports(rule, axis), action)


def _other_peers(rule: ClusterRule, index: PeerIndex, nodes: Sequence[Node]) -> Iterator[Peers]:
    for peer in rule.peers:
        match peer:
            case PodsPeer():
                yield index.living_once(peer.namespace_selector, peer.pod_selector)
            case NodesPeer():
                meant = [node for node in nodes if peer.selector.matches(node.metadata.labels)]
                addresses = [address for node in meant for address in node.addresses]
                names = {node.metadata.name for node in meant}
                yield index.nodes(addresses, names, all_=peer.selector.is_empty)
            case DomainsPeer():
                yield index.domain(partial(any_matches, [canonical_name(name) for name in peer.names]))


def _ports(rule: ClusterRule, axis: PortAxis) -> PortTest:
    if rule.ports is None:
        return PortTest(axis.everything)
    mask, names = 0, set[tuple[str, str]]()
    for port in rule.ports:
        if port.name:
            names.update((port.name, protocol) for protocol in PROTOCOLS)
        else:
            mask |= axis.mask(port.protocol, port.first, port.first if port.last is None else port.last)
    return PortTest(mask, tuple(sorted(names)))
