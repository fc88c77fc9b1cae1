"""What is different between two snapshots, object by object."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from firedoor.adapters.store.describing import kind_of, objects_of
from firedoor.model.assembly import reference

if TYPE_CHECKING:
    from firedoor.model.decoding import ModelObject
    from firedoor.model.snapshot import Snapshot

_Key = tuple[str, str, str]


class Change(StrEnum):
    """What happened to an object between two snapshots."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class ObjectChange(Struct, frozen=True, order=True):
    """
    One object that is in one of two snapshots only, or is not the same in both.

    `kind` carries the API group where several groups have kinds of that name.
    `fields` are the parts that differ, as ``spec.ingress``; empty unless changed.
    """

    kind: str
    namespace: str
    name: str
    change: Change
    fields: tuple[str, ...] = ()


class SnapshotDiff(Struct, frozen=True):
    """All differences between two snapshots, by kind, namespace and name."""

    changes: tuple[ObjectChange, ...]

    @property
    def by_kind(self) -> dict[str, dict[str, int]]:
        """How many objects of each kind were added, removed and changed; kinds without any are left out."""
        numbers = Counter((each.kind, each.change) for each in self.changes)
        kinds = sorted({each.kind for each in self.changes})
        return {kind: {str(change): numbers[kind, change] for change in Change} for kind in kinds}


def diff_info(old: Snapshot, new: Snapshot) -> SnapshotDiff:
    """
    Return the objects that were added, removed or changed from `old` to `new`.

    Where an object was read and which uid it has does not count: a snapshot of the
    manifests and one of the cluster differ only in what they say.
    """
    before, after = _by_key(old), _by_key(new)
    changes = [ObjectChange(*key, Change.REMOVED) for key in before.keys() - after.keys()]
    changes += [ObjectChange(*key, Change.ADDED) for key in after.keys() - before.keys()]
    for key in before.keys() & after.keys():
        if before[key] == after[key]:
            continue
        fields = _different_fields(_content(before[key]), _content(after[key]))
        if fields:
            changes.append(ObjectChange(*key, Change.CHANGED, fields))
    return SnapshotDiff(tuple(sorted(changes)))


def _by_key(snapshot: Snapshot) -> dict[_Key, ModelObject]:
    found: dict[_Key, ModelObject] = {}
    unnamed: Counter[_Key] = Counter()
    for each in objects_of(snapshot):
        key = (kind_of(each), reference(each).namespace, reference(each).name)
        if not each.metadata.name:
            # Objects that the API server will name are told apart by their order.
            prefix = (*key[:2], each.metadata.generate_name)
            unnamed[prefix] += 1
            key = (*prefix[:2], f"{prefix[2]}#{unnamed[prefix]}")
        found[key] = each
    return found


def _content(each: ModelObject) -> dict[str, Any]:
    """Return an object as plain values, less its place and its identity."""
    content: dict[str, Any] = msgspec.to_builtins(each)
    del content["place"]
    metadata = content["metadata"]
    del metadata["uid"]
    del metadata["creationTimestamp"]
    for owner in metadata["ownerReferences"]:
        del owner["uid"]
    return content


def _different_fields(old: dict[str, Any], new: dict[str, Any]) -> tuple[str, ...]:
    """Return the paths that differ, two levels deep: enough to say where to look."""
    found: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            inner = sorted(before.keys() | after.keys())
            found.extend(f"{key}.{each}" for each in inner if before.get(each) != after.get(each))
        else:
            found.append(key)
    return tuple(found)
