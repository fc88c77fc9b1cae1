"""What NetworkPolicies do with ICMP: the API speaks of TCP, UDP and SCTP, and leaves the rest to the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.rules import CompiledPolicy, CompiledRule, PortTest
from firedoor.model.icmp import ICMP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.scene import Scene
    from firedoor.model.typed_policies import TypedPolicies

UNTOLD = "icmp"
"""The path that stands for what a NetworkPolicy does with ICMP."""


def with_icmp(
    compiled: Sequence[CompiledNetworkPolicy], scene: Scene, typed: TypedPolicies
) -> Sequence[CompiledNetworkPolicy]:
    """
    Return the policies as they restrict ICMP.

    Where it is not known what the plugin does, a policy may let any of it pass. Policies
    of Calico or Cilium tell that these are the plugin, whatever the profile.
    """
    if scene.icmp is None or scene.cni.icmp_as_written or typed.calico or typed.cilium:
        return compiled
    icmp = scene.axis.mask(ICMP)
    perhaps = CompiledRule(UNTOLD, scene.index.perhaps_anyone, PortTest(icmp))
    return [
        CompiledPolicy(each.policy, each.selected, (*_about_ports(each.rules, icmp), perhaps), each.perhaps)
        for each in compiled
    ]


def _about_ports(rules: Iterable[CompiledRule], icmp: int) -> Iterator[CompiledRule]:
    """Yield rules about ports alone."""
    return (CompiledRule(rule.path, rule.peers, _without(rule.ports, icmp)) for rule in rules)


def _without(ports: PortTest, icmp: int) -> PortTest:
    return PortTest(ports.mask & ~icmp, ports.names)
