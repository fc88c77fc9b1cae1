"""Imports from a Goldmane: each flow once, however it was read before."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from firedoor.adapters.flows.relay import stream
from firedoor.cli.exit_codes import ExitCode
from tests.adapters.flows.goldmane.serving import STEP, Goldmane, begin, flow, goldmane, moment
from tests.cli.command import Ran, firedoor


@pytest.fixture(autouse=True)
def _now() -> None:
    begin()


def asked(store: Path, server: Goldmane, *arguments: str) -> Ran:
    return firedoor("flows", "import", "--goldmane", server.address, "--store", str(store), *arguments)


def counts(store: Path) -> dict[int, int]:
    """Return how many connections the store has of each port."""
    edges = firedoor("flows", "query", "--store", str(store), "-o", "json").document["edges"]
    return {each["port"]: each["count"] for each in edges}


def test_what_it_holds_is_imported_in_pages_and_once(tmp_path: Path) -> None:
    flows = [flow(port, step, count=2) for step in range(-200, -4) for port in (1, 2, 3)]
    with goldmane(*flows, page=2) as server:
        ran = asked(tmp_path, server)
        assert (ran.code, ran.err) == (0, "")
        assert f"{server.address} (goldmane): " in ran.out
        assert counts(tmp_path) == {1: 392, 2: 392, 3: 392}
        assert "0 messages, 0 flows" in asked(tmp_path, server).out
    assert {each.page for each in server.lists} >= {0, 1}


def test_what_is_older_than_it_holds_is_never_asked_for(tmp_path: Path) -> None:
    with goldmane(flow(1, -10)) as server:
        ran = asked(tmp_path, server, "--since", "1d")
    assert "warning: it no longer held what there was from " in ran.out
    assert min(each.start_time_gte for each in server.lists) >= moment() - 3600


def test_a_time_is_chosen_and_the_rest_is_imported_later(tmp_path: Path) -> None:
    with goldmane(*(flow(step, -step) for step in range(5, 60))) as server:
        since, until_ = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment(-step))) for step in (40, 20))
        asked(tmp_path, server, "--since", since, "--until", until_)
        assert sorted(counts(tmp_path)) == list(range(21, 41))
        asked(tmp_path, server)
        assert counts(tmp_path) == dict.fromkeys(range(5, 60), 1)


def test_what_was_followed_is_not_imported_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_FIRST_WAIT", 0.05)
    flows = [flow(step, -step) for step in range(5, 30)]
    with goldmane(*flows, cut=[10]) as server:
        ran = asked(tmp_path, server, "--for", "4s", "--since", "10m")
        assert ran.code == 0
        assert "the connection was lost" in ran.err
        # A stream tells of no step that it was over; the last ones are asked for one by one.
        assert counts(tmp_path) == dict.fromkeys(range(5, 30), 1)
        assert "0 flows" in asked(tmp_path, server).out
        assert counts(tmp_path) == dict.fromkeys(range(5, 30), 1)
        steps = [each.start_time_lt - each.start_time_gte for each in server.lists]
    assert STEP in steps


def test_what_is_no_goldmane_is_told_before_a_store_is_made(tmp_path: Path) -> None:
    with goldmane() as server:
        port = server.port
    ran = firedoor("flows", "import", "--goldmane", f"localhost:{port}", "--store", str(tmp_path / "s"))
    assert ran.code == ExitCode.USAGE
    assert ran.error.startswith(f"localhost:{port}: nothing listens there; check the address; ")
    assert "svc/goldmane" in ran.error
    assert not (tmp_path / "s").exists()
