"""
Hubble's lines, counted at the speed that files of them ask for.

Most lines repeat what another said of the same connection, and differ in the time alone. The first of
each goes through the parser of the format; of those that repeat it only the time is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from firedoor.adapters.flows.formats import LineParser, Told
from firedoor.adapters.flows.formats.fields import address
from firedoor.adapters.flows.formats.times import stamp
from firedoor.adapters.flows.hubble_events import Endpoint, Event, Flow, Glance, Ports
from firedoor.algebra.ports import LAST_PORT
from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flow_reading import Sighting
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict

_VERDICT = 5
_DIGITS = 9
_DIRECTIONS = {"INGRESS": "ingress", "EGRESS": "egress", "": "", "TRAFFIC_DIRECTION_UNKNOWN": ""}
_OTHER_SIDE = {"INGRESS": "EGRESS", "EGRESS": "INGRESS"}
_BY_POLICY = frozenset({"POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED"})
_DECODE = msgspec.json.Decoder(Event).decode
_Key = tuple[object, ...]


class _Repeated:
    """A sighting that further lines repeat, and the times of those, which are no numbers yet."""

    __slots__ = ("count", "first", "is_judged", "last", "seen")

    def __init__(self, seen: Sighting, time: str) -> None:
        self.seen = seen
        self.is_judged = False
        self.first = self.last = time
        self.count = 0


class HubbleCounter:
    """Takes lines; what they tell is in the sightings once it is finished."""

    def __init__(self, parser: LineParser, sightings: Sightings, told: Callable[[Told], Sighting | None]) -> None:
        """Keep who parses what is new, and who takes what it tells."""
        self._parser = parser
        self._sightings = sightings
        self._told = told
        self._glance = msgspec.json.Decoder(Glance).decode
        self._repeated: dict[_Key, _Repeated] = {}
        self._seconds: set[str] = set()

    def take(self, line: bytes, number: int) -> None:  # noqa: C901 - the way of every line, and calls take time
        """Take a line; raises `MalformedLine`, as the parser of the format does."""
        try:
            flow = self._glance(line).flow
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            self._unusual(line, number)
            return
        layer = flow.l4
        ports = layer.tcp or layer.udp
        time = flow.time
        second, fraction = time[:19], time[20:-1]
        # Times of this form stand in their order as texts.
        is_plain = time[19:20] == "." and time[-1] == "Z" and fraction.isdigit() and fraction.isascii()
        if ports is None or flow.type != "L3_L4" or not is_plain or len(fraction) > _DIGITS:
            self._unusual(line, number)
            return
        if second not in self._seconds:
            _second(second)
            self._seconds.add(second)
        between, source, destination, side = flow.ip, flow.source, flow.destination, flow.traffic_direction
        client, server = between.source, between.destination
        near, far = ports.source_port, ports.destination_port
        is_reply, verdict = flow.is_reply, flow.verdict
        if is_reply and verdict == "FORWARDED":
            # It repeats what was said of the connection from its other end.
            client, near, source, server, far, destination = server, far, destination, client, near, source
            side, is_reply = _OTHER_SIDE.get(side, side), False
        if verdict == "DROPPED":
            verdict = flow.drop_reason_desc
        elif flow.trace_observation_point[:5] == "FROM_":
            verdict = "FROM_"
        is_tcp = layer.udp is None
        key = (near, client, far, server, side, verdict, is_reply, is_tcp, source.pod_name, destination.pod_name)
        repeated = self._repeated.get(key)
        if repeated is None or (not repeated.is_judged and flow.event_type.type == _VERDICT):
            # An event of a policy verdict tells of policies, and of who opened the connection.
            seen = self._first(line, number)
            if seen is not None:
                self._repeated.setdefault(key, _Repeated(seen, time[:-1])).is_judged = flow.event_type.type == _VERDICT
            return
        time = time[:-1]
        if time > repeated.last:
            repeated.last = time
        elif time < repeated.first:
            repeated.first = time
        repeated.count += 1

    def finish(self) -> None:
        """Put the times and counts of what was repeated into the sightings."""
        for each in self._repeated.values():
            if each.count:
                seen = each.seen
                first, last = _moment(each.first), _moment(each.last)
                self._sightings.told(first, last, each.count)
                seen.first = min(seen.first, first)
                seen.last = max(seen.last, last)
        self._repeated.clear()
        self._seconds.clear()

    def _first(self, line: bytes, number: int) -> Sighting | None:
        try:
            flow = _DECODE(line).flow
        except msgspec.ValidationError:
            self._unusual(line, number)
            return None
        seen = None
        for told in _told_by(flow, line, number, self._parser):
            seen = self._told(told)
        return seen

    def _unusual(self, line: bytes, number: int) -> None:
        for told in self._parser.parse(line, number):
            self._told(told)


def record_of(line: bytes, parser: LineParser) -> FlowRecord | None:
    """Return the one record of a packet with ports; None for any other line. Raises `MalformedLine`."""
    try:
        flow = _DECODE(line).flow
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    if not (flow.l4.tcp or flow.l4.udp) or flow.type != "L3_L4":
        return None
    told = list(_told_by(flow, line, 2, parser))
    return told[0] if len(told) == 1 and isinstance(told[0], FlowRecord) else None


def _told_by(flow: Flow, line: bytes, number: int, parser: LineParser) -> Iterator[Told]:
    """Yield what a line tells, of which the flow was decoded: a packet with ports."""
    ports = flow.l4.tcp or flow.l4.udp
    assert ports is not None  # noqa: S101 - the caller saw them
    record = between_pods(flow, ports)
    if record is not None:
        yield record
        return
    for told in parser.parse(line, number):
        if type(told) is FlowRecord and told.is_reply is None:
            # The same, and more known of it.
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
    when = _moment(flow.time[:-1])
    return FlowRecord(
        when,
        when,
        pod_end(source, flow.ip.source, ports.source_port),
        pod_end(destination, flow.ip.destination, ports.destination_port),
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


def _moment(text: str) -> int:
    """Return the nanoseconds of a time as ``2026-07-31T10:41:02.20`` in UTC."""
    fraction = text[20:]
    if not (fraction.isascii() and fraction.isdigit()):
        return stamp(f"{text}Z", "time")
    return _second(text[:19]) + int(fraction.ljust(9, "0"))


def _verdict(flow: Flow) -> FlowVerdict | None:
    """Return the verdict of an event of a policy verdict, a trace after policies, or a drop; None for all others."""
    if flow.traffic_direction not in _DIRECTIONS or flow.trace_observation_point[:3] not in {"", "TO_"}:
        return None
    if flow.verdict in {"FORWARDED", "REDIRECTED"}:
        return FlowVerdict.ALLOWED
    if flow.verdict == "DROPPED" and flow.drop_reason_desc:
        return FlowVerdict.DENIED if flow.drop_reason_desc in _BY_POLICY else FlowVerdict.OTHER
    return None


def pod_end(end: Endpoint, where: str, port: int) -> FlowEnd:
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
