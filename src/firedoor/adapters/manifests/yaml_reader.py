"""
YAML documents with the line of every key, within limits.

Builds values from libyaml's event stream, because findings need lines, scalars must
read as kubectl reads them, and hostile input (alias bombs, cycles, deep nesting) has
to be refused before it is expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from firedoor.adapters.manifests.scalars import Scalar, key_text, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NODES = 2_000_000
"""Nodes of one document after aliases are followed."""
DEEPEST = 200
"""Levels of nesting."""

_PARSER = getattr(yaml, "CLoader", None) or yaml.Loader


class UnreadableError(Exception):
    """A document cannot be read; carries the line in the file and what to do."""

    def __init__(self, problem: str, line: int, remedy: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.remedy = remedy


@dataclass(slots=True)
class Document:
    """One YAML document: its value, the lines of its parts, and the duplicate keys found."""

    value: Any
    line: int
    lines: dict[int, Any] = field(default_factory=dict)
    """``id`` of each container to the lines of its keys or elements."""
    duplicates: list[tuple[str, int]] = field(default_factory=list)

    def line_of(self, path: str) -> int:
        """Return the line of a path such as ``spec.ingress[0].from``, or of the nearest part around it."""
        value, line = self.value, self.line
        for step in _steps(path):
            table = self.lines.get(id(value))
            if table is None:
                break
            try:
                line = table[step]
                value = value[step]
            except (KeyError, IndexError, TypeError):
                break
        return line

    def line_in(self, container: Any, step: str | int, around: int) -> int:
        """Return the line of one key or element of a container, or that `around` it where it is not known."""
        try:
            line: int = self.lines[id(container)][step]
        except (KeyError, IndexError):
            return around
        return line


def read(text: str, first_line: int) -> Document | None:
    """
    Return the single document in `text`, which starts on line `first_line` of its file; None when it is empty.

    Raises `UnreadableError`.
    """
    return _Builder(text, first_line).build()


def _steps(path: str) -> Iterator[str | int]:
    """Yield keys and indexes; keys that hold dots are written in brackets with quotes, as in ``labels["a.b"]``."""
    position = 0
    while position < len(path):
        if path[position] == "[":
            end = path.index("]", position)
            inner = path[position + 1 : end]
            yield int(inner) if inner.isdigit() else inner.strip("\"'")
            position = end + 1
        elif path[position] == ".":
            position += 1
        else:
            ends = [each for each in (path.find(".", position), path.find("[", position)) if each >= 0]
            end = min(ends, default=len(path))
            yield path[position:end]
            position = end


class _Builder:
    def __init__(self, text: str, first_line: int) -> None:
        self._parser = _PARSER(text)
        self._base = first_line
        self._anchors: dict[str, Any] = {}
        self._open: set[str] = set()
        self._sizes: dict[int, int] = {}
        self._nodes = 0
        self._document = Document(None, first_line)

    def build(self) -> Document | None:
        try:
            return self._stream()
        except yaml.YAMLError as error:
            raise _unreadable(error, self._base) from error
        finally:
            self._parser.dispose()

    def _stream(self) -> Document | None:
        get = self._parser.get_event
        get()
        event = get()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        event = get()
        self._document.line = self._line(event)
        self._document.value = self._value(event, 0)
        get()
        if not isinstance(get(), yaml.StreamEndEvent):
            raise UnreadableError(
                "there is more after the end of the document",
                self._document.line,
                "separate documents by ---",
            )
        return self._document

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + self._base

    def _value(self, event: Any, depth: int) -> Any:
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            scalar = self._scalar(event)
            self._count(1, event)
            if event.anchor:
                self._anchors[event.anchor] = scalar
            return scalar
        if kind is yaml.AliasEvent:
            return self._alias(event)
        if depth > DEEPEST:
            raise UnreadableError(
                f"nested deeper than {DEEPEST} levels",
                self._line(event),
                "no Kubernetes object is; check the file",
            )
        before = self._nodes
        anchor = event.anchor
        if anchor:
            self._open.add(anchor)
        value: Any = self._mapping(event, depth) if kind is yaml.MappingStartEvent else self._sequence(depth)
        self._count(1, event)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = value
            self._sizes[id(value)] = self._nodes - before
        return value

    def _alias(self, event: Any) -> Any:
        name = event.anchor
        if name in self._open:
            raise UnreadableError(f"alias *{name} stands inside its own anchor", self._line(event), "break the cycle")
        if name not in self._anchors:
            raise UnreadableError(
                f"alias *{name} has no anchor before it",
                self._line(event),
                f"define &{name} earlier in the document",
            )
        value = self._anchors[name]
        self._count(self._sizes.get(id(value), 1), event)
        return value

    def _count(self, nodes: int, event: Any) -> None:
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            raise UnreadableError(
                f"aliases expand to more than {MOST_NODES:,} nodes",
                self._line(event),
                "this looks like an alias bomb; write the values out",
            )

    def _sequence(self, depth: int) -> list[Any]:
        values: list[Any] = []
        lines: list[int] = []
        get = self._parser.get_event
        while True:
            event = get()
            if event.__class__ is yaml.SequenceEndEvent:
                break
            lines.append(self._line(event))
            values.append(self._value(event, depth + 1))
        self._document.lines[id(values)] = lines
        return values

    def _mapping(self, start: Any, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: list[Any] = []
        get = self._parser.get_event
        while True:
            event = get()
            if event.__class__ is yaml.MappingEndEvent:
                break
            line = self._line(event)
            key = self._key(event, depth)
            value = self._value(get(), depth + 1)
            if key == "<<" and not getattr(event, "style", None):
                merged.append(value)
                continue
            if key in values:
                self._document.duplicates.append((key, line))
            values[key] = value
            lines[key] = line
        for each in merged:
            self._merge(values, lines, each, self._line(start))
        self._document.lines[id(values)] = lines
        return values

    def _merge(self, values: dict[str, Any], lines: dict[str, int], source: Any, line: int) -> None:
        for each in source if isinstance(source, list) else [source]:
            if not isinstance(each, dict):
                raise UnreadableError(
                    "<< merges something that is no mapping", line, "merge a mapping or a list of them"
                )
            for key, value in each.items():
                if key not in values:
                    values[key] = value
                    lines[key] = line

    def _key(self, event: Any, depth: int) -> str:
        if event.__class__ is yaml.ScalarEvent:
            value = self._scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = value
            return value if isinstance(value, str) else key_text(value)
        if event.__class__ is yaml.AliasEvent:
            return str(self._alias(event))
        self._value(event, depth + 1)
        raise UnreadableError(
            "a mapping key is not a scalar", self._line(event), "keys of Kubernetes objects are strings"
        )

    @staticmethod
    def _scalar(event: Any) -> Scalar:
        if not event.style and event.tag is None:
            return resolve(event.value)
        if event.tag is None or event.tag == "!" or event.tag.endswith((":str", ":binary", ":timestamp")):
            return str(event.value)
        return resolve(event.value)


def _unreadable(error: yaml.YAMLError, base: int) -> UnreadableError:
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = base + int(mark.line) if mark is not None else base
    if "cannot start any token" in problem or "\\t" in problem:
        return UnreadableError(
            f"{problem} (line {line}): is it indented by a tab?",
            line,
            "indent by spaces, and quote values that begin with % @ ` or {",
        )
    return UnreadableError(
        f"not valid YAML (line {line}): {problem}", line, "correct the file; a YAML linter shows the place"
    )
