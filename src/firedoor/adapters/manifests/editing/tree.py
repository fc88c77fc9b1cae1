"""The parts of a YAML document with their places in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from firedoor.adapters.manifests.editing.writing import Layout
from firedoor.adapters.manifests.scalars import key_text, resolve
from firedoor.errors import EditRefusedError
from firedoor.model.edits import Path, Step

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[^\r\n]*", re.MULTILINE)
_COLON = re.compile(r"[ \t]*:")
_ALIAS = re.compile(r"\s*\*[^\s,\]}]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """A value, its position in what holds it, and the key and the mapping, or the sequence, that hold it."""

    node: Any
    parent: Any = None
    index: int = 0
    key: Any = None


class Tree:
    """A document that can be read, with its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Any = yaml.compose(text, Loader=_LOADER)

    @cached_property
    def layout(self) -> Layout:
        """How the document is laid out, by the first field and the first list that stand inside another field."""
        step = dash = None
        for parent, child in self._nested(self.root):
            inner = self.column(child.start_mark.index) - parent
            if isinstance(child, yaml.MappingNode):
                step = step or (inner if inner > 0 else None)
            elif dash is None and inner >= 0:
                dash = inner
        return Layout(step or 2, dash or 0, "\r\n" if "\r\n" in self.text else "\n")

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Every comment with its place, in order."""
        spans = sorted((node.start_mark.index, node.end_mark.index) for node in self._scalars())
        found: list[tuple[int, str]] = []
        number = 0
        for match in _COMMENT.finditer(self.text):
            while number < len(spans) and spans[number][1] <= match.start():
                number += 1
            if number == len(spans) or match.start() < spans[number][0]:
                found.append((match.start(), match.group()))
        return found

    def spot(self, path: Path) -> Spot:
        """Return the value at a path; raises ``EditRefusedError`` where it is not written there itself."""
        found = Spot(self.root)
        for step in path:
            found = self._inner(found.node, step)
        return found

    def column(self, index: int) -> int:
        """Return how many characters stand before a place on its line."""
        return index - self.line_start(index)

    def line_start(self, index: int) -> int:
        """Return where the line of a place begins."""
        return self.text.rfind("\n", 0, index) + 1

    def line_end(self, index: int) -> int:
        """Return where the line of a place ends, before what ends it."""
        end = self.text.find("\n", index)
        end = len(self.text) if end < 0 else end
        return end - 1 if end and self.text[end - 1] == "\r" and end > index else end

    def colon_end(self, key: Any) -> int:
        """Return the place behind the colon of a field."""
        found = _COLON.match(self.text, key.end_mark.index)
        if found is None:
            raise self.refused("this key is not written as `key: value`", key)
        return found.end()

    def end(self, node: Any) -> int:
        """Return the place behind the last character of a value."""
        if isinstance(node, yaml.ScalarNode):
            end = int(node.end_mark.index)
            # A block of text ends at the line of what follows it.
            return len(self.text[:end].rstrip()) if node.style in {"|", ">"} else end
        if node.flow_style or not node.value:
            return int(node.end_mark.index)
        if isinstance(node, yaml.MappingNode):
            return self.field_end(*node.value[-1])
        return self.element_end(node, -1)

    def element_end(self, node: Any, index: int) -> int:
        """Return the place behind the last character of an element of a list."""
        element = node.value[index]
        if element.start_mark.index < node.start_mark.index:
            raise self.refused("an element of this list is an alias (*)", node)
        return self.end(element)

    def field_end(self, key: Any, value: Any) -> int:
        """Return the place behind the last character of a field."""
        if value.start_mark.index >= key.end_mark.index:
            return max(self.end(value), self.colon_end(key))
        found = _ALIAS.match(self.text, self.colon_end(key))
        if found is None:
            raise self.refused("this field is written in a way that is not edited", key)
        return found.end()

    def has_comment(self, start: int, end: int) -> bool:
        """Return whether a comment begins between two places."""
        return any(start <= index < end for index, _ in self.comments)

    def refused(self, problem: str, node: Any) -> EditRefusedError:
        """Return the error for a part, with its line in the document (from 0) as the place."""
        return EditRefusedError(problem, place=str(node.start_mark.line))

    def _inner(self, node: Any, step: Step) -> Spot:
        if isinstance(step, int):
            if not isinstance(node, yaml.SequenceNode) or step >= len(node.value):
                raise self.refused("this list comes from elsewhere", node)
            inner, key = node.value[step], None
            index, begins = step, node.start_mark.index
        else:
            found = [number for number, (each, _) in enumerate(_fields(node)) if _key(each) == step]
            if len(found) != 1:
                problem = f"the field {step} is written twice" if found else f"the field {step} comes from a merge (<<)"
                raise self.refused(problem, node)
            index = found[0]
            key, inner = node.value[index]
            begins = key.end_mark.index
        if inner.start_mark.index < begins:
            raise self.refused("an alias (*) stands here", key or node)
        if self.text[inner.start_mark.index : inner.start_mark.index + 1] in {"&", "!"}:
            raise self.refused("an anchor (&) or a tag (!) stands here, and others may use it", inner)
        return Spot(inner, node, index, key)

    def _walk(self, node: Any, seen: set[int]) -> Iterator[Any]:
        """Yield every node once."""
        if id(node) in seen:
            return
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.ScalarNode):
            return
        for each in node.value:
            for part in each if isinstance(each, tuple) else (each,):
                yield from self._walk(part, seen)

    def _scalars(self) -> Iterator[Any]:
        return (node for node in self._walk(self.root, set()) if isinstance(node, yaml.ScalarNode))

    def _nested(self, node: Any) -> Iterator[tuple[int, Any]]:
        """Yield the column of each field that holds a block, and the block."""
        if isinstance(node, yaml.ScalarNode) or node.flow_style:
            return
        for each in node.value:
            key, value = each if isinstance(each, tuple) else (None, each)
            if key is not None and value.start_mark.index < key.end_mark.index:
                continue
            if key is not None and not isinstance(value, yaml.ScalarNode) and not value.flow_style:
                yield self.column(key.start_mark.index), value
            yield from self._nested(value)


def _fields(node: Any) -> list[tuple[Any, Any]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _key(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return ""
    value = node.value if node.style else resolve(node.value)
    return value if isinstance(value, str) else key_text(value)
