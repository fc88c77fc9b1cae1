from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from firedoor.adapters.flows import ledger
from firedoor.adapters.flows import store as module
from firedoor.adapters.flows.store import Store, default_folder
from firedoor.engine.flows.sightings import HOUR
from firedoor.errors import SourceError
from firedoor.interfaces import Silent
from firedoor.model.flow_reading import FlowQuestion, FlowRow, FlowTally, MalformedFlow, SourceEntry, SourceMemory
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind

WEB = FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", "web")
API = FlowPeer(PeerKind.WORKLOAD, "shop", "Deployment", "api")
NIGHT = 500_000


def row(side: str = "egress", count: int = 1, verdict: FlowVerdict = FlowVerdict.ALLOWED, **more: Any) -> FlowRow:
    hour = more.pop("hour", NIGHT)
    source, destination, port = more.pop("source", WEB), more.pop("destination", API), more.pop("port", 80)
    at = hour * HOUR + more.pop("at", 5)
    return FlowRow(FlowEdge(source, destination, "TCP", port, verdict, count, at, at), side, hour, 1, 2, ("p",))


def entry(name: str = "a", position: int = 1, cluster: str = "c") -> SourceEntry:
    own = FlowTally(records=1, first=NIGHT * HOUR, last=NIGHT * HOUR)
    return SourceEntry(
        id=name, name=name, format="f", cluster=cluster, head="", head_length=0, position=position, tally=own
    )


def kept(folder: Path, *rows: FlowRow, name: str = "a", cluster: str = "c") -> Store:
    own = Store(folder)
    own.commit(entry(name, cluster=cluster), 0, rows, (), SourceMemory())
    return own


def counts(own: Store, **asked: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for each in own.edges(FlowQuestion(**asked)):
        found[str(each.verdict)] = found.get(str(each.verdict), 0) + each.count
    return found


A, D, U, O = FlowVerdict.ALLOWED, FlowVerdict.DENIED, FlowVerdict.AUDITED, FlowVerdict.OTHER  # noqa: E741


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([("egress", 3, A)], {"allowed": 3}),
        ([("egress", 3, A), ("ingress", 3, A)], {"allowed": 3}),
        ([("egress", 2, A), ("ingress", 3, A)], {"allowed": 3}),
        ([("egress", 3, A), ("ingress", 1, D), ("ingress", 2, A)], {"allowed": 2, "denied": 1}),
        ([("egress", 3, A), ("ingress", 3, D)], {"denied": 3}),
        ([("egress", 2, D), ("ingress", 3, D)], {"denied": 5}),
        ([("egress", 2, U), ("ingress", 2, A)], {"audited": 2}),
        ([("egress", 2, A), ("ingress", 2, U)], {"audited": 2}),
        ([("egress", 2, O), ("ingress", 2, A)], {"allowed": 2}),
        ([("egress", 2, O)], {"other": 2}),
        ([("egress", 2, A), ("ingress", 2, O)], {"other": 2}),
        ([("", 4, A), ("egress", 2, A)], {"allowed": 4}),
        ([("egress", 0, A)], {"allowed": 0}),
    ],
)
def test_what_both_sides_tell_counts_a_connection_once(
    tmp_path: Path, told: list[tuple[str, int, FlowVerdict]], expected: dict[str, int]
) -> None:
    assert counts(kept(tmp_path, *(row(*each) for each in told))) == expected


def test_hours_are_added_up(tmp_path: Path) -> None:
    own = kept(tmp_path, row(hour=NIGHT, at=7), row("ingress", hour=NIGHT + 1, at=9), row("ingress", hour=NIGHT, at=3))
    (edge,) = own.edges(FlowQuestion())
    assert (edge.count, edge.first, edge.last) == (2, NIGHT * HOUR + 3, (NIGHT + 1) * HOUR + 9)
    assert (edge.source, edge.destination, edge.protocol, edge.port) == (WEB, API, "TCP", 80)
    assert [each.count for each in own.edges(FlowQuestion(since=(NIGHT + 1) * HOUR))] == [1]
    assert [each.count for each in own.edges(FlowQuestion(until=(NIGHT + 1) * HOUR))] == [1]
    assert list(own.edges(FlowQuestion(until=NIGHT * HOUR))) == []


def test_questions_choose_edges(tmp_path: Path) -> None:
    outside = FlowPeer(PeerKind.EXTERNAL, name="a.example", address="1.2.3.4")
    own = kept(
        tmp_path,
        row(count=5),
        row(destination=outside, port=443, count=3),
        row(source=API, destination=WEB, verdict=FlowVerdict.DENIED),
    )
    assert counts(own, source="shop/web") == {"allowed": 8}
    assert counts(own, source="shop") == {"allowed": 8, "denied": 1}
    assert counts(own, destination="1.2.3.4") == {"allowed": 3}
    assert counts(own, destination="shop/web") == {"denied": 1}
    assert counts(own, port=443) == {"allowed": 3}
    assert counts(own, protocol="UDP") == {}
    assert counts(own, verdicts=(FlowVerdict.DENIED,)) == {"denied": 1}
    assert counts(own, cluster="c") == counts(own)
    assert counts(own, cluster="d") == {}
    assert counts(own, source="x' OR '1'='1") == {}
    assert [each.count for each in own.edges(FlowQuestion())] == [5, 3, 1]


def test_names_and_clusters_are_kept_whatever_they_are(tmp_path: Path) -> None:
    strange = FlowPeer(PeerKind.WORKLOAD, "o'x", "K", '../"{}\n\u202e')
    own = kept(tmp_path, row(source=strange), cluster="../a'b/c=1")
    (edge,) = own.edges(FlowQuestion(cluster="../a'b/c=1"))
    assert edge.source == strange
    assert all(tmp_path in path.parents for path in tmp_path.rglob("*"))
    broken = kept(tmp_path / "t", row(source=FlowPeer(PeerKind.WORKLOAD, "n", "K", "\ud800")))
    assert [each.source.name for each in broken.edges(FlowQuestion())] == ["\\ud800"]


def test_an_empty_store_has_nothing(tmp_path: Path) -> None:
    own = Store(tmp_path / "none")
    own.compact(Silent())
    assert [*own.edges(FlowQuestion()), *own.sources(), *own.hours()] == []
    assert own.prune(lambda *_: True).files == 0
    assert own.coverage(FlowQuestion()).share is None
    assert not (tmp_path / "none").exists()


def test_many_files_of_an_hour_become_one(tmp_path: Path) -> None:
    for number in range(module.MANY):
        own = kept(tmp_path, row(count=number), row(hour=NIGHT + 1), name=f"s{number}")
    before = counts(own)
    own.compact(Silent())
    assert counts(own) == before
    (hours,) = own.hours()
    assert (hours.files, hours.hours, hours.rows) == (2, 2, 2)
    assert len(list(tmp_path.rglob("*.parquet"))) == 2


def test_old_hours_are_pruned_and_sources_stay(tmp_path: Path) -> None:
    own = kept(tmp_path, row(hour=NIGHT), row(hour=NIGHT + 1), row(hour=NIGHT + 2))
    gone = own.prune(lambda _cluster, hour, _octets: hour < NIGHT + 2)
    assert (gone.hours, gone.files, gone.rows) == (2, 2, 2)
    assert counts(own) == {"allowed": 1}
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    assert [each.id for each in own.sources()] == ["a"]


def test_a_part_that_another_import_has_kept_is_not_kept_again(tmp_path: Path) -> None:
    own = kept(tmp_path, row())
    with pytest.raises(SourceError, match="another import of the same source"):
        own.commit(entry(), 0, (row(),), (), SourceMemory())
    assert counts(own) == {"allowed": 1}


def test_what_the_ledger_does_not_name_does_not_count(tmp_path: Path) -> None:
    own = kept(tmp_path, row())
    (file,) = tmp_path.rglob("*.parquet")
    file.with_name("other.parquet").write_bytes(file.read_bytes())
    assert counts(own) == {"allowed": 1}


def test_files_are_parquet_that_others_read(tmp_path: Path) -> None:
    kept(tmp_path, row())
    found = duckdb.connect().read_parquet(f"{tmp_path}/edges/*/*/*.parquet", hive_partitioning=True)
    assert found.select("cluster", "source_name", '"count"', "policies").fetchall() == [("c", "web", 1, ["p"])]
    assert "2027-01-15T08" in next(iter(tmp_path.rglob("*.parquet"))).parent.name


def test_a_ledger_that_is_damaged_or_newer_is_told(tmp_path: Path) -> None:
    own = kept(tmp_path, row())
    path = tmp_path / "ledger.json"
    document = json.loads(path.read_text())
    for text, message in (
        ("{", "is damaged"),
        ("{}", "has no version"),
        (json.dumps(document | {"sources": 5}), "is damaged"),
        (json.dumps(document | {"schema": 99}), "has version 99"),
    ):
        path.write_text(text)
        with pytest.raises(SourceError, match=message):
            own.sources()


def test_an_older_store_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = kept(tmp_path, row())

    def renamed(_folder: Path, document: dict[str, Any]) -> dict[str, Any]:
        document["sources"] = {name: each | {"cluster": "new"} for name, each in document["sources"].items()}
        return document

    monkeypatch.setattr(ledger, "SCHEMA", 3)
    monkeypatch.setattr(ledger, "STEPS", {1: renamed, 2: lambda _folder, document: document})
    assert [each.cluster for each in own.sources()] == ["new"]


def test_a_store_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="the store cannot be written"):
        kept(tmp_path / "file" / "store", row())


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    own = kept(tmp_path, row())
    next(iter(tmp_path.rglob("*.parquet"))).write_bytes(b"PAR1 or not")
    with pytest.raises(SourceError, match="the store cannot be read"):
        counts(own)


def test_memory_that_is_gone_is_told(tmp_path: Path) -> None:
    own = Store(tmp_path)
    own.commit(entry(), 0, (), (), SourceMemory([1, 2], {"a/b": "K/n"}, b"m"))
    (known,) = own.sources()
    assert own.recall(known) == SourceMemory([1, 2], {"a/b": "K/n"}, b"m")
    (tmp_path / known.memory).unlink()
    with pytest.raises(SourceError, match="what was remembered"):
        own.recall(known)


def test_what_imports_have_left_behind_is_removed_when_it_is_old(tmp_path: Path) -> None:
    own = Store(tmp_path)
    own.commit(entry(), 0, (row(),), (MalformedFlow(1, 0, "why", "text"),), SourceMemory([1], {}, b"m"))
    named = {path for path in tmp_path.rglob("*") if path.is_file()}
    left = [
        tmp_path / each for each in ("memory/x.msgpack", "rejects/x.jsonl", "edges/.x.parquet.7", "edges/x.parquet")
    ]
    for path in left:
        path.write_text("")
    own.compact(Silent())
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == named | set(left)
    for path in named | set(left):
        os.utime(path, (0, 0))
    own.compact(Silent())
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == named
    assert len(named) == 5


def test_the_default_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_folder() == Path("/data/firedoor/flows")
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_DATA_HOME", value)
        assert default_folder() == Path.home() / ".local/share/firedoor/flows"
