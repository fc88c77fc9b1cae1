"""
Captures of packets (pcap, pcapng), as connections: who opened each, and whether it was answered.

A capture has no verdicts. A connection that was answered passed in both directions; of one that
was not, nothing is known. Where the capture began in the midst of it, who opened it is unknown.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import BinaryIO

from firedoor.adapters.flows.formats.captures import PCAP, PCAPNG, Captured, captured
from firedoor.adapters.flows.formats.contract import BinaryFormat, MalformedLine, Told
from firedoor.adapters.flows.formats.documents import ignore
from firedoor.adapters.flows.formats.fields import protocol
from firedoor.adapters.flows.formats.packets import Packet, packet_in, written
from firedoor.adapters.flows.formats.times import SECOND
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

Key = tuple[int, bytes, bytes, int, int]

IDLE = 30 * SECOND
"""After so long without a packet, the next one of UDP or ICMP with the same ports is another connection."""

_TCP, _SCTP, _ICMP, _ICMP6 = 6, 132, 1, 58
_SYN, _ACK, _FIN, _RST = 0x02, 0x10, 0x01, 0x04
_INIT, _INIT_ACK, _ABORT = 1, 2, 6
_ECHOES = {(_ICMP, 8): True, (_ICMP, 0): False, (_ICMP6, 128): True, (_ICMP6, 129): False}
_MOST = 1 << 18


class _Connection:
    __slots__ = ("first", "is_answered", "is_over", "is_reply", "key", "last", "octets", "packets")

    def __init__(self, key: Key, moment: int, *, is_reply: bool | None, is_answered: bool = False) -> None:
        self.key = key
        self.first = self.last = moment
        self.is_reply = is_reply
        self.is_answered = is_answered
        self.is_over = False
        self.packets = self.octets = 0

    def count(self, packet: Captured) -> None:
        self.last = max(self.last, packet.time)
        self.packets += 1
        self.octets += packet.length

    def record(self) -> FlowRecord:
        number, source, destination, source_port, destination_port = self.key
        has_ports = number not in {_ICMP, _ICMP6}
        return FlowRecord(
            start=self.first,
            end=self.last,
            source=FlowEnd(written(source), source_port if has_ports else 0),
            destination=FlowEnd(written(destination), destination_port),
            protocol=protocol(number, "protocol"),
            verdict=FlowVerdict.ALLOWED if self.is_answered else FlowVerdict.OTHER,
            is_reply=self.is_reply,
            packets=self.packets,
            octets=self.octets,
        )


class _Table:
    """The connections that live, by the five-tuple of who opened them."""

    def __init__(self) -> None:
        self._live: dict[Key, _Connection] = {}
        self._begin = -1

    def add(self, found: Packet, of: Captured) -> Iterator[Told]:
        if self._begin < 0:
            self._begin = of.time
        key = (found.protocol, found.source, found.destination, found.source_port, found.destination_port)
        back = (found.protocol, found.destination, found.source, found.destination_port, found.source_port)
        if found.protocol == _TCP:
            yield from self._tcp(found.kind, key, back, of)
        elif found.protocol == _SCTP:
            opens, answers = found.kind == _INIT, found.kind == _INIT_ACK
            yield from self._opened(key, back, of, opens=opens, answers=answers, ends=found.kind == _ABORT)
        elif found.protocol in {_ICMP, _ICMP6}:
            yield from self._echo(found, of)
        else:
            yield from self._datagram(key, back, of, is_request=None)

    def rest(self) -> Iterator[Told]:
        for each in self._live.values():
            yield each.record()
        self._live.clear()

    def _tcp(self, flags: int, key: Key, back: Key, of: Captured) -> Iterator[Told]:
        opens, answers = flags & (_SYN | _ACK) == _SYN, flags & (_SYN | _ACK) == _SYN | _ACK
        yield from self._opened(key, back, of, opens=opens, answers=answers, ends=bool(flags & (_RST | _FIN)))

    def _opened(self, key: Key, back: Key, of: Captured, *, opens: bool, answers: bool, ends: bool) -> Iterator[Told]:
        live = self._live.get(key) or self._live.get(back)
        if opens:
            if live is not None and (live.is_over or live.is_answered or live.key != key):
                yield self._live.pop(live.key).record()
                live = None
            if live is None:
                live = yield from self._begin_with(_Connection(key, of.time, is_reply=False))
        elif answers:
            if live is None or live.key != back:
                live = yield from self._begin_with(_Connection(back, of.time, is_reply=False))
            live.is_answered = True
        elif live is None:
            if ends:
                yield from ignore("the end of a connection that was not seen")
                return
            live = yield from self._begin_with(_Connection(key, of.time, is_reply=None, is_answered=True))
        elif live.is_over is False and not ends and live.key == back:
            live.is_answered = True
        live.is_over = live.is_over or ends
        live.count(of)

    def _echo(self, found: Packet, of: Captured) -> Iterator[Told]:
        is_request = _ECHOES.get((found.protocol, found.kind))
        if is_request is None:
            yield from ignore("an ICMP message that is no echo")
            return
        key = (found.protocol, found.source, found.destination, found.source_port, 0)
        back = (found.protocol, found.destination, found.source, found.source_port, 0)
        yield from self._datagram(key, back, of, is_request=is_request)

    def _datagram(self, key: Key, back: Key, of: Captured, *, is_request: bool | None) -> Iterator[Told]:
        live = self._live.get(key) or self._live.get(back)
        if live is not None and of.time - live.last > IDLE:
            yield self._live.pop(live.key).record()
            live = None
        if live is None:
            # Within the first seconds of a capture, the first packet seen may be an answer.
            is_sure = is_request is not None or of.time - self._begin > IDLE
            first = back if is_request is False else key
            live = yield from self._begin_with(_Connection(first, of.time, is_reply=False if is_sure else None))
        if live.key == back:
            live.is_answered = True
        live.count(of)

    def _begin_with(self, connection: _Connection) -> Generator[Told, None, _Connection]:
        if len(self._live) >= _MOST:
            yield self._live.pop(next(iter(self._live))).record()
        self._live[connection.key] = connection
        return connection


def records(stream: BinaryIO) -> Iterator[Told]:
    """Yield the connections of a capture, each when the next with its ports begins, or at the end."""
    table = _Table()
    cut: MalformedLine | None = None
    packets = captured(stream)
    while True:
        try:
            each = next(packets, None)
        except MalformedLine as error:
            # What was read of a file that is cut counts.
            cut, each = error, None
        if each is None:
            break
        found = packet_in(each.link, each.data)
        if found is None:
            yield from ignore("a packet that is no IP, a later fragment, or cut too early")
        else:
            yield from table.add(found, each)
    yield from table.rest()
    if cut is not None:
        raise cut


CAPTURE = BinaryFormat(
    "pcap",
    "Packet captures (pcap, pcapng)",
    lambda head: head[:4] in PCAP or head[:4] == PCAPNG,
    records,
)
