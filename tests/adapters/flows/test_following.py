"""Files of flows that are followed: written, rotated, cut, missing, and gone on with after a restart."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firedoor.adapters.flows.following import FlowTail, SavedPlaces, Together, line_format
from firedoor.adapters.flows.following.lines import LONGEST, Lines
from firedoor.adapters.flows.formats import Format, format_named
from firedoor.errors import SourceError, UsageError
from firedoor.model.flow_following import FlowPlace, FollowedFlows, FollowedPart

HUBBLE = line_format("hubble")


MAPPING = """
fields:
  start: {column: when, unit: text}
  source.address: from
  destination.address: to
  destination.port: port
  protocol: {value: TCP}
  verdict: {column: what, allowed: [allow], denied: [deny]}
"""


def line(number: int) -> str:
    flow = {
        "time": "2026-01-02T03:04:05.000000001Z",
        "verdict": "DROPPED",
        "drop_reason_desc": "POLICY_DENIED",
        "IP": {"source": "10.0.0.1", "destination": "10.0.0.2", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": number, "destination_port": 80}},
        "Type": "L3_L4",
        "event_type": {"type": 1},
        "traffic_direction": "INGRESS",
        "is_reply": False,
    }
    return json.dumps({"flow": flow}) + "\n"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Tail:
    """Files that are followed, and what a person was told."""

    def __init__(self, *paths: Path | str, form: Format | None = HUBBLE, places: tuple[FlowPlace, ...] = ()) -> None:
        self.clock = Clock()
        self.said: list[str] = []
        self.tail = FlowTail([str(each) for each in paths], form, io.BytesIO, self.said.append, self.clock)
        self.tail.begin(places, {})

    def look(self) -> list[FollowedPart]:
        return list(self.tail.look())

    def ports(self) -> list[int]:
        """Return the ports of clients that are told by a look."""
        return ports(self.look())

    def stop(self) -> tuple[FlowPlace, ...]:
        places = self.tail.places()
        self.tail.close()
        return places


def ports(parts: list[FollowedPart]) -> list[int]:
    return [seen.source.port for each in parts for seen in each.part.connections]


def append(path: Path, *numbers: int) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(map(line, numbers)))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "flows.log"
    path.touch()
    return path


def test_what_is_there_at_first_is_left_out_and_what_is_appended_is_told_once(log: Path) -> None:
    append(log, 1, 2)
    tail = Tail(log)
    assert tail.ports() == []
    append(log, 3)
    assert tail.ports() == [3]
    assert tail.ports() == []
    append(log, 4, 5)
    assert tail.ports() == [4, 5]


def test_a_line_is_told_when_it_is_whole(log: Path) -> None:
    log.write_text(line(1) + line(2)[:50], encoding="utf-8")
    tail = Tail(log)
    assert tail.ports() == []
    with log.open("a", encoding="utf-8") as file:
        file.write(line(2)[50:] + line(3)[:40])
    assert tail.ports() == [2]
    with log.open("a", encoding="utf-8") as file:
        file.write(line(3)[40:])
    assert tail.ports() == [3]


def test_a_renamed_file_is_read_to_its_end_beside_the_new_one(log: Path) -> None:
    tail = Tail(log)
    append(log, 1)
    assert tail.ports() == [1]
    append(log, 2)
    old = log.rename(log.with_suffix(".log.1"))
    append(log, 3)
    assert tail.ports() == [2, 3]
    append(old, 4)
    tail.clock.now = 4
    assert tail.ports() == [4]
    with old.open("a", encoding="utf-8") as file:
        file.write(line(5).rstrip())
    tail.clock.now = 10
    assert tail.ports() == [5]
    assert [each.offset for each in tail.tail.places()] == [len(line(3))]
    assert tail.said == []


def test_a_file_that_was_cut_is_read_from_its_beginning_even_if_it_is_longer_by_then(log: Path) -> None:
    append(log, 1, 2)
    tail = Tail(log)
    log.write_text("", encoding="utf-8")
    append(log, 3)
    assert tail.ports() == [3]
    log.write_text("", encoding="utf-8")
    append(log, 14, 15, 16)
    assert tail.ports() == [14, 15, 16]
    assert tail.said == [f"{log} was cut, and is read from its beginning"] * 2


def test_a_file_that_comes_later_is_told_to_be_missing_and_then_read_whole(tmp_path: Path) -> None:
    log = tmp_path / "later.log"
    tail = Tail(log)
    assert tail.ports() == []
    assert tail.tail.troubles == {str(log): "no such file"}
    append(log, 1)
    assert tail.ports() == [1]
    assert tail.tail.troubles == {}
    log.unlink()
    tail.clock.now = 5
    assert tail.ports() == []
    assert tail.tail.troubles == {}
    tail.clock.now = 15
    assert tail.ports() == []
    assert tail.tail.troubles == {str(log): "no such file"}


def test_a_restart_goes_on_where_the_files_were_read_to(log: Path) -> None:
    tail = Tail(log)
    append(log, 1)
    assert tail.ports() == [1]
    places = tail.stop()
    append(log, 2)
    tail = Tail(log, places=places)
    assert tail.ports() == [2]
    places = tail.stop()
    append(log, 3)
    log.rename(log.with_suffix(".log.2"))
    append(log, 4)
    log.rename(log.with_suffix(".log.1"))
    append(log, 5)
    tail = Tail(log, places=places)
    assert tail.ports() == [3, 4, 5]
    assert tail.said == []


def test_a_link_is_followed_to_another_file_and_to_where_that_was_renamed(tmp_path: Path) -> None:
    folder = tmp_path / "pod"
    folder.mkdir()
    real, link = folder / "0.log", tmp_path / "pod.log"
    real.touch()
    link.symlink_to(real)
    tail = Tail(link)
    append(real, 1)
    assert tail.ports() == [1]
    places = tail.stop()
    append(real, 2)
    real.rename(folder / "0.log.20260101-000000")
    append(real, 3)
    assert Tail(link, places=places).ports() == [2, 3]


def test_a_file_that_is_rotated_faster_than_it_is_read_is_told(log: Path) -> None:
    tail = Tail(log)
    for number in range(10):
        append(log, number)
        log.rename(log.with_suffix(f".log.{number}"))
        log.touch()
        tail.ports()
    assert tail.said == [f"{log} is rotated faster than it can be read: some of it is left out"] * 3


def test_what_is_gone_after_a_restart_is_told(log: Path) -> None:
    append(log, 1)
    tail = Tail(log)
    places = tail.stop()
    log.write_text("", encoding="utf-8")
    append(log, 2)
    tail = Tail(log, places=places)
    assert tail.ports() == [2]
    assert tail.said == [f"{log}: what came after byte {len(line(1))} is not there any more"]


def test_the_format_is_recognised_and_kept_when_the_file_is_rotated(log: Path) -> None:
    tail = Tail(log, form=None)
    append(log, 1)
    (part,) = tail.look()
    assert (part.name, part.format, ports([part])) == (str(log), "hubble", [1])
    log.rename(log.with_suffix(".log.1"))
    log.write_text("{}\n" + line(2), encoding="utf-8")
    assert tail.ports() == [2]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"what is this\n", "the format of the flows is not recognised: say it with --flows-format"),
        (b"\x1f\x8b\x08\n", "it is compressed: follow the file that is being written"),
        (b"x" * (1 << 16), "it has no whole line that tells its format"),
        (b"\xd4\xc3\xb2\xa1" + b"\n" * 40, "has no lines that could be followed: read it with flows import"),
    ],
)
def test_what_cannot_be_followed_is_told_with_what_to_do(log: Path, content: bytes, problem: str) -> None:
    tail = Tail(log, form=None)
    log.write_bytes(content)
    assert tail.look() == []
    assert problem in tail.tail.troubles[str(log)]


def test_a_folder_and_a_pipe_are_no_files_to_be_followed(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    tail = Tail(tmp_path, pipe)
    assert tail.look() == []
    assert set(tail.tail.troubles) == {str(tmp_path), str(pipe)}
    assert "standard input" in tail.tail.troubles[str(pipe)]


def test_malformed_lines_are_counted_with_their_place(log: Path) -> None:
    tail = Tail(log)
    append(log, 1)
    with log.open("ab") as file:
        file.write(b"\xff\x00 no flow\n")
    append(log, 2)
    (part,) = tail.look()
    assert ports([part]) == [1, 2]
    assert [(each.line, each.offset) for each in part.part.malformed] == [(2, len(line(1)))]


def test_a_line_that_is_too_long_is_left_out_and_the_next_is_read() -> None:
    form = format_named("hubble")
    assert isinstance(form, Format)
    lines = Lines("f", form)
    assert lines.take(b"x" * 100, most=100) == 100
    assert lines.take(b"x" * 50, most=100) == 50
    rest = b"x\n" + line(1).encode()
    assert lines.take(rest, most=1000) == 2
    lines.take(rest[2:], most=1000)
    part = lines.part()
    assert part is not None
    assert ports([part]) == [1]
    assert part.part.tally.malformed == 1
    assert lines.lines == 2


def test_a_look_reads_no_more_than_some_bytes(log: Path) -> None:
    tail = Tail(log)
    many = LONGEST // len(line(10_000)) + 100
    append(log, *range(10_000, 10_000 + many))
    first, rest = tail.ports(), tail.ports()
    assert 0 < len(rest) <= 101
    assert first + rest == list(range(10_000, 10_000 + many))


def test_a_header_counts_for_lines_that_come_after_a_restart(log: Path) -> None:
    header = "version srcaddr dstaddr srcport dstport protocol action start end log-status\n"
    row = "5 10.0.0.1 10.0.0.2 {} 80 6 ACCEPT 1767323045 1767323046 OK\n"
    log.write_text(header + row.format(1), encoding="utf-8")
    tail = Tail(log, form=None)
    with log.open("a", encoding="utf-8") as file:
        file.write(row.format(2))
    (part,) = tail.look()
    assert part.format == "aws-vpc-flow"
    assert (part.part.tally.records, part.part.malformed) == (1, [])
    places = tail.stop()
    with log.open("a", encoding="utf-8") as file:
        file.write(row.format(3))
    (part,) = Tail(log, form=None, places=places).look()
    assert (part.part.tally.records, part.part.malformed) == (1, [])


def test_a_csv_file_is_followed_by_its_mapping_also_after_a_restart(log: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    form = line_format("", str(mapping))
    log.write_text("when,from,to,port,what\n", encoding="utf-8")
    tail = Tail(log, form=form)
    row = "2026-01-02T03:04:05Z,10.0.0.1,10.0.0.2,{},deny\n"
    for number in (1, 2):
        with log.open("a", encoding="utf-8") as file:
            file.write(row.format(number))
        (part,) = tail.look()
        assert (part.format, part.part.malformed) == ("csv", [])
        assert [each.destination.port for each in (*part.part.connections, *part.part.totals)] == [number]
        tail = Tail(log, form=form, places=tail.stop())


def test_standard_input_is_read_as_far_as_there_is_something() -> None:
    reading, writing = os.pipe()
    said: list[str] = []
    with os.fdopen(reading, "rb") as stream:
        tail = FlowTail(["-"], None, lambda: stream, said.append)
        tail.begin((), {})
        assert list(tail.look()) == []
        os.write(writing, line(1).encode() + line(2).encode()[:30])
        assert ports(list(tail.look())) == [1]
        os.write(writing, line(2).encode()[30:].rstrip())
        os.close(writing)
        assert ports(list(tail.look())) == [2]
        assert list(tail.look()) == []
    assert said == ["<stdin> has ended: no more flows come from there"]
    assert tail.places() == ()


@pytest.mark.parametrize(("name", "told"), [("hubbel", "there is no format"), ("pcap", "has no lines")])
def test_formats_that_cannot_be_followed_are_refused(name: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        line_format(name)


def test_what_is_remembered_comes_back_and_is_the_owners_only(tmp_path: Path) -> None:
    place = FlowPlace("/var/log/flows.log", 1, 2, 3, 4, "ab", 3, "hubble")
    kept = FollowedFlows((place,), (1, 2**64 - 1), (3,), 4.5)
    memory = SavedPlaces(tmp_path / "state")
    assert memory.load("https://a") == FollowedFlows()
    memory.save("https://a", kept)
    assert memory.load("https://a") == kept
    assert memory.load("https://b") == FollowedFlows()
    assert SavedPlaces(tmp_path / "state", is_forgetful=True).load("https://a") == FollowedFlows()
    (path,) = (tmp_path / "state").iterdir()
    assert path.stat().st_mode & 0o77 == 0
    path.write_bytes(b"{}")
    with pytest.raises(SourceError, match="cannot be read"):
        memory.load("https://a")
    with pytest.raises(SourceError, match="cannot be written"):
        SavedPlaces(path / "below").save("https://a", kept)


ACTIONS = st.sampled_from(["append", "part", "rename", "look", "restart"])


@pytest.mark.slow
@settings(deadline=None)
@given(actions=st.lists(ACTIONS, max_size=25))
def test_whatever_happens_to_a_file_every_line_is_told_once(
    actions: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = tmp_path_factory.mktemp("tail") / "flows.log"
    log.touch()
    tail = Tail(log)
    told: list[int] = []
    number, rotated = 0, 0
    for action in [*actions, "look"]:
        if action in {"append", "part"}:
            number += 1
            cut = len(line(number)) // (2 if action == "part" else 1)
            for text in (line(number)[:cut], line(number)[cut:]):
                with log.open("a", encoding="utf-8") as file:
                    file.write(text)
                told += tail.ports() if action == "part" else []
        elif action == "rename":
            rotated += 1
            log.rename(log.parent / f"flows.log.{rotated}")
            log.touch()
            # Times of files are told apart by little.
            os.utime(log.parent / f"flows.log.{rotated}", ns=(rotated * 10**9, rotated * 10**9))
            told += tail.ports()
            tail.clock.now += 3
        elif action == "look":
            told += tail.ports()
        else:
            tail = Tail(log, places=tail.stop())
    told += tail.ports()
    tail.stop()
    assert told == list(range(1, number + 1))


def test_what_was_remembered_before_there_were_marks_is_read(tmp_path: Path) -> None:
    memory = SavedPlaces(tmp_path)
    memory.save("https://a", FollowedFlows((), (1,), (2,), 3.0, {"hubble-relay": b"x"}))
    assert memory.load("https://a").marks == {"hubble-relay": b"x"}
    (path,) = tmp_path.glob("*.flows")
    path.write_bytes(msgspec.msgpack.encode({"places": [], "connections": [1], "known": [2], "learned": 3.0}))
    assert memory.load("https://a") == FollowedFlows((), (1,), (2,), 3.0, {})


def test_several_are_followed_as_one(tmp_path: Path) -> None:
    class Marked(FlowTail):
        def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:
            super().begin(places, marks)
            self.marked = dict(marks)

        def marks(self) -> dict[str, bytes]:
            return {"a": b"2"}

    one, other = (FlowTail([str(tmp_path / name)], HUBBLE, io.BytesIO, print) for name in ("one", "other"))
    marked = Marked([], None, io.BytesIO, print)
    together = Together([one, other, marked])
    for name in ("one", "other"):
        (tmp_path / name).touch()
    together.begin((), {"a": b"1"})
    (tmp_path / "one").write_text(line(1))
    (tmp_path / "other").write_text(line(2))
    assert sorted(ports(list(together.look()))) == [1, 2]
    assert [each.path.rpartition("/")[2] for each in together.places()] == ["one", "other"]
    assert (marked.marked, together.marks(), together.troubles) == ({"a": b"1"}, {"a": b"2"}, {})
    (tmp_path / "one").unlink()
    (tmp_path / "one").mkdir()
    list(together.look())
    assert [name.rpartition("/")[2] for name in together.troubles] == ["one"]
    together.close()
