"""An apply that watches what is denied while it goes on, by the store of flows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.applying import policies_of, written
from tests.cli.apply_runs import DENY, WEB, apply, run, shop
from tests.cli.command import process
from tests.fake_api_server import FakeAPIServer


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    written(tmp_path / "policies", WEB, DENY)


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer(shop()) as fake:
        yield fake


def flow(verdict: str, source: str, destination: str, ago: timedelta = timedelta()) -> dict[str, Any]:
    def end(name: str) -> dict[str, Any]:
        home, _, pod = name.partition("/")
        return {"namespace": home, "pod_name": pod, "workloads": [{"name": pod, "kind": "Pod"}], "labels": []}

    at = (datetime.now(UTC) - ago).isoformat().replace("+00:00", "Z")
    ports = {"source_port": 40000, "destination_port": 80, "flags": {"SYN": True}}
    told = {
        "time": at,
        "verdict": verdict,
        "IP": {"source": "10.0.0.1", "destination": "10.0.0.2", "ipVersion": "IPv4"},
        "l4": {"TCP": ports},
        "source": end(source),
        "destination": end(destination),
        "Type": "L3_L4",
        "traffic_direction": "INGRESS",
        "is_reply": False,
        "event_type": {"type": 1 if verdict == "DROPPED" else 4},
        "uuid": f"{source}{destination}{at}",
    }
    if verdict == "DROPPED":
        told |= {"drop_reason": 133, "drop_reason_desc": "POLICY_DENIED"}
    return {"flow": told, "node_name": "n", "time": at}


def bring(folder: Path, *flows: dict[str, Any]) -> None:
    """Import flows into the store of the folder."""
    path = folder / f"hubble-{time.time_ns()}.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in flows))
    done = process("flows", "import", str(path), "--store", str(folder / "flows"))
    assert done.code == 0, done.err


def applied(server: FakeAPIServer, folder: Path, most: int) -> Any:
    return apply(server, folder, "--flows", "--store", str(folder / "flows"), "--most-denied", str(most))


def test_what_is_denied_only_now_takes_everything_back(server: FakeAPIServer, tmp_path: Path) -> None:
    bring(tmp_path, flow("FORWARDED", "shop/db", "shop/web", timedelta(hours=1)))
    before = policies_of(server)
    server.after_write = lambda number: (
        bring(tmp_path, flow("DROPPED", "data/cache", "shop/db")) if number == 2 else None
    )
    code, document = applied(server, tmp_path, 0)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "data/cache -> shop/db TCP/80 is denied after shop, and not in the day before" in document["reasons"][0]
    assert policies_of(server) == before


def test_so_many_may_be_denied_and_what_was_denied_before_does_not_count(server: FakeAPIServer, tmp_path: Path) -> None:
    old = flow("DROPPED", "data/cache", "shop/db", timedelta(minutes=2))
    bring(tmp_path, flow("FORWARDED", "shop/db", "shop/web", timedelta(hours=1)), old)

    def deny(number: int) -> None:
        if number == 2:
            elsewhere = flow("DROPPED", "data/cache", "data/other")
            bring(
                tmp_path, flow("DROPPED", "data/cache", "shop/db"), flow("DROPPED", "data/cache", "shop/web"), elsewhere
            )

    server.after_write = deny
    code, document = applied(server, tmp_path, 1)
    assert (code, document["outcome"]) == (0, "applied")


def test_it_is_about_the_store(server: FakeAPIServer, tmp_path: Path) -> None:
    assert "add --flows" in run("apply", server, tmp_path, "policies", "--yes", "--most-denied", "1").error
