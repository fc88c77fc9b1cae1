"""The formats that reports of findings share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.errors import UsageError
from firedoor.model.frameworks import FrameworkId

if TYPE_CHECKING:
    Function = TypeVar("Function", bound=Callable[..., Any])

REPORT_FORMATS = ("markdown", "html", "sarif", "junit", "codequality", "gcc", "openreports", "policyreport")
"""Made of a report, the same way for all commands that report findings."""


def framework_option(text: str) -> Callable[[Function], Function]:
    """Add ``--framework``, which does as the text says; its value is a `FrameworkId`, or None."""
    return click.option(
        "--framework",
        type=click.Choice([each.value for each in FrameworkId]),
        callback=lambda _context, _parameter, value: None if value is None else FrameworkId(value),
        help=text,
    )


def refuse_verbose(output: str, *, verbose: bool) -> None:
    """Raise ``UsageError`` where -v would do nothing: the other formats tell everything anyway."""
    if verbose and output != "text":
        raise UsageError(f"-v is for -o text: -o {output} tells everything anyway", remedy="leave one of them out")
