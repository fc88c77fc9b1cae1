"""Times that people and Kubernetes write, into nanoseconds."""

from __future__ import annotations

from firedoor.adapters.flows.formats.contract import MalformedLine
from firedoor.adapters.flows.formats.times import stamp


def nanoseconds(text: str) -> int:
    """Return the nanoseconds since 1970 of an RFC 3339 time; raises ``ValueError`` for anything else."""
    try:
        return stamp(text, "the time")
    except MalformedLine as error:
        raise ValueError(error.reason) from error
