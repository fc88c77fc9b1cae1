"""``firedoor config``."""

from __future__ import annotations

import click

from firedoor.bootstrap import compile_custom_checks, open_settings
from firedoor.errors import UsageError


@click.group()
def command() -> None:
    """Check the configuration (.firedoor.yaml), or print what may be in it, and in a file of intents."""


@command.command()
@click.argument("file", required=False, type=click.Path())
def check(file: str | None) -> None:
    """
    Check a configuration: FILE, or the one that other commands would read here.

    Ends with exit code 2 at the first thing that is wrong, which is told with file and line.
    """
    settings = open_settings(file)
    if not settings.source:
        raise UsageError(
            "there is no .firedoor.yaml in this folder or above it in its git repository", remedy="name the file"
        )
    compile_custom_checks(settings)
    parts = [
        f"exceptions: {len(settings.waivers)}",
        f"severities: {len(settings.severities)}",
        f"checks that do not run: {len(settings.disabled)}",
        f"custom checks: {len(settings.custom)}",
        f"plugins: {', '.join(each.name for each in settings.plugins) or 'none'}",
        f"defaults: {', '.join(each.replace('_', '-') for each in settings.options) or 'none'}",
    ]
    if settings.watch.sinks:
        parts.append(f"sinks: {', '.join(each.name for each in settings.watch.sinks)}")
    click.echo(f"{settings.source} is valid; {'; '.join(parts)}")


@command.command()
@click.argument("what", type=click.Choice(("config", "intents")), default="config")
def schema(what: str) -> None:
    """Print the JSON schema of a configuration, or of a file of intents, for editors."""
    from firedoor.bootstrap import file_schema  # noqa: PLC0415
    from firedoor.render.json_text import json_text  # noqa: PLC0415

    click.echo(json_text(file_schema(what)), nl=False)
