"""``firedoor checks``."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from firedoor.cli.findings_output import framework_option
from firedoor.cli.loading import console
from firedoor.cli.options import output_option
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.posture import Check
    from firedoor.model.frameworks import FrameworkId


@click.command()
@click.argument("check", required=False)
@framework_option("List only the checks that are about something in this framework, and what of it.")
@output_option("table", "json", "yaml")
def command(check: str | None, framework: FrameworkId | None, output: str) -> None:
    """List the checks that diagnose makes, or explain one: firedoor checks CHECK."""
    from firedoor.engine.posture import CHECKS  # noqa: PLC0415

    if check is not None and framework is not None:
        raise UsageError("a check and --framework were both given", remedy="leave one of them out")
    chosen = [_named(check, CHECKS)] if check is not None else list(CHECKS)
    if framework is not None:
        chosen = [each for each in chosen if each.mappings.of(framework)]
    if output != "table":
        print_document(_document(chosen), output)
    elif check is not None:
        _explain(chosen[0])
    else:
        _list(chosen, framework)


def _named(name: str, checks: Iterable[Check]) -> Check:
    known = {each.id: each for each in checks}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no check {name!r}", remedy=f"{hint}`firedoor checks` lists all")
    return known[name]


def _document(checks: Iterable[Check]) -> dict[str, object]:
    return {
        "schema": "firedoor/checks/v1",
        "checks": [
            {
                "id": each.id,
                "title": each.title,
                "severity": str(each.severity),
                "confidence": str(each.confidence),
                "since": each.since,
                "mappings": each.mappings.document,
                "docs": each.sections,
            }
            for each in checks
        ],
    }


def _explain(check: Check) -> None:
    from firedoor.model.frameworks import FRAMEWORKS  # noqa: PLC0415

    click.echo(f"{check.id}: {check.title} ({check.severity}, since {check.since})")
    for heading, text in check.sections.items():
        click.echo(f"\n{heading}\n\n{text}")
    click.echo("\nFrameworks\n")
    for framework in FRAMEWORKS.values():
        for each in check.mappings.of(framework.id):
            click.echo(f"{framework.name} {framework.version}: {framework.told(each)}")
    if not any(check.mappings.by_framework.values()):
        click.echo("No item of a framework is about this.")


def _list(checks: list[Check], framework: FrameworkId | None) -> None:
    from firedoor.render.columns import print_columns  # noqa: PLC0415

    titles = ["CHECK", "SEVERITY", "TITLE"]
    rows = [[each.id, str(each.severity), each.title] for each in checks]
    if framework is not None:
        titles.insert(2, framework.value.upper())
        rows = [
            [*row[:2], " ".join(each.mappings.of(framework)), row[2]] for row, each in zip(rows, checks, strict=True)
        ]
    print_columns(console(), titles, rows)
