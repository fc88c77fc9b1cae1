"""The plugin file of k9s: by its schema, and each command as k9s would fill it in and run it."""

from __future__ import annotations

import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.fake_api_server import FakeAPIServer

PLUGINS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "deploy/k9s/plugins.yaml").read_text(encoding="utf-8")
)["plugins"]
FILLED = re.compile(r"\$(!?[\w\-|]+)")
"""What k9s takes for a variable; it refuses a command with one that it does not know."""


def test_the_fields_are_those_of_k9s_and_no_shortcut_is_used_twice() -> None:
    for each in PLUGINS.values():
        assert set(each) == {"shortCut", "description", "scopes", "command", "background", "args"}
        assert re.fullmatch("Shift-[A-Z]", each["shortCut"])
    assert len({each["shortCut"] for each in PLUGINS.values()}) == len(PLUGINS)


@pytest.mark.parametrize("name", PLUGINS)
def test_nothing_that_k9s_fills_in_is_part_of_a_script(name: str) -> None:
    words = PLUGINS[name]["args"]
    assert words[0] == "-c"
    assert not FILLED.search(words[1])
    assert {match for word in words for match in FILLED.findall(word)} <= {"NAME", "NAMESPACE", "CONTEXT"}


@pytest.mark.parametrize("name", PLUGINS)
def test_a_plugin_answers_about_the_pod_that_is_selected(name: str, tmp_path: Path) -> None:
    if shutil.which("less") is None:
        pytest.skip("less is not installed")
    program = tmp_path / "firedoor"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m firedoor "$@"\n')
    program.chmod(0o755)
    # Without policies everything reaches it.
    cluster = [each for each in small_cluster() if each["kind"] != "NetworkPolicy"]
    with FakeAPIServer(cluster) as server:
        kubeconfig = write_kubeconfig(tmp_path, server.url)
        (context,) = (each["name"] for each in yaml.safe_load(Path(kubeconfig).read_text())["contexts"])
        values = {"$NAMESPACE/$NAME": "data/db", "$CONTEXT": context}
        ours, theirs = pty.openpty()
        os.write(ours, b"shop/web\n80\n\n")
        done = subprocess.run(
            [PLUGINS[name]["command"], *(values.get(each, each) for each in PLUGINS[name]["args"])],
            env={**os.environ, "KUBECONFIG": kubeconfig, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 0, done.stderr
    assert "data/db" in done.stdout
    assert "error" not in done.stdout
