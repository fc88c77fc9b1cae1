"""The whole comparison of two states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac_diff.comparing import Comparison
from firedoor.engine.rbac_diff.dangers import with_risks
from firedoor.engine.rbac_diff.doubts import role_doubts
from firedoor.engine.rbac_diff.objects import binding_changes, object_changes
from firedoor.engine.rbac_diff.rule_sets import RuleSets
from firedoor.engine.rbac_diff.state import State
from firedoor.model.access_difference import AccessDifference

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.engine.rbac.authorizer import Authorizer
    from firedoor.model.places import Gap
    from firedoor.model.rbac import PolicyRule


def compare(
    old: Authorizer, new: Authorizer, names: tuple[str, str], is_asked: Callable[[PolicyRule], bool]
) -> AccessDifference:
    """
    Return what everybody may do in one state and not in the other, which a person calls by the given names.

    `is_asked` says of a rule of one verb and one resource whether the API server ever asks
    about that in a namespace: what is in none has no effect in a RoleBinding.
    """
    sets = RuleSets(is_asked)
    states = State(old, sets), State(new, sets)
    comparison = Comparison(*states, sets)
    changes, doubts, notes = with_risks(comparison.changes(), role_doubts(*states), old, new)
    # Of a role that is not known nobody can say that it has no effect, and of its bindings neither.
    unclear = {gap.object for each in doubts for gap in each.gaps} | {each.role for each in doubts}
    effective = comparison.effective | unclear
    return AccessDifference(
        *names,
        changes,
        doubts,
        tuple(each for each in binding_changes(old, new) if each.binding not in unclear),
        tuple(each for each in object_changes(old.snapshot, new.snapshot) if each.object not in effective),
        notes,
        hiding_gaps(old),
        hiding_gaps(new),
    )


def hiding_gaps(authorizer: Authorizer) -> tuple[Gap, ...]:
    """Return the gaps of a state that may hide rights of anybody, in some namespace or everywhere."""
    spaces = {"", *authorizer.local, *(each.object.namespace for each in authorizer.snapshot.gaps if each.object)}
    found = (gap for each in sorted(spaces) for gap in authorizer.unread.leaves_open(each, ()))
    return tuple(dict.fromkeys(found))
