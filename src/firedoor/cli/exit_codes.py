"""The exit codes, stable and documented in ``docs/reference/exit-codes.md``."""

from __future__ import annotations

from enum import IntEnum

from firedoor.model.findings import Severity


class ExitCode(IntEnum):
    """What the process tells the shell."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    NOTHING_IN_SCOPE = 3
    GAPS = 4
    ANSWER_NO = 10
    LOW = 11
    MEDIUM = 12
    HIGH = 13
    CRITICAL = 14
    INTERRUPTED = 130


def for_severity(severity: Severity) -> ExitCode:
    """Return the code for the worst finding; ``info`` counts as no failure."""
    return {
        Severity.INFO: ExitCode.OK,
        Severity.LOW: ExitCode.LOW,
        Severity.MEDIUM: ExitCode.MEDIUM,
        Severity.HIGH: ExitCode.HIGH,
        Severity.CRITICAL: ExitCode.CRITICAL,
    }[severity]
