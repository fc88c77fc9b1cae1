"""The formats that reports of findings share."""

from __future__ import annotations

from firedoor.errors import UsageError

REPORT_FORMATS = ("markdown", "html", "sarif", "junit", "openreports", "policyreport")
"""Made of a report, the same way for all commands that report findings."""


def refuse_verbose(output: str, *, verbose: bool) -> None:
    """Raise ``UsageError`` where -v would do nothing: the other formats tell everything anyway."""
    if verbose and output != "text":
        raise UsageError(f"-v is for -o text: -o {output} tells everything anyway", remedy="leave one of them out")
