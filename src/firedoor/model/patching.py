"""Patches of objects, merged as the API server's strategic merge does, and what is different between two values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from firedoor.model.edits import Change, ChangeKind, Path

_MERGE_KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "containers": (("name",),),
    "ephemeralContainers": (("name",),),
    "env": (("name",),),
    "hostAliases": (("ip",),),
    "imagePullSecrets": (("name",),),
    "initContainers": (("name",),),
    "ports": (("containerPort", "protocol"), ("port", "protocol")),
    "volumeDevices": (("devicePath",),),
    "volumeMounts": (("mountPath",),),
    "volumes": (("name",),),
}
"""The fields by which the API (``patchMergeKey``, ``x-kubernetes-list-map-keys``) finds the elements of lists."""
_DEFAULTS = {"protocol": "TCP"}
_IDENTITY = ("name", "namespace")

Leaves = dict[tuple[str, ...], Any]


def body(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a manifest says of its object beyond which one it is."""
    found = {key: value for key, value in manifest.items() if key not in {"apiVersion", "kind", "metadata"}}
    metadata = {key: value for key, value in (manifest.get("metadata") or {}).items() if key not in _IDENTITY}
    return {"metadata": metadata, **found} if metadata else found


def merged(value: Any, patch: Any) -> Any:
    """Return a value with a patch applied: null removes a field, lists with a merge key are merged by it."""
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            result.pop(key, None)
        elif keys := _keys_of(key, part):
            result[key] = _merged_list(result.get(key), part, keys)
        else:
            result[key] = merged(result.get(key), part)
    return result


def unmatched(value: Any, patch: Any) -> str:
    """Return the first element that a patch names and that is not in the value, as in ``containers web``, or ''."""
    if not isinstance(patch, dict):
        return ""
    fields = value if isinstance(value, dict) else {}
    for key, part in patch.items():
        keys = _keys_of(key, part)
        for each in part if keys else ():
            own = next((old for old in fields.get(key) or () if _is_meant(old, each, keys)), None)
            if own is None:
                return f"{key} {' '.join(str(each[name]) for name in keys if name in each)}"
            if inner := unmatched(own, each):
                return inner
        if inner := unmatched(fields.get(key), part):
            return inner
    return ""


def leaves(patch: Any, path: tuple[str, ...] = ()) -> Leaves:
    """Return the fields that a patch sets or removes, with their values; elements go by what names them."""
    if not isinstance(patch, dict) or not patch:
        return {path: patch}
    found: Leaves = {}
    for key, part in patch.items():
        if keys := _keys_of(key, part):
            for each in part:
                named = tuple(f"{name}={each.get(name, _DEFAULTS.get(name))}" for name in keys)
                rest = {name: inner for name, inner in each.items() if name not in keys}
                found.update(leaves(rest, (*path, key, *named)))
        else:
            found.update(leaves(part, (*path, key)))
    return found


def collision(one: Leaves, other: Leaves) -> str:
    """Return the first field that both set, and not alike, as in ``spec.hostNetwork``; '' where there is none."""
    for path, value in one.items():
        for their, wanted in other.items():
            length = min(len(path), len(their))
            if path[:length] == their[:length] and not (path == their and is_same(value, wanted)):
                return ".".join(path[:length]) or "everything"
    return ""


def rebased(value: Any, old: Any, new: Any) -> Any:
    """
    Return a value with what is different between `old` and `new`, which are other ways to write it.

    What those two agree on stays as the value has it, with fields left out or spelt differently.
    """
    if is_same(old, new):
        return value
    if isinstance(value, dict) and isinstance(old, dict) and isinstance(new, dict):
        result = dict(value)
        for key in {**old, **new}:
            if key not in new:
                result.pop(key, None)
            elif key not in old:
                result[key] = new[key]
            elif not is_same(old[key], new[key]):
                result[key] = rebased(result.get(key), old[key], new[key])
        return result
    if isinstance(value, list) and isinstance(old, list) and isinstance(new, list) and len(value) == len(old):
        start, left, right = _middle(old, new)
        middle = new[start:right]
        if left == right:
            parts = zip(value[start:left], old[start:left], middle, strict=True)
            middle = [rebased(*each) for each in parts]
        return [*value[:start], *middle, *value[left:]]
    return new


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """Yield what makes `new` of `old`, the innermost first; what has nothing in common is set as a whole."""
    if is_same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and not old.keys().isdisjoint(new):
        for key, value in old.items():
            if key in new:
                yield from changes(value, new[key], (*path, key))
            else:
                yield Change(ChangeKind.REMOVE, (*path, key))
        yield from (Change(ChangeKind.ADD, (*path, key), new[key]) for key in new if key not in old)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        start, left, right = _middle(old, new)
        both = min(left, right)
        for index in range(start, both):
            yield from changes(old[index], new[index], (*path, index))
        yield from (Change(ChangeKind.REMOVE, (*path, index)) for index in range(both, left))
        yield from (Change(ChangeKind.ADD, (*path, left), new[index]) for index in range(both, right))
    else:
        yield Change(ChangeKind.SET, path, new)


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values are the same in JSON, where 1 and true are not."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and one == other


def _middle(old: list[Any], new: list[Any]) -> tuple[int, int, int]:
    """Return how many elements are the same at the start, and where those begin that are the same at the end."""
    shorter = min(len(old), len(new))
    start = 0
    while start < shorter and is_same(old[start], new[start]):
        start += 1
    end = 0
    while end < shorter - start and is_same(old[-1 - end], new[-1 - end]):
        end += 1
    return start, len(old) - end, len(new) - end


def _keys_of(field: str, part: Any) -> tuple[str, ...]:
    """Return the fields by which the elements of a list are found; () where the list is replaced as a whole."""
    if not isinstance(part, list) or not all(isinstance(each, dict) for each in part):
        return ()
    for keys in _MERGE_KEYS.get(field, ()):
        if all(keys[0] in each for each in part):
            return keys
    return ()


def _merged_list(values: Any, patch: list[dict[str, Any]], keys: tuple[str, ...]) -> list[Any]:
    result = list(values) if isinstance(values, list) else []
    for each in patch:
        position = next((index for index, old in enumerate(result) if _is_meant(old, each, keys)), None)
        if position is None:
            result.append(merged({}, each))
        else:
            # What only names the element stays as it is written, left out where that is the default.
            rest = {name: part for name, part in each.items() if name not in keys}
            result[position] = merged(result[position], rest)
    return result


def _is_meant(old: Any, patch: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return isinstance(old, dict) and all(
        is_same(old.get(key, _DEFAULTS.get(key)), patch.get(key, _DEFAULTS.get(key))) for key in keys
    )
