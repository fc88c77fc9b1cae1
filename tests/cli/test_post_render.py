"""Manifests on their way: the same bytes come out, or none; with the real helm where it is built."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import firedoor, process
from tests.deploy.charting import program
from tests.deploy.git_samples import INTENTS, POLICY, WORKLOADS

OPEN = (WORKLOADS + "---\n" + POLICY.replace("ingress: []", "ingress: [{}]") + "# \u00fcber\r\n").encode()
CLOSED = (WORKLOADS + "---\n" + POLICY).encode()


def test_the_same_bytes_come_out_and_findings_beside_them() -> None:
    ran = process("post-render", "--fail-on", "critical", stdin=OPEN)
    assert (ran.code, ran.out) == (0, OPEN.decode())
    assert re.search(r"^stdin:2\d:1: error: .* \[rule-allows-everything\]$", ran.err, re.MULTILINE)


def test_nothing_comes_out_where_findings_or_intents_object(tmp_path: Path) -> None:
    ran = process("post-render", stdin=OPEN)
    assert (ran.code, ran.out) == (13, "")
    assert ran.err.endswith("error: nothing is passed on, because of what is told here\n")
    (tmp_path / "intents.yaml").write_text(INTENTS)
    asked = ("post-render", "--fail-on=none", "--assert", "intents.yaml")
    ran = process(*asked, stdin=OPEN, cwd=tmp_path)
    assert (ran.code, ran.out) == (10, "")
    assert "web does not reach the database" in ran.err
    assert process(*asked, stdin=CLOSED, cwd=tmp_path).out == CLOSED.decode()


def test_policies_that_are_kept_elsewhere_count_and_are_not_passed_on(tmp_path: Path) -> None:
    (tmp_path / "intents.yaml").write_text(INTENTS)
    (tmp_path / "policy.yaml").write_text(POLICY)
    asked = ("post-render", "--fail-on=none", "--assert", "intents.yaml")
    assert process(*asked, stdin=WORKLOADS.encode(), cwd=tmp_path).code == 10
    ran = process(*asked, "policy.yaml", stdin=WORKLOADS.encode(), cwd=tmp_path)
    assert (ran.code, ran.out) == (0, WORKLOADS)


def test_a_report_takes_the_findings_in_any_format(tmp_path: Path) -> None:
    ran = process("post-render", "--fail-on=none", "-o", "json", "--report", "r.json", stdin=OPEN, cwd=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, OPEN.decode(), "")
    assert json.loads((tmp_path / "r.json").read_text())["findings"]


@pytest.mark.parametrize("data", [b"\n", b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"])
def test_what_has_no_pods_passes(data: bytes) -> None:
    ran = process("post-render", stdin=data)
    assert (ran.code, ran.out, ran.err) == (0, data.decode().lstrip("\n"), "")


def test_a_namespace_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    data = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: b}\n"
    ran = process("post-render", "-n", "gone", stdin=data)
    assert (ran.code, ran.out) == (0, data.decode())
    assert ran.err.startswith("note: ")
    (tmp_path / "intents.yaml").write_text(INTENTS)
    assert firedoor("post-render", "--assert", "intents.yaml", cwd=tmp_path).code == 3


def test_a_gate_that_cannot_be_read_passes_nothing_on(tmp_path: Path) -> None:
    assert "gone.yaml" in firedoor("post-render", "--assert", "gone.yaml", stdin=OPEN).error
    assert "--assert a file" in firedoor("post-render", "--assert", "-", stdin=OPEN).error
    assert "check the path of --report" in firedoor(
        "post-render", "--fail-on=none", "--report", str(tmp_path / "no" / "r"), stdin=OPEN
    ).error  # fmt: skip


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    templates = tmp_path / "chart/templates"
    templates.mkdir(parents=True)
    (tmp_path / "chart/Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (templates / "all.yaml").write_bytes(OPEN)
    renderer = tmp_path / "firedoor"
    renderer.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m firedoor "$@"\n')
    renderer.chmod(0o755)
    return tmp_path


def template(chart: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program(), "template", "shop", str(chart / "chart"), *arguments], capture_output=True, text=True, check=False
    )


def through(chart: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = [word for each in ("post-render", *arguments) for word in ("--post-renderer-args", each)]
    return template(chart, "--post-renderer", str(chart / "firedoor"), *given)


def test_helm_renders_the_same_with_it(chart: Path) -> None:
    done = through(chart, "--fail-on=none")
    assert done.returncode == 0, done.stderr
    assert done.stdout == template(chart).stdout


def test_helm_stops_and_shows_what_is_wrong(chart: Path) -> None:
    done = through(chart)
    assert done.returncode != 0
    assert done.stdout == ""
    assert "[rule-allows-everything]" in done.stderr
