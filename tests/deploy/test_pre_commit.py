"""The hooks for pre-commit: their commands as they stand there, and under pre-commit itself where it is installed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.command import firedoor
from tests.deploy.git_samples import POLICY, Sample, git, sample

ROOT = Path(__file__).parents[2]
HOOKS: dict[str, dict[str, Any]] = {
    each["id"]: each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
}


@pytest.fixture
def shop(tmp_path: Path) -> Sample:
    return sample(tmp_path / "repository")


def words(name: str) -> list[str]:
    return [*shlex.split(HOOKS[name]["entry"]), *HOOKS[name]["args"]]


@pytest.mark.parametrize(("name", "code"), [("firedoor-diagnose", 13), ("firedoor-assert", 10)])
def test_a_hook_fails_where_something_is_wrong_and_passes_otherwise(shop: Sample, name: str, code: int) -> None:
    program, *arguments = words(name)
    assert program == "firedoor"
    assert firedoor(*arguments, cwd=shop.folder).code == code
    git(shop.folder, "checkout", "--quiet", shop.base)
    # Nothing selects web yet, which is a finding of its own.
    closed = POLICY.replace("{matchLabels: {app: db}}", "{}").replace("name: db", "name: all")
    (shop.folder / "k8s/closed.yaml").write_text(closed.replace("[Ingress]", "[Ingress, Egress]"))
    assert firedoor(*arguments, cwd=shop.folder).code == 0


def test_a_hook_never_asks_a_live_cluster_and_reads_whole_folders() -> None:
    for hook in HOOKS.values():
        assert hook["args"][-1] == "."
        assert hook["pass_filenames"] is False


@pytest.mark.skipif(shutil.which("pre-commit") is None, reason="pre-commit is not installed")
def test_pre_commit_runs_the_hooks(shop: Sample) -> None:
    hooks = [
        {
            **hook,
            "language": "system",
            "entry": hook["entry"].replace("firedoor", f"{shlex.quote(sys.executable)} -m firedoor", 1),
        }
        for hook in HOOKS.values()
    ]
    config = shop.folder / ".pre-commit-config.yaml"
    config.write_text(yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
    git(shop.folder, "add", "--all")
    done = subprocess.run(
        ["pre-commit", "run", "--all-files"],  # noqa: S607
        cwd=shop.folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "- exit code: 13" in done.stdout
    assert "k8s/policy.yaml:7:1: error: " in done.stdout
    assert "- exit code: 10" in done.stdout
