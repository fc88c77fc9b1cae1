"""The real command, asked by the client of the SDK over standard input and output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.cluster.worlds import policy, small_cluster, write_kubeconfig
from tests.cli.command import ROOT, SETS, firedoor
from tests.deploy.git_samples import sample
from tests.fake_api_server import FakeAPIServer

mcp_client = pytest.importorskip("mcp.client", reason="the package mcp is not installed")
anyio = pytest.importorskip("anyio")

DEMO = ROOT / "src/firedoor/demo/shop"
Asked = Callable[[str, dict[str, Any]], Coroutine[Any, Any, tuple[str, bool]]]


def conversation(arguments: list[str], talk: Callable[[Any, Asked], Coroutine[Any, Any, None]], cwd: Path) -> None:
    """Start the command, connect to it, and talk."""
    from mcp.client.stdio import StdioServerParameters  # noqa: PLC0415

    python_path = os.pathsep.join(each for each in sys.path if each)
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "firedoor", "mcp", *arguments],
        env={"PYTHONPATH": python_path, **{key: os.environ[key] for key in ("KUBECONFIG",) if key in os.environ}},
        cwd=cwd,
    )

    async def run() -> None:
        with anyio.fail_after(120):
            async with mcp_client.Client(server) as client:

                async def ask(name: str, given: dict[str, Any]) -> tuple[str, bool]:
                    result = await client.call_tool(name, given)
                    (content,) = result.content
                    return content.text, result.is_error

                await talk(client, ask)

    anyio.run(run)


async def document(ask: Asked, name: str, **given: Any) -> Any:
    text, is_error = await ask(name, given)
    assert not is_error, text
    return json.loads(text)


def test_tools_answer_what_the_commands_print() -> None:
    same: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
        "reach": ({"to": "shop/payment", "limit": 500}, ("reach", "--to", "shop/payment")),
        "explain": (
            {"from": "shop/frontend", "to": "shop/payment", "port": "8080", "limit": 500},
            ("explain", "--from", "shop/frontend", "--to", "shop/payment", "--port", "8080"),
        ),
        "exposure": ({"limit": 500}, ("reach", "--exposed")),
        "blast": ({"from": "shop/frontend", "limit": 500}, ("blast", "--from", "shop/frontend")),
        "paths": (
            {"from": "internet", "to": "shop/payment", "limit": 500},
            ("paths", "--from", "internet", "--to", "shop/payment"),
        ),
        "diagnose": ({"namespace": "monitoring", "limit": 500}, ("diagnose", "-n", "monitoring")),
        "who_can": ({"verb": "get", "resource": "pods", "limit": 500}, ("rbac", "who-can", "get", "pods")),
    }

    async def talk(_client: Any, ask: Asked) -> None:
        for name, (given, command) in same.items():
            printed = firedoor(*command, "-f", ".", "-o", "json", cwd=DEMO)
            text, is_error = await ask(name, given)
            if printed.code:
                assert (text, is_error) == (printed.error, True)
                continue
            found = json.loads(text)
            assert set(found.pop("page")) == {"offset", "limit", "total"}
            assert found == json.loads(printed.out), name

    conversation(["."], talk, DEMO)


def test_the_tools_say_that_they_only_read_and_diff_is_there_with_something_to_compare(tmp_path: Path) -> None:
    shop = sample(tmp_path / "repository")

    async def talk(client: Any, ask: Asked) -> None:
        tools = {each.name: each for each in (await client.list_tools()).tools}
        assert set(tools) == {"reach", "explain", "who_can", "diagnose", "exposure", "blast", "paths", "diff"}
        for each in tools.values():
            assert (each.annotations.read_only_hint, each.annotations.destructive_hint) == (True, False)
            assert each.input_schema["additionalProperties"] is False
        found = await document(ask, "diff")
        assert (found["old"], found["new"]) == (f"git:{shop.base}:k8s", "k8s")
        assert found["policies"][0]["object"]["name"] == "db"

    conversation(["k8s", "--against", f"git:{shop.base}:k8s"], talk, shop.folder)


def test_findings_come_by_the_page_and_by_severity() -> None:
    async def talk(client: Any, ask: Asked) -> None:
        assert "diff" not in {each.name for each in (await client.list_tools()).tools}
        whole = await document(ask, "diagnose", limit=100)
        second = await document(ask, "diagnose", offset=2, limit=2)
        assert second["findings"] == whole["findings"][2:4]
        assert second["page"]["total"]["findings"] == len(whole["findings"])
        severe = await document(ask, "diagnose", severity="high", limit=100)
        assert {each["severity"] for each in severe["findings"]} <= {"high", "critical"}
        check = severe["findings"][0]["check"]
        assert {each["check"] for each in (await document(ask, "diagnose", check=check))["findings"]} == {check}

    conversation(["."], talk, DEMO)


def test_what_cannot_be_answered_is_one_line_that_says_what_to_do() -> None:
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("reach", {"frm": "shop/web"}, "'frm' was unexpected"),
        ("reach", {"limit": 501}, "limit: "),
        ("reach", {"to": "shop/nobody"}, "shop/nobody"),
        ("reach", {"selector": "a in b"}, "as kubectl does"),
        ("explain", {"from": "a/b", "to": "c/d"}, '"port" is a required property'),
        ("explain", {"from": "shop/frontend", "to": "shop/payment", "port": "http"}, "'http' is no port"),
        ("blast", {"from": "shop/frontend", "to": "shop/payment"}, "leave one out"),
        ("diagnose", {"severity": "grave"}, "severity: "),
        ("diff", {}, "there is no tool 'diff'"),
        ("apply", {"path": "/etc"}, "there is no tool 'apply'"),
    ]

    async def talk(_client: Any, ask: Asked) -> None:
        for tool, given, words in asked:
            text, is_error = await ask(tool, given)
            assert is_error, (tool, given)
            assert words in text
            assert "\n" not in text
        assert not (await ask("reach", {"limit": 1}))[1]

    conversation(["."], talk, DEMO)


def test_a_live_cluster_is_read_anew_when_what_was_read_is_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeAPIServer(small_cluster()) as server:
        monkeypatch.setenv("KUBECONFIG", write_kubeconfig(tmp_path, server.url))

        async def talk(_client: Any, ask: Asked) -> None:
            assert not (await document(ask, "reach", to="data/db"))["connections"]
            server.add(policy("data", "open", ingress=[{}]))
            assert (await document(ask, "reach", to="data/db"))["connections"]

        conversation(["--keep", "0s"], talk, tmp_path)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-",), "standard input is where questions come from"),
        (("shop", "--against", "-"), "standard input is where questions come from"),
        (("shop", "-n", "a"), "leave -n out"),
        (("nowhere",), "no such file or folder"),
        (("shop", "--keep", "soon"), "soon"),
        (("shop", "--cni", "none-such"), "there is no CNI profile"),
    ],
)
def test_a_wrong_start_is_told_at_once(arguments: tuple[str, ...], words: str) -> None:
    assert words in firedoor("mcp", *arguments).error


def test_without_the_package_the_error_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['mcp'] = None; sys.argv = ['firedoor', 'mcp', 'shop']\n"
        "from firedoor.cli.main import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=SETS, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    expected = "error: the Python package mcp is not installed; install it with `pip install 'firedoor[mcp]'`\n"
    assert done.stderr == expected
