"""YAML documents as people write them, with comments, in many layouts, and other values for them."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import strategies as st

Value = Any
NAMES = st.sampled_from(["a", "b", "app", "spec", "name", "yes", "x.y/z", "1", "k-8"])
SCALARS: st.SearchStrategy[Value] = st.one_of(
    st.booleans(),
    st.integers(-3, 70_000),
    st.sampled_from(
        ["web", "no", "", "null", "a: b", "# no comment", "it's", "10.0.0.0/8", "\u00fc\U0001f600", "two words"]
    ),
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.dictionaries(NAMES, inner, max_size=4), st.lists(inner, max_size=4)),
    max_leaves=6,
)
_NEW: list[Value] = [True, "web", "a: b", 7, {}, [], {"x": {"y": [1, {"z": "no"}]}}, ["ALL", {"a": 1, "b": []}]]
_RARE, _SOME, _KEPT = 0.1, 0.4, 0.8
OBJECTS: st.SearchStrategy[dict[str, Value]] = st.dictionaries(NAMES, VALUES, min_size=1, max_size=5)


def other_value(value: Value, chance: Random, *, is_root: bool = True) -> Value:
    """Return a value like another one, with some parts changed, added or removed."""
    what = "inside" if is_root else chance.choice(["same", "same", "inside", "inside", "new"])
    if what == "same":
        return value
    if what == "inside" and isinstance(value, dict) and value:
        kept = {key: other_value(each, chance, is_root=False) for key, each in value.items() if chance.random() < _KEPT}
        return kept | ({"new": chance.choice(_NEW)} if chance.random() < _SOME else {})
    if what == "inside" and isinstance(value, list) and value:
        elements = [other_value(each, chance, is_root=False) for each in value if chance.random() < _KEPT]
        return elements + ([chance.choice(_NEW)] if chance.random() < _SOME else [])
    return chance.choice(_NEW)


def text_of(value: dict[str, Value], chance: Random) -> str:
    """Return a text of an object, with comments wherever YAML allows them."""
    writer = _Writer(chance)
    writer.mapping(value, 0, "")
    newline = chance.choice(["\n", "\n", "\r\n"])
    return newline.join(writer.lines) + (newline if chance.random() < _KEPT else "")


class _Writer:
    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._step = chance.choice([2, 4])
        self._dash = chance.choice([0, 2])
        self._number = 0
        self.lines: list[str] = []

    def mapping(self, value: dict[str, Value], column: int, first: str) -> None:
        for key, each in value.items():
            head = first or " " * column
            if not first:
                self._comment_line(column)
            first = ""
            self._field(head + self._scalar(key) + ":", each, column)

    def _field(self, head: str, value: Value, column: int) -> None:
        if not isinstance(value, dict | list) or not value or self._chance.random() < _SOME / 2:
            block = (
                isinstance(value, str) and value.isalnum() and value[0].isalpha() and self._chance.random() < _SOME / 2
            )
            if block:
                self.lines += [f"{head} |-", f"{' ' * (column + self._step)}{value}"]
                return
            self._line(f"{head} {self._flow(value)}")
            return
        self._line(head)
        if isinstance(value, dict):
            self.mapping(value, column + self._step, "")
        else:
            self._sequence(value, column + self._dash)

    def _sequence(self, value: list[Value], column: int) -> None:
        for each in value:
            self._comment_line(column)
            head = f"{' ' * column}- "
            if isinstance(each, dict) and each and self._chance.random() < _KEPT:
                self.mapping(each, column + 2, head)
            else:
                self._line(head + self._flow(each))

    def _line(self, text: str) -> None:
        self.lines.append(text + (f"  # {self._comment()}" if self._chance.random() < _RARE else ""))

    def _comment_line(self, column: int) -> None:
        if self._chance.random() < _RARE:
            self.lines.append(" " * column + f"# {self._comment()}")
        elif self._chance.random() < _RARE:
            self.lines.append("")

    def _comment(self) -> str:
        self._number += 1
        return f"comment {self._number}: 'odd' {{"

    def _flow(self, value: Value) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{self._scalar(key)}: {self._flow(each)}" for key, each in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._flow, value)) + "]"
        return self._scalar(value)

    def _scalar(self, value: Value) -> str:
        if not isinstance(value, str):
            return json.dumps(value)
        if value in {"web", "a", "b", "app", "spec", "name", "k-8", "new", "newer"} and self._chance.random() < _SOME:
            return value
        if self._chance.random() < _SOME:
            return "'" + value.replace("'", "''") + "'"
        return json.dumps(value, ensure_ascii=False)
