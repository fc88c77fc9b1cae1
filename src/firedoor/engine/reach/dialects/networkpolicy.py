"""
NetworkPolicy of ``networking.k8s.io/v1``: rules that only allow, and isolation of the pods they are for.

A MultiNetworkPolicy means the same, on the network that it is for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.reach.columns import NOBODY
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.multinetwork import MultiNetworkPolicy
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.networkpolicy import (
        EgressRule,
        IngressRule,
        IPBlock,
        NetworkPolicy,
        NetworkPolicyPeer,
        NetworkPolicyPort,
    )

CompiledNetworkPolicy = CompiledPolicy["NetworkPolicy"]


def collect(policies: Iterable[NetworkPolicy], cni: CniProfile, vocabulary: Vocabulary) -> None:
    """Add what the policies name to the vocabulary."""
    vocabulary.pods_by_address |= cni.ipblock_matches_pods
    vocabulary.hosts_by_address |= cni.ipblock_matches_nodes
    # Many policies share one specification, which is looked at once.
    for policy in {id(each.spec): each for each in policies}.values():
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
    kept = tuple(policies)
    compiler = _Compiler(direction, index, axis, cni)
    for policy in kept:
        spec = compiler.spec(policy)
        if isinstance(policy, MultiNetworkPolicy):
            if spec is not None or policy.is_unsure("spec"):
                yield _doubted(policy, None if spec is None else compiler.compiled(policy, spec), index, axis)
        elif spec is not None:
            yield compiler.compiled(policy, spec)


def _doubted(
    policy: MultiNetworkPolicy, compiled: CompiledNetworkPolicy | None, index: PeerIndex, axis: PortAxis
) -> CompiledNetworkPolicy:
    """Return the policy as far as it is understood: what is not matches perhaps, or selects perhaps."""
    anything = PortTest(axis.everything)
    rules = tuple(
        CompiledRule(rule.path, index.perhaps_anyone, anything) if policy.is_unsure(rule.path) else rule
        for rule in (() if compiled is None else compiled.rules)
    )
    if compiled is not None and not policy.is_unsure("spec"):
        return CompiledPolicy(policy, compiled.selected, rules)
    everyone = index.columns(index.in_namespace(policy.metadata.namespace))
    return CompiledPolicy(policy, NOBODY, rules, everyone)


class _Rule(Struct, gc=False):
    """A rule: its ports, its peers as far as they are the same in every namespace, and all of them where they are."""

    path: str
    ports: PortTest
    own: list[NDArray[np.int32]]
    elsewhere: list[Peers]
    peers: Peers | None


class _Spec(Struct, gc=False):
    """What a specification comes to in every namespace; all its rules where they are the same in every one."""

    chosen: NDArray[np.int32]
    rules: list[_Rule]
    compiled: tuple[CompiledRule, ...] | None


class _Compiler:
    """
    Compiles policies one after the other; the specifications that they share are looked at once.

    They, and their selectors, are known by identity: whoever uses this keeps the policies alive.
    """

    def __init__(self, direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile) -> None:
        self._direction = direction
        self._index = index
        self._axis = axis
        self._cni = cni
        self._specs: dict[int, _Spec | None] = {}
        self._chosen: dict[int, NDArray[np.int32]] = {}
        self._tests: dict[tuple[NetworkPolicyPort, ...], PortTest] = {}

    def spec(self, policy: NetworkPolicy) -> _Spec | None:
        """Return the specification of a policy; None for one that does not isolate."""
        key = id(policy.spec)
        if key not in self._specs:
            self._specs[key] = self._looked_at(policy) if policy.isolates(self._direction) else None
        return self._specs[key]

    def _looked_at(self, policy: NetworkPolicy) -> _Spec:
        selector = policy.spec.pod_selector
        chosen = self._chosen.get(id(selector))
        if chosen is None:
            chosen = self._chosen[id(selector)] = self._index.chosen(selector)
        rules = [self._rule(number, rule) for number, rule in enumerate(policy.rules(self._direction))]
        compiled = tuple([CompiledRule(each.path, each.peers, each.ports) for each in rules if each.peers])
        return _Spec(chosen, rules, compiled if len(compiled) == len(rules) else None)

    def compiled(self, policy: NetworkPolicy, spec: _Spec) -> CompiledNetworkPolicy:
        namespace, index, rules = policy.metadata.namespace, self._index, spec.compiled
        if rules is None:
            rules = tuple(
                [
                    CompiledRule(
                        each.path, each.peers or _union(namespace, each.own, each.elsewhere, index), each.ports
                    )
                    for each in spec.rules
                ]
            )
        return CompiledPolicy(policy, index.of_namespace(namespace, spec.chosen), rules)

    def _rule(self, number: int, rule: IngressRule | EgressRule) -> _Rule:
        own, elsewhere = _parted(rule.peers, self._index, self._cni)
        peers = self._index.anyone if not rule.peers else None if own else self._index.union(elsewhere)
        test = self._tests.get(rule.ports)
        if test is None:
            test = self._tests[rule.ports] = ports_of(rule.ports, self._axis)
        return _Rule(f"spec.{self._direction}[{number}]", test, own, elsewhere, peers)


def peers_of(namespace: str, peers: Sequence[NetworkPolicyPeer], index: PeerIndex, cni: CniProfile) -> Peers:
    """Return the union of the peers of one rule of a policy in `namespace`; without peers it is anyone."""
    return _union(namespace, *_parted(peers, index, cni), index) if peers else index.anyone


def _parted(
    peers: Sequence[NetworkPolicyPeer], index: PeerIndex, cni: CniProfile
) -> tuple[list[NDArray[np.int32]], list[Peers]]:
    """Return the pods that peers mean if they live in the policy's namespace, and whom they mean in any policy."""
    own: list[NDArray[np.int32]] = []
    elsewhere: list[Peers] = []
    blocks: list[IPBlock] = []
    for peer in peers:
        if peer.ip_block is not None:
            blocks.append(peer.ip_block)
        elif peer.namespace_selector is None:
            own.append(index.chosen(peer.pod_selector))
        else:
            elsewhere.append(index.sets.peers(index.there(peer.namespace_selector, peer.pod_selector)))
    if blocks:
        elsewhere += index.blocks(blocks, pods=cni.ipblock_matches_pods, nodes=cni.ipblock_matches_nodes)
    return own, elsewhere


def _union(namespace: str, own: list[NDArray[np.int32]], elsewhere: list[Peers], index: PeerIndex) -> Peers:
    return index.union([*(index.sets.peers(index.of_namespace(namespace, each)) for each in own), *elsewhere])


def _rules(policy: NetworkPolicy) -> Iterator[IngressRule | EgressRule]:
    for direction in Direction:
        yield from policy.rules(direction)


def ports_of(ports: Sequence[NetworkPolicyPort], axis: PortAxis) -> PortTest:
    """Return the ports of one rule; without ports it is all of them."""
    if not ports:
        return PortTest(axis.everything)
    mask, names = 0, set()
    for port in ports:
        if port.port is None:
            mask |= axis.mask(port.protocol, FIRST_PORT, LAST_PORT)
        elif isinstance(port.port, str):
            names.add((port.port, port.protocol))
        else:
            mask |= axis.mask(port.protocol, port.port, port.port if port.end_port is None else port.end_port)
    return PortTest(mask, tuple(sorted(names)))
