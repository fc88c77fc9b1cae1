"""
What a line of Hubble tells: what the parser of the format says of it, and who opened the connection where it shows.

Between two pods the few fields that are needed are decoded, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from firedoor.adapters.flows.formats import LineParser, Told
from firedoor.adapters.flows.formats.fields import address
from firedoor.adapters.flows.formats.times import LAST, stamp
from firedoor.adapters.flows.hubble_events import Endpoint, Event, Flow, Ports
from firedoor.algebra.ports import LAST_PORT
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_VERDICT = 5
_DIGITS = 9
_DIRECTIONS = {"INGRESS": "ingress", "EGRESS": "egress", "": "", "TRAFFIC_DIRECTION_UNKNOWN": ""}
_BY_POLICY = frozenset({"POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED"})
event_of = msgspec.json.Decoder(Event).decode
"""Decodes a line of the usual shape."""


def read_line(line: bytes, number: int, parser: LineParser) -> Iterable[Told]:
    """Return what a line tells; raises `MalformedLine`, as the parser of the format does."""
    try:
        flow = event_of(line).flow
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return parser.parse(line, number)
    if not (flow.l4.tcp or flow.l4.udp) or flow.type != "L3_L4" or not is_plain(flow.time):
        return parser.parse(line, number)
    _second(flow.time[:19])
    return told_by(flow, line, number, parser)


def is_plain(time: str) -> bool:
    """Return whether a time has the form ``2026-07-31T10:41:02.2Z`` from its second on."""
    fraction = time[20:-1]
    is_decimal = fraction.isdigit() and fraction.isascii() and len(fraction) <= _DIGITS
    return is_decimal and time[19:20] == "." and time[-1:] == "Z"


def told_by(flow: Flow, line: bytes, number: int, parser: LineParser) -> Iterable[Told]:
    """Return what a line tells, of which the flow was decoded: a packet with ports."""
    ports = flow.l4.tcp or flow.l4.udp
    record = None if ports is None else between_pods(flow, ports)
    return told_of_any(flow, line, number, parser) if record is None else (record,)


def told_of_any(flow: Flow, line: bytes, number: int, parser: LineParser) -> Iterator[Told]:
    """Yield what the parser says of such a line, and more where the flow shows it."""
    ports = flow.l4.tcp or flow.l4.udp
    for told in parser.parse(line, number):
        if type(told) is FlowRecord and told.is_reply is None and ports is not None:
            yield replace(told, is_reply=_is_reply(flow, ports))
        else:
            yield told


def between_pods(flow: Flow, ports: Ports) -> FlowRecord | None:
    """Return the record of a flow between two pods, as the parser of the format makes it, without labels; else None."""
    source, destination, verdict = flow.source, flow.destination, _verdict(flow)
    if not (source.pod_name and destination.pod_name and verdict) or flow.source_names or flow.destination_names:
        return None
    if not (0 <= ports.source_port <= LAST_PORT and 0 <= ports.destination_port <= LAST_PORT):
        return None
    when = moment(flow.time[:-1])
    return FlowRecord(
        when,
        when,
        _pod_end(source, flow.ip.source, ports.source_port),
        _pod_end(destination, flow.ip.destination, ports.destination_port),
        "TCP" if flow.l4.tcp is not None else "UDP",
        verdict,
        _DIRECTIONS[flow.traffic_direction],
        _is_reply(flow, ports),
        None,
        flow.node_name.rpartition("/")[2],
        policies=_policies(flow, verdict),
    )


@lru_cache(maxsize=4096)
def _second(text: str) -> int:
    return stamp(f"{text}Z", "time")


def moment(text: str) -> int:
    """Return the nanoseconds of a time as ``2026-07-31T10:41:02.20`` in UTC; raises `MalformedLine`."""
    fraction = text[20:]
    if fraction.isascii() and fraction.isdigit():
        found = _second(text[:19]) + int(fraction.ljust(_DIGITS, "0"))
        if found <= LAST:
            return found
    return stamp(f"{text}Z", "time")


def _verdict(flow: Flow) -> FlowVerdict | None:
    """Return the verdict of an event of a policy verdict, a trace after policies, or a drop; None for all others."""
    if flow.traffic_direction not in _DIRECTIONS or flow.trace_observation_point[:3] not in {"", "TO_"}:
        return None
    if flow.verdict in {"FORWARDED", "REDIRECTED"}:
        return FlowVerdict.ALLOWED
    if flow.verdict == "DROPPED" and flow.drop_reason_desc:
        return FlowVerdict.DENIED if flow.drop_reason_desc in _BY_POLICY else FlowVerdict.OTHER
    return None


def _pod_end(end: Endpoint, where: str, port: int) -> FlowEnd:
    """Return the end of a flow that is a pod."""
    workload = ""
    for each in end.workloads:
        if each.name and each.kind:
            workload = f"{each.kind}/{each.name}"
            break
    return FlowEnd(address(where, "IP"), port, end.namespace, end.pod_name, workload, role="pod")


def _policies(flow: Flow, verdict: FlowVerdict) -> tuple[str, ...]:
    is_allowed = verdict is FlowVerdict.ALLOWED
    own = flow.egress_allowed_by if is_allowed else flow.egress_denied_by
    others = flow.ingress_allowed_by if is_allowed else flow.ingress_denied_by
    if not own and not others:
        return ()
    return tuple("/".join(part for part in (each.kind, each.namespace, each.name) if part) for each in (*own, *others))


def _is_reply(flow: Flow, ports: Ports) -> bool | None:
    """
    Return whether it is a reply: as ``is_reply`` says, or else what the event tells besides.

    Policies are looked up for packets that open a connection. A TCP packet with SYN opens one
    where it has no ACK, and answers where it has.
    """
    if flow.is_reply is not None:
        return flow.is_reply
    if flow.event_type.type == _VERDICT:
        return False
    flags = ports.flags
    return flags.ack if flags is not None and flags.syn else None
