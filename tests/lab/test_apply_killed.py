"""A process that is killed at every write, before and after it, on a real API server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from firedoor.bootstrap import open_journals
from tests.applying import Started, from_app, policy, written
from tests.lab.api import Api
from tests.lab.applying import A, B, apply, clear, populate, run, specs, state
from tests.lab.long_runs import long_run
from tests.lab.proxy import Proxy


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def cluster(api: Api) -> Iterator[Api]:
    populate(api)
    yield api
    clear(api)


_ALWAYS = {
    (1, False, "rollback"), (2, True, "resume"), (3, False, "resume"), (4, True, "rollback"), (5, False, "rollback"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("number", "after", "verb"),
    [
        # Each write, before or after it, with one of the two ways out; all the others in a long run.
        pytest.param(number, after, verb, marks=() if (number, after, verb) in _ALWAYS else long_run)
        for number in (1, 2, 3, 4, 5)
        for after in (False, True)
        for verb in ("resume", "rollback")
    ],
)
def test_a_process_that_is_killed_leaves_what_can_be_finished_and_taken_back(
    cluster: Api, kubeconfig: Path, tmp_path: Path, number: int, after: bool, verb: str
) -> None:
    folder = tmp_path / "policies"
    cluster.create(policy(A, "old", "db", from_app("web"), team="x"))
    with Proxy(kubeconfig) as proxy:
        through = Path(proxy.kubeconfig(tmp_path / "config"))
        written(folder, policy(B, "gone", "web"))
        assert apply(through, tmp_path)[1]["outcome"] == "applied"
        before, done = state(cluster), proxy.writes
        new = [
            policy(A, "web", "web", from_app("db")), policy(A, "old", "db", from_app("x")), policy(A, "deny"),
            policy(B, "db", "db", from_app("web")),
        ]  # fmt: skip
        written(folder, *new)
        started: list[Started] = []
        kill = lambda count: Started.end(started, after=after) if count == done + number else None  # noqa: E731
        setattr(proxy, "after_write" if after else "before_write", kill)
        how = ("--kubeconfig", str(through), "--yes", "--force-conflicts", "--prune")
        started.append(Started("apply", str(folder), *how))
        code, out, _ = started[0].wait()
        assert (code, out) == (-9, "")
        proxy.before_write = proxy.after_write = lambda _number: None
        if verb == "resume":
            apply_id = open_journals().records()[-1].begin.id
            assert run("apply", through, "--resume", apply_id).code == 0
            wanted = {f"{each['metadata']['namespace']}/{each['metadata']['name']}": each["spec"] for each in new}
            assert specs(cluster) == wanted
        assert run("rollback", through).code == 0
        assert state(cluster) == before
