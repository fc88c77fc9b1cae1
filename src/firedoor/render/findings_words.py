"""A report of findings in the words that several formats share."""

from __future__ import annotations

from firedoor.model.places import Gap
from firedoor.model.reports import FindingsReport


def summary_text(report: FindingsReport) -> str:
    """Return how much was found, how severe it is, and how many pods are isolated where that was counted."""
    count = len(report.told)
    severities = ", ".join(f"{number} {severity.value}" for severity, number in report.severities.items() if number)
    text = f"{count} finding{'s' * (count != 1)}{f' ({severities})' if severities else ''}"
    if report.gaps:
        text += f"; {len(report.gaps)} gap{'s' * (len(report.gaps) != 1)}"
    pods = sum(row.pods - row.host for row in report.coverage)
    if pods:
        both = sum(row.both for row in report.coverage)
        text += f"; {both} of {pods} pods are isolated in both directions"
    return text


def gap_text(gap: Gap) -> str:
    """Return what a gap is about, and why it is one."""
    name = f"{gap.object}: " if gap.object is not None and not gap.reason.startswith(str(gap.object)) else ""
    return f"{name}{gap.reason} [{gap.kind.value}]"
