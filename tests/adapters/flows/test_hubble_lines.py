from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from firedoor import native
from firedoor.adapters.flows import hubble_lines
from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import Format, format_named
from firedoor.adapters.flows.parts import PartReader
from firedoor.engine.flows.columns import PROTOCOLS, SIDES, VERDICTS, rows_of
from firedoor.model.flow_reading import FlowPart, Sighting
from tests.adapters.flows.samples import DEMO, line, lines

DATES = [(2, 28), (2, 29), (3, "01"), (4, 30), (4, 31), (12, 31), (1, "00"), (13, "01")]
HUBBLE = format_named("hubble")
assert isinstance(HUBBLE, Format)


pytestmark = pytest.mark.skipif(
    not native.is_there(), reason="the compiled part is not built (python tools/build_native.py), or turned off"
)


def read(data: bytes, *, one_by_one: bool = False) -> FlowPart:
    return next(parts([data], one_by_one=one_by_one))


def parts(given: Iterable[bytes], *, one_by_one: bool = False) -> Iterator[FlowPart]:
    assert isinstance(HUBBLE, Format)
    reader = PartReader(HUBBLE)
    if one_by_one:
        reader._together = None
    for data in given:
        reader.take(Chunk(0, len(data), data), 1)
        yield reader.part()


def counted(part: FlowPart) -> int:
    """Return how many connections are in columns."""
    return 0 if part.columns is None else len(rows_of(part.columns))


def plain(part: FlowPart) -> object:
    def told(each: Sighting) -> tuple[object, ...]:
        ends = (replace(each.source, labels=()), replace(each.destination, labels=()), each.protocol, each.side)
        return (*ends, each.verdict, each.first, each.last, tuple(sorted(each.policies)))

    found = [*part.connections, *expanded(part)]
    return sorted(map(told, found), key=repr), part.tally, part.malformed, part.undirected, part.owners


def assert_same(data: bytes) -> None:
    """Assert that lines mean together what each of them means alone."""
    found, alone = read(data), read(data, one_by_one=True)
    assert plain(found) == plain(alone), data


def expanded(part: FlowPart) -> Iterator[Sighting]:
    columns = part.columns
    if columns is not None:
        for source, destination, near, far, protocol, side, verdict, policies, first, last in rows_of(columns).tolist():
            ends = (
                replace(columns.ends[source], port=near),
                replace(columns.ends[destination], port=far),
            )
            told = PROTOCOLS[protocol], VERDICTS[verdict]
            yield Sighting(*ends, *told, SIDES[side], first, last, policies=columns.policies[policies])


def usual(**flow: Any) -> bytes:
    """Return a line as Hubble's exporter writes it, changed by what is given; None leaves a field out."""
    event = json.loads(line())["flow"] | flow
    clock = event.pop("time")
    kept = {"time": clock, "uuid": "cd75b2ac-8dd3-486b-beca-3d17d9d56cff"}
    kept |= {name: value for name, value in event.items() if value is not None}
    told = {"flow": kept, "node_name": "n1", "time": clock}
    return json.dumps(told, separators=(",", ":")).encode() + b"\n"


def test_lines_that_repeat_others_come_to_what_each_tells() -> None:
    data = lines(300)
    found = read(data)
    assert found.connections == []
    assert counted(found) > 400
    assert_same(data)
    backwards = b"".join(data.splitlines(keepends=True)[::-1])
    assert_same(backwards)
    assert_same(DEMO.read_bytes())


def test_blocks_of_any_size_come_to_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = lines(60)
    (tmp_path / "x").write_bytes(data)
    assert isinstance(HUBBLE, Format)
    for size in (700, 5_000, 1 << 18):
        monkeypatch.setattr("firedoor.adapters.flows.chunks._LINES", size)
        reader = PartReader(HUBBLE)
        assert reader.take(Chunk(0, len(data), None, str(tmp_path / "x")), 1) == data.count(b"\n")
        assert plain(reader.part()) == plain(read(data, one_by_one=True))


def test_what_is_known_of_a_part_serves_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [lines(40, 1), lines(40, 2), lines(40, 1)]
    expected = [plain(each) for each in parts(given, one_by_one=True)]
    assert [plain(each) for each in parts(given)] == expected
    monkeypatch.setattr(hubble_lines, "_MOST_TEXT", 1)
    assert [plain(each) for each in parts(given)] == expected


CHANGES: dict[str, dict[str, Any]] = {
    "udp": {"l4": {"UDP": {"source_port": 60524, "destination_port": 53}}},
    "sctp": {"l4": {"SCTP": {"source_port": 60524, "destination_port": 80}}},
    "icmp": {"l4": {"ICMPv4": {"type": 8}}},
    "two layers": {"l4": {"UDP": {"source_port": 9, "destination_port": 8}, "TCP": {"source_port": 7}}},
    "flags": {"l4": {"TCP": {"source_port": 60524, "destination_port": 80, "flags": {"SYN": True, "ACK": True}}}},
    "broken flags": {"l4": {"TCP": {"source_port": 60524, "destination_port": 80, "flags": {"SYN": "yes"}}}},
    "port 0": {"l4": {"TCP": {"source_port": 0, "destination_port": 80}}},
    "high port": {"l4": {"TCP": {"source_port": 65536, "destination_port": 80}}},
    "high target": {"l4": {"TCP": {"source_port": 60524, "destination_port": 70000}}},
    "text port": {"l4": {"TCP": {"source_port": 60524, "destination_port": "80"}}},
    "bad address": {"IP": {"source": "10.0.1.999", "destination": "10.0.0.21"}},
    "no address": {"IP": {"destination": "10.0.0.21"}},
    "ipv6": {"IP": {"source": "fd00:0:0::1", "destination": "::ffff:10.0.0.21", "ipVersion": "IPv6"}},
    "external": {"destination": {"identity": 2, "labels": ["reserved:world"]}, "destination_names": ["a.example"]},
    "node": {"source": {"identity": 1, "labels": ["reserved:host"]}},
    "service": {"destination": {}, "destination_service": {"name": "api", "namespace": "lab"}},
    "reply": {"is_reply": True, "traffic_direction": "INGRESS"},
    "dropped reply": {"is_reply": True, "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED"},
    "unknown": {"is_reply": None},
    "verdict": {"is_reply": None, "event_type": {"type": 5}},
    "denied": {"is_reply": None, "verdict": "DROPPED", "drop_reason_desc": "POLICY_DENIED"},
    "audited": {"is_reply": None, "verdict": "AUDIT"},
    "layer 7": {"Type": "L7", "l7": {"type": "REQUEST"}},
    "strange direction": {"traffic_direction": "SIDEWAYS"},
    "strange direction back": {"traffic_direction": "SIDEWAYS", "is_reply": True},
    "date": {"time": "2026-13-31T10:41:02.202450754Z"},
    "late": {"time": "2262-04-11T23:47:16.954775807Z"},
    "too late": {"time": "2300-04-11T23:47:16.954775807Z"},
    "short time": {"time": "2026-07-31T10:41:02.2Z"},
    "no digits": {"time": "2026-07-31T10:41:02.20245075xZ"},
    "uuid": {"uuid": 'cd75b2ac-8dd3-486b-beca-3d17d9d56c"'},
    "policies": {"egress_allowed_by": [{"name": "b", "kind": "K"}, {"name": "a", "namespace": "lab", "kind": "K"}]},
    "other policies": {"ingress_allowed_by": [{"name": "c", "kind": "K"}]},
    "labels": {"source": {"pod_name": "web-1", "namespace": "lab", "labels": ['k8s:a=\\"source_port":1']}},
    "no owner": {"source": {"pod_name": "web-1", "namespace": "lab"}},
    "wrong owner": {"source": {"pod_name": "web-1", "namespace": "lab", "workloads": "Deployment"}},
    "ethernet": {"ethernet": {"source": "62:6b:d0:a4:c5:63", "destination": "6e:d0:ea:78:fc:0a"}},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_line_of_any_shape_means_what_it_means_alone(name: str) -> None:
    twice = usual(**CHANGES[name])
    later = twice.replace(b"60524", b"60525").replace(b"T10:41:02", b"T10:41:03")
    for data in (twice * 2, later + twice, usual() + twice + usual() + later, twice + usual() + line(**CHANGES[name])):
        assert_same(data)


def test_lines_that_only_seem_to_be_usual_are_left_to_the_parser() -> None:
    good = usual()
    port = b'"source_port":60524'
    seeming = [
        good.replace(port, port + b',"source_port":7'),
        good.replace(port, b'"a\\"source_port":60524,"source_port":7'),
        good.replace(port, b'"source_port":060524'),
        good.replace(b'"IP":', b'"IP":{"source":"10.0.0.9","destination":"10.0.0.8"},"IP":'),
        good.replace(b'"verdict"', b'"time":"2026-07-31T09:00:00.000000001Z","verdict"'),
        good.replace(b'"Type"', b'"source":{"pod_name":"other"},"Type"'),
        good.replace(b'"Type"', b'"destination":{"pod_name":"other"},"Type"'),
        good.replace(b'},"node_name":"n1","time"', b'},"flow":{},"node_name":"n1","time"'),
        good.replace(b'"namespace":"lab","pod_name":"web-1"', b'"namespace":"lab","pod_name":"web-1"}'),
        good.replace(b'"uuid":"cd75b2ac', b'"uuid":"cd\\5b2ac'),
        good.replace(b'"uuid":"cd75b2ac', b'"uuid":"cd\xff5b2ac'),
        good[:-3] + b'"]\n',
        good[:-4] + b'5Z"}\n',
        good[:-1] + b"\r\n",
        good[:-1] + b" \n",
        b" " + good,
        good[:-40] + b"\n",
        b"\n",
        good[:-1],
    ]
    for each in seeming:
        data = good + each if each.endswith(b"\n") else good * 2 + each
        assert_same(data)


def test_what_both_ways_tell_of_one_connection_is_one_sighting() -> None:
    slow = usual(Type="L7", l7={"type": "REQUEST"}, verdict="REDIRECTED", time="2026-07-31T10:41:09.202450754Z")
    unknown = usual(is_reply=None)
    back = usual(is_reply=None, traffic_direction="INGRESS", IP={"source": "10.0.0.21", "destination": "10.0.1.235"})
    back = back.replace(b'"source_port":60524,"destination_port":80', b'"source_port":80,"destination_port":60524')
    for others in ([slow], [unknown], [back], [slow, unknown, back]):
        found = read(usual() + b"".join(others))
        assert (len(found.connections), counted(found), found.undirected) == (1, 0, [])
        assert found.tally.records == 1 + len(others)
    found = read(usual() + usual(IP={"source": "10.0.1.235", "destination": "10.0.0.22"}) + slow)
    assert (len(found.connections), counted(found)) == (1, 1)


def test_lines_that_chance_changes_mean_what_they_mean_alone() -> None:
    rolls = random.Random(1)
    good = lines(30).splitlines(keepends=True)
    for _ in range(40):
        given = [rolls.choice(good) for _ in range(12)]
        for _ in range(3):
            number = rolls.randrange(len(given))
            text = bytearray(given[number])
            at = rolls.randrange(len(text) - 1)
            text[at : at + rolls.randrange(2)] = rolls.choice(
                (b"", b'"', b"}", b"{", b"7", b"\\", b",", b"\x00", b"\n")
            )
            given[number] = bytes(text)
        data = b"".join(given)
        assert_same(data)


def test_times_of_all_years_are_exact() -> None:
    rolls = random.Random(2)
    dates = [f"{year}-{month:02}-{day}" for year in (1970, 1999, 2000, 2024, 2100, 2261) for month, day in DATES]
    dates += [
        f"{rolls.randrange(1970, 2262)}-{rolls.randrange(1, 13):02}-{rolls.randrange(1, 32):02}" for _ in range(300)
    ]
    for number, date in enumerate(dates):
        fraction = f"{rolls.randrange(1, 10**9):09}"[: number % 9 + 1]
        clock = f"{rolls.randrange(24):02}:{rolls.randrange(60):02}:{rolls.randrange(60):02}"
        assert_same(usual(time=f"{date}T{clock}.{fraction}Z"))


def test_lines_that_cannot_be_read_end_in_an_error(tmp_path: Path) -> None:
    assert isinstance(HUBBLE, Format)
    reader = PartReader(HUBBLE)
    with pytest.raises(OSError, match="gone"):
        reader.take(Chunk(0, 10, None, str(tmp_path / "gone")), 1)
    with pytest.raises(OSError, match="directory"):
        reader.take(Chunk(0, 10, None, str(tmp_path)), 1)
    data = usual()
    reader.take(Chunk(5, 5 + len(data), data), 1)
    assert reader.part().tally.records == 1
