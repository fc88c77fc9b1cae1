"""The page that is committed is the one of its sources, and asks nobody else for anything."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tools import build_page

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src" / "firedoor" / "web" / "static"


def test_the_built_page_is_that_of_the_sources() -> None:
    assert build_page.stale() == [], "run python -m tools.build_page"


def test_a_changed_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = json.loads(build_page.SUMS.read_text())
    known["sources"]["src/main.tsx"] = "other"
    known["built"]["gone.js"] = "other"
    sums = tmp_path / "sums.json"
    sums.write_text(json.dumps(known))
    monkeypatch.setattr(build_page, "SUMS", sums)
    assert {"sources: src/main.tsx", "built: gone.js"} <= set(build_page.stale())


def test_the_check_needs_no_node() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.build_page", "--check"],
        cwd=ROOT,
        env={"PATH": ""},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_the_page_has_no_inline_code_and_names_no_other_host() -> None:
    page = (STATIC / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"<style|\bstyle=|\bon\w+=", page) == []
    for file in STATIC.iterdir():
        if file.suffix in {".html", ".js", ".css"}:
            hosts = set(re.findall(r"https?://[\w.-]+", file.read_text()))
            # Names of XML vocabularies, and what error messages of the libraries point to; nothing is asked there.
            assert hosts <= {"http://www.w3.org"}, file.name


def test_those_whose_work_is_in_the_page_are_named() -> None:
    lock = json.loads((ROOT / "frontend" / "package-lock.json").read_text())
    names = [
        path.removeprefix("node_modules/")
        for path, package in lock["packages"].items()
        if path and not package.get("dev")
    ]
    told = (STATIC / "licenses.txt").read_text()
    assert [name for name in names if f"\n{name} " not in told] == []
    assert all(
        package["license"] == "MIT" for path, package in lock["packages"].items() if path and not package.get("dev")
    )
