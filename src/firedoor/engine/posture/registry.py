"""All checks, listed one by one; a list that is wrong fails when it is loaded."""

from __future__ import annotations

import sys

from firedoor.engine.posture.check import SECTIONS, Check
from firedoor.engine.posture.checks import (
    cni_not_enforcing,
    dns_blocked,
    ipblock_covers_pods,
    named_port_missing,
    namespace_without_default_deny,
    one_sided_allow,
    pod_unprotected,
    policy_contradicts_name,
    policy_redundant,
    policy_selects_nothing,
    policy_staged,
    port_not_listened,
    priority_tied,
    rule_allows_everything,
    rule_matches_nothing,
    unsupported_version,
)


class CatalogueError(Exception):
    """The catalogue contradicts itself: a mistake in firedoor, never in what it looks at."""


def validated(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """Return the checks by id; raises ``CatalogueError`` where id, file name or documentation do not agree."""
    seen: set[str] = set()
    for check in checks:
        module = check.run.__module__
        if check.id in seen:
            raise CatalogueError(f"two checks have the id {check.id}")
        seen.add(check.id)
        if module.rpartition(".")[2].replace("_", "-") != check.id:
            raise CatalogueError(f"check {check.id} stands in module {module}")
        if check.docs != sys.modules[module].__doc__ or tuple(check.sections) != SECTIONS:
            raise CatalogueError(f"check {check.id}: its module docstring needs the sections {', '.join(SECTIONS)}")
        empty = [heading for heading, text in check.sections.items() if not text]
        if empty:
            raise CatalogueError(f"check {check.id}: nothing is said under {', '.join(empty)}")
    return tuple(sorted(checks, key=lambda check: check.id))


CHECKS: tuple[Check, ...] = validated(
    (
        cni_not_enforcing.CHECK,
        dns_blocked.CHECK,
        ipblock_covers_pods.CHECK,
        named_port_missing.CHECK,
        namespace_without_default_deny.CHECK,
        one_sided_allow.CHECK,
        pod_unprotected.CHECK,
        policy_contradicts_name.CHECK,
        policy_redundant.CHECK,
        policy_selects_nothing.CHECK,
        policy_staged.CHECK,
        port_not_listened.CHECK,
        priority_tied.CHECK,
        rule_allows_everything.CHECK,
        rule_matches_nothing.CHECK,
        unsupported_version.CHECK,
    )
)
"""The catalogue, by id."""
