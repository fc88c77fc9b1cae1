from __future__ import annotations

import csv
import json
import time
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from firedoor.cli.exit_codes import ExitCode
from tests.adapters.flows.samples import DEMO, line
from tests.cli.command import Ran, assert_golden, firedoor, process


def flows(store: Path, *arguments: str, stdin: bytes = b"") -> Ran:
    return firedoor("flows", *arguments, "--store", str(store), stdin=stdin, cwd=DEMO.parent)


def imported(store: Path, *arguments: str) -> Path:
    assert flows(store, "import", "hubble.jsonl", *arguments).code == 0
    return store


def test_the_demo_is_imported_and_asked(tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert_golden("flows-import-demo.txt", flows(store, "import", "hubble.jsonl").out)
    assert_golden("flows-top-demo.txt", flows(store, "top", "--limit", "5").out)
    assert_golden("flows-denied-demo.txt", flows(store, "query", "--verdict", "denied").out)
    again = flows(store, "import", "hubble.jsonl").out
    assert "355,482 bytes were imported before" in again


def test_hostile_lines_are_told_and_kept(tmp_path: Path) -> None:
    good = line()
    hostile = [
        b'{"flow":{"time":"2026',
        b"\x1b[31mred\x1b[0m \xe2\x80\xae",
        b"[" * 50_000,
        line(l4={"TCP": {"source_port": 99999999999999999999, "destination_port": 80}}).strip(),
        line(verdict=["DROPPED"]).strip(),
        line(
            source={"namespace": "\x1b]0;x\x07", "pod_name": "=cmd()"},
            IP={"source": "10.0.0.9", "destination": "10.0.0.8"},
        ).strip(),
        b'{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"-4"},"node_name":"n1"}',
        b'{"lost_events":{"source":"HUBBLE_RING_BUFFER","num_events_lost":"12"},"node_name":"n1"}',
    ]
    data = good + b"\n".join(hostile) + b"\n" + good + good[:40]
    ran = flows(tmp_path / "s", "import", "-", stdin=data)
    assert ran.code == ExitCode.GAPS
    assert "\x1b" not in ran.out
    assert_golden("flows-import-hostile.txt", ran.out.replace(str(tmp_path), "TMP").replace("[" * 99, "[[..."))
    top = flows(tmp_path / "s", "top").out
    assert "\x1b" not in top
    rows = flows(tmp_path / "s", "query", "-o", "csv").out
    assert ",=cmd" not in rows
    rejects = sorted((tmp_path / "s" / "rejects").iterdir())
    assert sum(len(each.read_text().splitlines()) for each in rejects) == 7


def test_formats_agree(tmp_path: Path) -> None:
    store = imported(tmp_path)
    document = flows(store, "query", "-o", "json").document
    assert (document["schema"], document["total"]) == ("firedoor/flows/v1", len(document["edges"]))
    assert yaml.safe_load(flows(store, "query", "-o", "yaml").out) == document
    ran = flows(store, "query", "-o", "csv")
    rows = list(csv.DictReader(StringIO(ran.out)))
    assert [row["source_name"] for row in rows] == [each["source"]["name"] for each in document["edges"]]
    assert ran.err.startswith("coverage: 84.65 % of the flows were told (204 told, 37 lost)")
    assert len(flows(store, "query").out.splitlines()) == document["total"] + 4
    assert flows(store, "top", "-o", "json").document["edges"] == document["edges"][:20]


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (("--from", "shop/frontend"), ("source", "name"), "frontend"),
        (("--to", "shop-data"), ("destination", "namespace"), "shop-data"),
        (("--port", "53/udp"), ("port",), 53),
        (("--port", "5432"), ("port",), 5432),
        (("--verdict", "denied"), ("verdict",), "denied"),
    ],
)
def test_questions_choose_edges(
    tmp_path: Path, arguments: tuple[str, ...], field: tuple[str, ...], value: object
) -> None:
    store = imported(tmp_path)
    found = flows(store, "query", *arguments, "-o", "json").document["edges"]

    def at(edge: Any) -> object:
        for name in field:
            edge = edge[name]
        return edge

    assert {at(each) for each in found} == {value}


def test_times_choose_hours(tmp_path: Path) -> None:
    store = imported(tmp_path)
    total = flows(store, "query", "-o", "json").document["total"]
    parts = [
        flows(store, "query", *arguments, "-o", "json").document["edges"]
        for arguments in (("--until", "2026-03-10T09:00:00Z"), ("--since", "2026-03-10T09:00:00Z"))
    ]
    assert 0 < len(parts[1]) < total
    assert {each["first"] < "2026-03-10T09" for each in parts[0]} == {True}
    assert {each["first"] >= "2026-03-10T09" for each in parts[1]} == {True}
    assert flows(store, "top", "--since", "1h").code == ExitCode.NOTHING_IN_SCOPE


def test_edges_are_exported(tmp_path: Path) -> None:
    store = imported(tmp_path / "s")
    total = flows(store, "query", "-o", "json").document["total"]
    for name, form in (("e.parquet", "parquet"), ("e.csv", "csv"), ("e.jsonl", "jsonl"), ("e.data", "parquet")):
        ran = flows(store, "export", str(tmp_path / name))
        assert ran.out.startswith(f"{total} edges written to {tmp_path / name} as {form}.\ncoverage: 84.65 %")
    written = duckdb.connect().read_parquet(f"{tmp_path}/e.parquet")
    counted = written.aggregate('count(*), sum("count")').fetchall()
    rows = list(csv.DictReader(StringIO((tmp_path / "e.csv").read_text())))
    lines = [json.loads(each) for each in (tmp_path / "e.jsonl").read_text().splitlines()]
    assert counted == [(len(rows), sum(int(each["count"]) for each in rows))]
    assert [str(each["count"]) for each in lines] == [each["count"] for each in rows]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["e.csv", "e.data", "e.jsonl", "e.parquet", "s"]
    assert "cannot be written" in flows(store, "export", str(tmp_path / "no" / "x.csv")).error


def test_old_hours_are_pruned(tmp_path: Path) -> None:
    store = imported(tmp_path)
    hours = flows(store, "status", "-o", "json").document["clusters"][0]
    assert flows(store, "prune", "--older-than", "9999w").out.startswith("0 hours dropped")
    assert flows(store, "prune", "--keep", "1TB").out.startswith("0 hours dropped")
    kept = flows(store, "prune", "--keep", f"{hours['bytes'] - 1}")
    assert kept.out.startswith("1 hour dropped")
    days = (time.time() - 1_773_000_000) // 86400 - 30
    assert flows(store, "prune", "--older-than", f"{int(days)}d").out.startswith("2 hours dropped")
    assert flows(store, "query", "-o", "json").document["edges"] == []
    assert flows(store, "import", "hubble.jsonl", "-o", "json").document["sources"][0]["new"]["flows"] == 0


def test_old_hours_are_dropped_while_flows_are_imported(tmp_path: Path) -> None:
    hours = [0, 3]
    days = (time.time() - 1_773_000_000) // 86400 + 30
    for age in (1, int(days)):
        store = imported(tmp_path / str(age), "--prune-older-than", f"{age}d")
        assert sum(each["hours"] for each in flows(store, "status", "-o", "json").document["clusters"]) == hours.pop(0)
        assert len(flows(store, "status", "-o", "json").document["sources"]) == 1


def test_hours_of_other_clusters_stay(tmp_path: Path) -> None:
    store = imported(tmp_path, "--cluster", "one")
    other = tmp_path / "other.jsonl"
    other.write_text("")
    flows(store, "import", str(other), "--cluster", "two", "--prune-older-than", "1d")
    assert [each["cluster"] for each in flows(store, "status", "-o", "json").document["clusters"]] == ["one"]


def test_status_shows_sources_and_hours(tmp_path: Path) -> None:
    store = imported(tmp_path, "--cluster", "lantern")
    document = flows(store, "status", "-o", "json").document
    (source,) = document["sources"]
    assert (source["name"], source["format"], source["cluster"], source["lost"]) == (
        "hubble.jsonl",
        "hubble",
        "lantern",
        37,
    )
    assert (document["clusters"][0]["hours"], document["coverage"]["flows"]) == (3, 204)
    text = flows(store, "status").out
    assert "cluster lantern: 3 hours in 3 files" in text
    assert yaml.safe_load(flows(store, "status", "-o", "yaml").out) == document
    assert flows(store, "query", "--cluster", "lantern", "-o", "json").document["total"] == 77


def test_addresses_are_attributed_by_snapshots_at_their_time(tmp_path: Path) -> None:
    pod = """
    {apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: lab, creationTimestamp: "%s"},
     spec: {containers: [{name: c, image: i}]}, status: {phase: Running, podIP: 10.0.0.21}}
    """
    for name, created in (("old", "2026-07-31T09:00:00Z"), ("new", "2026-07-31T11:00:00Z")):
        (tmp_path / f"{name}.yaml").write_text(pod % (name, created))
    times = ("2026-07-31T09:30:00.1Z", "2026-07-31T10:30:00.1Z", "2026-07-31T11:30:00.1Z")
    ports = [{"TCP": {"source_port": number, "destination_port": 80}} for number in range(1, 4)]
    data = b"".join(line(time=at, l4=l4, destination={}) for at, l4 in zip(times, ports, strict=True))
    states = ("-f", f"{tmp_path}/old.yaml@2026-07-31T10:00:00Z", "-f", f"{tmp_path}/new.yaml@2026-07-31T12:00:00Z")

    def names(*more: str) -> list[str]:
        store = tmp_path / f"s{len(more)}"
        assert flows(store, "import", "-", *states, *more, stdin=data).code == 0
        edges = flows(store, "query", "-o", "json").document["edges"]
        return [each["destination"]["name"] for each in sorted(edges, key=lambda each: str(each["first"]))]

    assert names() == ["old", "", "new"]
    assert names("--grace", "40m") == ["old", "new"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import", "missing"), "missing: no such file; check the path"),
        (("import", "-", "-"), "standard input is given twice; leave one of them out"),
        (("import", "hubble.jsonl", "--cluster", ""), "the name of the cluster is empty"),
        (("import", "hubble.jsonl", "--format", "x"), "there is no format 'x'; use one of "),
        (("import", "hubble.jsonl", "--mapping", "missing"), "missing: no such file; check the path"),
        (("import", "hubble.jsonl", "--mapping", "x", "--format", "y"), "--format and --mapping were both given"),
        (("import", "hubble.jsonl", "--grace", "soon"), "'soon' is no duration; write a number and s, m, h, d or w"),
        (("import", "hubble.jsonl", "--prune-older-than", "old"), "'old' is no duration"),
        (("import", "hubble.jsonl", "-f", "missing.yaml"), "no such file"),
        (("prune",), "what is to be dropped is not said"),
        (("prune", "--keep", "1GB", "--older-than", "1d"), "what is to be dropped is not said"),
        (("prune", "--keep", "much"), "'much' is no size"),
        (("top", "--since", "yesterday"), "'yesterday' is no time"),
        (("top", "--port", "x"), "'x' is no port"),
        (("top",), "the store holds no flows of that cluster and time; import some with `firedoor flows import FILE`"),
        (("status",), "the store holds no flows"),
        (("export", "x.csv"), "the store holds no flows"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    assert message in flows(tmp_path / "none", *arguments).error
    assert not (tmp_path / "none").exists()


def test_the_query_for_other_engines_is_printed() -> None:
    pytest.importorskip("ibis", reason="the extra ibis is not installed")
    ran = firedoor("flows", "sql", "--dialect", "clickhouse", "--table", "mine")
    assert ran.code == 0
    assert "SELECT" in ran.out
    assert "mine" in ran.out


def test_a_creation_time_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(
        "{apiVersion: v1, kind: Pod, metadata: {name: a, creationTimestamp: soon}, "
        "spec: {containers: [{name: c, image: i}]}, status: {podIP: 10.0.0.1}}"
    )
    error = flows(tmp_path / "s", "import", "hubble.jsonl", "-f", f"{tmp_path}/pod.yaml").error
    assert "an object was created at no time" in error


def test_the_default_store_is_where_data_belong(tmp_path: Path) -> None:
    ran = process("flows", "import", "hubble.jsonl", cwd=DEMO.parent, XDG_DATA_HOME=str(tmp_path))
    assert (ran.code, ran.err) == (0, "")
    assert (tmp_path / "firedoor" / "flows" / "ledger.json").exists()
    assert (tmp_path / "firedoor" / "flows").stat().st_mode & 0o077 == 0
