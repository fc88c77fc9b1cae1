"""``firedoor snapshot``: save, info, diff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from firedoor.cli.loading import load_snapshot
from firedoor.cli.options import SourceOptions, output_option, source_options


@click.group()
def command() -> None:
    """Save a cluster to a file, and inspect or compare saved ones."""


@command.command()
@click.argument("file", type=click.Path())
@source_options
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@output_option("text", "json")
def save(file: str, source: SourceOptions, overwrite: bool, output: str) -> None:
    """Save what PATH... or the live cluster holds to FILE."""
    from firedoor.adapters.store import describe  # noqa: PLC0415
    from firedoor.adapters.store import save as write  # noqa: PLC0415

    snapshot = load_snapshot(source)
    write(snapshot, file, overwrite=overwrite)
    _print({"saved": file, **describe(snapshot)}, output)


@command.command()
@click.argument("file", type=click.Path())
@output_option("text", "json")
def info(file: str, output: str) -> None:
    """Show where the snapshot in FILE came from, and what is in it."""
    from firedoor.adapters.store import describe  # noqa: PLC0415

    _print(describe(file), output)


command.add_command(info, "load")


@command.command()
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@output_option("text", "json")
def diff(old: str, new: str, output: str) -> None:
    """List the objects that differ between OLD and NEW (saved snapshots or manifests)."""
    from firedoor.adapters.store import diff_info  # noqa: PLC0415

    blank = SourceOptions((), None, None, "", "spec", "")
    found = diff_info(*(load_snapshot(replace(blank, paths=(path,))) for path in (old, new)))
    changes = [
        {
            "change": str(each.change),
            "kind": each.kind,
            "namespace": each.namespace,
            "name": each.name,
            "fields": list(each.fields),
        }
        for each in found.changes
    ]
    if output == "json":
        _print({"schema": "firedoor/snapshot-diff/v1", "changes": changes}, output)
        return
    for each in changes:
        where = f"{each['namespace']}/{each['name']}" if each["namespace"] else each["name"]
        fields = f" ({', '.join(map(str, each['fields']))})" if each["fields"] else ""
        click.echo(f"{each['change']:<8} {each['kind']} {where}{fields}")
    click.echo(f"{len(changes)} objects differ.")


command.add_command(diff, "diff-info")


def _print(document: dict[str, Any], output: str) -> None:
    import msgspec  # noqa: PLC0415

    if output == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2).decode())
        return
    for key, value in document.items():
        if isinstance(value, dict):
            click.echo(f"{key}:")
            for name, each in value.items():
                click.echo(f"  {name}: {each}")
        else:
            click.echo(f"{key}: {value}")
