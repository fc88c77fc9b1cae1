"""What a release has is built twice, in two places, to the same bytes, and runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[2]
THOROUGH = 20_000
NEEDED = ("uv", "git")


def _built(place: Path) -> Path:
    clone, folder = place / "clone", place / "dist"
    git, uv = (shutil.which(each) or each for each in ("git", "uv"))
    subprocess.run([git, "clone", "--quiet", str(ROOT), str(clone)], check=True)
    options = ["--quiet", "--isolated", "--locked", "--group", "release"]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    command = [uv, "run", *options, "python", "tools/build_release.py", str(folder)]
    subprocess.run(command, check=True, cwd=clone, env=environment)
    return folder


@pytest.mark.skipif(settings().max_examples < THOROUGH, reason="takes minutes: runs with the thorough profile")
@pytest.mark.skipif(any(shutil.which(each) is None for each in NEEDED), reason=f"needs {' and '.join(NEEDED)}")
def test_the_same_commit_gives_the_same_bytes_and_one_file_that_runs(tmp_path: Path) -> None:
    one, other = _built(tmp_path / "one"), _built(tmp_path / "other")
    sums = (one / "SHA256SUMS").read_text()
    assert sums == (other / "SHA256SUMS").read_text()
    kinds = {"-py3-none-any.whl", ".tar.gz", "firedoor.cdx.json", "firedoor.pyz"}
    assert {kind for kind in kinds for line in sums.splitlines() if line.endswith(kind)} == kinds
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    command = [sys.executable, str(one / "firedoor.pyz"), "demo"]
    done = subprocess.run(command, check=False, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "firedoor demo --write" in done.stdout
