"""
NetworkPolicy of ``networking.k8s.io/v1``: rules that only allow, and isolation of the pods they are for.

A MultiNetworkPolicy means the same, on the network that it is for.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.reach.batches import PolicyBatch, RuleTable
from firedoor.engine.reach.columns import NOBODY, ranges
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.multinetwork import MultiNetworkPolicy
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.columns import Peers
    from firedoor.engine.reach.dialects.written import WrittenPolicies, WrittenRules
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import (
        EgressRule,
        IngressRule,
        IPBlock,
        NetworkPolicy,
        NetworkPolicyPeer,
        NetworkPolicyPort,
    )

CompiledNetworkPolicy = CompiledPolicy["NetworkPolicy"]
_OWN = -1
"""The namespace of the policy, whichever that is."""


def collect(written: WrittenPolicies, cni: CniProfile, vocabulary: Vocabulary) -> None:
    """Add what the policies name to the vocabulary."""
    vocabulary.pods_by_address |= cni.ipblock_matches_pods
    vocabulary.hosts_by_address |= cni.ipblock_matches_nodes
    vocabulary.pod_selectors += written.selectors
    peers = {id(peer): peer for peers in written.peers for peer in peers}.values()
    _collect_named(peers, chain.from_iterable(written.ports), vocabulary)


def collect_one(policy: NetworkPolicy, vocabulary: Vocabulary) -> None:
    """Add what one policy names to the vocabulary."""
    vocabulary.pod_selectors.append(policy.spec.pod_selector)
    for direction in Direction:
        if policy.isolates(direction):
            for rule in _rules(policy, direction):
                _collect_named(rule.peers, rule.ports, vocabulary)


def _collect_named(
    peers: Iterable[NetworkPolicyPeer], ports: Iterable[NetworkPolicyPort], vocabulary: Vocabulary
) -> None:
    for peer in peers:
        if peer.ip_block is not None:
            vocabulary.blocks[peer.ip_block] = None
        if peer.pod_selector is not None:
            vocabulary.pod_selectors.append(peer.pod_selector)
        if peer.namespace_selector is not None:
            vocabulary.namespace_selectors.append(peer.namespace_selector)
    for port in ports:
        if isinstance(port.port, int):
            last = port.port if port.end_port is None else port.end_port
            vocabulary.port_ranges.add((port.protocol, port.port, last))
        elif port.port is not None:
            vocabulary.port_names.add(port.port)


class PolicyCompiler:
    """
    Compiles policies together; the selectors and peers that they share are looked at once.

    What is one of many is a number: policies say the same if their specifications come to
    the same numbers.
    """

    def __init__(self, written: WrittenPolicies, index: PeerIndex, axis: PortAxis, cni: CniProfile) -> None:
        """Compile what does not hang on a direction."""
        self._written = written
        self._index = index
        self._axis = axis
        self._cni = cni
        self._chosen: list[NDArray[np.int32]] = []
        self._numbers: dict[int, int] = {}
        """Of `_chosen`, by the identity of selectors."""
        self._namespaces = index.numbers_of(written.namespaces)
        subjects = np.asarray([self._number(each) for each in written.selectors], dtype=np.int64)
        self._subjects = subjects[written.selector_of]
        """Of specifications, in `_chosen`."""
        meanings = [self._meaning(each) for each in written.peers]
        self._inside = [inside for inside, _ in meanings]
        """For each of the written peers the pods that they mean inside a namespace."""
        self._anywhere = [anywhere for _, anywhere in meanings]
        """And what they mean besides, which is the same in every namespace."""
        self._is_local = np.asarray([any(of == _OWN for _, of in each) for each in self._inside], dtype=bool)
        self._tests = [ports_of(each, axis) for each in written.ports]

    def compiled(self, direction: Direction) -> Sequence[CompiledNetworkPolicy]:
        """Return the policies that isolate in a direction, or may: some are understood in part only."""
        policies, rules = self._written.policies, self._written.rules[direction]
        isolates = rules.isolates[self._written.spec_of]
        found = self._isolating(direction, np.flatnonzero(isolates), rules)
        if MultiNetworkPolicy in set(map(type, policies)):
            return list(_in_part(policies, isolates.tolist(), iter(found), self._index, self._axis))
        return found

    def _isolating(
        self, direction: Direction, positions: NDArray[np.int64], rules: WrittenRules
    ) -> PolicyBatch[NetworkPolicy]:
        specs, namespaces = self._written.spec_of[positions], self._namespaces[positions]
        selected = self._index.of_namespaces(self._chosen, self._subjects[specs], namespaces)
        policy_of, rule_of = ranges((np.cumsum(rules.counts) - rules.counts)[specs], rules.counts[specs])
        peers, peers_of = self._peers(rules.peers[rule_of], namespaces[policy_of])
        table = RuleTable(f"spec.{direction}", rules.counts[specs], peers_of, rules.ports[rule_of], peers, self._tests)
        return PolicyBatch((self._written.policies, positions), selected, table)

    def _peers(
        self, written: NDArray[np.int64], namespaces: NDArray[np.int64]
    ) -> tuple[list[Peers], NDArray[np.int64]]:
        """Return the peers that there are, and which of them rules with some written peers in some namespace have."""
        index, inside = self._index, self._inside
        width = index.namespace_count + 1
        # The namespace matters to few.
        codes, code_of = np.unique(
            written * width + np.where(self._is_local[written], namespaces, 0), return_inverse=True
        )
        found = [divmod(code, width) for code in codes.tolist()]
        asked = [(chosen, own if of == _OWN else of) for each, own in found for chosen, of in inside[each]]
        numbers, places = np.asarray(asked, dtype=np.int64).reshape(-1, 2).T
        flat, lows, highs = index.of_namespaces(self._chosen, numbers, places)
        pods = [index.sets.peers(flat[low:high]) for low, high in zip(lows.tolist(), highs.tolist(), strict=True)]
        known: dict[Peers, int] = {}
        of_code: list[int] = []
        first = 0
        for each, _ in found:
            last = first + len(inside[each])
            parts = pods[first:last] + self._anywhere[each]
            peers = parts[0] if len(parts) == 1 else index.union(parts)
            of_code.append(known.setdefault(peers, len(known)))
            first = last
        return list(known), np.asarray(of_code, dtype=np.int64)[code_of]

    def _number(self, selector: LabelSelector | None) -> int:
        number = self._numbers.get(id(selector))
        if number is None:
            number = self._numbers[id(selector)] = len(self._chosen)
            self._chosen.append(self._index.chosen(selector))
        return number

    def _meaning(self, peers: Sequence[NetworkPolicyPeer]) -> tuple[list[tuple[int, int]], list[Peers]]:
        """Return whom peers mean: numbers of `_chosen`, each with that of a namespace, and what hangs on none."""
        if not peers:
            return [], [self._index.anyone]
        inside: list[tuple[int, int]] = []
        anywhere: list[Peers] = []
        blocks: list[IPBlock] = []
        for peer in peers:
            spaces = peer.namespace_selector
            if peer.ip_block is not None:
                blocks.append(peer.ip_block)
            elif spaces is None:
                inside.append((self._number(peer.pod_selector), _OWN))
            else:
                only = self._index.only_namespace(spaces)
                if only is None:
                    anywhere.append(self._index.living(spaces, peer.pod_selector))
                else:
                    inside.append((self._number(peer.pod_selector), only))
        if blocks:
            anywhere += _of_blocks(blocks, self._index, self._cni)
        return inside, anywhere


def _in_part(
    policies: Sequence[NetworkPolicy],
    isolates: Sequence[bool],
    compiled: Iterator[CompiledNetworkPolicy],
    index: PeerIndex,
    axis: PortAxis,
) -> Iterator[CompiledNetworkPolicy]:
    """Yield policies some of which may not be fully understood; `compiled` are those that surely isolate."""
    for policy, is_isolating in zip(policies, isolates, strict=True):
        own = next(compiled) if is_isolating else None
        if isinstance(policy, MultiNetworkPolicy):
            if own is not None or policy.is_unsure("spec"):
                yield _doubted(policy, own, index, axis)
        elif own is not None:
            yield own


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


def compile_one(
    policy: NetworkPolicy, direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile
) -> CompiledNetworkPolicy | None:
    """Return one policy, which is fully understood, or None where it does not isolate: faster than as one of many."""
    if not policy.isolates(direction):
        return None
    selected = index.selected(policy.metadata.namespace, policy.spec.pod_selector)
    return CompiledPolicy(policy, selected, rules_of(policy, direction, index, axis, cni))


def rules_of(
    policy: NetworkPolicy, direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile
) -> tuple[CompiledRule, ...]:
    """Return the rules of one policy that isolates in a direction."""
    namespace, path = policy.metadata.namespace, f"spec.{direction}"
    return tuple(
        [
            CompiledRule(f"{path}[{position}]", peers_of(namespace, rule.peers, index, cni), ports_of(rule.ports, axis))
            for position, rule in enumerate(_rules(policy, direction))
        ]
    )


def _rules(policy: NetworkPolicy, direction: Direction) -> Sequence[IngressRule | EgressRule]:
    return policy.spec.ingress if direction is Direction.INGRESS else policy.spec.egress


def peers_of(namespace: str, peers: Sequence[NetworkPolicyPeer], index: PeerIndex, cni: CniProfile) -> Peers:
    """Return the union of the peers of one rule of a policy in `namespace`; without peers it is anyone."""
    blocks = [peer.ip_block for peer in peers if peer.ip_block is not None]
    found = [
        index.sets.peers(index.selected(namespace, peer.pod_selector))
        if peer.namespace_selector is None
        else index.living(peer.namespace_selector, peer.pod_selector)
        for peer in peers
        if peer.ip_block is None
    ]
    return index.union([*found, *(_of_blocks(blocks, index, cni) if blocks else ())]) if peers else index.anyone


def _of_blocks(blocks: list[IPBlock], index: PeerIndex, cni: CniProfile) -> list[Peers]:
    return index.blocks(blocks, pods=cni.ipblock_matches_pods, nodes=cni.ipblock_matches_nodes)


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
