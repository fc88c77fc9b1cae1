"""
What the parts of Hubble's lines mean that many lines have in common: ends, and what is told between them.

Whatever is not the same for all lines that have such a part means nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct, field

from firedoor.adapters.flows.formats import LineParser, MalformedLine, Told
from firedoor.adapters.flows.formats.hubble import end_of
from firedoor.adapters.flows.formats.hubble_types import Endpoint, Service, Workload
from firedoor.adapters.flows.hubble import event_of, told_by, told_of_any
from firedoor.engine.flows.columns import Frame
from firedoor.engine.flows.sightings import is_opening, opened
from firedoor.model.flows import FlowEnd, FlowRecord

_FAULTS = (msgspec.DecodeError, UnicodeError, RecursionError, MalformedLine)
_POD = '"%s":{"namespace":"n","pod_name":"%s","workloads":[{"name":"w","kind":"Deployment"}]}'
_PROBE = (
    '{"flow":{"time":"2001-02-03T04:05:06.070809010Z","Type":"L3_L4",'
    '"IP":{"source":"192.0.2.11","destination":"192.0.2.22"},'
    f"{_POD % ('source', 'a')},{_POD % ('destination', 'b')},"
).encode()


class _Endpoint(Endpoint, gc=False):
    """What both readers of lines take for an endpoint."""

    namespace: str = ""
    pod_name: str = ""
    workloads: list[Workload] = field(default_factory=list)


class _End(Struct, gc=False):
    address: str
    endpoint: _Endpoint
    names: list[str] = []
    service: Service | None = None


_DECODE = msgspec.json.Decoder(_End).decode


def read_end(text: bytes) -> FlowEnd | None:
    """Return an end without port and labels, of an object with its address, endpoint, names and service."""
    try:
        told = _DECODE(text)
        if any(each.name is None or each.kind is None for each in told.endpoint.workloads):
            return None
        # Nobody asks for those of the pod here, which are most of the text.
        told.endpoint.labels = [each for each in told.endpoint.labels or () if not each.startswith("k8s:")]
        return end_of(told.endpoint, told.address, 0, told.names, told.service)
    except _FAULTS:
        return None


def read_frame(text: bytes, parser: LineParser) -> Frame | None:
    """Return what a flow without time and ends means, with ports 11 and 22; `parser` keeps nothing of it."""
    line = b"".join((_PROBE, text[1:], b"}"))
    try:
        flow = event_of(line).flow
        told = _record(told_by(flow, line, 2, parser))
        if told is None or told != _record(told_of_any(flow, line, 2, parser)):
            return None
    except _FAULTS:
        return None
    is_first = is_opening(told)
    if is_first is None:
        return None
    _, _, side, verdict = opened(told, is_reply=not is_first)
    return Frame(told.protocol, side, verdict, tuple(sorted(set(told.policies))), not is_first)


def _record(told: Iterable[Told]) -> FlowRecord | None:
    found = list(told)
    return found[0] if len(found) == 1 and isinstance(found[0], FlowRecord) else None
