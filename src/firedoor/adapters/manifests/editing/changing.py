"""One document with another object in it, proved to hold that object and all else as before."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from firedoor.adapters.manifests.editing.splices import spliced
from firedoor.adapters.manifests.editing.tree import Tree
from firedoor.adapters.manifests.texts import split_documents
from firedoor.adapters.manifests.yaml_reader import UnreadableError, read
from firedoor.errors import EditRefusedError
from firedoor.model.edits import Path
from firedoor.model.patching import changes, is_same

_INDENTS: tuple[int | str | None, ...] = (2, 4, "\t", None, 1, 3, 8)
_SEPARATORS: tuple[tuple[str, str] | None, ...] = (None, (",", ":"), (", ", ": "))


def changed_yaml(text: str, path: Path, old: Any, new: Any) -> str:
    """Return a YAML document in which the object at a path is `new`; raises ``EditRefusedError``."""
    found = spliced(text, path, changes(old, new))
    whole = read(text, 1)
    assert whole is not None  # noqa: S101 - an object was found in it
    try:
        again = read(found, 1)
    except UnreadableError as error:
        raise EditRefusedError("the change would leave no YAML", place="0") from error
    if again is None or again.duplicates or not is_same(again.value, _replaced(whole.value, path, new)):
        raise EditRefusedError("the changed text would not mean what is intended", place="0")
    # What ends a document begins a line with dashes, so the text before it has to end its own.
    if len([*split_documents(found)]) != 1 or (text.endswith("\n") and not found.endswith("\n")):
        raise EditRefusedError("the changed text would not be split into the same documents", place="0")
    if _comments(text) != _comments(found):
        raise EditRefusedError("a comment would be lost", place="0")
    return found


def changed_json(text: str, path: Path, new: Any) -> str:
    """Return a JSON document in which the object at a path is `new`; raises ``EditRefusedError``."""
    whole = text.strip()
    try:
        value = json.loads(whole)
    except ValueError as error:
        raise EditRefusedError("the file holds several JSON values, or what is no JSON", place="0") from error
    changed = _replaced(value, path, new)
    for layout in _layouts():
        if json.dumps(value, **layout) == whole:
            start = text.index(whole)
            return text[:start] + json.dumps(changed, **layout) + text[start + len(whole) :]
    raise EditRefusedError("this JSON is not laid out as a formatter would do it", place="0")


def _layouts() -> Iterator[dict[str, Any]]:
    for indent in _INDENTS:
        for separators in _SEPARATORS:
            for is_ascii in (False, True):
                yield {"indent": indent, "separators": separators, "ensure_ascii": is_ascii}


def _replaced(value: Any, path: Path, new: Any) -> Any:
    """Return a value with another part at a path."""
    if not path:
        return new
    step, *rest = path
    inner = _replaced(value[step], tuple(rest), new)
    if isinstance(value, list) and isinstance(step, int):
        return [*value[:step], inner, *value[step + 1 :]]
    return {**value, step: inner}


def _comments(text: str) -> Counter[str]:
    return Counter(comment for _, comment in Tree(text).comments)
