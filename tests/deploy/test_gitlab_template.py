"""The script of the GitLab template, run by a shell in a git repository, and the reports that it leaves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.deploy.git_samples import Sample, sample
from tests.schemas.sarif import sarif_faults

ROOT = Path(__file__).parents[2]
JOB = yaml.safe_load((ROOT / "deploy/gitlab/firedoor.gitlab-ci.yml").read_text(encoding="utf-8"))["firedoor"]


@pytest.fixture
def shop(tmp_path: Path) -> Sample:
    return sample(tmp_path / "repository")


def run(shop: Sample, **variables: str) -> int:
    """Run the script as the runner does, line after line until one fails, and return how it ended."""
    programs = shop.folder.parent / "bin"
    programs.mkdir()
    (programs / "firedoor").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m firedoor "$@"\n')
    (programs / "firedoor").chmod(0o755)
    given = {each: str(value) for each, value in JOB["variables"].items()}
    path = f"{programs}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", "\n".join(JOB["script"])],  # noqa: S607
        cwd=shop.folder,
        env={**os.environ, **given, **variables, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    return done.returncode


def issues(shop: Sample) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shop.folder / "gl-code-quality-report.json").read_text())
    return found


def test_a_merge_request_gets_every_report(shop: Sample) -> None:
    assert run(shop, CI_MERGE_REQUEST_DIFF_BASE_SHA=shop.base) == 0
    artifacts = JOB["artifacts"]
    for name in (*artifacts["paths"], *artifacts["reports"].values()):
        assert (shop.folder / name).stat().st_size > 0
    assert len({each["fingerprint"] for each in issues(shop)}) == len(issues(shop))
    assert {each["location"]["path"] for each in issues(shop)} <= {"k8s/workloads.yaml", "k8s/policy.yaml"}
    assert sarif_faults(json.loads((shop.folder / "firedoor.sarif").read_text())) == []
    assert int(ET.parse(shop.folder / "firedoor.xml").getroot().get("failures", "")) > 0  # noqa: S314 - our own text
    note = (shop.folder / "firedoor-note.md").read_text()
    assert "1 policy changed" in note
    assert "rule-allows-everything" in note


def test_findings_fail_the_job_after_everything_is_written(shop: Sample) -> None:
    assert run(shop, FIREDOOR_FAIL_ON="high") == 13
    assert (shop.folder / "firedoor.xml").stat().st_size > 0
    assert "Who can reach whom" not in (shop.folder / "firedoor-note.md").read_text()
