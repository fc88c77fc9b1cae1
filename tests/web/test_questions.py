"""The answers of the page are those of the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.cli.command import firedoor
from tests.fake_api_server import FakeAPIServer
from tests.web.running import Page, page

QUESTION = ("--from", "shop/web", "--to", "data/db", "--port", "80")

SHOP = str(Path(__file__).parents[2] / "src" / "firedoor" / "demo" / "shop")


def test_it_tells_what_it_is_about(demo: Page) -> None:
    found = demo.get("about").document
    assert (found["name"], found["flows"], found["editable"]) == ("the bundled demo shop", True, True)
    assert found["summary"]["findings"] == 31
    assert {"kind": "NetworkPolicy", "namespace": "shop-data", "name": "redis-ingress"}.items() <= found["policies"][
        [each["name"] for each in found["policies"]].index("redis-ingress")
    ].items()


def test_explanations_are_those_of_the_command(demo: Page) -> None:
    ends = ("--from", "shop/frontend", "--to", "shop-data/redis", "--port", "6379")
    expected = firedoor("explain", SHOP, *ends, "-o", "json").document
    found = demo.get("explain", from_="shop/frontend", to="shop-data/redis", port="6379").document
    assert "redis-ingress" in found.pop("flipYaml")
    assert found == expected


def test_findings_are_those_of_the_command(demo: Page) -> None:
    expected = firedoor("diagnose", SHOP, "-o", "json").document
    assert demo.get("findings").document["findings"] == expected["findings"]


def test_the_fix_of_a_finding_is_told_as_a_diff(demo: Page) -> None:
    findings = demo.get("findings").document["findings"]
    diffs = [demo.get("fix", fingerprint=each["fingerprint"]).document["diff"] for each in findings[:12]]
    assert any("+++ b/" in each and "@@" in each for each in diffs)
    assert demo.get("fix", fingerprint="none").status == 404


def test_access_is_that_of_the_command(demo: Page) -> None:
    expected = firedoor("rbac", "who-can", "get", "secrets", SHOP, "--indirect", "-o", "json").document
    assert demo.get("who-can", verb="get", resource="secrets", indirect="true").document == expected
    assert demo.get("risks").document == firedoor("rbac", "risks", SHOP, "-o", "json").document


def test_paths_are_those_of_the_command(demo: Page) -> None:
    ends = {"from_": "shop/frontend", "to": "secrets:shop"}
    expected = firedoor("paths", SHOP, "--from", "shop/frontend", "--to", "secrets:shop", "-o", "json").document
    assert demo.get("paths", **ends).document == expected
    assert demo.get("paths").document == firedoor("paths", SHOP, "--rank", "-o", "json").document


def test_score_and_review_know_the_flows(demo: Page) -> None:
    score = demo.get("score").document
    measures = {each["measure"]: each for tenet in score["tenets"] for each in tenet["measures"]}
    assert any(each["total"] for each in measures.values())
    review = demo.get("review").document
    assert review["network"]["period"]["connections"] == 197
    assert [each["kind"] for each in review["items"]] == ["policy-without-pods"]
    assert demo.get("review", days="0").status == 400


def test_a_policy_is_given_as_it_is_written_without_what_a_server_adds(demo: Page) -> None:
    found = demo.get("policy", kind="NetworkPolicy", namespace="shop-data", name="redis-ingress").document
    assert found["yaml"].startswith("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n")
    assert found["place"].endswith("redis-ingress.yaml:1")
    assert demo.get("policy", kind="NetworkPolicy", namespace="shop", name="none").status == 404


@pytest.mark.parametrize(
    ("name", "given", "status", "problem"),
    [
        ("explain", {"from_": "shop/frontend", "to": "shop/cart"}, 400, "port is missing"),
        ("explain", {"from_": "shop/frontend", "to": "shop/cart", "port": "0"}, 400, "'0' is no port"),
        ("explain", {"from_": "shop/frontend", "to": "shop/cart", "port": "9" * 5000}, 400, "is no port"),
        ("explain", {"from_": "shop/frontend", "to": "shop/cart", "port": "80", "protocol": "X"}, 400, "no protocol"),
        ("explain", {"from_": "shop/fronted", "to": "shop/cart", "port": "80"}, 400, "did you mean shop/frontend?"),
        ("map", {"expand": "shops"}, 404, "there is no namespace shops"),
        ("pairs", {"from_": "outside", "to": "outside"}, 400, "the outside is at both ends"),
        ("pairs", {"from_": "shop", "to": "shop/Deployment/none"}, 400, "on the map"),
        ("paths", {"from_": "internet"}, 400, "to is missing"),
        ("who-can", {"verb": "get"}, 400, "resource is missing"),
    ],
)
def test_a_wrong_question_is_told_as_the_commands_tell_it(
    demo: Page, name: str, given: dict[str, str], status: int, problem: str
) -> None:
    answer = demo.get(name, **given)
    assert answer.status == status
    assert answer.document["schema"] == "firedoor/error/v1"
    assert problem in answer.document["problem"]


def test_a_page_without_flows_says_so(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    policy = b"apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: a}]}\n"
    file = tmp_path / "pod.yaml"
    file.write_bytes(policy)
    with page(str(file)) as found:
        found.enter()
        assert found.get("about").document["flows"] is False
        review = found.get("review")
        assert (review.status, review.document["problem"]) == (404, "it is not known which connections were seen")
        # Read anew, it is what the file holds now; what cannot be read leaves the page as it was.
        file.write_bytes(policy + b"---\n" + policy.replace(b"web", b"api"))
        assert found.post("read-anew", {}).status == 200
        places = found.get("map", expand="shop").document["places"]
        assert [each["id"] for each in places] == ["shop/Pod/api", "shop/Pod/web", "outside"]
        file.write_bytes(b"kind: [")
        broken = found.post("read-anew", {})
        assert (broken.status, broken.document["place"]) == (502, f"{file}:2")
        assert found.get("map", expand="shop").document["places"] == places


def test_where_no_pod_is_the_rest_can_be_asked(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    (tmp_path / "role.yaml").write_text(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\n"
        "rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n"
    )
    with page(str(tmp_path)) as found:
        found.enter()
        answer = found.get("map")
        assert (answer.status, answer.document["problem"]) == (404, "no pod or workload was found")
        assert found.get("who-can", verb="get", resource="pods").status == 200


def test_flows_come_from_a_file_of_edges_and_from_the_store(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    peer = {"kind": "workload", "namespace": "shop", "owner": "Deployment", "name": "cart"}
    other = {"kind": "workload", "namespace": "shop-data", "owner": "StatefulSet", "name": "redis"}
    seen = {"protocol": "TCP", "port": 6379, "verdict": "allowed", "count": 11, "first": 1, "last": 2}
    edges = tmp_path / "edges.jsonl"
    edges.write_text(json.dumps({"source": peer, "destination": other, **seen}) + "\n")
    flows = Path(SHOP) / "flows" / "hubble.jsonl"
    assert firedoor("flows", "import", str(flows), "--store", str(tmp_path / "store")).code == 0
    for options, count in ((("--from-edges", str(edges)), 11), (("--flows", "--store", str(tmp_path / "store")), 7)):
        with page(SHOP, *options) as found:
            found.enter()
            links = found.get("map", expand="shop,shop-data").document["links"]
            (used,) = (
                each["used"]
                for each in links
                if (each["source"], each["destination"]) == ("shop/Deployment/cart", "shop-data/StatefulSet/redis")
            )
            assert used == count


def test_standard_input_is_read_once_and_kept() -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    pod = b"apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec: {containers: [{name: a}]}\n"
    with page("-", stdin=pod) as found:
        found.enter()
        assert found.get("about").document["name"] == "standard input"
        assert found.post("read-anew", {}).document["summary"]["namespaces"] == 1


def test_a_live_cluster_is_shown_and_only_read(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="the page needs firedoor[ui]")
    with FakeAPIServer(small_cluster()) as server:
        kubeconfig = write_kubeconfig(tmp_path, server.url)
        expected = firedoor("explain", "--kubeconfig", kubeconfig, *QUESTION, "-o", "json").document
        with page("--kubeconfig", kubeconfig) as found:
            found.enter()
            about = found.get("about").document
            assert (about["name"], about["editable"]) == ("the live cluster", False)
            assert [each["kind"] for each in about["policies"]] == ["NetworkPolicy"] * len(about["policies"])
            policy = found.get("policy", **{key: about["policies"][0][key] for key in ("kind", "namespace", "name")})
            assert "managedFields" not in policy.document["yaml"]
            told = found.get("explain", from_="shop/web", to="data/db", port="80").document
            assert told.pop("flipYaml") is not None
            assert told == expected
            before = len(server.requests)
            assert found.post("read-anew", {}).status == 200
            assert len(server.requests) > before
        assert {method for method, _ in server.requests} == {"GET"}
        assert not any(path.endswith(("/secrets", "/configmaps")) for path in server.paths)
