"""``firedoor checks``."""

from __future__ import annotations

import difflib

import click

from firedoor.cli.loading import console
from firedoor.cli.options import output_option
from firedoor.errors import UsageError


@click.command()
@click.argument("check", required=False)
@output_option("table", "json", "yaml")
def command(check: str | None, output: str) -> None:
    """List the checks that diagnose makes, or explain one: firedoor checks CHECK."""
    from firedoor.engine.posture import CHECKS  # noqa: PLC0415

    known = {each.id: each for each in CHECKS}
    if check is not None and check not in known:
        near = difflib.get_close_matches(check, known, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no check {check!r}", remedy=f"{hint}`firedoor checks` lists all")
    chosen = [known[check]] if check is not None else list(CHECKS)
    if output != "table":
        import msgspec  # noqa: PLC0415

        from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

        document = {
            "schema": "firedoor/checks/v1",
            "checks": [
                {
                    "id": each.id,
                    "title": each.title,
                    "severity": str(each.severity),
                    "confidence": str(each.confidence),
                    "since": each.since,
                    "docs": each.sections,
                }
                for each in chosen
            ],
        }
        if output == "json":
            click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
        else:
            click.echo(yaml_text(document), nl=False)
        return
    if check is not None:
        each = known[check]
        click.echo(f"{each.id}: {each.title} ({each.severity}, since {each.since})")
        for heading, text in each.sections.items():
            click.echo(f"\n{heading}\n\n{text}")
        return
    from firedoor.render.columns import print_columns  # noqa: PLC0415

    rows = [[each.id, str(each.severity), each.title] for each in chosen]
    print_columns(console(), ["CHECK", "SEVERITY", "TITLE"], rows)
