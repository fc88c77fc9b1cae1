"""``firedoor checks``."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from firedoor.bootstrap import open_plugins, open_settings
from firedoor.cli.findings_output import framework_option
from firedoor.cli.loading import console
from firedoor.cli.options import output_option
from firedoor.cli.printing import print_document
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from firedoor.engine.posture import Check
    from firedoor.model.frameworks import FrameworkId

BUILT_IN = "firedoor"
"""Where the checks come from that firedoor brings itself."""


@click.command()
@click.argument("check", required=False)
@framework_option("List only the checks that are about something in this framework, and what of it.")
@output_option("table", "json", "yaml")
@click.option(
    "--config",
    "config",
    metavar="FILE",
    type=click.Path(),
    help="Configuration with custom checks and plugins. Default: the nearest .firedoor.yaml up to the git root.",
)
def command(check: str | None, framework: FrameworkId | None, output: str, config: str | None) -> None:
    """
    List the checks that diagnose makes and where each comes from, or explain one: firedoor checks CHECK.

    `firedoor checks list` lists them too.
    """
    if check == "list":
        check = None
    if check is not None and framework is not None:
        raise UsageError("a check and --framework were both given", remedy="leave one of them out")
    chosen = _origins(config)
    if check is not None:
        one = _named(check, chosen)
        chosen = {one: chosen[one]}
    elif framework is not None:
        chosen = {each: origin for each, origin in chosen.items() if each.mappings.of(framework)}
    if output != "table":
        print_document(_document(chosen), output)
    elif check is not None:
        _explain(*next(iter(chosen.items())))
    else:
        _list(chosen, framework)


def _origins(config: str | None) -> dict[Check, str]:
    """Return the checks, and where each comes from."""
    from firedoor.engine.posture import CHECKS  # noqa: PLC0415
    from firedoor.usecases.custom_checks import without_findings  # noqa: PLC0415

    settings = open_settings(config)
    found = dict.fromkeys(CHECKS, BUILT_IN)
    for plugin in open_plugins(settings.plugins):
        found |= dict.fromkeys(plugin.checks, f"plugin {plugin.name} ({plugin.distribution})")
    for each, custom in zip(without_findings(settings.custom), settings.custom, strict=True):
        found[each] = custom.place
    return found


def _named(name: str, checks: Mapping[Check, str]) -> Check:
    known = {each.id: each for each in checks}
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no check {name!r}", remedy=f"{hint}`firedoor checks` lists all")
    return known[name]


def _document(checks: Mapping[Check, str]) -> dict[str, object]:
    return {
        "schema": "firedoor/checks/v1",
        "checks": [
            {
                "id": each.id,
                "title": each.title,
                "severity": str(each.severity),
                "confidence": str(each.confidence),
                "since": each.since,
                "from": origin,
                "mappings": each.mappings.document,
                "docs": each.sections,
            }
            for each, origin in checks.items()
        ],
    }


def _explain(check: Check, origin: str) -> None:
    from firedoor.model.frameworks import FRAMEWORKS  # noqa: PLC0415

    since = f"since {check.since}" if origin == BUILT_IN else f"from {origin}"
    click.echo(f"{check.id}: {check.title} ({check.severity}, {since})")
    for heading, text in check.sections.items():
        click.echo(f"\n{heading}\n\n{text}")
    click.echo("\nFrameworks\n")
    for framework in FRAMEWORKS.values():
        for each in check.mappings.of(framework.id):
            click.echo(f"{framework.name} {framework.version}: {framework.told(each)}")
    if not any(check.mappings.by_framework.values()):
        click.echo("No item of a framework is about this.")


def _list(checks: Mapping[Check, str], framework: FrameworkId | None) -> None:
    from firedoor.render.columns import print_columns  # noqa: PLC0415

    titles = ["CHECK", "SEVERITY", "TITLE", "FROM"]
    rows = [[each.id, str(each.severity), each.title, origin] for each, origin in checks.items()]
    if framework is not None:
        titles.insert(2, framework.value.upper())
        rows = [
            [*row[:2], " ".join(each.mappings.of(framework)), *row[2:]] for row, each in zip(rows, checks, strict=True)
        ]
    print_columns(console(), titles, rows)
