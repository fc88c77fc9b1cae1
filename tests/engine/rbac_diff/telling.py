"""Differences of few objects, in few words."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from tests.engine.rbac.making import LIVE, authorizer

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_diff import compare
from firedoor.model.access_difference import AccessDifference, RightChange
from firedoor.model.rbac import PolicyRule, Role, RoleBinding
from firedoor.model.snapshot import Origin
from firedoor.render.rbac_words import rule_text, subject_text

FILES = Origin("manifests", ("k8s",))
Objects = Sequence[Struct]
"""Roles and bindings; a list of both has no narrower type by itself."""


def difference(old: Objects, new: Objects, origin: Origin = LIVE) -> AccessDifference:
    return between(authorizer(*_known(old), origin=origin), authorizer(*_known(new), origin=origin))


def _known(objects: Objects) -> list[Role | RoleBinding]:
    return [each for each in objects if isinstance(each, Role | RoleBinding)]


def between(old: Authorizer, new: Authorizer) -> AccessDifference:
    return compare(old, new, ("old", "new"), is_asked)


def is_asked(atom: PolicyRule) -> bool:
    return atom.resources != ("nodes",)


def told(found: AccessDifference) -> list[str]:
    return [text(each) for each in found.changes]


def text(change: RightChange) -> str:
    where = change.namespace or "everywhere"
    return f"{change.kind.value}: {subject_text(change.subject)} {where}: {rule_text(change.rule)}"


def silent(found: AccessDifference) -> list[str]:
    return [f"{each.change} {each.object}" for each in found.without_effect]
