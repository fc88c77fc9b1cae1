"""What each policy and rule of a network contributes, put together with the proofs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.relations import containment, interference
from firedoor.engine.relations.effects import Effects, Hidden, Witness
from firedoor.engine.relations.naming import WORDS, change, cover_name, example, rule_name
from firedoor.engine.relations.parts import Part, profiles_of
from firedoor.engine.relations.redundancy import proof, removable
from firedoor.engine.relations.vacuity import NO_PEER, vacuous_rule
from firedoor.model.networkpolicy import Direction
from firedoor.model.relations import (
    Comparison,
    Contributed,
    Contribution,
    Interference,
    PolicyContribution,
    RuleContribution,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.engine.relations.containment import Example
    from firedoor.engine.relations.parts import Written
    from firedoor.engine.relations.redundancy import Proof
    from firedoor.model.relations import AcceptedExample

_NO_POD = "it applies to no pod here"
_NO_PEER = "none of its peers exists here"
_NO_PORT = "none of its ports exists on the pods that it is about"
_DEFAULT = "what it allows is allowed without it: nothing else restricts it"
_EXEMPT = "policies are not asked about what it matches: a pod and itself, or a node and its own pods"
_PRECAUTION = "it lists no rule for a direction that it isolates, and so protects pods to come: keep it"
_UNKNOWN = "whether it matters hangs on what could not be evaluated"


def contributions(effects: Effects, wanted: Callable[[Written], bool]) -> tuple[PolicyContribution, ...]:
    """Return what the policies that are wanted contribute, in the order they are asked; none of a mesh is."""
    policies = enumerate(effects.book.policies)
    numbers = [number for number, written in policies if written.stands_alone and wanted(written)]
    found = {number: _policy(effects, number) for number in numbers}
    redundant = [
        number
        for number in numbers
        if found[number].contributes.status is Contribution.REDUNDANT
        and not effects.book.policies[number].is_precaution
    ]
    for number in removable(effects, redundant):
        found[number] = msgspec.structs.replace(found[number], removable=True)
    return tuple(found.values())


def interferences(effects: Effects, wanted: Callable[[Written], bool]) -> tuple[Interference, ...]:
    """Return the clashes in which a policy that is wanted wins or loses."""
    policies = effects.book.policies
    return tuple(
        Interference(
            str(clash.direction),
            rule_name(effects, clash.winner, clash.winning_rule, clash.winning_action),
            rule_name(effects, clash.loser, clash.losing_rule, clash.losing_action),
            clash.is_tie,
            effects.network.axis.traffic(extent.ports),
            *_ends(effects, extent),
        )
        for clash, extent in interference.interference(effects).items()
        if policies[clash.winner].stands_alone and (wanted(policies[clash.winner]) or wanted(policies[clash.loser]))
    )


def comparison(effects: Effects, first: int, second: int) -> Comparison:
    """Return how what two policies (by number) accept compares."""
    by_direction = {each: containment.compare(effects, each, first, second) for each in Direction}
    whole = containment.merged(by_direction.values())
    members = effects.ends.members
    one, other = (set(effects.book.policies[each].profiles) for each in (first, second))
    counts = (sum(len(members[each]) for each in some) for some in (one - other, one & other, other - one))
    only_first, only_second, common = (_example(effects, each) for each in (*whole.only, whole.common))
    return Comparison(
        rule_name(effects, first, "", None),
        rule_name(effects, second, "", None),
        whole.relation,
        by_direction[Direction.INGRESS].relation,
        by_direction[Direction.EGRESS].relation,
        (next(counts), next(counts), next(counts)),
        only_first,
        only_second,
        common,
        whole.is_unsure,
    )


def _policy(effects: Effects, number: int) -> PolicyContribution:
    written = effects.book.policies[number]
    profiles = written.profiles
    pods = sum(len(effects.ends.members[each]) for each in profiles)
    contributed = _contributed(effects, Part(number)) if pods else Contributed(Contribution.VACUOUS, detail=_NO_POD)
    if contributed.status is Contribution.REDUNDANT and written.is_precaution:
        detail = "; ".join(filter(None, (contributed.detail, _PRECAUTION)))
        contributed = msgspec.structs.replace(contributed, detail=detail)
    return PolicyContribution(
        written.policy.ref,
        str(written.policy.place),
        written.tier.name,
        pods,
        contributed,
        tuple(_rules(effects, number, is_idle=not pods)),
    )


def _rules(effects: Effects, number: int, *, is_idle: bool) -> Iterator[RuleContribution]:
    written = effects.book.policies[number]
    for part in effects.book.parts(number):
        assert part.direction is not None  # noqa: S101 - the parts of a policy are rules
        compiled = written.rules(part.direction)[part.rule]
        why = _NO_POD if is_idle else _vacuous(effects, part.direction, written, part)
        contributed = Contributed(Contribution.VACUOUS, detail=why) if why else _contributed(effects, part)
        does = WORDS[compiled[0].action]
        yield RuleContribution(part.rule, written.policy.place.at(part.rule), does, contributed)


def _vacuous(effects: Effects, direction: Direction, written: Written, part: Part) -> str:
    asked = effects.asked[direction]
    reasons = {
        vacuous_rule(effects.network, direction, rules, profiles_of(compiled), asked)
        for compiled in written.compiled[direction]
        if (rules := [rule for rule in compiled.rules if rule.path == part.rule])
    }
    if "" in reasons or effects.meets_doubtful(part):
        return ""
    return _NO_PEER if NO_PEER in reasons else _NO_PORT


def _contributed(effects: Effects, part: Part) -> Contributed:
    found = effects.witness(part)
    if isinstance(found, Witness):
        return Contributed(Contribution.EFFECTIVE, change(effects, found))
    if Hidden.UNKNOWN in found:
        return Contributed(Contribution.UNKNOWN, detail=_UNKNOWN)
    why = proof(effects, part, found)
    covers, other_end = (tuple(cover_name(effects, each) for each in some) for some in (why.covers, why.other_end))
    return Contributed(Contribution.REDUNDANT, None, covers, other_end, _detail(why))


def _detail(why: Proof) -> str:
    told = (_DEFAULT if why.is_default else "", _EXEMPT if why.is_exempt else "")
    return "; ".join(filter(None, told))


def _ends(effects: Effects, extent: interference.Extent) -> tuple[str, str]:
    found = example(effects, extent.group, extent.pattern, extent.example)
    return found.source, found.destination


def _example(effects: Effects, found: Example | None) -> AcceptedExample | None:
    return None if found is None else example(effects, found.group, found.pattern, found.ports)
