"""
Packets of capture files, pcap and pcapng, with times that are exact to the nanosecond.

Source: the IETF drafts draft-ietf-opsawg-pcap and draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from firedoor.adapters.flows.formats.contract import MalformedLine
from firedoor.adapters.flows.formats.times import LAST, SECOND

PCAP = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000)} | {
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
"""The first bytes of pcap files: the order of bytes, and the nanoseconds of the smaller unit of time."""

PCAPNG = b"\x0a\x0d\x0d\x0a"
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LONGEST = 1 << 24
_INTERFACE, _OBSOLETE, _SIMPLE, _ENHANCED = 1, 2, 3, 6
_RESOLUTION, _OFFSET = 9, 14
_LEAST_BLOCK = 12


class Captured(NamedTuple):
    """A packet: `time` in nanoseconds, the type of its link, its bytes as far as captured, its length on the wire."""

    time: int
    link: int
    data: bytes
    length: int


class _Interface(NamedTuple):
    link: int
    units: int  # of time, in a second
    offset: int  # seconds


def captured(stream: BinaryIO) -> Iterator[Captured]:
    """Yield the packets; raises `MalformedLine` where the rest cannot be read."""
    magic = stream.read(4)
    if magic == PCAPNG:
        yield from _pcapng(stream)
    elif magic in PCAP:
        yield from _pcap(stream, *PCAP[magic])
    else:
        raise MalformedLine("the file begins neither as pcap nor as pcapng")


def _pcap(stream: BinaryIO, order: str, unit: int) -> Iterator[Captured]:
    _, _, _, _, _, link = struct.unpack(order + "HHiIII", _exactly(stream, 20, "the header of the file"))
    # The upper bits say how long frame checks are.
    header, link = struct.Struct(order + "IIII"), link & 0xFFFF
    while head := stream.read(16):
        if len(head) < header.size:
            raise MalformedLine("the file is cut in the header of a packet")
        seconds, fraction, size, length = header.unpack(head)
        if size > _LONGEST:
            raise MalformedLine(f"a packet claims {size} bytes: the file is damaged")
        yield Captured(seconds * SECOND + fraction * unit, link, _exactly(stream, size, "a packet"), length)


def _pcapng(stream: BinaryIO) -> Iterator[Captured]:
    order = _section(stream)
    interfaces: list[_Interface] = []
    while head := stream.read(8):
        if len(head) < 8:  # noqa: PLR2004 - type and length of a block
            raise MalformedLine("the file is cut in the header of a block")
        if head[:4] == PCAPNG:
            order, interfaces = _section(stream, head[4:]), []
            continue
        kind, size = struct.unpack(order + "II", head)
        body = _body(stream, size)
        if kind == _INTERFACE:
            interfaces.append(_interface(body, order))
        elif kind in {_ENHANCED, _OBSOLETE}:
            yield _enhanced(body, order, interfaces, kind)
        elif kind == _SIMPLE:
            raise MalformedLine("the file has simple packet blocks, which have no time")


def _section(stream: BinaryIO, length: bytes | None = None) -> str:
    """Read the header of a section, and return the order of its bytes."""
    size = _exactly(stream, 4, "a section header") if length is None else length
    order = _ORDERS.get(_exactly(stream, 4, "a section header"))
    if order is None:
        raise MalformedLine("a section of the file has no order of bytes")
    (total,) = struct.unpack(order + "I", size)
    if not 28 <= total <= _LONGEST:  # noqa: PLR2004 - the least section header
        raise MalformedLine(f"a section header claims {total} bytes: the file is damaged")
    _exactly(stream, total - 12, "a section header")
    return order


def _body(stream: BinaryIO, size: int) -> bytes:
    if not _LEAST_BLOCK <= size <= _LONGEST or size % 4:
        raise MalformedLine(f"a block claims {size} bytes: the file is damaged")
    return _exactly(stream, size - 8, "a block")[:-4]


def _interface(body: bytes, order: str) -> _Interface:
    if len(body) < 8:  # noqa: PLR2004 - link type, reserved, snap length
        raise MalformedLine("the description of an interface is too short")
    (link,) = struct.unpack_from(order + "H", body)
    units, offset, place = 1_000_000, 0, 8
    while place + 4 <= len(body):
        code, size = struct.unpack_from(order + "HH", body, place)
        value = body[place + 4 : place + 4 + size]
        if code == _RESOLUTION and len(value) == 1:
            exponent = value[0] & 0x7F
            units = 2**exponent if value[0] & 0x80 else 10**exponent
        elif code == _OFFSET and len(value) == 8:  # noqa: PLR2004 - a 64-bit number
            (offset,) = struct.unpack(order + "q", value)
        place += 4 + size + -size % 4
    return _Interface(link, units, offset)


def _enhanced(body: bytes, order: str, interfaces: list[_Interface], kind: int) -> Captured:
    if len(body) < 20:  # noqa: PLR2004 - interface, time, two lengths
        raise MalformedLine("a packet block is too short")
    number, high, low, size, length = struct.unpack_from(order + "IIIII", body)
    if kind == _OBSOLETE:
        (number,) = struct.unpack_from(order + "H", body)
    if number >= len(interfaces) or size > len(body) - 20:
        raise MalformedLine("a packet block names an interface or a length that is not there")
    interface = interfaces[number]
    moment = ((high << 32) | low) * SECOND // interface.units + interface.offset * SECOND
    if not 0 <= moment <= LAST:
        raise MalformedLine("the time of a packet is not after 1970 and before 2262")
    return Captured(moment, interface.link, body[20 : 20 + size], length)


def _exactly(stream: BinaryIO, size: int, what: str) -> bytes:
    found = stream.read(size)
    if len(found) < size:
        raise MalformedLine(f"the file is cut in {what}")
    return found
