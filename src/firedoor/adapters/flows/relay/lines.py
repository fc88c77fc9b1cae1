"""
Messages of the Observer service as the lines that Hubble writes to files: protobuf's JSON, with the names of fields.

So they go the way that files go, and mean the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from firedoor.adapters.flows.relay.wire import GetFlowsResponse

_Convert = Callable[[Any], Any]
_Plan = dict[Any, tuple[str, _Convert | None]]
_SECOND = 1_000_000_000
_encode = msgspec.json.Encoder().encode


def line_maker(message: Any) -> Callable[[Any], bytes]:
    """Return what makes a line with its end of a message of a type; zeroes are left out, as in protobuf's JSON."""
    read = _reader(message.DESCRIPTOR, {})
    return lambda each: _encode(read(each)) + b"\n"


def _reader(descriptor: Any, known: dict[str, _Plan]) -> _Convert:
    """Return what makes a dictionary of a message of this type; enumerations become names, 64-bit numbers text."""
    # Looking a field up here takes less time than asking its descriptor. A message may hold others of its own type.
    plan = known.get(descriptor.full_name)
    if plan is None:
        plan = known[descriptor.full_name] = {}
        plan |= {field: (field.name, _converter(field, known)) for field in descriptor.fields}

    def read(message: Any) -> dict[str, Any]:
        found = {}
        for field, value in message.ListFields():
            name, convert = plan[field]
            found[name] = value if convert is None else convert(value)
        return found

    return read


def _converter(field: Any, known: dict[str, _Plan]) -> _Convert | None:
    convert: _Convert | None = None
    if field.message_type is not None:
        convert = _WELL_KNOWN.get(field.message_type.full_name) or _reader(field.message_type, known)
    elif field.enum_type is not None:
        names = {each.number: each.name for each in field.enum_type.values}
        # A value of a newer version stays the number it is.
        convert = lambda value: names.get(value, value)  # noqa: E731 - it has no name of its own
    elif field.cpp_type in {field.CPPTYPE_UINT64, field.CPPTYPE_INT64}:
        convert = str
    if not field.is_repeated:
        return convert
    each = convert
    return list if each is None else lambda values: [each(value) for value in values]


def _time(value: Any) -> str:
    seconds, nanos = value.seconds, value.nanos
    if not nanos:
        return f"{_second(seconds)}Z"
    if not 0 < nanos < _SECOND:
        return f"{seconds} seconds and {nanos} nanoseconds"
    fraction = f"{nanos:09d}"
    while fraction.endswith("000"):
        fraction = fraction[:-3]
    return f"{_second(seconds)}.{fraction}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
    except (ValueError, OverflowError, OSError):
        # No calendar has it; whoever reads the line says so.
        return str(seconds)


_WELL_KNOWN: dict[str, _Convert] = {
    "google.protobuf.Timestamp": _time,
    "google.protobuf.BoolValue": lambda value: value.value,
}
line_of = line_maker(GetFlowsResponse)
"""Makes the line of a ``GetFlowsResponse``."""
