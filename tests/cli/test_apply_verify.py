"""The options of the gate that tries connections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.applying import policies_of, written
from tests.cli.apply_runs import WEB, apply, run, shop
from tests.fake_api_server import FakeAPIServer


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    written(tmp_path / "policies", WEB)


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer(shop()) as fake:
        yield fake


@pytest.mark.parametrize(
    "option",
    [("--verify-mode", "exec"), ("--verify-image", "x"), ("--verify-budget", "3"), ("--verify-settle", "1s")],
)
def test_how_to_try_needs_that_it_is_tried(server: FakeAPIServer, tmp_path: Path, option: tuple[str, str]) -> None:
    ran = run("apply", server, tmp_path, "policies", "--yes", *option)
    assert (ran.code, f"{option[0]} says how connections are tried" in ran.error) == (2, True)


@pytest.mark.parametrize(("mode", "word"), [("pods", "removed again"), ("exec", "commands"), ("debug", "stay until")])
def test_the_plan_tells_what_is_made(server: FakeAPIServer, tmp_path: Path, mode: str, word: str) -> None:
    code, document = apply(server, tmp_path, "--verify", "--verify-mode", mode, "--dry-run")
    assert (code, word in document["notes"][-1]) == (0, True)


def test_where_no_pod_can_be_made_everything_is_taken_back(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    code, document = apply(server, tmp_path, "--verify", "--verify-settle", "1s")
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert policies_of(server) == before


def test_a_wave_that_shows_in_no_connection_is_let_through(server: FakeAPIServer, tmp_path: Path) -> None:
    nobody = {**WEB, "spec": {**WEB["spec"], "podSelector": {"matchLabels": {"app": "nobody"}}}}
    ran = run("apply", server, tmp_path, written(tmp_path / "policies", nobody), "--yes", "--verify")
    assert (ran.code, "nothing is tried" in ran.err) == (0, True)
