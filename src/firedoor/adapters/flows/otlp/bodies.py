"""
The bodies of the log records in a request of OTLP, and what they are as text.

Source: open-telemetry/opentelemetry-proto, collector/logs/v1, logs/v1 and common/v1. Of a log record nothing but the
body is looked at.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

Value: TypeAlias = Any
"""A body: text, bytes, a number, None, a dictionary or a list."""
Group: TypeAlias = list[Value]
"""The bodies of one scope of one resource: they come from the same place."""


class NoRequest(ValueError):  # noqa: N818 - it names what was found
    """Something that is no ``ExportLogsServiceRequest``, and why."""


def lines_of(body: Value) -> bytes | None:
    """Return a body as the lines of a file, with an end; None where it is nothing that a file could hold."""
    match body:
        case str():
            # Half of a pair in JSON is no character; the line that has it is malformed, and not the request.
            data = body.encode("utf-8", "surrogatepass")
        case bytes():
            data = body
        case dict() | list():
            # Whoever parses lines before they are sent makes values of them.
            return _json(body)
        case _:
            return None
    data = data.strip(b"\r\n")
    if b"\n" in data and data[:1] in {b"{", b"["}:
        # A document over several lines is whole in its body, or broken.
        data = _on_one_line(data)
    return data + b"\n" if data else None


def _json(body: Value) -> bytes | None:
    try:
        return msgspec.json.encode(body) + b"\n"
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _on_one_line(data: bytes) -> bytes:
    try:
        return msgspec.json.format(data, indent=-1)
    except (msgspec.MsgspecError, RecursionError):
        return data
