from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from firedoor.adapters.sinks.alertmanager import Alertmanager
from firedoor.adapters.sinks.sink import NotTakenError
from firedoor.errors import SourceError
from firedoor.model.alerting import SinkKind
from firedoor.model.events import EventKind
from firedoor.model.findings import Severity
from tests.receiving import Receiver, Reply, notice, plan, receiving

BEGIN = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)


class Clock:
    now = BEGIN

    def __call__(self) -> datetime:
        return self.now


def sink(server: Receiver, folder: Path, clock: Clock) -> Alertmanager:
    return Alertmanager(
        plan(SinkKind.ALERTMANAGER, server.url + "/", lasts=3600.0), folder / "deep" / "a.alerts", clock
    )


def alerts(server: Receiver) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.requests[-1].document
    return found


END = {"kind": EventKind.CONNECTION_CLOSED, "severity": Severity.LOW, "time": "2026-01-02T04:30:00Z"}


def test_what_begins_is_an_alert_with_labels_annotations_and_an_end(tmp_path: Path) -> None:
    with receiving() as server:
        sink(server, tmp_path, Clock()).send([notice(1, check="")])
        assert server.requests[0].path == "/api/v2/alerts"
        assert alerts(server) == [
            {
                "labels": {
                    "alertname": "FiredoorConnectionOpened",
                    "severity": "high",
                    "kind": "connection-opened",
                    "object_kind": "StatefulSet",
                    "namespace": "data",
                    "name": "db",
                    "rule": "a rule",
                    "subject": "s1",
                },
                "annotations": {
                    "summary": "event 1",
                    "description": "shop/web -> data/db",
                    "causes": "NetworkPolicy data/deny deleted",
                },
                "startsAt": "2026-01-02T03:04:05Z",
                "endsAt": "2026-01-02T05:00:00Z",
            }
        ]


def test_its_end_resolves_it_with_the_same_labels_even_after_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    with receiving() as server:
        sink(server, tmp_path, clock).send([notice(1)])
        (begun,) = alerts(server)
        clock.now = BEGIN + timedelta(minutes=30)
        again = sink(server, tmp_path, clock)
        again.send([notice(2, **END)])
        (ended,) = alerts(server)
        assert ended == {**begun, "endsAt": "2026-01-02T04:30:00Z"}
        again.send([notice(3, **END)])
        again.idle()
        assert len(server.requests) == 2


def test_what_begins_again_goes_on_and_what_ends_without_a_beginning_is_not_sent(tmp_path: Path) -> None:
    clock = Clock()
    with receiving() as server:
        one = sink(server, tmp_path, clock)
        one.send([notice(1, **END)])
        assert server.requests == []
        one.send([notice(2)])
        clock.now = BEGIN + timedelta(minutes=10)
        one.send([notice(3, time="2026-01-02T04:10:00Z")])
        assert [(each["startsAt"], each["endsAt"]) for each in alerts(server)] == [
            ("2026-01-02T03:04:05Z", "2026-01-02T05:10:00Z")
        ]


def test_in_one_batch_the_last_word_counts(tmp_path: Path) -> None:
    with receiving() as server:
        one = sink(server, tmp_path, Clock())
        one.send([notice(1), notice(2, **END)])
        assert [each["endsAt"] for each in alerts(server)] == ["2026-01-02T04:00:00Z"]
        one.send([notice(3), notice(4, **END), notice(5)])
        assert [each["endsAt"] for each in alerts(server)] == ["2026-01-02T05:00:00Z"]


def test_what_fires_is_sent_again_until_it_has_ended(tmp_path: Path) -> None:
    clock = Clock()
    with receiving() as server:
        one = sink(server, tmp_path, clock)
        one.send([notice(1), notice(2, subject="s2")])
        clock.now = BEGIN + timedelta(minutes=59)
        one.idle()
        assert len(alerts(server)) == 2
        clock.now = BEGIN + timedelta(minutes=61)
        one.idle()
        assert len(server.requests) == 2


def test_an_alert_that_was_not_taken_is_not_remembered(tmp_path: Path) -> None:
    with receiving() as server:
        server.reply = Reply(500)
        one = sink(server, tmp_path, Clock())
        with pytest.raises(NotTakenError):
            one.send([notice(1)])
        assert not (tmp_path / "deep" / "a.alerts").exists()
        server.reply = Reply(200)
        one.send([notice(1)])
        assert len(alerts(server)) == 1


def test_a_damaged_book_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.alerts").write_bytes(b"\xff")
    with receiving() as server, pytest.raises(SourceError, match="cannot be read"):
        sink(server, tmp_path, Clock())


def test_a_folder_that_cannot_be_written_is_trouble_and_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    with receiving() as server:
        one = sink(server, tmp_path, Clock())
        (tmp_path / "deep" / "a.alerts").mkdir()
        with pytest.raises(OSError, match="directory"):
            one.send([notice(1)])
    assert [each.name for each in (tmp_path / "deep").iterdir()] == ["a.alerts"]
