"""Snapshots made of manifests, for saving, describing and comparing."""

from collections.abc import Iterable
from typing import Any

from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.decoding import decode
from firedoor.model.places import Gap, Place
from firedoor.model.snapshot import Origin, Snapshot


def snapshot_of(manifests: Iterable[dict[str, Any]], origin: Origin, *gaps: Gap, file: str = "x.yaml") -> Snapshot:
    """Return the snapshot of manifests."""
    builder = SnapshotBuilder()
    for line, each in enumerate(manifests, 1):
        decoded = decode(_without_nulls(each), Place(file, line, 1, {"spec": line}), "default")
        if decoded is not None:
            builder.add(decoded)
    builder.count_other("ConfigMap")
    for gap in gaps:
        builder.add_gap(gap)
    return builder.build(origin)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [{} if each is None else _without_nulls(each) for each in value] if isinstance(value, list) else value
