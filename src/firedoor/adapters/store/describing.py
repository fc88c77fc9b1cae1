"""What is in a snapshot, in numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from firedoor.adapters.store.reading import load
from firedoor.model.assembly import reference
from firedoor.model.gateways import Gateway
from firedoor.model.policies import PolicyObject
from firedoor.model.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from firedoor.model.decoding import ModelObject

_NOT_OBJECTS = frozenset({"origin", "other_objects", "gaps", "has_pod_details"})


def describe(snapshot: str | Path | Snapshot) -> dict[str, Any]:
    """
    Return what a snapshot (or the file it is saved in) holds, in plain JSON values.

    The keys: ``origin`` (as the model has it), ``objects`` (numbers by kind),
    ``other_objects`` (of kinds that do not matter here) and ``gaps`` (``total``,
    ``by_kind``, and ``undecided``: how many make verdicts unknown).
    """
    if not isinstance(snapshot, Snapshot):
        snapshot = load(snapshot)
    gaps = Counter(str(gap.kind) for gap in snapshot.gaps)
    origin: dict[str, Any] = msgspec.to_builtins(snapshot.origin)
    return {
        "origin": {**origin, "sources": list(snapshot.origin.sources)},
        "objects": dict(sorted(Counter(map(kind_of, objects_of(snapshot))).items())),
        "other_objects": dict(sorted(snapshot.other_objects.items())),
        "gaps": {
            "total": len(snapshot.gaps),
            "by_kind": dict(sorted(gaps.items())),
            "undecided": sum(gap.scope is not None for gap in snapshot.gaps),
        },
    }


def objects_of(snapshot: Snapshot) -> Iterator[ModelObject]:
    """Yield all objects of a snapshot, kind by kind."""
    for name in snapshot.__struct_fields__:
        if name not in _NOT_OBJECTS:
            yield from getattr(snapshot, name)


def kind_of(each: ModelObject) -> str:
    """Return the kind of an object; with its group where several groups have kinds of that name."""
    kind = reference(each).kind
    if isinstance(each, Gateway):
        return f"{kind}.{each.group}"
    if isinstance(each, PolicyObject):
        return f"{kind}.{each.api_version.rpartition('/')[0]}"
    return kind
