"""Components of kustomize: what one set of the chart's values changes in the plain manifests, as patches of JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

Manifest = dict[str, Any]
_Key = tuple[str, str]
_Patches = dict[_Key, list[Manifest]]


def component(before: Sequence[Manifest], after: Sequence[Manifest]) -> tuple[_Patches, list[Manifest]]:
    """
    Return what changes in objects that are there before, by kind and name, and the objects that are there only after.

    Changes are operations of JSON Patch (RFC 6902) that add something: so components can be put on one another.
    """
    known = {_key(each): each for each in before}
    changed = {_key(each): list(_added(known[_key(each)], each, "")) for each in after if _key(each) in known}
    patches = {key: operations for key, operations in changed.items() if operations}
    return patches, [each for each in after if _key(each) not in known]


def patches_text(patches: Mapping[_Key, Sequence[Manifest]]) -> str:
    """Return them as the part ``patches`` of a file of kustomize."""
    lines = ["patches:"]
    for (kind, name), operations in patches.items():
        lines += [f"- target: {{kind: {kind}, name: {name}}}", "  patch: |"]
        lines += [f"    - {_line(each)}" for each in operations]
    return "\n".join(lines) + "\n"


def _key(manifest: Manifest) -> _Key:
    return manifest["kind"], manifest["metadata"]["name"]


def _added(old: Any, new: Any, path: str) -> Iterator[Manifest]:
    """Yield the operations that add to the old what the new has besides; nothing may be gone or be another."""
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and set(old) <= set(new):
        for key, each in new.items():
            place = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
            if key in old:
                yield from _added(old[key], each, place)
            else:
                yield {"op": "add", "path": place, "value": each}
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _added(one, other, f"{path}/{number}")
    elif isinstance(old, list) and isinstance(new, list) and all(each in new for each in old):
        for each in new:
            if each not in old:
                yield {"op": "add", "path": f"{path}/-", "value": each}
    else:
        raise ValueError(f"{path}: components of kustomize only add to what is there")


def _line(operation: Manifest) -> str:
    text: str = yaml.safe_dump(operation, default_flow_style=True, sort_keys=False, width=10_000)
    return text.rstrip("\n")
