"""
The parts of a page of the documentation that can be run.

A fence ``console`` holds commands (``$ `` before each, ``> `` before a line that goes on) and what they print; a line
``...`` in it stands for any number of lines. A fence with ``title="PATH"`` is a file, which is there for the commands
after it. A comment ``<!-- not run: REASON -->`` on the line before a fence keeps it from being run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$")
_NOT_RUN = re.compile(r"^ *<!-- not run: (?P<reason>.+) -->$")
_TITLE = re.compile(r'title="(?P<path>[^"]+)"')


@dataclass(frozen=True)
class Step:
    """A command, and what the page says that it prints: the lines from `first` up to `last`, counted from 0."""

    command: str
    printed: tuple[str, ...]
    first: int
    last: int
    indent: str


@dataclass(frozen=True)
class Fence:
    """A fenced block: its language, its lines without their indent, and where the first of them stands."""

    language: str
    title: str | None
    lines: tuple[str, ...]
    first: int
    indent: str
    not_run: str | None

    def steps(self) -> Iterator[Step]:
        """Yield the commands of a ``console`` fence; a line before the first of them is an error of the page."""
        starts = [number for number, line in enumerate(self.lines) if line.startswith("$ ")]
        if starts[:1] != [0]:
            message = f"line {self.first + 1}: expected a line that begins with '$ '"
            raise ValueError(message)
        for start, end in zip(starts, [*starts[1:], len(self.lines)], strict=True):
            after = start + 1
            command = [self.lines[start].removeprefix("$ ")]
            while command[-1].endswith("\\") and after < end:
                command.append(self.lines[after].removeprefix("> "))
                after += 1
            yield Step("\n".join(command), self.lines[after:end], self.first + after, self.first + end, self.indent)


def fences(text: str) -> Iterator[Fence]:
    """Yield the fenced blocks of a page, in order."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        opening = _FENCE.match(lines[number])
        if opening is None:
            number += 1
            continue
        indent = opening["indent"]
        end = lines.index(indent + opening["ticks"], number + 1)
        before = _NOT_RUN.match(lines[number - 1]) if number else None
        title = _TITLE.search(opening["info"])
        yield Fence(
            language=opening["info"].split(" ")[0],
            title=title["path"] if title else None,
            lines=tuple(line.removeprefix(indent) for line in lines[number + 1 : end]),
            first=number + 1,
            indent=indent,
            not_run=before["reason"] if before else None,
        )
        number = end + 1


def console_pages() -> list[Path]:
    """Return the pages with ``console`` fences, sorted."""
    return [path for path in sorted(DOCS.rglob("*.md")) if "```console" in path.read_text(encoding="utf-8")]
