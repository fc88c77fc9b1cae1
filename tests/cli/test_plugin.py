"""As a plugin of kubectl."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cli.command import SETS

COMMANDS = (
    "diagnose", "fix", "reach", "explain", "tui", "diff", "assert", "blast", "paths", "policies", "generate", "preview",
    "apply", "rollback", "verify", "watch", "admission",
    "rbac", "score", "flows", "review",
    "post-render", "mcp", "snapshot", "checks", "config", "ui", "demo", "completion",
)  # fmt: skip
SCRIPTS = Path(sysconfig.get_path("scripts"))


def plugin(script: str, *arguments: str) -> str:
    """Run an installed entry point, and return what it printed."""
    done = subprocess.run(
        [SCRIPTS / script, *arguments], capture_output=True, text=True, check=False, cwd=SETS, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_usage_is_shown_as_it_is_typed() -> None:
    assert plugin("kubectl-firedoor", "--help").startswith("Usage: kubectl firedoor [OPTIONS] COMMAND")
    assert plugin("kubectl-firedoor", "reach", "--help").startswith("Usage: kubectl firedoor reach [OPTIONS]")


def test_the_plugin_answers_as_the_command() -> None:
    assert plugin("kubectl-firedoor", "reach", "shop") == plugin("firedoor", "reach", "shop")


@pytest.mark.parametrize(
    ("arguments", "values", "directive"),
    [
        ((), set(COMMANDS), 4),
        (("",), set(COMMANDS), 4),
        (("rea",), {"reach"}, 4),
        (("reach", "--cni", "c"), {"calico", "cilium", "cilium-nodes", "cilium-pods", "cilium-nodes-pods"}, 4),
        (("diagnose", "--fail-on", "h"), {"high"}, 4),
        (("diagnose", ""), set(), 0),
        (("diagnose", "-f", ""), set(), 0),
    ],
)
def test_kubectl_gets_completions_and_a_directive(arguments: tuple[str, ...], values: set[str], directive: int) -> None:
    *lines, last = plugin("kubectl_complete-firedoor", *arguments).splitlines()
    assert {line.partition("\t")[0] for line in lines} == values
    assert last == f":{directive}"


@pytest.mark.parametrize("arguments", [("--help",), ("reach", "--help"), ("diagnose", "--help"), ("explain", "--help")])
def test_help_loads_nothing_heavy(arguments: tuple[str, ...]) -> None:
    program = (
        "import sys; from firedoor.cli.main import cli\n"
        f"cli.main({list(arguments)!r}, standalone_mode=False)\n"
        "heavy = {'numpy', 'rich', 'kubernetes', 'yaml', 'jsonschema_rs', 'urllib3'}\n"
        "print('LOADED', *sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "LOADED"
