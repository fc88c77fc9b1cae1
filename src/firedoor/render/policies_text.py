"""What policies contribute, and how two of them compare, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from firedoor.model.places import ObjectRef
from firedoor.model.relations import (
    AcceptedExample,
    Change,
    Comparison,
    Contributed,
    Contribution,
    Interference,
    Relation,
    Relations,
    RuleName,
)
from firedoor.render.columns import print_columns
from firedoor.render.words import traffic_text, visible

_STYLES = {
    Contribution.EFFECTIVE: "green",
    Contribution.REDUNDANT: "yellow",
    Contribution.VACUOUS: "red",
    Contribution.UNKNOWN: "magenta",
}
_MOST = 3
_MOST_CLASHES = 20
_RELATIONS = {
    Relation.EQUIVALENT: "both accept the same",
    Relation.WITHIN: "the first accepts part of what the second accepts, and nothing else",
    Relation.CONTAINS: "the second accepts part of what the first accepts, and nothing else",
    Relation.OVERLAPPING: "they accept some of the same, and each something else",
    Relation.DISJOINT: "they accept nothing in common",
}


def print_policies(relations: Relations, console: Console) -> None:
    """Print each policy with its rules, then interference, what can go, and one line of counts."""
    rows: list[list[str | Text]] = []
    for policy in relations.policies:
        rows.append(
            [str(policy.policy), policy.tier, str(policy.pods), _status(policy.contributes), _why(policy.contributes)]
        )
        rows += [
            [f"  {rule.rule} {rule.does}", "", "", _status(rule.contributes), _why(rule.contributes)]
            for rule in policy.rules
        ]
    print_columns(console, ("POLICY AND RULES", "TIER", "PODS", "STATUS", "BECAUSE"), rows)
    console.print()
    for line in (*_interference(relations.interference), *_removable(relations)):
        _line(console, line)
    for note in relations.notes:
        _line(console, f"note: {note}")
    _line(console, policies_summary(relations))


def policies_summary(relations: Relations) -> str:
    """Return how many policies and rules there are of each status, pairs that interfere, and gaps."""
    policies = Counter(each.contributes.status for each in relations.policies)
    rules = Counter(rule.contributes.status for each in relations.policies for rule in each.rules)
    pairs = {(each.winner.policy, each.loser.policy) for each in relations.interference}
    parts = (
        f"{_count(policies.total(), 'policy', 'policies')}{_by_status(policies)}",
        f"{_count(rules.total(), 'rule', 'rules')}{_by_status(rules)}",
        f"{_count(len(pairs), 'pair', 'pairs')} that interfere",
        _count(len(relations.gaps), "gap", "gaps"),
    )
    return "; ".join(parts)


def print_comparison(found: Comparison, console: Console) -> None:
    """Print the relation of two policies, by direction, with an example of each part."""
    one, other = _object(found.first.policy), _object(found.second.policy)
    _line(console, f"{found.relation.upper()}  {one} and {other}: {_relation(found)}")
    _line(console, f"  first:   {found.first.policy} ({found.first.source})")
    _line(console, f"  second:  {found.second.policy} ({found.second.source})")
    _line(console, f"  ingress: {found.ingress}")
    _line(console, f"  egress:  {found.egress}")
    first, both, second = found.pods
    _line(console, f"  pods that they apply to: {first} only the first, {both} both, {second} only the second")
    for title, example in (
        ("only the first accepts", found.only_first),
        ("only the second accepts", found.only_second),
        ("both accept", found.common),
    ):
        if example is not None:
            _line(console, f"  {title}, for example: {_example(example)}")
    if found.uncertain:
        _line(console, "  part of what they accept is not known, and was compared as it stands")
    for note in found.notes:
        _line(console, f"  note: {note}")
    if found.gaps:
        _line(console, f"  {_count(len(found.gaps), 'gap', 'gaps')}: see `firedoor diagnose`")


def _relation(found: Comparison) -> str:
    if found.common is not None or found.relation is Relation.DISJOINT:
        return _RELATIONS[found.relation]
    if found.relation is Relation.EQUIVALENT:
        return "neither accepts anything"
    return f"the {'first' if found.relation is Relation.WITHIN else 'second'} accepts nothing"


def _status(contributed: Contributed) -> Text:
    return Text(str(contributed.status), style=_STYLES[contributed.status])


def _why(contributed: Contributed) -> str:
    parts = []
    if contributed.change is not None:
        parts.append(f"without it {_change(contributed.change)}")
    if contributed.covers:
        verb = "decides" if len(contributed.covers) == 1 else "decide"
        parts.append(f"without it {_listed(contributed.covers)} {verb} the same")
    if contributed.other_end:
        verb = "denies" if len(contributed.other_end) == 1 else "deny"
        parts.append(f"at the other end {_listed(contributed.other_end)} {verb} it anyway")
    return "; ".join(filter(None, (*parts, contributed.detail)))


def _change(change: Change) -> str:
    where = f"{change.source} -> {change.destination} {change.protocol}/{change.port}"
    return f"{where} would be {change.after}, not {change.before}"


def _listed(names: Sequence[RuleName]) -> str:
    texts = [_rule(each) for each in names[:_MOST]]
    if len(names) > _MOST:
        texts.append(f"{len(names) - _MOST} more")
    return " and ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))


def _rule(name: RuleName) -> str:
    return f"{_object(name.policy)} {name.rule}" if name.rule else f"{_object(name.policy)} (isolation)"


def _object(ref: ObjectRef) -> str:
    return f"{ref.namespace}/{ref.name}" if ref.namespace else ref.name


def _interference(clashes: Sequence[Interference]) -> Iterator[str]:
    if not clashes:
        return
    yield "Interference:"
    for each in clashes[:_MOST_CLASHES]:
        how = "ties with" if each.tie else "is asked before"
        what = f"{_rule(each.winner)} {each.winner.does}, {how} {_rule(each.loser)}, which {each.loser.does}"
        yield f"  {each.direction}: {what}: {traffic_text(each.traffic)}, as in {each.source} -> {each.destination}"
    if len(clashes) > _MOST_CLASHES:
        yield f"  and {len(clashes) - _MOST_CLASHES} more; -o json has them all"
    yield ""


def _removable(relations: Relations) -> Iterator[str]:
    names = [str(each.policy) for each in relations.policies if each.removable]
    if names:
        yield f"Can go, all at once, without any verdict changing: {', '.join(names)}"


def _example(example: AcceptedExample) -> str:
    return f"{example.source} -> {example.destination} {traffic_text(example.traffic)} ({example.direction})"


def _by_status(counts: Counter[Contribution]) -> str:
    parts = [f"{counts[each]} {each}" for each in Contribution if counts[each]]
    return f" ({', '.join(parts)})" if parts else ""


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
