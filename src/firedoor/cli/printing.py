"""Answers in the format that was asked for, from the module of that format, which is imported when it is used."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

from firedoor.cli.loading import console

if TYPE_CHECKING:
    from rich.console import Console

Found = TypeVar("Found")


def print_answer(what: str, output: str, found: object) -> None:
    """Print with ``firedoor.render.WHAT_OUTPUT``: a table with its `print_WHAT`, all else as its `WHAT_OUTPUT` says."""
    module = importlib.import_module(f"firedoor.render.{what}_{output}")
    if output == "table":
        getattr(module, f"print_{what}")(found, console())
    else:
        click.echo(getattr(module, f"{what}_{output}")(found), nl=False)


def print_document(document: dict[str, object], output: str) -> None:
    """Print a document as JSON or as YAML."""
    from firedoor.render.json_text import json_text  # noqa: PLC0415
    from firedoor.render.yaml_text import yaml_text  # noqa: PLC0415

    click.echo(json_text(document) if output == "json" else yaml_text(document), nl=False)


def print_found(
    found: Found,
    output: str,
    table: Callable[[Found, Console], None],
    document: Callable[[Found], dict[str, object]],
    as_csv: Callable[[Found], str],
) -> None:
    """Print an answer with what makes a table, a JSON or YAML document, or CSV of it."""
    if output == "table":
        table(found, console())
    elif output == "csv":
        click.echo(as_csv(found), nl=False)
    else:
        print_document(document(found), output)
