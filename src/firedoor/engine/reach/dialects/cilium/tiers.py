"""
The tier of Cilium's policies, compiled (``Rule``).

What a rule of them denies is denied. Of the rest, all that any rule allows is allowed,
or that a NetworkPolicy of Kubernetes accepts; and what is left is denied to the pods
that some rule or NetworkPolicy isolates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.reach.columns import NOBODY
from firedoor.engine.reach.dialects.cilium.guises import Ground
from firedoor.engine.reach.dialects.cilium.peers import PeerFinder
from firedoor.engine.reach.layers import PolicyRank, PolicyTier
from firedoor.engine.reach.programs import ACCEPT, DENY
from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.icmp import ICMP
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.dialects.cilium.guises import Guise
    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.cilium import CiliumDirectionRule, CiliumPolicy, CiliumPort, CiliumRule
    from firedoor.model.typed_policies import TypedPolicies

TIER = "NetworkPolicy"


class CiliumTier:
    """Compiles the policies of Cilium, together with those of Kubernetes."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Prepare what both directions need."""
        self._scene = scene
        self._typed = typed
        self.ground = Ground(scene, typed)

    def tier(self, direction: Direction, kubernetes: Sequence[CompiledNetworkPolicy], guise: Guise) -> PolicyTier:
        """
        Return what is asked of peers in a guise.

        The own node of a pod is let in, unless a rule denies it.
        """
        finder = PeerFinder(self._scene, self._typed, self.ground, guise)
        rules = [
            (policy, rule)
            for policy in self._typed.cilium
            for rule in policy.rules
            if rule.endpoint_selector is not None and (rule.allows(direction) or rule.denies(direction))
        ]
        denying = [
            self._policy(policy, rule, tuple(self._rules(rule.denies(direction), DENY, finder)), finder, isolates=False)
            for policy, rule in rules
            if rule.denies(direction)
        ]
        ranks = [PolicyRank(tuple(denying), is_union=True)]
        lets_in = direction is Direction.INGRESS and guise.own_node
        if not lets_in:
            allowing = [
                self._policy(
                    policy,
                    rule,
                    tuple(self._rules(rule.allows(direction), ACCEPT, finder)),
                    finder,
                    isolates=rule.default_denies(direction) or rule.unsure,
                )
                for policy, rule in rules
            ]
            ranks.append(PolicyRank((*kubernetes, *allowing), is_union=True))
        return PolicyTier(TIER, tuple(ranks), denies_rest=True)

    def _policy(
        self,
        policy: CiliumPolicy,
        rule: CiliumRule,
        compiled: tuple[CompiledRule, ...],
        finder: PeerFinder,
        *,
        isolates: bool,
    ) -> CompiledPolicy[CiliumPolicy]:
        """Return one rule as a policy; one that is not understood may select all pods in its reach."""
        selector = rule.endpoint_selector
        assert selector is not None  # noqa: S101 - asked for rules of pods only
        index, namespace = self._scene.index, policy.metadata.namespace
        if rule.unsure:
            reach = index.in_namespace(namespace) if namespace else index.is_pod
            return CompiledPolicy(policy, NOBODY, compiled, index.columns(reach), isolates)
        return CompiledPolicy(policy, index.columns(finder.pods(selector)), compiled, isolates=isolates)

    def _rules(self, rules: Iterable[CiliumDirectionRule], action: int, finder: PeerFinder) -> Iterator[CompiledRule]:
        """Yield the rules, but for those that match nothing that is asked about."""
        index, axis = self._scene.index, self._scene.axis
        for rule in rules:
            if rule.unsure:
                yield CompiledRule(rule.path, index.perhaps_anyone, PortTest(axis.everything), action, l7=rule.l7)
                continue
            has_ports = rule.ports is not None
            peers = index.anyone
            if rule.peers is not None:
                peers = finder.find(rule.peers, has_ports=has_ports).peers(index.sets)
            if rule.ports is None:
                yield CompiledRule(rule.path, peers, PortTest(axis.everything), action, l7=rule.l7)
                continue
            # Types are all that rules tell apart, not codes.
            message = self._scene.icmp
            if message is not None and (message.version, message.type) in rule.icmps:
                yield CompiledRule(rule.path, peers, PortTest(axis.mask(ICMP)), action)
            # Ports with the same demands on requests are one case of the rule.
            for l7 in dict.fromkeys(each.l7 for each in rule.ports):
                own = [each for each in rule.ports if each.l7 == l7]
                yield CompiledRule(rule.path, peers, _ports(own, axis), action, l7=l7)


def _ports(ports: Iterable[CiliumPort], axis: PortAxis) -> PortTest:
    mask, names = 0, set[tuple[str, str]]()
    for port in ports:
        if isinstance(port.port, str):
            names.update((port.port, protocol) for protocol in port.protocols)
            continue
        first, last = (FIRST_PORT, LAST_PORT) if port.port is None else (port.port, port.end_port or port.port)
        for protocol in port.protocols:
            mask |= axis.mask(protocol, first, last)
    return PortTest(mask, tuple(sorted(names)))
