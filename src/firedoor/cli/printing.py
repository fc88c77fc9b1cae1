"""Answers in the format that was asked for, from the module of that format, which is imported when it is used."""

from __future__ import annotations

import importlib

import click

from firedoor.cli.loading import console


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
