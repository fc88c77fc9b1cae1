"""The rules of all policies one by one, as they are written and as they are compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.networkpolicy import Direction, EgressRule, IngressRule, NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from firedoor.engine.posture.check import Context
    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.rules import CompiledRule


@dataclass(frozen=True, slots=True)
class RuleAt:
    """A rule and where it stands: its policy, direction and position."""

    policy: NetworkPolicy
    direction: Direction
    number: int
    rule: IngressRule | EgressRule
    selected: tuple[int, ...]
    """The profiles that the policy applies to."""
    compiled: CompiledRule

    @property
    def path(self) -> str:
        """``spec.ingress[0]``."""
        return self.compiled.path

    @property
    def source(self) -> str:
        """``file:line`` of the rule."""
        return self.policy.place.at(self.path)

    @property
    def peer_field(self) -> str:
        """The field that lists the peers: ``from`` or ``to``."""
        return "from" if self.direction is Direction.INGRESS else "to"

    def is_dns_only(self) -> bool:
        """Return whether the rule is about DNS and nothing else."""
        return bool(self.rule.ports) and all(port.port in {53, 5353, "dns", "dns-tcp"} for port in self.rule.ports)


def rules(context: Context) -> tuple[RuleAt, ...]:
    """Return every rule that counts, by policy, direction and position."""
    return context.rules


def every_rule(compiled: Mapping[Direction, Iterable[CompiledNetworkPolicy]]) -> Iterator[RuleAt]:
    """Yield the rules of compiled policies, by direction, policy and position."""
    for direction, policies in compiled.items():
        for each in policies:
            yield from _rules_of(each, direction)


def peer_profiles(context: Context, at: RuleAt) -> list[int]:
    """Return the profiles among the peers of a rule, without the classes of outside addresses."""
    known = len(context.written.profiles)
    return [column for column in at.compiled.peers.sure.tolist() if column < known]


def targets(context: Context, at: RuleAt) -> list[int]:
    """Return the profiles that the connections of a rule go to: port names and numbers are theirs."""
    return list(at.selected) if at.direction is Direction.INGRESS else peer_profiles(context, at)


def port_mask(context: Context, at: RuleAt) -> int:
    """Return all ports that a rule accepts on any of its targets."""
    mask = at.compiled.ports.mask
    if at.compiled.ports.has_names:
        for profile in targets(context, at):
            mask |= at.compiled.ports.resolve(context.written.profiles[profile].ports, context.written.axis)
    return mask


def _rules_of(compiled: CompiledNetworkPolicy, direction: Direction) -> Iterator[RuleAt]:
    policy = compiled.policy
    selected = tuple(compiled.selected.tolist())
    for number, rule in enumerate(policy.rules(direction)):
        yield RuleAt(policy, direction, number, rule, selected, compiled.rules[number])
