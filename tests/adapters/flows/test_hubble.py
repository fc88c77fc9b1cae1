from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec
import pytest
from msgspec.structs import replace

from firedoor.adapters.flows.formats import Format, MalformedLine, format_named
from firedoor.adapters.flows.hubble import between_pods, read_line
from firedoor.adapters.flows.hubble_events import Event
from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flow_reading import FlowPart, Sighting
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict
from tests.adapters.flows.samples import DEMO, line, lines

HUBBLE = format_named("hubble")
assert isinstance(HUBBLE, Format)


def taken(given: Iterable[bytes]) -> FlowPart:
    seen = Sightings()
    assert isinstance(HUBBLE, Format)
    parser = HUBBLE.parser()
    for number, text in enumerate(given, 1):
        for told in read_line(text.rstrip(b"\n"), number, parser):
            if isinstance(told, FlowRecord):
                seen.add(told)
    return seen.part()


def slowly(given: Iterable[bytes]) -> FlowPart:
    """Return what the parser of the format and nothing else makes of lines."""
    seen = Sightings()
    assert isinstance(HUBBLE, Format)
    parser = HUBBLE.parser()
    for number, text in enumerate(given, 1):
        for each in parser.parse(text.rstrip(b"\n"), number):
            if isinstance(each, FlowRecord):
                event = json.loads(text)["flow"]
                is_reply = False if each.is_reply is None and event["event_type"]["type"] == 5 else each.is_reply
                seen.add(replace(each, is_reply=is_reply))
    return seen.part()


def plain(part: FlowPart) -> object:
    def bare(end: FlowEnd) -> FlowEnd:
        return replace(end, labels=())

    def told(each: Sighting) -> tuple[object, ...]:
        ends = (bare(each.source), bare(each.destination), each.protocol, each.side)
        return (*ends, each.verdict, each.first, each.last, each.policies)

    return sorted(map(told, part.connections), key=repr), part.tally, part.owners


@pytest.mark.parametrize("given", [lines(60).splitlines(), DEMO.read_bytes().splitlines()], ids=("made", "demo"))
def test_lines_come_to_what_the_parser_says_of_each(given: list[bytes]) -> None:
    flows = [each for each in given if b'"lost_events"' not in each[:20]]
    assert plain(taken(flows)) == plain(slowly(flows))
    backwards = flows[::-1]
    assert plain(taken(backwards)) == plain(slowly(backwards))


def test_the_record_between_pods_is_the_one_of_the_parser() -> None:
    decode = msgspec.json.Decoder(Event).decode
    assert isinstance(HUBBLE, Format)
    compared = 0
    for text in (*lines(30).splitlines(), *DEMO.read_bytes().splitlines()):
        if b'"lost_events"' in text[:20]:
            continue
        flow = decode(text).flow
        ports = flow.l4.tcp or flow.l4.udp
        assert ports is not None
        quick = between_pods(flow, ports)
        (told,) = HUBBLE.parser().parse(text, 2)
        assert isinstance(told, FlowRecord)
        if quick is not None:
            compared += 1
            bare = (replace(each, labels=()) for each in (told.source, told.destination))
            source, destination = bare
            assert quick == replace(told, source=source, destination=destination, is_reply=quick.is_reply)
            assert told.is_reply in {None, quick.is_reply}
    assert compared > 200


def test_times_are_exact() -> None:
    fractions = ("2", "19", "190000001", "")
    given = [line(time=f"2026-07-31T10:41:02{'.' * bool(each)}{each}Z") for each in fractions]
    (seen,) = taken(given).connections
    assert (seen.first % 10**9, seen.last % 10**9) == (0, 200_000_000)
    assert taken(given).tally.records == 4


def test_a_packet_with_syn_tells_who_opens() -> None:
    flags = {"SYN": True}
    opened = {"TCP": {"source_port": 1, "destination_port": 80, "flags": flags}}
    answered = {"TCP": {"source_port": 80, "destination_port": 1, "flags": flags | {"ACK": True}}}
    assert taken([line(is_reply=None, l4=opened)]).connections[0].destination.pod == "api-1"
    assert taken([line(is_reply=None, l4=answered)]).connections[0].destination.pod == "web-1"
    assert len(taken([line(is_reply=None)]).undirected) == 1
    assert taken([line(is_reply=None, event_type={"type": 5})]).undirected == []


def test_what_is_seen_before_policies_is_no_verdict() -> None:
    before = line(trace_observation_point="FROM_ENDPOINT")
    dropped = line(verdict="DROPPED", drop_reason_desc="POLICY_DENIED", event_type={"type": 5})
    assert taken([before]).connections[0].verdict is FlowVerdict.OTHER
    assert taken([before, dropped, before]).connections[0].verdict is FlowVerdict.DENIED
    assert (
        taken([line(verdict="DROPPED", drop_reason_desc="STALE_OR_UNROUTABLE_IP")]).connections[0].verdict
        is FlowVerdict.OTHER
    )


@pytest.mark.parametrize(
    "text",
    [
        b'{"flow":{"time":"2026',
        b"\x00\x00",
        b"{}",
        line(l4={"TCP": {"source_port": 70000, "destination_port": 80}}),
        line(l4={"TCP": {"source_port": 1, "destination_port": -80}}),
        line(IP={"source": "10.0.0.300", "destination": "10.0.0.1"}),
        line(time="2026-13-31T10:41:02.2Z"),
        line(time="2026-01-31T10:41:02.2xZ"),
        b'{"flow":' + b"[" * 100_000,
        b'{"flow":{"time":"\xff"}}',
    ],
)
def test_broken_lines_are_malformed_and_nothing_else(text: bytes) -> None:
    with pytest.raises(MalformedLine):
        taken([text])


@pytest.mark.parametrize(
    "time", ["2026-13-31T10:41:02.2Z", "2026-07-31T10:41:02.xZ", "2026-07-31T10:41:02.²Z", "Z", ""]
)
def test_a_line_has_a_time(time: str) -> None:
    with pytest.raises(MalformedLine):
        taken([line(), line(time=time)])


def test_shapes_that_are_not_usual_go_to_the_parser() -> None:
    bare = json.dumps(json.loads(line())["flow"]).encode()
    assert plain(taken([bare])) == plain(taken([line()]))
    ping = line(l4={"ICMPv4": {"type": 8}})
    assert taken([ping]).connections[0].protocol == "ICMP"
