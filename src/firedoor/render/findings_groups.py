"""Findings of one check over many objects, which people read as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from firedoor.model.findings import Finding

FEWEST_ALIKE = 3
"""From how many on findings of one check and severity are told as one."""
MOST_SHOWN = 10
"""Objects of such a group that are told one by one."""


def groups(findings: Iterable[Finding]) -> Iterator[tuple[Finding, ...]]:
    """Yield findings in their order: those of one check and severity together where they are many, others alone."""
    for _, run in groupby(findings, key=lambda each: (each.severity, each.check)):
        members = tuple(run)
        if len(members) >= FEWEST_ALIKE:
            yield members
        else:
            yield from ((each,) for each in members)


def shared(texts: Iterable[str]) -> str:
    """Return the text that all of them are; empty where they differ."""
    different = set(texts)
    return different.pop() if len(different) == 1 else ""


def about(finding: Finding) -> str:
    """Return the message of a finding, which begins with the object where the message does not name it."""
    named = finding.object.name in finding.message
    return finding.message if named else f"{finding.object}: {finding.message}"
