"""An apply that stages policies first, and looks at what they would do before any is enforced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.applying import policies_of, specs_of, written
from tests.cli.apply_runs import DENY, WEB, actions, apply, run, shop
from tests.cli.command import firedoor
from tests.cli.test_apply_denied import bring, flow
from tests.fake_api_server import FakeAPIServer, Manifest

CALICO = "projectcalico.org/v3"
STAGED = "stagedkubernetesnetworkpolicies"


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    written(tmp_path / "policies", WEB)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FakeAPIServer]:
    seen = tmp_path / "seen.jsonl"
    seen.write_text(json.dumps(flow("FORWARDED", "shop/db", "shop/web", timedelta(hours=1))))
    assert firedoor("flows", "import", str(seen), "--store", str(tmp_path / "flows")).code == 0
    with FakeAPIServer(shop()) as fake:
        fake.served[CALICO] = ["StagedKubernetesNetworkPolicy"]
        yield fake


def observe(server: FakeAPIServer, folder: Path, *more: str) -> Any:
    return apply(server, folder, "--flows", "--store", str(folder / "flows"), "--observe", "1s", *more)


def is_staged(server: FakeAPIServer) -> bool:
    return bool(server.objects[CALICO, STAGED])


def test_nothing_is_enforced_where_something_that_is_seen_meanwhile_would_break(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    before = policies_of(server)
    server.after_write = lambda number: (
        bring(tmp_path, flow("FORWARDED", "data/cache", "shop/web")) if number == 1 else None
    )
    code, document = observe(server, tmp_path)
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert "Pod data/cache -> Pod shop/web TCP/80 would break" in document["reasons"][0]
    assert [(method, path.split("/")[2]) for method, path in server.writes] == [
        ("PATCH", "projectcalico.org"), ("DELETE", "projectcalico.org"),
    ]  # fmt: skip
    assert (policies_of(server), is_staged(server)) == (before, False)


def test_what_is_seen_and_stays_lets_it_go_on_and_what_was_staged_is_removed(
    server: FakeAPIServer, tmp_path: Path
) -> None:
    before = policies_of(server)
    server.after_write = lambda number: (
        bring(tmp_path, flow("FORWARDED", "shop/db", "shop/web")) if number == 1 else None
    )
    code, document = observe(server, tmp_path)
    assert (code, document["outcome"], document["observe"]) == (0, "applied", 1.0)
    assert actions(document) == [("create", "web"), ("create", "web"), ("delete", "web")]
    assert [wave["stage"] for wave in document["waves"]] == [True, False]
    assert [each["stage"] for wave in document["waves"] for each in wave["steps"]] == [True, False, True]
    assert (specs_of(server)["shop/web"], is_staged(server)) == (WEB["spec"], False)
    writes = len(server.writes)
    assert run("rollback", server, tmp_path).code == 0
    assert [method for method, _ in server.writes[writes:]] == ["DELETE"]
    assert (policies_of(server), is_staged(server)) == (before, False)
    (entry,) = json.loads(run("rollback", server, tmp_path, "--list", "-o", "json").out)["applies"]
    assert [each["stage"] for each in entry["steps"]] == [True, False, True]


def test_where_nothing_is_seen_nothing_is_enforced(server: FakeAPIServer, tmp_path: Path) -> None:
    code, document = observe(server, tmp_path)
    assert (code, is_staged(server)) == (10, False)
    assert "the store has no flow that was seen" in document["reasons"][0]


def test_the_plan_tells_the_stage(server: FakeAPIServer, tmp_path: Path) -> None:
    folder = written(tmp_path / "policies", WEB, DENY)
    store = ("--flows", "--store", str(tmp_path / "flows"))
    shown = run("apply", server, tmp_path, folder, "--dry-run", "--observe", "10m", *store).out
    assert "Only observed, before anything is enforced, for 600 s\n  create  StagedKubernetesNetworkPolicy" in shown
    assert "  delete  StagedKubernetesNetworkPolicy shop/web (what it shows is in force now)\n" in shown
    assert server.writes == []


def test_a_cluster_that_does_not_serve_calico_is_told_of(server: FakeAPIServer, tmp_path: Path) -> None:
    del server.served[CALICO]
    code, document = observe(server, tmp_path)
    assert (code, document["outcome"]) == (10, "refused")
    assert "--observe needs a cluster that serves the staged policies of Calico" in document["reasons"][1]


def test_a_staged_policy_that_is_there_is_left_alone(server: FakeAPIServer, tmp_path: Path) -> None:
    server.add(
        {
            "apiVersion": CALICO,
            "kind": "StagedKubernetesNetworkPolicy",
            "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "1"},
            "spec": {"podSelector": {}},
        }
    )
    ran = run(
        "apply", server, tmp_path, "policies", "--yes", "--observe", "1s", "--flows", "--store", str(tmp_path / "flows")
    )
    assert (ran.code, "StagedKubernetesNetworkPolicy shop/web is there already" in ran.error) == (2, True)


BASELINE: Manifest = {
    "apiVersion": "policy.networking.k8s.io/v1alpha1",
    "kind": "BaselineAdminNetworkPolicy",
    "metadata": {"name": "default"},
    "spec": {"subject": {"namespaces": {}}, "ingress": [{"action": "Deny", "from": [{"namespaces": {}}]}]},
}


def test_what_cannot_be_observed_is_refused_with_what_to_do(server: FakeAPIServer, tmp_path: Path) -> None:
    written(tmp_path / "policies", WEB, BASELINE)
    ran = run(
        "apply", server, tmp_path, "policies", "--yes", "--observe", "1s", "--flows", "--store", str(tmp_path / "flows")
    )
    assert (ran.code, server.writes) == (2, [])
    assert "BaselineAdminNetworkPolicy default cannot be observed before it is enforced" in ran.error
    assert "tier Baseline" in ran.error


def test_it_looks_at_the_store(server: FakeAPIServer, tmp_path: Path) -> None:
    ran = run("apply", server, tmp_path, "policies", "--yes", "--observe", "1s")
    assert (ran.code, "add --flows" in ran.error) == (2, True)
