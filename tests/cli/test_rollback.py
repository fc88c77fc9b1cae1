"""What takes everything back: ``firedoor rollback``, gates and writes that fail, and what ``--prune`` deletes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.cluster.worlds import namespace
from tests.applying import POLICIES, from_app, kept, policies_of, policy, specs_of, written
from tests.cli.apply_runs import DENY, OTHER, WEB, actions, apply, run, shop
from tests.fake_api_server import FakeAPIServer, Fault


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer(shop()) as fake:
        yield fake


def test_rollback_restores_what_was_and_deletes_what_was_made(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    owners = server.objects["networking.k8s.io/v1", "networkpolicies"][0]["metadata"]["managedFields"]
    written(tmp_path / "policies", WEB, policy("shop", "old", "web"))
    apply(server, tmp_path, "--force-conflicts")
    assert policies_of(server) != before
    ran = run("rollback", server, tmp_path)
    assert (ran.code, policies_of(server)) == (0, before)
    assert server.objects["networking.k8s.io/v1", "networkpolicies"][0]["metadata"]["managedFields"] == owners
    assert "there is no apply to" in run("rollback", server, tmp_path).error


def test_rollback_leaves_what_somebody_else_changed_unless_it_is_forced(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    written(tmp_path / "policies", WEB, DENY)
    document = apply(server, tmp_path)[1]
    found = server.find(POLICIES.format("shop", "web"))
    assert found is not None
    found["spec"]["ingress"] = []
    after = policies_of(server)
    ran = run("rollback", server, tmp_path, document["id"])
    assert ran.code == 2
    assert "NetworkPolicy shop/web: changed by somebody else meanwhile" in ran.error
    assert policies_of(server) == after
    assert run("rollback", server, tmp_path, document["id"], "--force").code == 0
    assert policies_of(server) == before
    assert "was taken back" in run("rollback", server, tmp_path, document["id"]).error


def test_prune_deletes_only_what_an_earlier_apply_of_the_same_paths_made(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", WEB, DENY, OTHER)
    apply(server, tmp_path)
    other = tmp_path / "another"
    assert run("apply", server, tmp_path, written(other, policy("data", "apart", "x")), "--yes").code == 0
    found = server.find(POLICIES.format("data", "cache"))
    assert found is not None
    del found["metadata"]["labels"]
    written(tmp_path / "policies", WEB)
    assert actions(apply(server, tmp_path)[1]) == []
    code, document = apply(server, tmp_path, "--prune")
    assert (code, actions(document)) == (0, [("delete", "deny")])
    assert ["data/cache is kept" in each for each in document["notes"]] == [True]
    assert sorted(policies_of(server)) == ["data/apart", "data/cache", "shop/old", "shop/web"]
    assert run("rollback", server, tmp_path).code == 0
    assert specs_of(server)["shop/deny"] == DENY["spec"]


def test_a_journal_is_of_one_server(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", WEB)
    apply_id = apply(server, tmp_path)[1]["id"]
    with FakeAPIServer([namespace("shop")]) as other:
        for verb, arguments in (("rollback", (apply_id,)), ("apply", ("--resume", apply_id))):
            assert f"was to {server.url}, and this is {other.url}" in run(verb, other, tmp_path, *arguments).error
        assert "there is no apply to" in run("rollback", other, tmp_path).error
        assert run("apply", other, tmp_path, str(tmp_path / "policies"), "--yes", "--prune").code == 0
    assert apply_id in run("rollback", server, tmp_path, "--list").out


def test_a_check_that_fails_takes_everything_back(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    written(tmp_path / "policies", WEB, DENY, OTHER, policy("shop", "old", "db", labels="x"))
    check = f'{sys.executable} -c "import pathlib, sys; sys.exit(len(pathlib.Path(sys.argv[1]).read_text()))" '
    (tmp_path / "no.txt").write_text("bad")
    code, document = apply(server, tmp_path, "--check", f"{check}{tmp_path / 'no.txt'}")
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "ended with 3" in document["reasons"][0]
    assert policies_of(server) == before
    assert (
        json.loads(run("rollback", server, tmp_path, "--list", "-o", "json").out)["applies"][0]["outcome"]
        == "rolled-back"
    )


def test_a_pod_that_is_not_ready_any_more_takes_everything_back(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    (web,) = [each for each in server.objects["v1", "pods"] if each["metadata"]["name"] == "web"]
    web["status"]["conditions"] = [{"type": "Ready", "status": "True"}]

    def fails(_number: int) -> None:
        web["status"]["conditions"] = [{"type": "Ready", "status": "False"}]

    server.after_write = fails
    written(tmp_path / "policies", WEB)
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert document["reasons"] == ["Pod shop/web has 0 ready pods after shop, and had 1 before"]
    assert policies_of(server) == before


def test_a_write_that_fails_takes_back_what_was_written(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    server.fail(f"PATCH {POLICIES.format('shop', 'deny')}", Fault(status=500))
    written(tmp_path / "policies", WEB, DENY)
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "the server answered 500" in document["reasons"][0]
    assert policies_of(server) == before


def test_a_write_that_arrived_without_an_answer_is_taken_back_too(server: FakeAPIServer, tmp_path: Path) -> None:
    before = policies_of(server)
    server.fail(f"PATCH {POLICIES.format('shop', 'deny')}", Fault(reset=True))
    written(tmp_path / "policies", WEB, DENY)
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert policies_of(server) == before
    assert ("DELETE", POLICIES.format("shop", "deny")) in server.writes


def test_what_somebody_else_writes_meanwhile_is_kept_and_all_else_taken_back(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    def another(number: int) -> None:
        found = server.find(POLICIES.format("shop", "old"))
        assert found is not None
        if number == 1:
            found["spec"]["ingress"] = from_app("somebody")
            found["metadata"]["resourceVersion"] = "theirs"

    server.after_write = another
    written(tmp_path / "policies", WEB, policy("shop", "old", "web"))
    code, document = apply(server, tmp_path, "--force-conflicts")
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "NetworkPolicy shop/old: changed by somebody else meanwhile" in document["reasons"][0]
    assert list(specs_of(server)) == ["shop/old"]
    assert specs_of(server)["shop/old"]["ingress"] == from_app("somebody")


@pytest.mark.parametrize("name", ["old", "web"])
def test_what_somebody_else_writes_at_the_same_moment_stays_theirs(
    server: FakeAPIServer, tmp_path: Path, name: str
) -> None:
    theirs = policy("shop", name, "web", from_app("theirs"))

    def another(_number: int) -> None:
        if server.writes[-1] == ("PATCH", POLICIES.format("shop", name)):
            shelf = server.objects["networking.k8s.io/v1", "networkpolicies"]
            shelf[:] = [each for each in shelf if each["metadata"]["name"] != name]
            made = kept(theirs, "somebody")
            shelf.append({**made, "metadata": {**made["metadata"], "resourceVersion": "theirs"}})

    server.before_write = another
    mine = [policy("shop", "a", "db", from_app("x")), policy("shop", name, "db", from_app("web"))]
    written(tmp_path / "policies", *mine)
    before = specs_of(server)
    code, document = apply(server, tmp_path, "--force-conflicts")
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert f"NetworkPolicy shop/{name}: " in document["reasons"][0]
    assert specs_of(server) == before | {f"shop/{name}": theirs["spec"]}
