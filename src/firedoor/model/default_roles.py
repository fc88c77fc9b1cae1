"""The roles that an API server makes at start, and again when somebody deleted them (``rbac/bootstrappolicy``)."""

from __future__ import annotations

from functools import cache

from firedoor.model.default_roles_data import NEWEST, OLDEST, ROLES
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import Place
from firedoor.model.rbac import PolicyRule, Role

BOOTSTRAPPING = "kubernetes.io/bootstrapping"
"""The label of all of them."""
_INDENT = "  "


def default_roles(minor: int | None) -> tuple[Role, ...]:
    """
    Return the Roles and ClusterRoles of Kubernetes 1.`minor`, as they are before any aggregation.

    None stands for the newest release that is known; for an older or newer one those of the
    nearest release that is known are returned.
    """
    return _roles_of(NEWEST if minor is None else min(max(minor, OLDEST), NEWEST))


@cache
def _roles_of(minor: int) -> tuple[Role, ...]:
    place = Place(f"default roles of Kubernetes 1.{minor}")
    roles: list[Role] = []
    rules: list[PolicyRule] = []
    for line in reversed(ROLES.splitlines()):
        if line.startswith(_INDENT):
            span, _, text = line.strip().partition(" ")
            first, _, last = span.partition("-")
            if int(first) <= minor <= int(last):
                rules.insert(0, _rule(text))
            continue
        role = _role(line, tuple(rules), place)
        # A role of other releases only has no rules here, and selects none.
        if role.rules or role.aggregates:
            roles.insert(0, role)
        rules = []
    return tuple(roles)


def _role(line: str, rules: tuple[PolicyRule, ...], place: Place) -> Role:
    kind, name, *parts = line.split(" ")
    namespace, _, name = name.rpartition("/")
    marks = [part.partition("=") for part in parts]
    labels = {BOOTSTRAPPING: "rbac-defaults", **{key: "true" for what, _, key in marks if what == "label"}}
    selectors: tuple[dict[str, object], ...] = tuple(
        {"matchLabels": {key: "true"}} for what, _, key in marks if what == "selects"
    )
    return Role(kind, ObjectMeta(name, namespace, labels), rules, selectors, place)


def _rule(text: str) -> PolicyRule:
    fields = {key: tuple(value.split(",")) for key, _, value in (part.partition("=") for part in text.split(" "))}
    return PolicyRule(
        *(fields.get(key, ()) for key in ("verbs", "groups", "resources", "names", "urls")),
    )
