"""Running the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture.registry import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.posture.check import Check, Context
    from firedoor.model.findings import Finding


def run_checks(context: Context, checks: Iterable[Check] = CHECKS) -> tuple[Finding, ...]:
    """Return what the checks find, worst first, then by check, object and message."""
    found = [finding for check in checks for finding in check.run(context)]
    return tuple(sorted(found, key=lambda finding: finding.sort_key))
