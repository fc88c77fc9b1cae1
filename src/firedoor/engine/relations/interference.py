"""
Policies that make others ineffective.

A rule is overruled where another policy that is asked earlier decides its ports
otherwise: a Deny before an Accept, an Accept before a Deny, a Pass before a rule of the
same tier, the isolation at the end of a tier before a rule of a later one. Policies of
equal precedence that decide otherwise leave the winner open. A union of rules that
allow overrules nothing, and neither does what is asked before the Baseline tier, whose
rules are for what nobody else decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.reach.programs import PASS
from firedoor.engine.relations.tracing import steps
from firedoor.model.calico import KUBE_BASELINE
from firedoor.model.clusterpolicy import Tier
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.relations.effects import Effects
    from firedoor.engine.relations.sides import Group
    from firedoor.engine.relations.tracing import Step


_DEFAULTS = frozenset({str(Tier.BASELINE), KUBE_BASELINE.name})
"""Tiers whose rules are for what nobody else decides."""


class Clash(NamedTuple):
    """Two rules that decide differently: the one that wins (with no path: the isolation) and the one that loses."""

    direction: Direction
    winner: int
    winning_rule: str
    loser: int
    losing_rule: str
    winning_action: int
    losing_action: int
    is_tie: bool


@dataclass(slots=True)
class Extent:
    """Where two rules clash: all ports, and one group and pattern with ports of its own as an example."""

    ports: int
    group: Group
    pattern: int
    example: int


def interference(effects: Effects) -> dict[Clash, Extent]:
    """Return all clashes of the network, in the order of directions and policies."""
    found: dict[Clash, Extent] = {}
    for direction, side in effects.sides.items():
        for number in range(side.size):
            group = side.group(number)
            if _is_peaceful(group):
                continue
            asked = sorted(set(group.patterns.of_column[effects.asked[direction]].tolist()))
            for pattern in asked:
                for clash, ports in _clashes(group, group.patterns.masks[pattern], effects.network.axis.everything):
                    extent = found.setdefault(clash, Extent(0, group, pattern, ports))
                    extent.ports |= ports
    return dict(sorted(found.items(), key=lambda item: item[0]))


def _is_peaceful(group: Group) -> bool:
    """Return whether the policies of a group cannot clash: there is one, or one union and its isolation."""
    ranks = {id(origin.tier) for origin in group.origins}
    return len(ranks) < 2 and all(origin.is_union or origin.rule is None for origin in group.origins)  # noqa: PLR2004


def _clashes(group: Group, matched: int, everything: int) -> Iterator[tuple[Clash, int]]:
    seen: list[Step] = []
    for step in steps(group.program, matched, everything):
        if group.origins[step.position].rule is not None:
            yield from _overruled(group, step, seen)
        seen.append(step)


def _overruled(group: Group, step: Step, seen: Iterable[Step]) -> Iterator[tuple[Clash, int]]:
    """Yield the clashes that a term loses to terms asked before it, and its ties with equal ones."""
    ((own, losing_rule),) = _parties(group, step.position)
    earlier = [each for each in seen if each.plane == step.plane]
    # What the policy itself decides earlier is not lost to others.
    left = step.term.ports
    for each in earlier:
        if each.term.sure and any(number == own for number, _ in _parties(group, each.position)):
            left &= ~each.term.ports
    for each in earlier:
        lost = each.hit & left
        if each.term.action == step.term.action or not lost:
            continue
        is_tie = (each.tier, each.rank) == (step.tier, step.rank) and each.alternative != step.alternative
        if not is_tie and not _overrules(group, each, step):
            continue
        for winner, rule in _parties(group, each.position):
            actions = each.term.action, step.term.action
            yield Clash(group.direction, winner, rule, own, losing_rule, *actions, is_tie), lost


def _overrules(group: Group, each: Step, step: Step) -> bool:
    """Return whether a term that is asked first takes ports away from a later one."""
    if not each.term.sure or group.origins[step.position].tier.name in _DEFAULTS:
        return False
    return each.term.action != PASS or each.tier == step.tier


def _parties(group: Group, position: int) -> list[tuple[int, str]]:
    """Return the policies that a term comes from, with the rule; those that isolate for the end of a tier."""
    origin = group.origins[position]
    if origin.policy is not None and origin.rule is not None:
        return [(group.book.number_of[id(origin.policy)], origin.rule.path)]
    return [(number, "") for end in group.ends if end.bit == 1 << position for number in sorted(end.isolating)]
