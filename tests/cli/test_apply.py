"""``firedoor apply`` against an API server over real HTTP."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.adapters.cluster.worlds import pod, write_kubeconfig
from tests.applying import from_app, policies_of, policy, specs_of, written
from tests.cli.apply_runs import DENY, WEB, actions, apply, run, shop
from tests.engine.synth.making import edge, workload
from tests.fake_api_server import FakeAPIServer

WEB_POD, CACHE = workload("web", owner="Pod"), workload("cache", "data", owner="Pod")


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def server() -> Iterator[FakeAPIServer]:
    with FakeAPIServer(shop()) as fake:
        yield fake


def test_policies_are_created_changed_and_left_alone(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", WEB, DENY)
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"]) == (0, "applied")
    assert actions(document) == [("create", "web"), ("create", "deny")]
    assert specs_of(server)["shop/web"] == WEB["spec"]
    metadata = policies_of(server)["shop/web"]["metadata"]
    assert metadata["labels"] == {"app.kubernetes.io/managed-by": "firedoor"}
    assert metadata["annotations"] == {"firedoor.dev/apply": document["id"]}
    assert {query.partition("?")[2] for method, query in server.requests if method == "PATCH"} == {
        "fieldManager=firedoor&fieldValidation=Strict&dryRun=All",
        "fieldManager=firedoor&fieldValidation=Strict",
    }

    wider = policy("shop", "web", "web", from_app("db", "cache"))
    written(tmp_path / "policies", wider, DENY)
    code, document = apply(server, tmp_path)
    assert actions(document) == [("change", "web")]
    (step,) = document["waves"][0]["steps"]
    assert step["fields"] == [{"path": "spec.ingress", "old": from_app("db"), "new": from_app("db", "cache")}]
    assert [each["name"] for each in document["unchanged"]] == ["deny"]

    before = len(server.writes)
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"], actions(document)) == (0, "unchanged", [])
    assert len(server.writes) == before


def test_a_dry_run_and_an_export_touch_nothing(server: FakeAPIServer, tmp_path: Path) -> None:
    folder = written(tmp_path / "policies", WEB, DENY)
    ran = run("apply", server, tmp_path, folder, "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert "create  NetworkPolicy shop/web" in ran.out
    assert "nothing was changed: this is what would be done" in ran.out
    ran = run("apply", server, tmp_path, folder, "--export", "out", "-o", "json")
    assert json.loads(ran.out)["outcome"] == "planned"
    assert server.writes == []
    assert run("rollback", server, tmp_path, "--list").out == "nothing was applied yet\n"
    names = sorted(str(each.relative_to(tmp_path / "out")) for each in (tmp_path / "out").rglob("*.yaml"))
    assert names == ["shop/001-networkpolicy-web.yaml", "shop/002-networkpolicy-deny.yaml"]
    # What was exported can be applied, and is the same.
    ran = run("apply", server, tmp_path, "out", "--yes")
    assert ran.code == 0
    assert specs_of(server)["shop/web"] == WEB["spec"]


def test_without_a_terminal_consent_is_an_option(server: FakeAPIServer, tmp_path: Path) -> None:
    ran = run("apply", server, tmp_path, written(tmp_path / "policies", WEB))
    assert ran.code == 2
    assert ran.error == "there is no terminal to ask on; give --yes to apply, or --dry-run to see what it does"
    assert server.requests == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 10)])
def test_on_a_terminal_it_is_asked(server: FakeAPIServer, tmp_path: Path, answer: str, code: int) -> None:
    folder, config = written(tmp_path / "policies", WEB), write_kubeconfig(tmp_path, server.url)
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-m", "firedoor", "apply", folder, "--kubeconfig", config]
    ran = subprocess.run(command, stdin=theirs, capture_output=True, text=True, check=False, timeout=120)
    for each in (ours, theirs):
        os.close(each)
    assert ran.returncode == code
    assert "create  NetworkPolicy shop/web" in ran.stdout
    assert f"Apply to {server.url}? [y/N]" in ran.stderr
    assert len(server.writes) == (code == 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to apply"),
        (("policies", "--yes", "--soak", "long"), "'long' is no duration"),
        (("policies", "--yes", "--check", "'x"), "cannot be read"),
        (("policies", "--yes", "--resume", "x"), "--resume finishes what was planned"),
        (("-", "--yes", "--prune"), "standard input has no name"),
        (("--resume", "none"), "there is no apply 'none'"),
        (("--resume", "../x"), "there is no apply '../x'"),
        (("nowhere", "--yes"), "no such file or folder"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    server: FakeAPIServer, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    written(tmp_path / "policies", WEB)
    ran = run("apply", server, tmp_path, *arguments)
    assert ran.code == 2
    assert said in ran.error
    assert server.writes == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}}, "Namespace x is no policy"),
        (pod("shop", "x"), "Pod shop/x is no policy, and apply changes nothing but policies"),
        (WEB, "NetworkPolicy shop/web is defined twice"),
        ({**WEB, "metadata": {"generateName": "x-", "namespace": "shop"}}, "metadata.name is missing"),
        ({**WEB, "spec": {"podSelector": 7}}, "spec.podSelector"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_name(
    server: FakeAPIServer, tmp_path: Path, more: dict[str, Any], said: str
) -> None:
    ran = run("apply", server, tmp_path, written(tmp_path / "policies", WEB, more), "--yes")
    assert ran.code == 2
    assert said in ran.error
    assert "1.yaml" in ran.error
    assert server.writes == []


def test_fields_of_others_are_a_conflict_that_may_be_forced(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", policy("shop", "old", "db", from_app("web")), policy("shop", "old2", "db"))
    written(tmp_path / "policies", policy("shop", "old", "web"))
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"]) == (10, "refused")
    (step,) = document["waves"][0]["steps"]
    assert step["conflicts"] == [{"field": ".spec.podSelector", "manager": "kubectl"}]
    assert "--force-conflicts" in document["reasons"][0]
    assert server.writes == []
    code, document = apply(server, tmp_path, "--force-conflicts")
    assert (code, document["outcome"]) == (0, "applied")
    assert specs_of(server)["shop/old"]["podSelector"] == {"matchLabels": {"app": "web"}}


def test_what_the_server_refuses_stops_all_before_the_first_write(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", WEB, policy("nowhere", "x"))
    code, document = apply(server, tmp_path)
    assert (code, document["outcome"], server.writes) == (10, "refused", [])
    found = {each["object"]["name"]: each["rejection"] for wave in document["waves"] for each in wave["steps"]}
    assert found == {"web": "", "x": 'namespaces "nowhere" not found'}


def test_seen_connections_that_would_break_stop_all_unless_it_is_allowed(server: FakeAPIServer, tmp_path: Path) -> None:
    seen = [edge(workload("db", owner="Pod"), workload("web", owner="Pod"), 80), edge(CACHE, WEB_POD, 80)]
    (tmp_path / "edges.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, seen)))
    written(tmp_path / "policies", WEB)
    code, document = apply(server, tmp_path, "--from-edges", str(tmp_path / "edges.jsonl"))
    assert (code, document["outcome"], server.writes) == (10, "refused", [])
    assert [(each["fate"], each["source"]) for each in document["preview"]["changes"]] == [("breaks", "Pod data/cache")]
    assert "1 seen connection would break" in document["reasons"][0]
    code, document = apply(server, tmp_path, "--from-edges", str(tmp_path / "edges.jsonl"), "--allow-breaking")
    assert (code, document["outcome"]) == (0, "applied")
    assert [each["src"].get("workload") for each in document["diff"]["changes"] if "workload" in each["src"]] == [
        "data/cache"
    ]
