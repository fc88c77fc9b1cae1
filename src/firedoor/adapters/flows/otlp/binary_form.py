"""
Requests in the binary form of protobuf, read without a library: of a log record its body, the rest is skipped.

So whoever receives needs nothing but firedoor, and what nobody looks at costs next to nothing.
Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import TypeAlias

from firedoor.adapters.flows.otlp.bodies import Group, NoRequest, Value

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_SIZES = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT = 63
_DEEPEST = 64
Field: TypeAlias = tuple[int, int, int, int]
"""Number and type of a field, and where its content begins and ends; a varint is at the beginning."""


def groups_of(data: bytes) -> list[Group]:
    """Return the bodies in an ``ExportLogsServiceRequest``; raises ``NoRequest``."""
    return [
        [_body(data, *record) for record in _inner(data, scope, 2)]
        for resource in _inner(data, (0, len(data)), 1)
        for scope in _inner(data, resource, 2)
    ]


def _inner(data: bytes, within: tuple[int, int], wanted: int) -> Iterator[tuple[int, int]]:
    """Yield where the messages of a field are."""
    for number, kind, start, end in _fields(data, *within):
        if (number, kind) == (wanted, _BYTES):
            yield start, end


def _body(data: bytes, start: int, end: int) -> Value:
    found: Value = None
    for each in _inner(data, (start, end), 5):
        found = _value(data, *each, 0)
    return found


def _value(data: bytes, start: int, end: int, depth: int) -> Value:
    """Return an ``AnyValue``; of several fields the last one counts."""
    if depth > _DEEPEST:
        raise NoRequest(f"a value is nested more than {_DEEPEST} levels deep")
    found: Value = None
    for number, kind, first, last in _fields(data, start, end):
        read = _VALUES.get((number, kind))
        if read is not None:
            found = read(data, first, last, depth)
    return found


def _text(data: bytes, start: int, end: int, _: int = 0) -> str:
    try:
        return data[start:end].decode()
    except UnicodeDecodeError as error:
        raise NoRequest("a text is not in UTF-8") from error


def _list(data: bytes, start: int, end: int, depth: int) -> Value:
    return [_value(data, *each, depth + 1) for each in _inner(data, (start, end), 1)]


def _map(data: bytes, start: int, end: int, depth: int) -> Value:
    found = {}
    for pair in _inner(data, (start, end), 1):
        key, value = "", None
        for number, kind, first, last in _fields(data, *pair):
            if (number, kind) == (1, _BYTES):
                key = _text(data, first, last)
            elif (number, kind) == (2, _BYTES):
                value = _value(data, first, last, depth + 1)
        found[key] = value
    return found


def _whole(data: bytes, start: int, end: int, _: int) -> int:
    found = _varint(data, start, end)[0]
    return found - (1 << 64) if found >> 63 else found


def _double(data: bytes, start: int, _end: int, _: int) -> float:
    (found,) = struct.unpack_from("<d", data, start)
    return float(found)


_VALUES: dict[tuple[int, int], Callable[[bytes, int, int, int], Value]] = {
    (1, _BYTES): _text,
    (2, _VARINT): lambda data, start, end, _: _varint(data, start, end)[0] != 0,
    (3, _VARINT): _whole,
    (4, _FIXED64): _double,
    (5, _BYTES): _list,
    (6, _BYTES): _map,
    (7, _BYTES): lambda data, start, end, _: data[start:end],
}


def _fields(data: bytes, at: int, end: int) -> Iterator[Field]:
    while at < end:
        key, start = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            _, at = _varint(data, start, end)
        elif kind == _BYTES:
            length, start = _varint(data, start, end)
            at = start + length
        elif kind in _SIZES:
            at = start + _SIZES[kind]
        else:
            raise NoRequest(f"a field has the type {kind}, which is none")
        if not number or at > end:
            raise NoRequest("it is cut, or no protobuf")
        yield number, kind, start, at


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    found = shift = 0
    while at < end:
        byte = data[at]
        at += 1
        found |= (byte & 127) << shift
        if byte < 128:  # noqa: PLR2004 - the bit that says that there is more
            return found & ((1 << 64) - 1), at
        shift += 7
        if shift > _LONGEST_VARINT:
            break
    raise NoRequest("it is cut, or no protobuf")
