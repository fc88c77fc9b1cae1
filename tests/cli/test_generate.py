"""``firedoor generate``, run as a person runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.command import ROOT, assert_golden, firedoor

DEMO = str(ROOT / "src/firedoor/demo/shop")
EDGES = str(ROOT / "tests/fixtures/edges/demo.jsonl")
KEPT = "the policies that are there already are kept"


def test_policies_are_printed_as_manifests_with_their_proof_above() -> None:
    ran = firedoor("generate", "--from-edges", EDGES, DEMO, "--replace", "-n", "shop-data")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("generate-demo.yaml", ran.out.replace(DEMO, "shop"))
    kinds = {(each["kind"], each["metadata"]["namespace"]) for each in yaml.safe_load_all(ran.out) if each}
    assert kinds == {("NetworkPolicy", "shop-data")}


def test_the_report_says_what_was_proved_what_stays_open_and_what_is_left_out() -> None:
    ran = firedoor("generate", "--from-edges", EDGES, DEMO, "-o", "text")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("generate-demo.txt", ran.out)
    assert KEPT in ran.out


def test_the_document_holds_everything() -> None:
    found = firedoor("generate", "--from-edges", EDGES, DEMO, "-o", "json").document
    assert found["schema"] == "firedoor/generation/v1"
    assert found["proof"]["holds"] is True
    assert found["proof"]["needed"] == len(found["needs"])
    assert found["policies"][0]["manifest"]["kind"] == "NetworkPolicy"
    assert yaml.safe_load(found["policies"][0]["yaml"]) == found["policies"][0]["manifest"]
    assert {"what", "why", "count", "first", "last"} == found["unattributed"][0].keys()


@pytest.mark.parametrize("layout", ["plain", "kustomize", "helm"])
def test_files_are_written_once_and_the_same_again(tmp_path: Path, layout: str) -> None:
    arguments = ("generate", "--from-edges", EDGES, DEMO, "--out", str(tmp_path / "out"), "--layout", layout)
    ran = firedoor(*arguments)
    assert ran.code == 0
    assert "files below" in ran.err
    first = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    assert firedoor(*arguments).code == 0
    assert first == {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.yaml")}
    names = {path.name for path in first}
    assert {"10-allow-frontend.yaml", "90-default-deny.yaml"} <= names
    assert ("kustomization.yaml" in names, "Chart.yaml" in names) == (layout == "kustomize", layout == "helm")
    if layout == "kustomize":
        resources = yaml.safe_load((tmp_path / "out/kustomization.yaml").read_text())["resources"]
        orders = [each.rpartition("/")[2].partition("-")[0] for each in resources]
        assert orders == sorted(orders)
        assert len(resources) == len(first) - 1


def test_what_somebody_else_wrote_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/10-allow-frontend.yaml").write_text("mine\n")
    ran = firedoor("generate", "--from-edges", EDGES, DEMO, "--out", str(tmp_path))
    assert ran.code == 2
    assert "firedoor did not write" in ran.error
    assert [path.read_text() for path in tmp_path.rglob("*.yaml")] == ["mine\n"]


DENIED = """
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: deny-all}
spec: {order: 1, selector: all(), types: [Egress], egress: [{action: Deny}]}
"""


def test_without_a_proof_nothing_is_written_and_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "deny.yaml").write_text(DENIED)
    out = tmp_path / "out"
    arguments = ("generate", "--from-edges", EDGES, DEMO, "-f", str(tmp_path / "deny.yaml"), "--out", str(out))
    ran = firedoor(*arguments)
    assert (ran.code, ran.out, out.exists()) == (10, "", False)
    assert "not proved:" in ran.err
    assert "Needed and not accepted" in ran.err
    told = firedoor(*arguments, "-o", "json")
    assert (told.code, json.loads(told.out)["proof"]["holds"]) == (10, False)
    assert firedoor(*arguments, "--replace").code == 0


@pytest.mark.parametrize("kind", ["cilium", "calico", "calico-staged", "clusternetworkpolicy"])
def test_every_kind_is_made_for_the_demo(kind: str) -> None:
    cni = "cilium" if kind == "cilium" else "spec"
    ran = firedoor("generate", "--from-edges", EDGES, DEMO, "--kind", kind, "--cni", cni, "--replace", "--named-ports")
    assert (ran.code, ran.err) == (0, "")
    assert "# proved: " in ran.out


def test_what_manifests_and_intents_say_is_taken_too() -> None:
    manifests = firedoor("generate", "--from-manifests", DEMO)
    assert manifests.code == 0
    assert "shop/catalog.yaml:" in manifests.out or ".yaml:" in manifests.out
    intents = firedoor("generate", "--from-intents", f"{DEMO}/intents.yaml", DEMO, "--replace", "--no-dns")
    assert intents.code == 0
    assert "intent " in intents.out
    assert "kube-dns" not in intents.out


IMPLIED = str(ROOT / "tests/fixtures/implied")


def test_config_maps_monitors_and_webhooks_say_what_is_needed_by_their_keys_and_lines() -> None:
    ran = firedoor("generate", "--from-manifests", IMPLIED, "-n", "shop", "--api-server-cidr", "192.0.2.0/28")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("generate-manifests.yaml", ran.out.replace(IMPLIED, "implied"))
    assert "hunter2" not in ran.out
    told = firedoor("generate", "--from-manifests", IMPLIED, "-n", "shop", "-o", "text").out
    assert "API server -> Service shop/orders TCP/80: no address of the API server is known" in told


def test_edges_and_intents_can_stand_on_standard_input() -> None:
    ran = firedoor("generate", "--from-edges", "-", DEMO, stdin=Path(EDGES).read_bytes())
    assert ran.code == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "what is needed must come from one place"),
        (("--from-manifests", "--from-edges", EDGES), "what is needed must come from one place"),
        (("--from-manifests", "--layout", "helm"), "--layout is about folders"),
        (("--from-edges", EDGES, "--api-server-cidr", "10.0.0.1"), "--api-server-cidr is about manifests"),
        (("--from-manifests", "--api-server-cidr", "x"), "'x' is neither an address nor a block"),
        (("--from-edges", "-", "-"), "standard input is given twice"),
        (("--from-edges", "missing.jsonl"), "No such file or directory"),
    ],
)
def test_a_wrong_question_is_one_line(arguments: tuple[str, ...], problem: str) -> None:
    ran = firedoor("generate", DEMO, *arguments)
    assert ran.code == 2
    assert problem in ran.error


GONE = (
    b'{"source":{"kind":"workload","namespace":"x","owner":"Deployment","name":"y"},"destination":{"kind":"node"},'
    b'"protocol":"TCP","port":1,"verdict":"allowed","count":1,"first":0,"last":0}'
)


@pytest.mark.parametrize(
    ("stdin", "problem"),
    [
        (b"", "no connection is needed for which a policy could be made"),
        (
            GONE,
            "the workload Deployment x/y is gone",
        ),
    ],
)
def test_where_nothing_is_needed_that_is_said(stdin: bytes, problem: str) -> None:
    ran = firedoor("generate", "--from-edges", "-", DEMO, stdin=stdin)
    assert ran.code == 3
    assert problem in ran.error


def test_a_source_without_pods_is_nothing_in_scope(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("{apiVersion: v1, kind: Namespace, metadata: {name: a}}")
    ran = firedoor("generate", "--from-manifests", str(tmp_path))
    assert ran.code == 3
    assert firedoor("generate", "--from-manifests", DEMO, "-n", "nowhere").code == 3


MESH = """
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data: {mesh: "rootNamespace: mesh-root"}
---
apiVersion: v1
kind: Pod
metadata: {name: gateway, namespace: mesh-root, labels: {app: gateway}}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: a, image: a, env: [{name: GATEWAY, value: "http://gateway.mesh-root:80"}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: a, image: a}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 80}]}
"""


def test_the_root_namespace_of_a_mesh_gets_no_authorization_policies(tmp_path: Path) -> None:
    manifests = tmp_path / "mesh.yaml"
    manifests.write_text(MESH.replace("http://gateway.mesh-root:80", "http://db:80"), encoding="utf-8")
    arguments = ("generate", "--from-manifests", str(manifests), "--kind", "istio")
    ran = firedoor(*arguments, "-o", "json")
    assert ran.code == 0
    found = ran.document
    assert {each["namespace"] for each in found["policies"]} == {"shop"}
    assert any("mesh-root" in each and "for all namespaces" in each for each in found["notes"])
    refused = firedoor(*arguments, "-n", "mesh-root")
    assert refused.code == 2
    assert "root of the Istio mesh" in refused.err
    others = firedoor(*arguments[:3], "-o", "json").document
    assert not any("mesh-root" in each for each in others["notes"])
