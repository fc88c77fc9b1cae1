"""The commands against an API server over real HTTP."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.cli.command import firedoor, process
from tests.fake_api_server import GIT_VERSION, FakeAPIServer, Fault

QUESTION = ("--from", "shop/web", "--to", "data/db", "--port", "80")


def test_a_cluster_is_diagnosed(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        document = firedoor("diagnose", "--kubeconfig", write_kubeconfig(tmp_path, server.url), "-o", "json").document
    assert document["summary"]["serverVersion"] == GIT_VERSION
    assert document["summary"]["coverage"] == {
        "pods": 2, "isolatedBoth": 0, "isolatedIngressOnly": 2, "isolatedEgressOnly": 0, "isolatedNone": 0,
        "hostNetwork": 0,
    }  # fmt: skip
    assert document["gaps"] == []


def test_a_cluster_is_only_read(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        for command in (("diagnose",), ("reach",), ("explain", *QUESTION)):
            assert firedoor(*command, "--kubeconfig", write_kubeconfig(tmp_path, server.url)).code == 0
        assert {method for method, _ in server.requests} == {"GET"}
        assert not any(path.endswith(("/secrets", "/configmaps")) for path in server.paths)


def test_a_context_is_chosen_and_the_environment_names_the_kubeconfig(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        path = write_kubeconfig(tmp_path, server.url)
        ran = process("reach", "--context", "here", "-o", "csv", KUBECONFIG=path)
        assert (ran.code, ran.err) == (0, "")
        assert "shop/web" in ran.out
        assert "here" in firedoor("reach", "--kubeconfig", path, "--context", "there").error


def test_the_live_cluster_can_be_saved_and_asked_later(tmp_path: Path) -> None:
    file = str(tmp_path / "saved.fds")
    with FakeAPIServer(small_cluster()) as server:
        path = write_kubeconfig(tmp_path, server.url)
        live = firedoor("reach", "--kubeconfig", path, "-o", "json").document
        assert firedoor("snapshot", "save", file, "--kubeconfig", path).code == 0
    assert firedoor("reach", file, "-o", "json").document == live


def test_policies_that_may_not_be_read_leave_every_verdict_unknown(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        server.fail("/networkpolicies", Fault(status=403))
        options = ("--kubeconfig", write_kubeconfig(tmp_path, server.url), "-o", "json")
        reach = firedoor("reach", *options).document
        explain = firedoor("explain", *QUESTION, *options).document
        failed = firedoor("diagnose", *options, "--fail-on", "gaps").code
    assert reach["connections"] == []
    assert {(each["src"].get("workload"), each["dst"].get("workload")) for each in reach["unknown"]} == {
        (None, "data/db"), (None, "shop/web"), ("data/db", None), ("data/db", "shop/web"), ("shop/web", None),
        ("shop/web", "data/db"),
    }  # fmt: skip
    assert [gap["kind"] for gap in reach["gaps"]] == ["forbidden"] if "kind" in reach["gaps"][0] else reach["gaps"]
    assert explain["verdict"] == "unknown"
    assert failed != 0


def test_a_server_that_does_not_answer_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        error = firedoor("diagnose", "--kubeconfig", write_kubeconfig(tmp_path, url)).error
    assert error.startswith(f"{url}: the server does not answer")


def test_credentials_that_are_refused_are_one_line(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        path = write_kubeconfig(tmp_path, server.url, {"token": "wrong"})
        ran = firedoor("reach", "--kubeconfig", path)
    assert ran.code == 2
    assert server.url in ran.error
