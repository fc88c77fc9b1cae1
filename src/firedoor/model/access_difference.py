"""What everybody may do in one state of a cluster and not in another."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.access import Grant
from firedoor.model.findings import Severity
from firedoor.model.places import Gap, ObjectRef, Place
from firedoor.model.rbac import PolicyRule, Subject


class RightChangeKind(StrEnum):
    """What happened to a right, in the order of how much a reader wants to know it."""

    GAINED = "gained"
    """It was denied, and is allowed now."""
    ALLOWED = "became allowed"
    """It was unknown, and is allowed now."""
    LOST = "lost"
    """It was allowed, and is denied now."""
    UNKNOWN = "became unknown"
    """It was allowed, and is unknown now."""

    @property
    def is_gain(self) -> bool:
        """Whether it is allowed now."""
        return self in {RightChangeKind.GAINED, RightChangeKind.ALLOWED}


class NewRisk(Struct, frozen=True, order=True, gc=False):
    """A risk of the catalogue that a subject did not have before, or not as bad."""

    id: str
    severity: Severity


class RightChange(Struct, frozen=True, gc=False):
    """
    What a subject may do in one of two states, and not or not in full in the other.

    `namespace` is where, empty for the whole cluster, and `via` are the grants of the state
    that allows it. `unchanged` is the part of `rule` that both states allow, `unchanged_in`
    the namespaces where both allow all of it. `unsure` are the gaps of the other state that
    may hide it there.
    """

    kind: RightChangeKind
    subject: Subject
    namespace: str
    rule: PolicyRule
    via: tuple[Grant, ...]
    unchanged: tuple[PolicyRule, ...] = ()
    unchanged_in: tuple[str, ...] = ()
    unsure: tuple[Gap, ...] = ()
    risks: tuple[NewRisk, ...] = ()


class Side(StrEnum):
    """In which of the two states something is so."""

    OLD = "old"
    NEW = "new"
    BOTH = "both"


class RoleDoubt(Struct, frozen=True, gc=False):
    """
    A role that is bound to a subject and of which it is not known what it permits, on which side, and why.

    `risks` are the new ones that its name alone tells of.
    """

    side: Side
    subject: Subject
    namespace: str
    role: ObjectRef
    gaps: tuple[Gap, ...]
    risks: tuple[NewRisk, ...] = ()


class BindingChange(Struct, frozen=True, gc=False):
    """A binding of both states whose role exists in one of them only: `is_live` now, or not any more."""

    binding: ObjectRef
    role: ObjectRef
    is_live: bool
    place: Place


class ObjectChange(Struct, frozen=True, gc=False):
    """A role or binding that was ``added``, ``removed`` or ``changed``; `place` is in the state that has it last."""

    change: str
    object: ObjectRef
    place: Place


class AccessDifference(Struct, frozen=True, gc=False):
    """
    What everybody may do in one of two states and not in the other, sorted.

    `without_effect` are the roles and bindings that changed and gave or took nothing. The
    gaps are those of each state that may hide rights of anybody.
    """

    old: str
    new: str
    changes: tuple[RightChange, ...] = ()
    doubts: tuple[RoleDoubt, ...] = ()
    bindings: tuple[BindingChange, ...] = ()
    without_effect: tuple[ObjectChange, ...] = ()
    notes: tuple[str, ...] = ()
    old_gaps: tuple[Gap, ...] = ()
    new_gaps: tuple[Gap, ...] = ()

    def count(self, kind: RightChangeKind) -> int:
        """Return how many rights changed in that way."""
        return sum(each.kind is kind for each in self.changes)

    @property
    def is_same(self) -> bool:
        """Whether nobody may do more or less than before, and nothing is less or more known of it."""
        return (
            not self.changes
            and all(each.side is Side.BOTH for each in self.doubts)
            and set(map(_known_by, self.old_gaps)) == set(map(_known_by, self.new_gaps))
        )


def _known_by(gap: Gap) -> tuple[str, str, ObjectRef | None, str]:
    """Return what a gap is known by in both states, which have it in different places."""
    return gap.kind, gap.reason, gap.object, gap.path
