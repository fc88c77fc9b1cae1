"""The closed loop on a real network: policies from what was seen, applied, verified, broken, and seen to be broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lab.node import Node

from firedoor.cli.main import cli
from tests.lab.api import Manifest
from tests.lab.node.cluster import Cluster, Connection, idle, serving
from tests.lab.node.policies import allow, default_deny

WEB, API, DB, ROGUE = "web", "api", "db", "rogue"
SEEN = ((WEB, API, 8080), (API, DB, 5432))


@pytest.fixture
def home(cluster: Cluster, enforced: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make an application of three tiers, beside which something else runs."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with cluster.namespace() as name:
        cluster.run(
            serving(name, WEB, {"tcp": 8080}),
            serving(name, API, {"tcp": 8080}),
            serving(name, DB, {"tcp": 5432}),
            idle(name, ROGUE),
        )
        yield name


def edges(home: str, folder: Path) -> str:
    """Write the connections that were seen to a file, and return its path."""
    path = folder / "edges.jsonl"
    lines = []
    for source, destination, port in SEEN:
        ends = {
            end: {"kind": "workload", "namespace": home, "owner": "Pod", "name": name}
            for end, name in (("source", source), ("destination", destination))
        }
        times = {"first": 1773129604847346944, "last": 1773131440815670016}
        lines.append({**ends, "protocol": "TCP", "port": port, "verdict": "allowed", "count": 9, **times})
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return str(path)


def run(node: Node, *arguments: str) -> tuple[int, str]:
    """Run a command on the cluster, and return its exit code and what it printed."""
    first = 2 if arguments[0] == "flows" else 1
    result = CliRunner().invoke(cli, [*arguments[:first], "--kubeconfig", str(node.kubeconfig), *arguments[first:]])
    return result.exit_code, result.stdout if isinstance(result.exception, SystemExit | None) else str(result.exception)


def verified(node: Node, home: str, *arguments: str) -> tuple[int, Any]:
    """Verify what is between the pods of a namespace; those of earlier tests may be on their way out."""
    ends = ("--from", f"{home}/*", "--to", f"{home}/*")
    code, text = run(node, "verify", *ends, "--yes", "--settle", "1s", "-o", "json", *arguments)
    return code, json.loads(text)


def causes(document: Any) -> list[str]:
    return [each["id"] for each in document["causes"]]


def test_generated_policies_are_applied_and_let_pass_what_was_seen_and_nothing_else(
    cluster: Cluster, node: Node, home: str, tmp_path: Path
) -> None:
    policies = str(tmp_path / "policies")
    code, told = run(node, "generate", "--from-edges", edges(home, tmp_path), "-n", home, "--out", policies)
    assert code == 0, told
    code, told = run(node, "apply", policies, "--yes", "--verify", "--from-edges", edges(home, tmp_path))
    assert code == 0, told
    addresses = {name: cluster.address(home, name) for name in (WEB, API, DB)}
    for source, destination, port in SEEN:
        cluster.settles(Connection.MADE, home, source, addresses[destination], port)
    for source, destination, port in ((ROGUE, API, 8080), (ROGUE, DB, 5432), (WEB, DB, 5432), (DB, API, 8080)):
        cluster.settles(Connection.REFUSED, home, source, addresses[destination], port)
    # In the real pods nothing listens on some of the ports, which cannot be told from blocked ones.
    code, document = verified(node, home, "--mode", "exec")
    assert code in {0, 4}, document
    assert document["summary"]["differs"] == 0
    assert document["summary"]["agrees"] >= len(SEEN)


def test_an_apply_that_changes_nothing_on_the_wire_is_taken_back(
    cluster: Cluster, node: Node, home: str, tmp_path: Path
) -> None:
    node.stop_enforcing()
    policies = str(tmp_path / "policies")
    code, told = run(node, "generate", "--from-edges", edges(home, tmp_path), "-n", home, "--out", policies)
    assert code == 0, told
    how = ("--verify-mode", "exec", "--verify-budget", "20", "--verify-settle", "1s")
    code, told = run(node, "apply", policies, "--yes", "--verify", *how)
    assert code == 10, told
    assert "connections are not as the policies say" in told
    path = f"/apis/networking.k8s.io/v1/namespaces/{home}/networkpolicies"
    assert cluster.api.send("GET", path)[1]["items"] == []


def test_an_enforcer_that_does_nothing_is_detected(cluster: Cluster, node: Node, home: str) -> None:
    node.stop_enforcing()
    cluster.api.create(default_deny(home))
    code, document = verified(node, home)
    assert code == 10
    assert "not-enforced" in causes(document)


def test_an_enforcer_that_was_killed_is_detected(cluster: Cluster, node: Node, home: str) -> None:
    cluster.api.create(default_deny(home))
    cluster.settles(Connection.REFUSED, home, WEB, cluster.address(home, API), 8080)
    node.stop_enforcing(kill=True)
    cluster.api.create(allow(home, API, WEB, {"tcp": 8080}))
    code, document = verified(node, home, "--mode", "exec")
    assert code == 10
    # The old rules are in force, the new one is not.
    (wrong,) = [each for each in document["probes"] if each["judgement"] == "differs"]
    assert (wrong["expected"], wrong["seen"]) == ("accepted", "blocked")
    assert {"stopped", "policies-idle"} & set(causes(document))


def test_nothing_of_a_run_is_left(cluster: Cluster, node: Node, home: str) -> None:
    cluster.api.create(default_deny(home))
    agent = idle(home, "agent")
    agent["spec"]["hostNetwork"] = True
    cluster.run(agent)
    before = _pods(cluster, home)
    code, document = verified(node, home, "--settle", "10s")
    assert code == 0, json.dumps(document)
    # A node reaches its own pods, whatever the policies say.
    (sent,) = [each for each in document["probes"] if each["src"] == f"{home}/agent"]
    assert (sent["expected"], sent["seen"]) == ("accepted", "connected")
    assert _pods(cluster, home) == before
    code, told = run(node, "verify", "--cleanup", "--yes")
    assert code == 0, told


def _pods(cluster: Cluster, home: str) -> set[str]:
    items: list[Manifest] = cluster.api.send("GET", f"/api/v1/namespaces/{home}/pods")[1]["items"]
    return {each["metadata"]["name"] for each in items}
