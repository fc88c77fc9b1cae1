"""What people write of an object, how two states of it differ, and the patch that leads from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.model.rollout import FieldChange, Manifest, PolicyRef

if TYPE_CHECKING:
    from collections.abc import Iterator

MANAGER = "firedoor"
"""The field manager under which fields are written."""
MANAGED_BY = "app.kubernetes.io/managed-by"
APPLY = "firedoor.dev/apply"
"""The annotation that tells which apply wrote an object last."""

_SERVER_SET = frozenset(
    {
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    }
)
_IDENTITY = frozenset({"name", "namespace"})
_OUTSIDE = frozenset({"apiVersion", "kind", "metadata", "status"})


def ref_of(manifest: Manifest) -> PolicyRef:
    """Return which object a manifest is about."""
    metadata = manifest["metadata"]
    return PolicyRef(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])


def content(found: Manifest | None) -> Manifest | None:
    """Return an object less its status and what the server sets in its metadata; what is empty there is left out."""
    if found is None:
        return None
    metadata = {key: each for key, each in found["metadata"].items() if key not in _SERVER_SET and each}
    return {**{key: each for key, each in found.items() if key not in {"status", "metadata"}}, "metadata": metadata}


def is_same(one: Manifest | None, other: Manifest | None) -> bool:
    """Return whether people would have to write the same for both."""
    return content(one) == content(other)


def marked(manifest: Manifest, apply: str) -> Manifest:
    """Return what is sent of a manifest: its content, with the label of who manages it and the apply it is from."""
    found = content(manifest)
    assert found is not None  # noqa: S101 - a manifest has content
    metadata = found["metadata"]
    return {
        **found,
        "metadata": {
            **metadata,
            "labels": {**metadata.get("labels", {}), MANAGED_BY: MANAGER},
            "annotations": {**metadata.get("annotations", {}), APPLY: apply},
        },
    }


def is_ours(found: Manifest) -> bool:
    """Return whether an object carries the label of those that firedoor manages."""
    return bool((found["metadata"].get("labels") or {}).get(MANAGED_BY) == MANAGER)


def field_changes(old: Manifest, new: Manifest) -> tuple[FieldChange, ...]:
    """Return the fields of the contents that differ, lists as a whole; which apply wrote them last is none."""
    return tuple(
        each
        for each in _changes(content(old), content(new), "")
        if each.path not in {f"metadata.annotations[{APPLY}]", "metadata.annotations"} or not _is_mark(each)
    )


def restoring(now: Manifest, before: Manifest) -> list[dict[str, Any]]:
    """Return the JSON patch that makes the content of an object what it was, provided that it is still as it is now."""
    operations: list[dict[str, Any]] = [
        {"op": "test", "path": "/metadata/resourceVersion", "value": now["metadata"]["resourceVersion"]}
    ]
    for prefix, old, new, left_out in (
        ("/metadata/", now["metadata"], before["metadata"], _SERVER_SET | _IDENTITY),
        ("/", now, before, _OUTSIDE),
    ):
        for key in sorted((old.keys() | new.keys()) - left_out):
            if key not in new:
                operations.append({"op": "remove", "path": f"{prefix}{_escaped(key)}"})
            elif key not in old or old[key] != new[key]:
                operations.append({"op": "add", "path": f"{prefix}{_escaped(key)}", "value": new[key]})
    return operations


def _is_mark(change: FieldChange) -> bool:
    """Return whether a change of annotations is about the mark alone."""
    sides = [each if isinstance(each, dict) else {APPLY: each} for each in (change.old, change.new)]
    return all(side.keys() <= {APPLY} for side in sides)


def _changes(old: Any, new: Any, path: str) -> Iterator[FieldChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _changes(old.get(key), new.get(key), _joined(path, key))
    elif old != new:
        yield FieldChange(path, old, new)


def _joined(path: str, key: str) -> str:
    if "." in key or "/" in key:
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def _escaped(key: str) -> str:
    """Return a key as a JSON pointer has it (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
