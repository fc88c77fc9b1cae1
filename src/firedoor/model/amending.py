"""A snapshot with one object changed, and the part of one that decides about few objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.model.assembly import FIELDS, SnapshotBuilder, reference
from firedoor.model.snapshot import Origin, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.decoding import ModelObject

_NOWHERE = Origin()


def amended(snapshot: Snapshot, old: ModelObject | None, new: ModelObject | None) -> Snapshot:
    """
    Return a snapshot with `new` in the place of `old`; either may be None.

    What is told of the new object by itself is among the gaps, what was told of the old one is not. Where one object
    of a policy API hangs on another, such as on a tier, what that means is not found anew.
    """
    some = new if new is not None else old
    if some is None:
        return snapshot
    name, ref = FIELDS[type(some)], reference(some)
    kept = [each for each in getattr(snapshot, name) if reference(each) != ref or not _is_twin(each, some)]
    alone = assembled([new] if new is not None else [])
    gaps = (*(each for each in snapshot.gaps if each.object != ref), *alone.gaps)
    found = sorted((*kept, *getattr(alone, name)), key=lambda each: (_group(each), *_key(each)))
    return replace(snapshot, gaps=gaps, **{name: tuple(found)})


def assembled(objects: Iterable[ModelObject], origin: Origin = _NOWHERE) -> Snapshot:
    """Return the snapshot of some objects."""
    builder = SnapshotBuilder()
    for each in objects:
        builder.add(each)
    return builder.build(origin)


def _is_twin(one: ModelObject, other: ModelObject) -> bool:
    return _group(one) == _group(other)


def _group(each: ModelObject) -> str:
    """Return the API group of an object whose kind several groups have."""
    return str(getattr(each, "group", ""))


def _key(each: ModelObject) -> tuple[str, str, str]:
    ref = reference(each)
    return ref.kind, ref.namespace, ref.name
