"""Policies that are staged before they are enforced, on a real API server that has the kinds of Calico."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from firedoor.bootstrap import open_journals
from firedoor.model.rollout_contents import content
from tests.applying import Started, from_app, policy, written
from tests.cli.test_apply_denied import bring, flow
from tests.lab.api import Api, Manifest
from tests.lab.applying import A, B, apply, clear, populate, run, served, specs, state
from tests.lab.long_runs import long_run
from tests.lab.proxy import Proxy

V3 = "projectcalico.org/v3"
WEB = policy(A, "web", "web", from_app("db"))
CALICO: Manifest = {
    "apiVersion": V3,
    "kind": "NetworkPolicy",
    "metadata": {"name": "db", "namespace": B},
    "spec": {
        "tier": "default",
        "selector": "app == 'db'",
        "types": ["Ingress"],
        "ingress": [{"action": "Allow", "source": {"selector": "app == 'web'"}}],
    },
}
PLURALS = {
    "NetworkPolicy": "networkpolicies",
    "StagedNetworkPolicy": "stagednetworkpolicies",
    "StagedKubernetesNetworkPolicy": "stagedkubernetesnetworkpolicies",
}
SEEN = [flow("FORWARDED", f"{A}/db", f"{A}/web", timedelta(hours=1))]
LATER = flow("FORWARDED", f"{A}/db", f"{A}/web", timedelta(hours=-1))
"""Told by a node whose clock is an hour ahead: seen in any stage of the next minutes."""
LATER["flow"]["l4"]["TCP"]["source_port"] = 40001


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture(scope="module")
def calico(api: Api) -> Iterator[Api]:
    """Make the server have three kinds of Calico."""
    with served(api, *(({**CALICO, "kind": kind}, plural) for kind, plural in PLURALS.items())):
        yield api


@pytest.fixture
def cluster(calico: Api) -> Iterator[Api]:
    populate(calico)
    yield calico
    clear(calico)
    for plural in PLURALS.values():
        assert calico.send("DELETE", f"/apis/{V3}/namespaces/{B}/{plural}")[0] == 200
        assert calico.send("DELETE", f"/apis/{V3}/namespaces/{A}/{plural}")[0] == 200


def calicos(api: Api) -> dict[str, Any]:
    """Return what people write of all policies of Calico, by kind and name."""
    found = {}
    for kind, plural in PLURALS.items():
        for each in api.send("GET", f"/apis/{V3}/{plural}")[1]["items"]:
            found[f"{kind}/{each['metadata']['name']}"] = content(each)
    return found


def options(folder: Path) -> tuple[str, ...]:
    return ("--flows", "--store", str(folder / "flows"), "--observe", "1s")


def test_all_is_staged_first_and_in_force_where_nothing_that_is_seen_would_break(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    bring(tmp_path, *SEEN, LATER)
    written(tmp_path / "policies", WEB, CALICO)
    shown: list[dict[str, Any]] = []
    with Proxy(kubeconfig) as proxy:
        proxy.after_write = lambda number: shown.append(calicos(cluster)) if number == 2 else None
        through = Path(proxy.kubeconfig(tmp_path / "config"))
        code, document = apply(through, tmp_path, *options(tmp_path))
        assert (code, document["outcome"]) == (0, "applied")
        assert sorted(shown[0]) == ["StagedKubernetesNetworkPolicy/web", "StagedNetworkPolicy/db"]
        staged = shown[0]["StagedNetworkPolicy/db"]
        assert staged["spec"] == {**CALICO["spec"], "stagedAction": "Set"}
        assert (specs(cluster)[f"{A}/web"], list(calicos(cluster))) == (WEB["spec"], ["NetworkPolicy/db"])
        assert run("rollback", through).code == 0
        assert (state(cluster), calicos(cluster)) == ({}, {})


def test_nothing_is_enforced_where_something_that_is_seen_would_break(
    cluster: Api, kubeconfig: Path, tmp_path: Path
) -> None:
    bring(tmp_path, *SEEN)
    written(tmp_path / "policies", WEB, CALICO)
    methods = []
    with Proxy(kubeconfig) as proxy:

        def meanwhile(number: int) -> None:
            methods.append((state(cluster), sorted(calicos(cluster))))
            if number == 1:
                bring(tmp_path, flow("FORWARDED", f"{B}/x", f"{B}/db"))

        proxy.after_write = meanwhile
        code, document = apply(Path(proxy.kubeconfig(tmp_path / "config")), tmp_path, *options(tmp_path))
    assert (code, document["outcome"]) == (10, "rolled-back")
    assert f"Pod {B}/x -> Pod {B}/db TCP/80 would break" in document["reasons"][0]
    assert [(held, len(staged)) for held, staged in methods] == [({}, 1), ({}, 2), ({}, 1), ({}, 0)]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("number", "after", "verb"),
    [
        (2, True, "resume"),
        (3, True, "rollback"),
        pytest.param(1, True, "resume", marks=long_run),
        pytest.param(2, False, "rollback", marks=long_run),
        pytest.param(4, False, "resume", marks=long_run),
    ],
)
def test_a_process_that_is_killed_between_leaves_what_can_be_finished_and_taken_back(
    cluster: Api, kubeconfig: Path, tmp_path: Path, number: int, after: bool, verb: str
) -> None:
    folder = tmp_path / "policies"
    cluster.create(policy(A, "web", "web", from_app("x"), team="x"))
    before = state(cluster)
    bring(tmp_path, *SEEN, LATER)
    written(folder, WEB, CALICO)
    with Proxy(kubeconfig) as proxy:
        through = Path(proxy.kubeconfig(tmp_path / "config"))
        started: list[Started] = []
        kill = lambda count: Started.end(started, after=after) if count == number else None  # noqa: E731
        setattr(proxy, "after_write" if after else "before_write", kill)
        how = ("--kubeconfig", str(through), "--yes", "--force-conflicts", *options(tmp_path))
        started.append(Started("apply", str(folder), *how))
        assert started[0].wait()[0] == -9
        proxy.before_write = proxy.after_write = lambda _number: None
        if verb == "resume":
            ran = run("apply", through, "--resume", open_journals().records()[-1].begin.id)
            assert ran.code == 0, json.dumps([ran.out, ran.err])
            assert (specs(cluster)[f"{A}/web"], list(calicos(cluster))) == (WEB["spec"], ["NetworkPolicy/db"])
        assert run("rollback", through).code == 0
    assert (state(cluster), calicos(cluster)) == (before, {})
