"""What changed in who may do what, in the words that the table and the Markdown share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from firedoor.model.access import Grant
from firedoor.model.access_difference import AccessDifference, RightChange, RightChangeKind, RoleDoubt, Side
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import PolicyRule
from firedoor.render.rbac_words import count_text, rule_name, rule_place, rule_text, subject_text

_ALL = "*"
_MOST = 4
_SIDES = {Side.OLD: "before", Side.NEW: "now", Side.BOTH: "before and now"}


class Told:
    """A change, with the other namespaces where the same subject has the same change."""

    def __init__(self, change: RightChange) -> None:
        """Take the first of them."""
        self.change = change
        self.namespaces = [change.namespace]
        self.grants = list(change.via)


def told_together(changes: Iterable[RightChange]) -> list[Told]:
    """Return the changes in order; what differs in nothing but the namespace and its bindings is one of them."""
    found: dict[tuple[object, ...], Told] = {}
    for each in changes:
        alike = (
            each.kind,
            each.subject,
            bool(each.namespace),
            each.rule,
            each.unchanged,
            each.unchanged_in,
            each.risks,
        )
        known = found.get(alike)
        if known is None:
            found[alike] = Told(each)
        else:
            known.namespaces.append(each.namespace)
            known.grants += each.via
    return list(found.values())


def where_text(told: Told) -> str:
    """Return ``everywhere``, or the namespaces."""
    return _listed(told.namespaces) if told.change.namespace else "everywhere"


def right_text(change: RightChange) -> str:
    """Return what the right is, and what of it both states allow."""
    word = "before already" if change.kind.is_gain else "still"
    unchanged = "; ".join(map(_right, change.unchanged[:_MOST]))
    more = f" and {len(change.unchanged) - _MOST} more" if len(change.unchanged) > _MOST else ""
    part = f" ({word}: {unchanged}{more})" if unchanged else ""
    inside = f" ({word} in {_listed(change.unchanged_in)})" if change.unchanged_in else ""
    return f"{_right(change.rule)}{part}{inside}"


def chain_texts(told: Told) -> Iterator[str]:
    """Yield for each binding itself, its role and the rules that give the right, each with its place."""
    chains: dict[tuple[ObjectRef, ObjectRef], list[Grant]] = {}
    for each in told.grants:
        chains.setdefault((each.binding, each.role), []).append(each)
    for number, ((binding, role), grants) in enumerate(chains.items()):
        if number == _MOST:
            yield f"and {len(chains) - _MOST} more"
            return
        rules = ", ".join(dict.fromkeys(f"{rule_name(each)} ({rule_place(each)})" for each in grants))
        yield f"{binding} ({grants[0].binding_place}) -> {role} {rules}"


def risks_text(change: RightChange | RoleDoubt) -> str:
    """Return the ids of the worst new risks, each with its severity."""
    return _listed(f"{each.id} ({each.severity.value})" for each in change.risks)


def doubt_text(doubt: RoleDoubt) -> str:
    """Return whose right is not known, where, since when and why."""
    where = f"in namespace {doubt.namespace}" if doubt.namespace else "everywhere"
    why = "; ".join(dict.fromkeys(f"{gap.reason} ({gap.source})" for gap in doubt.gaps))
    risks = f" (new risks: {risks_text(doubt)})" if doubt.risks else ""
    return f"{subject_text(doubt.subject)} {where}, {doubt.role}, {_SIDES[doubt.side]}{risks}: {why}"


def gap_lines(found: AccessDifference) -> Iterator[str]:
    """Yield the gaps that may hide rights of anybody, of the old state and of the new one."""
    for word, gaps in (("before", found.old_gaps), ("now", found.new_gaps)):
        for gap in gaps:
            remedy = f"; {gap.remedy}" if gap.remedy else ""
            yield f"of anybody, {word}: {gap.reason} ({gap.source}){remedy}"


def binding_texts(found: AccessDifference) -> Iterator[str]:
    """Yield the bindings that have a role now, and those that have none any more."""
    for each in found.bindings:
        says = (
            "exists now, and what it permits is granted" if each.is_live else "does not exist, and nothing is granted"
        )
        yield f"{each.binding} ({each.place}): {each.role} {says}"


def without_effect_text(found: AccessDifference) -> str:
    """Return how many roles and bindings changed and gave or took nothing."""
    number = len(found.without_effect)
    return f"{number} {'role or binding' if number == 1 else 'roles and bindings'} changed without effect"


def rights_summary(found: AccessDifference) -> str:
    """Return how many rights changed in each way, of how many subjects, and how much is not known."""
    counts = [(found.count(kind), kind.value) for kind in RightChangeKind]
    changed = ", ".join(f"{number} {word}" for number, word in counts if number)
    subjects = len({each.subject for each in found.changes})
    rights = f"{count_text(len(found.changes), 'right')} of {count_text(subjects, 'subject')} changed: {changed}"
    parts = [rights if found.changes else "nobody may do more or less"]
    if found.doubts:
        parts.append(f"{count_text(len(found.doubts), 'bound role')} not known")
    if found.without_effect:
        parts.append(without_effect_text(found))
    gaps = len(found.old_gaps), len(found.new_gaps)
    if any(gaps):
        parts.append(f"gaps: {gaps[0]} before, {gaps[1]} after")
    return "; ".join(parts)


def _right(rule: PolicyRule) -> str:
    """Return what a rule permits, and tell resources and URLs apart where it says all."""
    if rule.non_resource_urls:
        return f"{', '.join(rule.verbs)} on URL {', '.join(rule.non_resource_urls)}"
    if rule.resources != (_ALL,):
        return rule_text(rule)
    groups = "" if _ALL in rule.api_groups else f" of {', '.join(each or 'the core group' for each in rule.api_groups)}"
    named = f" named {', '.join(rule.resource_names)}" if rule.resource_names else ""
    return f"{', '.join(rule.verbs)} on every resource{groups}{named}"


def _listed(names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return ", ".join(found[:_MOST]) + more
