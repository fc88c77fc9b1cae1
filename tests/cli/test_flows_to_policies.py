"""From observed flows to policies: what is imported is what policies are made for, and what they are weighed by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import ROOT, Ran, firedoor

SHOP = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {
  selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {
    containers: [{name: c, image: x}]}}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: api, namespace: shop}, spec: {
  selector: {matchLabels: {app: api}}, template: {metadata: {labels: {app: api}}, spec: {
    containers: [{name: c, image: x, ports: [{containerPort: 9090}]}]}}}}
"""
CLOSED = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: closed, namespace: shop}, spec: {
  podSelector: {}, policyTypes: [Ingress]}}
"""


def flow(number: int) -> str:
    def end(name: str) -> dict[str, object]:
        workload = {"name": name, "kind": "Deployment"}
        return {"namespace": "shop", "pod_name": f"{name}-0", "labels": [f"k8s:app={name}"], "workloads": [workload]}

    told = {
        "time": f"2026-07-31T10:41:0{number}Z",
        "verdict": "FORWARDED",
        "IP": {"source": "10.0.0.1", "destination": "10.0.0.2", "ipVersion": "IPv4"},
        "l4": {"TCP": {"source_port": 40000 + number, "destination_port": 9090, "flags": {"SYN": True}}},
        "source": end("web"),
        "destination": end("api"),
        "Type": "L3_L4",
        "event_type": {"type": 5},
        "traffic_direction": "INGRESS",
        "is_reply": False,
    }
    return json.dumps({"flow": told, "node_name": "n", "time": told["time"]})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    (tmp_path / "closed.yaml").write_text(CLOSED)
    (tmp_path / "flows.jsonl").write_text("\n".join(map(flow, range(3))) + "\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> Ran:
    return firedoor(*arguments, cwd=folder)


def test_the_edges_that_tests_stand_on_are_those_of_the_flows_of_the_demo(folder: Path) -> None:
    told = ROOT / "src/firedoor/demo/shop/flows/hubble.jsonl"
    assert run(folder, "flows", "import", str(told), "--store", "store").code == 0
    assert run(folder, "flows", "export", "edges.jsonl", "--store", "store").code == 0
    assert (folder / "edges.jsonl").read_bytes() == (ROOT / "tests/fixtures/edges/demo.jsonl").read_bytes()


def test_what_was_imported_is_what_policies_are_made_for(folder: Path) -> None:
    assert run(folder, "flows", "import", "flows.jsonl", "--store", "store").code == 0
    made = run(folder, "generate", "--from-flows", "--store", "store", "shop.yaml", "--no-dns", "-o", "json")
    assert (made.code, made.document["proof"]["holds"]) == (0, True)
    told = firedoor("generate", "--from-flows", "--store", "store", "shop.yaml", "--no-dns", cwd=folder).out
    assert "# Deployment shop/web TCP/9090: seen 3 times" in told
    assert run(folder, "flows", "export", "edges.jsonl", "--store", "store").code == 0
    same = run(folder, "generate", "--from-edges", "edges.jsonl", "shop.yaml", "--no-dns", "-o", "json")
    assert same.document["policies"] == made.document["policies"]


def test_policies_are_weighed_by_what_was_imported(folder: Path) -> None:
    assert run(folder, "flows", "import", "flows.jsonl", "--store", "store").code == 0
    broken = run(folder, "preview", "closed.yaml", "shop.yaml", "--flows", "--store", "store", "-o", "json")
    assert broken.code == 10
    (lost,) = json.loads(broken.out)["changes"]
    assert (lost["fate"], lost["port"], lost["count"]) == ("breaks", 9090, 3)
    made = run(folder, "generate", "--flows", "--store", "store", "shop.yaml", "--no-dns", "--out", "made")
    assert made.code == 0
    kept = run(folder, "preview", "made", "shop.yaml", "--flows", "--store", "store", "-o", "json")
    assert (kept.code, kept.document["changes"], kept.document["staying"]) == (0, [], 1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--from-edges", "edges.jsonl", "--from-flows"), "--from-edges is a file by itself"),
        (("--store", "store", "--from-manifests"), "--store, --cluster and --since are about the store"),
        ((), "what is needed must come from one place"),
        (("--from-flows", "--store", "empty"), "has no flows that are asked for"),
        (("--from-flows", "--since", "yesterday"), "'yesterday' is no time"),
    ],
)
def test_wrong_input_is_one_line(folder: Path, arguments: tuple[str, ...], error: str) -> None:
    ran = run(folder, "generate", "shop.yaml", *arguments)
    assert ran.code in {2, 3}
    assert error in ran.err
    assert "Traceback" not in ran.err


def test_a_preview_needs_connections(folder: Path) -> None:
    ran = run(folder, "preview", "closed.yaml", "shop.yaml")
    assert (ran.code, "give --flows for the store" in ran.err) == (2, True)


def test_connections_in_use_that_a_rule_allows_are_part_of_the_score(folder: Path) -> None:
    def used(*arguments: str) -> tuple[int, int]:
        ran = run(folder, "score", *arguments, "--flows", "--store", "store", "-o", "json")
        measures = [each for tenet in ran.document["tenets"] for each in tenet["measures"]]
        (found,) = [each for each in measures if each["measure"] == "used-connections"]
        return found["met"], found["total"]

    assert run(folder, "flows", "import", "flows.jsonl", "--store", "store").code == 0
    assert used("shop.yaml") == (0, 1)
    assert run(folder, "generate", "--flows", "--store", "store", "shop.yaml", "--no-dns", "--out", "made").code == 0
    assert used("shop.yaml", "made") == (1, 1)
