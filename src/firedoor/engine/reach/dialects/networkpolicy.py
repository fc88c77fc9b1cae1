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
    """Return the policies compiled for a direction in which they isolate, or may: some are understood in part only."""
    kept = tuple(policies)
    compiler = _Compiler(direction, index, axis, cni)
    specs = compiler.specs(kept)
    compiled = compiler.compiled([(policy, spec) for policy, spec in zip(kept, specs, strict=True) if spec is not None])
    if any(isinstance(each, MultiNetworkPolicy) for each in kept):
        return _in_part(kept, specs, iter(compiled), index, axis)
    return iter(compiled)


def _in_part(
    policies: Sequence[NetworkPolicy],
    specs: Sequence[_Spec | None],
    compiled: Iterator[CompiledNetworkPolicy],
    index: PeerIndex,
    axis: PortAxis,
) -> Iterator[CompiledNetworkPolicy]:
    """Yield policies some of which may not be fully understood; `compiled` are those that surely isolate."""
    for policy, spec in zip(policies, specs, strict=True):
        own = None if spec is None else next(compiled)
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


class _Rule(Struct, gc=False):
    """A rule: its ports, its peers as far as they are the same in every namespace, and all of them where they are."""

    path: str
    ports: PortTest
    own: list[int]
    """Whom it means in the namespace of a policy, as numbers of what the compiler has chosen."""
    elsewhere: list[Peers]
    peers: Peers | None


class _Spec(Struct, gc=False):
    """What a specification comes to in every namespace; all its rules where they are the same in every one."""

    chosen: int
    rules: list[_Rule]
    compiled: tuple[CompiledRule, ...] | None


class _Compiler:
    """
    Compiles policies together; the specifications, selectors and peers that they share are looked at once.

    They are known by identity: whoever uses this keeps the policies alive.
    """

    def __init__(self, direction: Direction, index: PeerIndex, axis: PortAxis, cni: CniProfile) -> None:
        self._direction = direction
        self._index = index
        self._axis = axis
        self._cni = cni
        self._chosen: list[NDArray[np.int32]] = []
        self._numbers: dict[int, int] = {}
        """Of `_chosen`, by selector."""
        self._elsewhere: dict[int, Peers] = {}
        """By peer."""
        self._tests: dict[tuple[NetworkPolicyPort, ...], PortTest] = {}
        self._paths: list[str] = []

    def specs(self, policies: Iterable[NetworkPolicy]) -> list[_Spec | None]:
        """Return the specifications of policies; None for those that do not isolate."""
        known: dict[int, _Spec | None] = {}
        found: list[_Spec | None] = []
        for policy in policies:
            key = id(policy.spec)
            if key not in known:
                known[key] = self._looked_at(policy) if policy.isolates(self._direction) else None
            found.append(known[key])
        return found

    def _looked_at(self, policy: NetworkPolicy) -> _Spec:
        spec = policy.spec
        written: Sequence[IngressRule | EgressRule] = (
            spec.ingress if self._direction is Direction.INGRESS else spec.egress
        )
        rules = [self._rule(number, rule) for number, rule in enumerate(written)]
        compiled = tuple([CompiledRule(each.path, each.peers, each.ports) for each in rules if each.peers])
        return _Spec(self._number(spec.pod_selector), rules, compiled if len(compiled) == len(rules) else None)

    def _number(self, selector: LabelSelector | None) -> int:
        number = self._numbers.get(id(selector))
        if number is None:
            number = self._numbers[id(selector)] = len(self._chosen)
            self._chosen.append(self._index.chosen(selector))
        return number

    def _rule(self, number: int, rule: IngressRule | EgressRule) -> _Rule:
        if number == len(self._paths):
            self._paths.append(f"spec.{self._direction}[{number}]")
        test = self._tests.get(rule.ports)
        if test is None:
            test = self._tests[rule.ports] = ports_of(rule.ports, self._axis)
        own: list[int] = []
        elsewhere: list[Peers] = []
        blocks: list[IPBlock] = []
        for peer in rule.peers:
            if peer.ip_block is not None:
                blocks.append(peer.ip_block)
            elif peer.namespace_selector is None:
                own.append(self._number(peer.pod_selector))
            else:
                found = self._elsewhere.get(id(peer))
                if found is None:
                    found = self._index.living(peer.namespace_selector, peer.pod_selector)
                    self._elsewhere[id(peer)] = found
                elsewhere.append(found)
        if blocks:
            elsewhere += _of_blocks(blocks, self._index, self._cni)
        peers = self._index.anyone if not rule.peers else None if own else self._index.union(elsewhere)
        return _Rule(self._paths[number], test, own, elsewhere, peers)

    def compiled(self, policies: Sequence[tuple[NetworkPolicy, _Spec]]) -> list[CompiledNetworkPolicy]:
        """Return policies with their specifications compiled."""
        namespaces = [policy.metadata.namespace for policy, _ in policies]
        selected = self._index.of_namespaces(self._chosen, [spec.chosen for _, spec in policies], namespaces)
        asked = {
            (number, namespace): None
            for (_, spec), namespace in zip(policies, namespaces, strict=True)
            if spec.compiled is None
            for rule in spec.rules
            for number in rule.own
        }
        sets = self._index.sets
        inside = self._index.of_namespaces(self._chosen, [each for each, _ in asked], [each for _, each in asked])
        own = {each: sets.peers(found) for each, found in zip(asked, inside, strict=True)}
        rules = [
            self._in_namespace(spec.rules, namespace, own) if spec.compiled is None else spec.compiled
            for (_, spec), namespace in zip(policies, namespaces, strict=True)
        ]
        return list(map(CompiledPolicy, (policy for policy, _ in policies), selected, rules))

    def _in_namespace(
        self, rules: list[_Rule], namespace: str, own: dict[tuple[int, str], Peers]
    ) -> tuple[CompiledRule, ...]:
        union = self._index.union
        return tuple(
            [
                CompiledRule(
                    each.path,
                    each.peers or union([*[own[number, namespace] for number in each.own], *each.elsewhere]),
                    each.ports,
                )
                for each in rules
            ]
        )


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
