"""
Write what comes from the code: command line, checks, frameworks, dangerous permissions, the configuration's schema.

``python tools/build_docs.py`` writes them, ``--check`` fails when one is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from firedoor.adapters.settings.schema import config_schema
from firedoor.bootstrap import known_names
from firedoor.cli.main import cli
from firedoor.engine.posture import CHECKS
from firedoor.render.frameworks_markdown import frameworks_markdown, mappings_markdown
from firedoor.render.json_text import json_text
from firedoor.render.rbac_risks_markdown import rbac_risks_markdown

DOCS = Path(__file__).parents[1] / "docs"
WIDTH = 100


def pages() -> Iterator[tuple[Path, str]]:
    """Yield the path and the text of every generated page."""
    yield DOCS / "reference" / "cli.md", "\n".join(_cli())
    yield DOCS / "checks" / "index.md", "\n".join(_index())
    yield DOCS / "reference" / "rbac-risks.md", rbac_risks_markdown()
    yield DOCS / "reference" / "frameworks.md", frameworks_markdown()
    yield DOCS / "reference" / "schemas" / "config-v1.json", json_text(config_schema(known_names()))
    for check in CHECKS:
        lines = [f"# {check.id}", "", f"{check.title}. Severity **{check.severity}**, since {check.since}.", ""]
        for heading, text in check.sections.items():
            lines += [f"## {heading}", "", text, ""]
        lines += ["## Frameworks", "", *mappings_markdown(check.mappings)]
        yield DOCS / "checks" / f"{check.id}.md", "\n".join(lines).rstrip() + "\n"


def _cli() -> Iterator[str]:
    yield "# Command line"
    yield ""
    yield "Generated from the commands themselves. Exit codes are on [a page of their own](exit-codes.md)."
    context = click.Context(cli, info_name="firedoor", max_content_width=WIDTH, terminal_width=WIDTH)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        if command is not None:
            yield from _command(command, click.Context(command, context, info_name=name, terminal_width=WIDTH))
    yield ""


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield ""
    yield f"## {context.command_path}"
    yield ""
    yield "```text"
    yield command.get_help(context)
    yield "```"
    if isinstance(command, click.Group):
        for name in dict.fromkeys(command.list_commands(context)):
            inner = command.get_command(context, name)
            if inner is not None and inner.name == name:
                yield from _command(inner, click.Context(inner, context, info_name=name, terminal_width=WIDTH))


def _index() -> Iterator[str]:
    yield "# Checks"
    yield ""
    yield "What `firedoor diagnose` looks for. `firedoor checks` lists the same, `firedoor checks ID` explains one."
    yield ""
    yield "| check | severity | what it finds |"
    yield "|---|---|---|"
    for check in CHECKS:
        yield f"| [{check.id}]({check.id}.md) | {check.severity} | {check.title} |"
    yield ""


def main() -> None:
    """Write the pages, or check that they are as they would be written."""
    expected = dict(pages())
    extra = set((DOCS / "checks").glob("*.md")) - set(expected)
    if "--check" in sys.argv[1:]:
        stale = [path for path, text in expected.items() if not path.exists() or path.read_text() != text]
        for path in sorted([*stale, *extra]):
            print(f"{path.relative_to(DOCS.parent)} is out of date: run python tools/build_docs.py", file=sys.stderr)
        sys.exit(bool(stale or extra))
    for path in extra:
        path.unlink()
    for path, text in expected.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(expected)} pages written")


if __name__ == "__main__":
    main()
