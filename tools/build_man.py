"""
Write the manual pages, one for each command, from the commands themselves.

    python tools/build_man.py [DIR]

DIR is ``build/man`` unless given; the pages are in its ``man1``, as ``firedoor.1`` and ``firedoor-rbac-who-can.1``.
The same commands give the same bytes: the pages carry the version, and the day of ``SOURCE_DATE_EPOCH`` or none.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from firedoor import __version__
from firedoor.cli.main import cli

ROOT = Path(__file__).parents[1]
_EXIT_CODES = ROOT / "docs" / "reference" / "exit-codes.md"
_NO_WRAP = "\b"
"""What click writes on the first line of a paragraph that keeps its lines."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page, without its section, and its text in man(7) macros."""
    yield from _pages(cli, click.Context(cli, info_name="firedoor", **cli.context_settings))


def _pages(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    yield context.command_path.replace(" ", "-"), "\n".join(_page(command, context)) + "\n"
    for name, inner in _inner(command, context):
        yield from _pages(inner, click.Context(inner, context, info_name=name))


def _inner(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Yield the commands of a group, each once: a group may take other words for one of them."""
    if isinstance(command, click.Group):
        for name in dict.fromkeys(command.list_commands(context)):
            inner = command.get_command(context, name)
            if inner is not None and inner.name in {name, "command"}:
                yield name, inner


def _page(command: click.Command, context: click.Context) -> Iterator[str]:
    path = context.command_path
    first, *paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    name = path.replace(" ", "-")
    yield f'.TH {_quoted(name.upper())} 1 "{_date()}" {_quoted(f"firedoor {__version__}")} "Manual of firedoor"'
    yield ".SH NAME"
    yield f"{_plain(name)} \\- {_plain(' '.join(first.split()).rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield f"\\fB{_plain(path)}\\fR {_plain(' '.join(command.collect_usage_pieces(context)))}"
    if paragraphs:
        yield ".SH DESCRIPTION"
        yield from _paragraphs(paragraphs)
    records = [option.get_help_record(context) for option in command.get_params(context)]
    described = [record for record in records if record and record[1]]
    if described:
        yield ".SH OPTIONS"
        yield from _definitions(described, bold=False)
    inner = [(name, each.get_short_help_str(limit=200)) for name, each in _inner(command, context)]
    if inner:
        yield ".SH COMMANDS"
        yield from _definitions(inner, bold=True)
    if context.parent is None:
        yield ".SH EXIT STATUS"
        yield from _definitions(_exit_codes(), bold=True)
    others = [context.parent.command_path] if context.parent else []
    others += [f"{path} {name}" for name, _ in inner]
    yield ".SH SEE ALSO"
    yield from (f".BR {_plain(other.replace(' ', '-'))} (1){',' if other != others[-1] else ''}" for other in others)


def _date() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC).date().isoformat() if epoch else ""


def _paragraphs(paragraphs: list[str]) -> Iterator[str]:
    for number, paragraph in enumerate(paragraphs):
        if number:
            yield ".PP"
        lines = paragraph.splitlines()
        if lines and lines[0].strip() == _NO_WRAP:
            yield ".nf"
            yield from map(_marked, lines[1:])
            yield ".fi"
        else:
            yield _marked(" ".join(lines))


def _definitions(entries: Iterable[tuple[str, str]], *, bold: bool) -> Iterator[str]:
    for term, text in entries:
        yield ".TP"
        yield f"\\fB{_plain(term)}\\fR" if bold else _options(term)
        yield _marked(" ".join(text.split()))


def _options(term: str) -> str:
    """Return the names of an option in bold, and what it takes as it is."""
    return re.sub(r"(?<![\w>])(\\-[\w\\-]+)", r"\\fB\1\\fR", _plain(term))


def _exit_codes() -> Iterator[tuple[str, str]]:
    """Yield the codes and their meanings, of the table on the page about them."""
    for row in re.finditer(r"^\| (\d+) \| (.+) \|$", _EXIT_CODES.read_text(encoding="utf-8"), re.MULTILINE):
        yield row[1], row[2]


def _plain(text: str) -> str:
    """Return text that means nothing to the formatter; a hyphen stays one that can be typed."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


def _marked(text: str) -> str:
    """Return text with what stands between backticks in bold."""
    return re.sub(r"`([^`]+)`", r"\\fB\1\\fR", _plain(text))


def _quoted(text: str) -> str:
    return '"' + _plain(text).replace('"', "\\(dq") + '"'


def main() -> None:
    """Write the pages."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "man") / "man1"
    folder.mkdir(parents=True, exist_ok=True)
    written = dict(pages())
    for name, text in written.items():
        (folder / f"{name}.1").write_text(text, encoding="utf-8")
    print(f"{len(written)} pages written to {folder}")


if __name__ == "__main__":
    main()
