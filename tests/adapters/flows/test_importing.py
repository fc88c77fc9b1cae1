from __future__ import annotations

import gzip
import json
import random
import signal
import struct
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import IO, cast

import pytest
import zstandard

from firedoor import native
from firedoor.adapters.flows import chunks
from firedoor.adapters.flows.files import FlowFile
from firedoor.adapters.flows.store import Store
from firedoor.errors import SourceError, UsageError
from firedoor.interfaces import Silent
from firedoor.model.flow_reading import FlowQuestion, Imported
from firedoor.usecases import flows_import
from firedoor.usecases.flows_import import import_flows
from tests.adapters.flows.samples import DEMO, NOBODY, edges, line, lines, store

CSV_LOG = b"".join(
    b"2023/07/04 12:33:26.221413 IngressDefaultRule K8sNetworkPolicy <nil> Ingress Drop <nil> default/nettool "
    b"10.10.1.%d <nil> 10.10.1.7 <nil> ICMP 84 <nil>\n" % number
    for number in range(1, 30)
)


def piped(data: bytes, folder: Path) -> Imported:
    source = FlowFile("-", lambda: cast("IO[bytes]", BytesIO(data)))
    return import_flows(source, Store(folder), NOBODY, "c", Silent())


def test_importing_again_adds_nothing(tmp_path: Path) -> None:
    first = store(DEMO, tmp_path / "s")
    before = edges(tmp_path / "s")
    again = store(DEMO, tmp_path / "s")
    assert (first.tally.records, again.tally.records, again.skipped) == (204, 0, DEMO.stat().st_size)
    assert edges(tmp_path / "s") == before
    assert len(Store(tmp_path / "s").sources()) == 1


def test_a_file_under_another_name_or_compressed_is_the_same_source(tmp_path: Path) -> None:
    data = DEMO.read_bytes()
    store(DEMO, tmp_path / "s")
    before = edges(tmp_path / "s")
    for name, packed in (("x", data), ("x.gz", gzip.compress(data)), ("x.zst", zstandard.compress(data))):
        (tmp_path / name).write_bytes(packed)
        assert store(tmp_path / name, tmp_path / "s").tally.records == 0
    assert piped(data, tmp_path / "s").tally.records == 0
    assert edges(tmp_path / "s") == before


@pytest.mark.parametrize("cut", [1, 200, 5000, 100_000, 100_357])
def test_a_file_that_grows_comes_to_what_the_whole_does(tmp_path: Path, cut: int) -> None:
    data = lines(60)
    whole, growing = tmp_path / "whole", tmp_path / "growing"
    whole.write_bytes(data)
    store(whole, tmp_path / "one")
    for length in (cut, cut + 3000, len(data)):
        growing.write_bytes(data[:length])
        try:
            found = store(growing, tmp_path / "two")
        except SourceError as error:
            assert "is not recognised" in str(error)  # noqa: PT017 - so few bytes are of no format
            continue
        assert found.tally.malformed == 0
        assert found.is_cut == (data[length - 1 : length] != b"\n")
    assert edges(tmp_path / "two") == edges(tmp_path / "one")
    assert Store(tmp_path / "two").sources()[0].tally.records == data.count(b"\n")
    assert Store(tmp_path / "two").sources()[0].lines == data.count(b"\n")


def test_a_format_whose_lines_need_those_before_is_resumed_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 1000)
    path = tmp_path / "np.log"
    for length in (len(CSV_LOG) // 3 + 5, len(CSV_LOG), len(CSV_LOG)):
        path.write_bytes(CSV_LOG[:length])
        store(path, tmp_path / "s")
    assert Store(tmp_path / "s").sources()[0].tally.records == 29
    assert sum(edges(tmp_path / "s").values()) == 29


def test_a_beginning_of_what_was_imported_adds_nothing(tmp_path: Path) -> None:
    data = lines(60)
    (tmp_path / "whole").write_bytes(data)
    (tmp_path / "part").write_bytes(data[:50_000])
    store(tmp_path / "whole", tmp_path / "s")
    assert store(tmp_path / "part", tmp_path / "s").tally.records == 0
    assert len(Store(tmp_path / "s").sources()) == 1


def test_another_file_with_the_same_beginning_is_another_source(tmp_path: Path) -> None:
    data = lines(60)
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(data)
    two.write_bytes(data[:50_000] + data[50_000:].replace(b"node-1", b"node-9"))
    store(one, tmp_path / "s")
    assert store(two, tmp_path / "s").tally.records == data.count(b"\n")
    assert len(Store(tmp_path / "s").sources()) == 2


def test_a_source_belongs_to_one_cluster(tmp_path: Path) -> None:
    store(DEMO, tmp_path)
    source = FlowFile(str(DEMO), lambda: cast("IO[bytes]", BytesIO()))
    with pytest.raises(UsageError, match="into the cluster 'c' before"):
        import_flows(source, Store(tmp_path), NOBODY, "other", Silent())


def test_both_ends_in_files_of_their_own_count_a_connection_once(tmp_path: Path) -> None:
    data = lines(300).splitlines(keepends=True)
    nodes: dict[str, list[bytes]] = {}
    for each in data:
        nodes.setdefault(json.loads(each)["node_name"], []).append(each)
    (tmp_path / "all").write_bytes(b"".join(data))
    store(tmp_path / "all", tmp_path / "one")
    for node, own in nodes.items():
        path = tmp_path / node.replace("/", "-")
        path.write_bytes(b"".join(own))
        store(path, tmp_path / "two")
    assert len(nodes) == 12
    assert edges(tmp_path / "two") == edges(tmp_path / "one")
    assert sum(edges(tmp_path / "one").values()) == 300


def test_parts_of_any_size_come_to_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flows"
    path.write_bytes(lines(50))
    found = []
    for size in (30_000, 200_000, 1 << 25):
        monkeypatch.setattr(chunks, "CHUNK", size)
        store(path, tmp_path / str(size))
        Store(tmp_path / str(size)).compact(Silent())
        found.append(edges(tmp_path / str(size)))
    assert found[0] == found[1] == found[2]
    assert sum(found[0].values()) == 50


def test_what_goes_on_for_long_is_tidied_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flows"
    path.write_bytes(lines(200))
    monkeypatch.setattr(chunks, "CHUNK", 20_000)
    monkeypatch.setattr(flows_import, "_PARTS_BETWEEN", 2)
    kept, times = Store(tmp_path / "store"), 0

    def tidy() -> None:
        nonlocal times
        times += 1
        kept.prune(lambda _cluster, _hour, _octets: True)

    found = import_flows(FlowFile(str(path), BytesIO), kept, NOBODY, "c", Silent(), tidy)
    assert times >= 2
    assert found.tally.lines == path.read_bytes().count(b"\n")
    store(path, tmp_path / "whole")
    kept_now, all_there_is = (sum(edges(tmp_path / each).values()) for each in ("store", "whole"))
    assert kept_now < all_there_is


@pytest.mark.slow
@pytest.mark.parametrize("is_compiled", ["0", "1"])
def test_several_processes_read_what_one_does(
    is_compiled: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 100_000)
    data = lines(60).splitlines(keepends=True)
    data[200:200] = [b"broken\n"]
    path, packed = tmp_path / "flows", tmp_path / "flows.gz"
    path.write_bytes(b"".join(data))
    packed.write_bytes(gzip.compress(b"".join(data)))
    alone = store(path, tmp_path / "one")
    for each in (path, packed):
        folder = tmp_path / f"two{each.suffix}"
        # Threads read besides where it is compiled, and processes otherwise.
        monkeypatch.setenv(native.SWITCH, is_compiled)
        several = store(each, folder, jobs=2)
        assert edges(folder) == edges(tmp_path / "one")
        assert several.malformed == alone.malformed
        assert several.tally == alone.tally
    (bad,) = alone.malformed
    assert (bad.line, bad.offset, bad.text) == (201, len(b"".join(data[:200])), "broken")


def test_malformed_lines_are_counted_shown_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "flows"
    good = line()
    path.write_bytes(good + b"\xff\xfe\n" + good + b'{"flow":{"time":1}}\n' + b"\n" + good)
    found = store(path, tmp_path / "s")
    assert [(each.line, each.offset) for each in found.malformed] == [(2, len(good)), (4, len(good) * 2 + 3)]
    assert (found.tally.malformed, found.tally.records) == (2, 3)
    (rejects,) = found.entry.rejects
    kept = [json.loads(each) for each in (tmp_path / "s" / rejects).read_text().splitlines()]
    assert [each["text"] for each in kept] == ["\\xff\\xfe", '{"flow":{"time":1}}']


def test_a_cut_line_of_a_stream_is_malformed_and_of_a_file_left(tmp_path: Path) -> None:
    data = line() + line()[:-20]
    assert piped(data, tmp_path / "s").tally.malformed == 1
    (tmp_path / "f").write_bytes(data)
    found = store(tmp_path / "f", tmp_path / "t")
    assert (found.tally.malformed, found.is_cut, found.entry.position) == (0, True, len(line()))


def test_a_damaged_archive_gives_what_can_be_read(tmp_path: Path) -> None:
    data = lines(60)
    for name, packed in (("x.gz", gzip.compress(data)), ("x.zst", zstandard.compress(data))):
        (tmp_path / name).write_bytes(packed[: len(packed) // 2])
        found = store(tmp_path / name, tmp_path / f"s{name}")
        assert "damaged or cut short" in found.note
        (tmp_path / name).write_bytes(packed)
        assert store(tmp_path / name, tmp_path / f"s{name}").entry.tally.records == data.count(b"\n")


@pytest.mark.parametrize(
    ("data", "message"), [(b"", "is empty"), (b"hello\nworld\n", "not recognised"), (b"\x1f\x8bno", "damaged")]
)
def test_what_is_no_flow_log_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(SourceError, match=message):
        store(tmp_path / "x", tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_capture_is_read_once_and_as_a_whole(tmp_path: Path) -> None:
    def packet(flags: int, source: bytes, destination: bytes, ports: tuple[int, int]) -> bytes:
        segment = struct.pack(">HHIIBBHHH", *ports, 0, 0, 0x50, flags, 0, 0, 0)
        header = struct.pack(">BBHHHBBH", 0x45, 0, 40, 0, 0, 64, 6, 0) + source + destination
        return struct.pack("<IIII", 1_700_000_000, 0, 40, 40) + header + segment

    a, b = b"\x0a\x00\x00\x01", b"\x0a\x00\x00\x02"
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)
    data += packet(0x02, a, b, (40000, 80)) + packet(0x12, b, a, (80, 40000)) + packet(0x10, a, b, (40000, 80))
    (tmp_path / "x.pcap").write_bytes(data)
    first = store(tmp_path / "x.pcap", tmp_path / "s")
    assert (first.tally.records, first.entry.is_whole) == (1, True)
    again = store(tmp_path / "x.pcap", tmp_path / "s")
    assert (again.tally.records, again.note) == (0, "it was read as a whole before, and is not read again")
    assert edges(tmp_path / "s") == {("", "", "", "", "10.0.0.2", "TCP", "80", "allowed"): 1}


def test_a_table_of_any_origin_is_read_by_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(
        "fields:\n  start: {column: at, unit: s}\n  source.address: src\n  destination.address: dst\n"
        "  destination.port: port\n  protocol: {value: TCP}\n  verdict: {column: what, allowed: [ok]}\n"
        "  is_reply: {column: reply, replies: [y], requests: [n]}\n  connections: {value: '3'}\n"
    )
    text = "at,src,dst,port,what,reply\n" + "1700000000,10.0.0.1,10.0.0.2,80,ok,n\n" * 4
    (tmp_path / "x.csv").write_text(text)
    mapping = str(tmp_path / "m.yaml")
    assert store(tmp_path / "x.csv", tmp_path / "s", mapping=mapping).tally.records == 4
    (tmp_path / "x.csv").write_text(text + "1700000000,10.0.0.1,10.0.0.2,80,ok,n\n")
    assert store(tmp_path / "x.csv", tmp_path / "s", mapping=mapping).tally.records == 1
    assert sum(edges(tmp_path / "s").values()) == 15
    (tmp_path / "m.yaml").write_bytes(b"\xff")
    with pytest.raises(SourceError, match="the mapping is no text"):
        store(tmp_path / "x.csv", tmp_path / "s", mapping=mapping)


def test_paths_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        store(tmp_path / "x", tmp_path / "s")
    with pytest.raises(SourceError, match="is a folder"):
        store(tmp_path, tmp_path / "s")
    with pytest.raises(UsageError, match="no format 'x'"):
        store(DEMO, tmp_path / "s", format="x")


KILLED = """
import sys, time
from firedoor.adapters.flows import chunks
chunks.CHUNK = 40_000
read = chunks.Chunk.read
def slowly(self):
    # Whoever kills it may be late.
    time.sleep(0.2)
    return read(self)
chunks.Chunk.read = slowly
from firedoor.cli.main import main
main()
"""


def reached(folder: Path) -> int:
    return max((each.position for each in Store(folder).sources()), default=0)


@pytest.mark.slow
def test_an_import_that_is_killed_anywhere_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "flows"
    path.write_bytes(lines(120))
    monkeypatch.setattr(chunks, "CHUNK", 40_000)
    store(path, tmp_path / "whole")
    expected = edges(tmp_path / "whole")
    folder = tmp_path / "killed"
    command = [
        sys.executable,
        "-c",
        KILLED,
        "flows",
        "import",
        str(path),
        "--store",
        str(folder),
        "--cluster",
        "c",
        "--jobs",
        "1",
    ]
    rolls = random.Random(1)
    seen = set()
    for _ in range(4):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = reached(folder)
        started = time.monotonic()
        while reached(folder) == before and running.poll() is None and time.monotonic() - started < 90:
            time.sleep(0.01)
        time.sleep(rolls.random() * 0.2)
        running.send_signal(signal.SIGKILL)
        running.wait()
        seen.add(reached(folder))
        assert sum(edges(folder).values()) <= sum(expected.values())
    assert len(seen) > 2
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert edges(folder) == expected
    assert Store(folder).sources()[0].tally.records == Store(tmp_path / "whole").sources()[0].tally.records
    assert Store(folder).coverage(FlowQuestion()).share == 1
