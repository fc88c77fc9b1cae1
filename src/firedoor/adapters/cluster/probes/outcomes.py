"""What the words of programs say about a connection: the texts of the C libraries and of Go for error numbers."""

from __future__ import annotations

from firedoor.model.probing import Outcome

_WORDS = (
    ("connection refused", Outcome.REFUSED),
    ("connection reset", Outcome.RESET),
    ("no route to host", Outcome.UNREACHABLE),
    ("host is unreachable", Outcome.UNREACHABLE),  # as musl says it
    ("network is unreachable", Outcome.UNREACHABLE),
    ("network unreachable", Outcome.UNREACHABLE),  # as musl says it
    ("timed out", Outcome.TIMED_OUT),
    ("i/o timeout", Outcome.TIMED_OUT),
)
_PROHIBITED = "permission denied"
"""What Linux makes of "administratively prohibited" over IPv6 (EACCES); over IPv4 that is "no route to host"."""


def named_in(text: str, host: str) -> Outcome:
    """Return the outcome that a text names; `CHECK_FAILED` where it names none that the network decides."""
    lower = text.lower()
    for words, outcome in _WORDS:
        if words in lower:
            return outcome
    if ":" in host and _PROHIBITED in lower:
        return Outcome.UNREACHABLE
    return Outcome.CHECK_FAILED


def with_port(host: str, port: int) -> str:
    """Return ``host:port``, with brackets around an IPv6 address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def one_line(text: str) -> str:
    """Return a text without line breaks, and not longer than a person reads."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


_LONGEST = 300
