"""Whether a pod denies what no rule allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import ACCEPT, DENY, PASS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.programs import Plane, Program

_OPPOSITE = {ACCEPT: DENY, DENY: ACCEPT}


def denies_by_default(program: Program, everything: int) -> bool | None:
    """Return whether one layer denies to everybody, on every port, what it did not allow before; None where it may."""
    found = [_denies(plane, everything) for plane in program]
    return True if True in found else None if None in found else False


def _denies(plane: Plane, everything: int) -> bool | None:
    perhaps: set[int] = set()
    for action, is_sure in _sweeping(plane, everything):
        if is_sure:
            return None if _OPPOSITE[action] in perhaps else action == DENY
        perhaps.add(action)
    return None if DENY in perhaps else False


def _sweeping(plane: Plane, everything: int) -> Iterator[tuple[int, bool]]:
    """Yield whether each term about everything accepts or denies, and whether it surely does, as they are asked."""
    for tier in plane:
        terms = [
            (term, term.sure and len(rank) == 1)
            for rank in tier
            for alternative in rank
            for term in alternative
            if term.columns == ColumnSets.ALL and term.ports == everything
        ]
        is_left = True
        for term, is_sure in terms:
            if term.action != PASS:
                yield term.action, is_sure and is_left
            elif is_sure:
                break
            else:
                is_left = False
