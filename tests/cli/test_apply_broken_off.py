"""Applies and rollbacks that are killed, interrupted, or not alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Timer

import pytest

from tests.adapters.cluster.worlds import write_kubeconfig
from tests.applying import Started, policies_of, policy, specs_of, written
from tests.cli.apply_runs import DENY, OTHER, WEB, apply, run, shop
from tests.cli.command import Ran
from tests.fake_api_server import FakeAPIServer


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer(shop()) as fake:
        yield fake


def broken_off(server: FakeAPIServer, folder: Path, path: str, number: int, *, after: bool) -> None:
    """Apply in a process of its own, which is killed before or after a write has its effect."""
    started: list[Started] = []

    def kill(count: int) -> None:
        if count == number:
            Started.end(started, after=after)

    server.before_write = server.after_write = lambda _count: None
    setattr(server, "after_write" if after else "before_write", kill)
    config = write_kubeconfig(folder, server.url)
    options = ("--kubeconfig", config, "--yes", "--force-conflicts", "--prune")
    started.append(Started("apply", path, *options))
    code, _, _ = started[0].wait()
    assert code == -9
    server.before_write = server.after_write = lambda _count: None


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("verb", ["resume", "rollback"])
def test_a_killed_apply_ends_in_the_new_or_in_the_old_state(
    server: FakeAPIServer, tmp_path: Path, number: int, after: bool, verb: str
) -> None:
    folder = written(tmp_path / "policies", policy("shop", "gone", "web"))
    apply(server, tmp_path)
    before = policies_of(server)
    new = [WEB, DENY, OTHER, policy("shop", "old", "web")]
    broken_off(server, tmp_path, written(tmp_path / "policies", *new), number + 1, after=after)
    if verb == "resume":
        (entry,) = [
            each
            for each in json.loads(run("rollback", server, tmp_path, "--list", "-o", "json").out)["applies"]
            if each["outcome"] == "unfinished"
        ]
        assert run("apply", server, tmp_path, "--resume", entry["id"]).code == 0
        expected = {"/".join((each["metadata"]["namespace"], each["metadata"]["name"])): each["spec"] for each in new}
        assert specs_of(server) == expected
        assert (
            run("apply", server, tmp_path, folder, "--yes", "-o", "json", "--prune").document["outcome"] == "unchanged"
        )
    assert run("rollback", server, tmp_path).code == 0
    assert policies_of(server) == before


def test_the_next_apply_says_how_to_go_on_where_one_was_broken_off(server: FakeAPIServer, tmp_path: Path) -> None:
    folder = written(tmp_path / "policies", WEB, DENY)
    broken_off(server, tmp_path, folder, 2, after=True)
    ran = run("apply", server, tmp_path, folder, "--yes")
    assert ran.code == 2
    (entry,) = json.loads(run("rollback", server, tmp_path, "--list", "-o", "json").out)["applies"]
    assert entry["outcome"] == "unfinished"
    assert f"`firedoor apply --resume {entry['id']}`" in ran.error
    assert run("apply", server, tmp_path, "--resume", entry["id"]).code == 0
    assert "is over (applied)" in run("apply", server, tmp_path, "--resume", entry["id"]).error


@pytest.mark.slow
@pytest.mark.parametrize("after", [False, True])
def test_a_rollback_that_is_killed_is_finished_by_another(server: FakeAPIServer, tmp_path: Path, after: bool) -> None:
    before = policies_of(server)
    written(tmp_path / "policies", WEB, DENY, policy("shop", "old", "web"))
    apply(server, tmp_path, "--force-conflicts")
    done = len(server.writes)
    started: list[Started] = []

    def kill(count: int) -> None:
        if count == done + 2:
            Started.end(started, after=after)

    setattr(server, "after_write" if after else "before_write", kill)
    started.append(Started("rollback", "--kubeconfig", write_kubeconfig(tmp_path, server.url)))
    assert started[0].wait()[0] == -9
    assert policies_of(server) != before
    server.before_write = server.after_write = lambda _count: None
    (entry,) = json.loads(run("rollback", server, tmp_path, "--list", "-o", "json").out)["applies"]
    assert entry["outcome"] == "unfinished"
    # It was to be taken back, and that is finished, whichever command goes on.
    ran = run("apply", server, tmp_path, "--resume", entry["id"]) if after else run("rollback", server, tmp_path)
    assert (ran.code, policies_of(server)) == (10 if after else 0, before)


@pytest.mark.slow
def test_an_interrupt_takes_everything_back(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    folder, config = written(tmp_path / "policies", WEB, DENY), write_kubeconfig(tmp_path, server.url)
    started: list[Started] = []
    server.after_write = lambda count: Timer(3.0, started[0].interrupt).start() if count == 2 else None
    started.append(Started("apply", folder, "--kubeconfig", config, "--yes", "--soak", "5m"))
    code, out, err = started[0].wait()
    assert (code, policies_of(server)) == (10, before)
    assert "everything was taken back: interrupted" in out
    assert "waiting 300 s after shop" in err


def test_two_applies_do_not_run_at_once(server: FakeAPIServer, tmp_path: Path) -> None:
    folder = written(tmp_path / "policies", WEB)
    found: list[Ran] = []

    def another(number: int) -> None:
        if number == 1:
            config = write_kubeconfig(tmp_path, server.url)
            started = Started("apply", folder, "--kubeconfig", config, "--yes")
            code, out, err = started.wait()
            found.append(Ran(code, out, err))

    server.before_write = another
    assert apply(server, tmp_path)[0] == 0
    assert found[0].code == 2
    assert "another apply or rollback is at work" in found[0].error
