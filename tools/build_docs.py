"""
Write what comes from the code: command line, Python, checks, frameworks, dangerous permissions, the schema of settings.

``python tools/build_docs.py`` writes them, ``--check`` fails when one is out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from firedoor import api
from firedoor.bootstrap import file_schema
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
    yield DOCS / "reference" / "python-api.md", "\n".join(_python())
    yield DOCS / "checks" / "index.md", "\n".join(_index())
    yield DOCS / "reference" / "rbac-risks.md", rbac_risks_markdown()
    yield DOCS / "reference" / "frameworks.md", frameworks_markdown()
    yield DOCS / "reference" / "schemas" / "config-v1.json", json_text(file_schema("config"))
    yield DOCS / "reference" / "schemas" / "intents-v1alpha1.json", json_text(file_schema("intents"))
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


_EXAMPLE = """
```python
from firedoor.api import load

cluster = load("lantern")
found = cluster.explain("shop/frontend", "shop-data/orders-db", "5432/TCP")
print(found.headline)
```

```text
DENIED shop/frontend -> shop-data/orders-db TCP/5432
```
"""


def _python() -> Iterator[str]:
    yield "# Python"
    yield ""
    yield "Generated from the docstrings of `firedoor.api`. [The how-to](../howto/notebook.md) shows it at work."
    yield from ("", inspect.getdoc(api) or "", _EXAMPLE)
    yield from _callable("load", api.load)
    for owner in (api.Cluster, api.Access, api.Result, api.Table, api.Column, api.ColumnKind, api.Progress):
        yield f"## {owner.__name__}"
        yield from ("", inspect.getdoc(owner) or "", "")
        for name, member in vars(owner).items():
            if name.startswith("_"):
                continue
            if isinstance(member, property):
                yield from (f"### {owner.__name__}.{name}", "", inspect.getdoc(member) or "", "")
            elif inspect.isfunction(member):
                yield from _callable(f"{owner.__name__}.{name}", member)
    yield "## Errors"
    yield ""
    errors = [each for each in map(vars(api).get, api.__all__) if inspect.isclass(each) and issubclass(each, Exception)]
    yield from (f"- `{each.__name__}`: {(inspect.getdoc(each) or '').splitlines()[0]}" for each in errors)
    yield ""


def _callable(name: str, function: object) -> Iterator[str]:
    """Yield the signature and the docstring of a function or method."""
    level = "###" if "." in name else "##"
    parts = [str(each) for each in inspect.signature(function).parameters.values() if each.name != "self"]
    parameters = [re.sub(r": '([^']*)'", r": \1", each) for each in _with_star(function, parts)]
    whole = f"{name}({', '.join(parameters)}) -> {inspect.signature(function).return_annotation}"
    broken = f"{name}(\n    " + ",\n    ".join(parameters) + f",\n) -> {inspect.signature(function).return_annotation}"
    yield from (f"{level} {name}", "", "```text", whole if len(whole) <= WIDTH else broken, "```", "")
    yield from (inspect.getdoc(function) or "", "")


def _with_star(function: object, parts: list[str]) -> list[str]:
    """Return the parameters with the mark behind which they are given by name, where there is one."""
    kinds = [each.kind for each in inspect.signature(function).parameters.values() if each.name != "self"]
    named = [kind is inspect.Parameter.KEYWORD_ONLY for kind in kinds]
    if True not in named or inspect.Parameter.VAR_POSITIONAL in kinds:
        return parts
    first = named.index(True)
    return [*parts[:first], "*", *parts[first:]]


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
