"""Secrets that stand in the open in what a workload starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.words import listed
from firedoor.model.findings import Fix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.engine.posture.check import Check, Context
    from firedoor.model.findings import Finding


def is_argument(name: str) -> bool:
    """Return whether what holds a secret (``Container.revealing``) is an argument; else it is a variable."""
    return name.startswith(("--", "argument "))


def revealed(
    check: Check, context: Context, is_meant: Callable[[str], bool], where: str, fix: str
) -> Iterator[Finding]:
    """Yield a finding for every workload with a secret in an argument or variable that is meant; `where` names them."""
    for crew in context.first_crews:
        found = [
            (container.name, name)
            for container in crew.spec.all_containers
            for name in container.revealing
            if is_meant(name)
        ]
        if found:
            yield check.finding(
                crew.workload,
                crew.source,
                f"{crew.workload} has secrets in plain text in its {where}: {listed(name for _, name in found)}",
                tuple(f"container {own}: {name}, whose value is neither shown nor kept" for own, name in found),
                Fix(fix),
            )
