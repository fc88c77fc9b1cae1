"""Names, order and comments of generated policies, which all kinds have alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.generation import GeneratedPolicy
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft
    from firedoor.engine.synth.groups import Group

ALLOWING, DENYING = 10, 90
"""The order of policies that allow, and of those that deny what is left."""

DEFAULT_NAME = "default-deny"
_LONGEST_NAME = 253
_MOST_REASONS = 12

_DEFAULT_HEAD = (
    "Denies what no other policy allows, for pods to come too. Apply it last: after the policies that allow.",
)


def names(groups: Iterable[Group]) -> dict[Group, str]:
    """Return a name for the policy of each group, unique in its namespace."""
    found: dict[Group, str] = {}
    taken: set[tuple[str, str]] = set()
    for group in groups:
        base = name = f"allow-{group.name}"[:_LONGEST_NAME].rstrip("-.")
        if (group.namespace, name) in taken:
            end = f"-{group.workloads[0].kind.lower()}"
            name = base[: _LONGEST_NAME - len(end)] + end
        taken.add((group.namespace, name))
        found[group] = name
    return found


def metadata(name: str, namespace: str = "") -> dict[str, object]:
    """Return the metadata of a policy."""
    return {"name": name, **({"namespace": namespace} if namespace else {})}


def namespace_selector(namespace: str) -> dict[str, object]:
    """Return the selector of one namespace, by the label that every namespace has."""
    return {"matchLabels": {NAMESPACE_NAME_LABEL: namespace}}


def selector_fields(selector: LabelSelector) -> dict[str, object]:
    """Return a selector as the API has it."""
    found: dict[str, object] = {}
    if selector.match_labels:
        found["matchLabels"] = dict(selector.match_labels)
    if selector.match_expressions:
        found["matchExpressions"] = [
            {"key": each.key, "operator": str(each.operator)} for each in selector.match_expressions
        ]
    return found


def head(draft: Draft) -> tuple[str, ...]:
    """Return the lines above a policy: whom it is for."""
    return tuple(f"For {each}." for each in draft.group.workloads)


def reasons(allowance: Allowance) -> tuple[str, ...]:
    """Return the lines above a rule."""
    shown = allowance.why[:_MOST_REASONS]
    more = len(allowance.why) - len(shown)
    return (*shown, *((f"and {more} more",) if more else ()))


def comments(**rules: Sequence[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return comments by the path of each rule."""
    return {
        f"spec.{field}[{number}]": lines
        for field, several in rules.items()
        for number, lines in enumerate(several)
        if lines
    }


def default(namespace: str, document: dict[str, object], name: str = DEFAULT_NAME) -> GeneratedPolicy:
    """Return a policy that denies what the others leave."""
    return GeneratedPolicy(name, namespace, DENYING, document, head=_DEFAULT_HEAD)


def allowing(
    draft: Draft, name: str, document: dict[str, object], notes: dict[str, tuple[str, ...]]
) -> GeneratedPolicy:
    """Return the policy of a draft."""
    group = draft.group
    return GeneratedPolicy(name, group.namespace, ALLOWING, document, group.workloads, head(draft), notes)
