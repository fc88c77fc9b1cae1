"""
What a line of Hubble tells besides its time and ports, learnt from one line for all that have the same text there.

A line is decoded with other times, addresses, pods and ports put into it, which have to come out again: so it is
known that what was cut out is what it seems, and lines that differ in nothing else need not be decoded.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from firedoor.adapters.flows.formats import LineParser, MalformedLine
from firedoor.adapters.flows.formats.fields import address
from firedoor.adapters.flows.formats.times import stamp
from firedoor.adapters.flows.hubble import pod_end, record_of
from firedoor.adapters.flows.hubble_events import Endpoint
from firedoor.engine.flows.columns import Kind
from firedoor.engine.flows.sightings import is_opening, opened
from firedoor.model.flows import FlowEnd, FlowRecord

BEGIN, BETWEEN, END = b'{"flow":{"time":"', b'Z","uuid":"', b'Z"}'
"""What stands before the time of a line, between that and its identifier, and behind the time at its end."""
UUID = 36
SOURCE_PORT, DESTINATION_PORT = b'"source_port":', b',"destination_port":'
FLAGS = rb'(,"flags":\{(?:"[A-Z]+":true(?:,"[A-Z]+":true)*)?)?'

_ADDRESSES = re.compile(rb'"IP":\{"source":"([0-9A-Fa-f.:]+)","destination":"([0-9A-Fa-f.:]+)"')
# What is of no use here, and different in many lines: the same text stands for all of it.
_ETHERNET = re.compile(rb'"ethernet":\{"source":"[0-9a-f:]*","destination":"[0-9a-f:]*"\}')
_NODE = re.compile(rb'"node_name":"[0-9A-Za-z./_-]*"')
_SOURCE, _DESTINATION = b'"source":', b',"destination":'
_TIME = b"2001-02-03T04:05:06.070809010"
_WHEN = stamp(f"{_TIME.decode()}Z", "time")
_PODS = tuple(
    FlowEnd(f"192.0.2.{number}", number, f"namespace-{number}", f"pod-{number}", f"Kind/name-{number}", role="pod")
    for number in (11, 22)
)
_MOST_TEXT = 64 << 20


class _Ends(Struct, gc=False):
    source: msgspec.Raw
    destination: msgspec.Raw


class _Event(Struct, gc=False):
    flow: _Ends


class _Frame(NamedTuple):
    """The text of a line around its time, addresses, ports and pods; the pods stay in `rest` where not both are."""

    head: bytes
    after: bytes
    flags: bytes
    rest: bytes
    end: bytes | None


class KindReader:
    """Reads kinds; it takes long for the first of each frame only."""

    def __init__(self, parser: LineParser) -> None:
        """Keep who decodes what is new; it must keep nothing from one line to the next."""
        self._parser = parser
        self._event = msgspec.json.Decoder(_Event).decode
        self._endpoint = msgspec.json.Decoder(Endpoint).decode
        self._frames: dict[_Frame, Kind | None] = {}
        self._pods: dict[bytes, FlowEnd | None] = {}
        self._length = 0

    def kind(self, head: bytes, flags: bytes, rest: bytes) -> Kind | None:
        """
        Return the kind of a line; None where it is not known for sure, or tells of no connection alone.

        `head` is what stands between its identifier and its source port, `flags` what stands behind the
        ports, and `rest` what stands from there to the time at its end.
        """
        found = _ADDRESSES.search(head)
        if found is None:
            return None
        try:
            where = [address(each.decode(), "IP") for each in found.groups()]
        except MalformedLine:
            return None
        before, after = _without_node(_ETHERNET.sub(b'"ethernet":{}', head[: found.start(1)])), head[found.end(2) :]
        pods = self._between(rest)
        if pods is not None:
            first, ends, last = pods
            kind = self._framed(_Frame(before, after, flags, first, _without_node(last)))
            if kind is not None and kind.source in _BARE and kind.destination in _BARE:
                return _with_ends(kind, [_at(each, own) for each, own in zip(ends, where, strict=True)])
        kind = self._framed(_Frame(before, after, flags, _without_node(rest), None))
        if kind is None:
            return None
        told = (kind.destination, kind.source) if kind.is_turned else (kind.source, kind.destination)
        return _with_ends(kind, [_at(each, own) for each, own in zip(told, where, strict=True)])

    def _between(self, rest: bytes) -> tuple[bytes, list[FlowEnd], bytes] | None:
        """Return the text before two pods, these, and the text behind them; None where not both ends are pods."""
        start = rest.find(_SOURCE)
        try:
            flow = self._event(b"".join((b'{"flow":{', rest[start:], _TIME, END))).flow
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        texts = bytes(flow.source), bytes(flow.destination)
        start += len(_SOURCE)
        if not rest.startswith(_DESTINATION.join(texts), start):
            return None
        ends = [self._pod(each) for each in texts]
        end = start + len(_DESTINATION.join(texts))
        return None if None in ends else (rest[:start], [each for each in ends if each is not None], rest[end:])

    def _pod(self, text: bytes) -> FlowEnd | None:
        if text not in self._pods:
            self._keep(len(text))
            try:
                endpoint = self._endpoint(text)
                self._pods[text] = pod_end(endpoint, "", 0) if endpoint.pod_name else None
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                self._pods[text] = None
        return self._pods[text]

    def _framed(self, frame: _Frame) -> Kind | None:
        if frame not in self._frames:
            self._keep(len(frame.head) + len(frame.rest))
            self._frames[frame] = self._tried(frame)
        return self._frames[frame]

    def _tried(self, frame: _Frame) -> Kind | None:
        """Return what lines of a frame tell, with the ends that were put into it; None where it is not these."""
        source, destination = _PODS
        ends: tuple[bytes, ...] = (frame.rest,)
        if frame.end is not None:
            ends = (frame.rest, _text(source), _DESTINATION, _text(destination), frame.end)
        probe = (
            *(BEGIN, _TIME, BETWEEN, b"0" * UUID, frame.head, source.address.encode(), b'","destination":"'),
            *(destination.address.encode(), frame.after, SOURCE_PORT, b"%d" % source.port, DESTINATION_PORT),
            *(b"%d" % destination.port, frame.flags, *ends, _TIME, END),
        )
        try:
            told = record_of(b"".join(probe), self._parser)
        except MalformedLine:
            return None
        return None if told is None else _kind(told)

    def _keep(self, length: int) -> None:
        self._length += length
        if self._length > _MOST_TEXT:
            self._length = 0
            self._frames.clear()
            self._pods.clear()


def _kind(told: FlowRecord) -> Kind | None:
    """Return the kind of a line of which the probe is told; None where something else is told, or by nobody."""
    ends = [(each.address, each.port) for each in (told.source, told.destination)]
    is_first = is_opening(told)
    if is_first is None or told.start != _WHEN or ends != [(each.address, each.port) for each in _PODS]:
        return None
    source, destination, side, verdict = opened(told, is_reply=not is_first)
    own = replace(source, port=0), replace(destination, port=0)
    return Kind(*own, told.protocol, side, verdict, tuple(sorted(set(told.policies))), not is_first)


def _with_ends(kind: Kind, ends: list[FlowEnd]) -> Kind:
    """Return a kind with the source and the destination of a line as its ends."""
    source, destination = reversed(ends) if kind.is_turned else ends
    return Kind(source, destination, kind.protocol, kind.side, kind.verdict, kind.policies, kind.is_turned)


def _at(end: FlowEnd, where: str) -> FlowEnd:
    return FlowEnd(where, 0, end.namespace, end.pod, end.workload, end.labels, end.names, end.role)


def _without_node(text: bytes) -> bytes:
    return _NODE.sub(b'"node_name":""', text)


def _text(pod: FlowEnd) -> bytes:
    kind, _, name = pod.workload.partition("/")
    return b'{"namespace":"%s","pod_name":"%s","workloads":[{"name":"%s","kind":"%s"}]}' % tuple(
        each.encode() for each in (pod.namespace, pod.pod, name, kind)
    )


_BARE = tuple(replace(each, port=0) for each in _PODS)
