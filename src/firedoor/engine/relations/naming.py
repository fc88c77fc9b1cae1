"""Policies, rules and ends of connections as the results name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.programs import ACCEPT, DENY, PASS
from firedoor.model.networkpolicy import Direction
from firedoor.model.relations import AcceptedExample, Change, RuleName

if TYPE_CHECKING:
    from firedoor.engine.relations.effects import Effects, Witness
    from firedoor.engine.relations.ends import End
    from firedoor.engine.relations.redundancy import Cover
    from firedoor.engine.relations.sides import Group

WORDS = {ACCEPT: "allows", DENY: "denies", PASS: "passes"}
ISOLATES = "isolates"


def rule_name(effects: Effects, policy: int, rule: str, action: int | None) -> RuleName:
    """Return the name of a rule of a policy; without rule it is the policy itself, or that it isolates."""
    written = effects.book.policies[policy].policy
    does = ISOLATES if not rule or action is None else WORDS[action]
    return RuleName(written.ref, rule, written.place.at(rule), does)


def cover_name(effects: Effects, cover: Cover) -> RuleName:
    """Return the name of what decides in place of something else."""
    return rule_name(effects, cover.policy, cover.rule, cover.action)


def change(effects: Effects, witness: Witness) -> Change:
    """Return a witness with the names of its ends and its two verdicts."""
    network = effects.network
    before, after = (network.judge(each, witness.protocol, witness.port) for each in (witness.before, witness.after))
    names = end_name(effects, witness.source), end_name(effects, witness.destination)
    return Change(*names, witness.protocol, witness.port, before, after)


def end_name(effects: Effects, end: End) -> str:
    """Return ``namespace/name`` of a pod; addresses and domain names are their own names."""
    return end if isinstance(end, str) else effects.network.members[end].full_name


def example(effects: Effects, group: Group, pattern: int, ports: int) -> AcceptedExample:
    """Return one pair of a group and a pattern of its columns, two different pods if there are any."""
    columns = group.patterns.columns(pattern)
    columns = columns[effects.asked[group.direction][columns]]
    index = effects.network.index
    inside = columns[columns < index.first_external]
    subject: End = effects.ends.members[int(group.profiles[0])][0]
    other: End = subject
    pair = effects.ends.two(inside, group.profiles) if len(inside) else None
    if pair is not None:
        other, subject = pair
    elif len(inside) < len(columns):
        column = int(columns[columns >= index.first_external][0])
        other = _outside(effects, column)
    source, destination = (other, subject) if group.direction is Direction.INGRESS else (subject, other)
    traffic = effects.network.axis.traffic(ports)
    return AcceptedExample(str(group.direction), end_name(effects, source), end_name(effects, destination), traffic)


def _outside(effects: Effects, column: int) -> str:
    index = effects.network.index
    if column >= index.first_domain:
        return effects.ends.name(column)
    return effects.ends.addresses(column - index.first_external)[0]
