"""A cluster that changes: what it is now, and what became of it since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from firedoor.model.decoding import ModelObject


class ObjectChange(Struct, frozen=True, gc=False):
    """An object that was made (`before` is None), changed or deleted (`after` is None), as far as it is known here."""

    ref: ObjectRef
    before: ModelObject | None
    after: ModelObject | None


class Turn(Struct, frozen=True, gc=False):
    """
    A cluster at an instant when nothing has changed for a moment.

    `changes` lead from the last turn to this one; None where the cluster was read anew, as it is for the first.
    `lag` is how many seconds the first of the changes has waited. `troubles` are the lists (by path) that cannot be
    followed at this time, and why.
    """

    snapshot: Snapshot
    changes: tuple[ObjectChange, ...] | None = None
    lag: float = 0.0
    troubles: dict[str, str] = {}
