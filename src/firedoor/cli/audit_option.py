"""The option for audit logs, and reading them with a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from firedoor.cli.loading import BarProgress

if TYPE_CHECKING:
    from firedoor.interfaces import AuditSource, Progress

Found = TypeVar("Found")
Function = TypeVar("Function", bound=Callable[..., Any])


def audit_logs(text: str, *, required: bool = False) -> Callable[[Function], Function]:
    """Return the option for audit logs, with what it is for as its help."""
    return click.option(
        "--audit-log",
        "logs",
        required=required,
        multiple=True,
        metavar="PATH",
        type=click.Path(allow_dash=True),
        help=text,
    )


audit_log_option = audit_logs(
    "Audit log of the API server: a file, a folder of them, or - for stdin; gzip too. Repeatable.", required=True
)


def with_logs(logs: tuple[str, ...], use: Callable[[AuditSource, Progress], Found]) -> Found:
    """Return what `use` makes of the audit logs, with a bar while they are read."""
    from firedoor.bootstrap import open_audit_logs  # noqa: PLC0415

    source = open_audit_logs(tuple(map(str, logs)), open_stdin=lambda: sys.stdin.buffer)
    progress = BarProgress()
    try:
        return use(source, progress)
    finally:
        progress.finish()
