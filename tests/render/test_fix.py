from __future__ import annotations

import json
import shutil
import subprocess
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from firedoor.model.edits import Applied, FileEdit, FixReport, Refused
from firedoor.render.fix_diff import file_diff, fix_diff
from firedoor.render.fix_json import fix_json
from firedoor.render.fix_text import print_fix
from firedoor.render.sarif_fixes import fixes
from tests.render.findings_reports import finding

CASES = [
    ("a\nb\nc\n", "a\nB\nc\n"),
    ("a\nb\nc\n", "a\nc\n"),
    ("a\nb\n", "a\nb\nc\nd\n"),
    ("a\nb", "a\nb\nc"),
    ("a\nb\n", "x\na\nb\n"),
    ("a\r\nb\r\n", "a\r\nb\r\nc\r\n"),
    ("a\nb\nc", "a\nb\nd"),
    ("a\nb\nc\n", "a\n"),
    ("\u2028a\n\U0001f600b", "\u2028a\n\U0001f600b\nc"),
    ("a\n", "b\n"),
]


def edited(before: str, regions: list[dict[str, Any]]) -> str:
    """Put the replacements of SARIF into a text, as an editor would."""
    lines = before.split("\n")
    for each in sorted(regions, key=lambda each: each["deletedRegion"]["startLine"], reverse=True):
        region, text = each["deletedRegion"], each.get("insertedContent", {}).get("text", "")
        first, last = region["startLine"] - 1, region["endLine"] - 1
        head = lines[first].encode("utf-16-le")[: 2 * (region["startColumn"] - 1)].decode("utf-16-le")
        tail = lines[last].encode("utf-16-le")[2 * (region["endColumn"] - 1) :].decode("utf-16-le")
        lines[first : last + 1] = (head + text + tail).split("\n")
    return "\n".join(lines)


@pytest.mark.parametrize(("before", "after"), CASES)
def test_replacements_give_the_new_text(before: str, after: str) -> None:
    (fix,) = fixes("do", [FileEdit("k8s/a.yaml", before, after)], "/home/me")
    changed: Any = fix["artifactChanges"]
    (change,) = changed
    assert edited(before, change["replacements"]) == after
    assert change["artifactLocation"] == {"uri": "k8s/a.yaml", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize(("before", "after"), CASES)
def test_git_applies_the_diff(tmp_path: Path, before: str, after: str) -> None:
    git = shutil.which("git")
    assert git is not None
    (tmp_path / "a.yaml").write_bytes(before.encode())
    text = fix_diff([FileEdit("a.yaml", before, after), FileEdit("new.yaml", "", after, is_new=True)])
    done = subprocess.run(
        [git, "apply", "--whitespace=nowarn"], cwd=tmp_path, input=text.encode(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (tmp_path / "a.yaml").read_bytes() == after.encode()
    assert (tmp_path / "new.yaml").read_bytes() == after.encode()


def test_names_that_are_no_text_are_written_as_escapes() -> None:
    assert file_diff(FileEdit("/x/a\udcff.yaml", "a\n", "b\n")).startswith(
        "--- a/x/a\\udcff.yaml\n+++ b/x/a\\udcff.yaml\n"
    )


WEB = finding()
REPORT = FixReport(
    (Applied(WEB, ("a.yaml:1",), is_gone=False),),
    (Refused(WEB, "no\x1b", "a.yaml:2"), *[Refused(WEB, "not asked", "b.yaml:1", is_failure=False)] * 4),
    (FileEdit("a.yaml", "a\n", "b\n"),),
    (WEB,),
    ("add it",),
)


def text_of(report: FixReport, *, verbose: bool = False) -> list[str]:
    stream = StringIO()
    print_fix(report, Console(file=stream, width=200), verbose=verbose)
    return stream.getvalue().splitlines()


def test_the_summary_tells_what_failed_first_and_no_control_characters() -> None:
    assert text_of(REPORT) == [
        "still found after the fix: pod-open Deployment shop/web",
        "new after the fixes: high pod-open: web is open",
        "not fixed (1): no\\x1b",
        "  a.yaml:2: pod-open Deployment shop/web",
        "not fixed (4): not asked",
        *["  b.yaml:1: pod-open Deployment shop/web"] * 3,
        "  and 1 more (-v lists them)",
        "to do: add it",
        "1 fix in 1 file, and nothing was written (--write does); 5 not fixed.",
    ]
    assert len(text_of(REPORT, verbose=True)) == len(text_of(REPORT))


def test_the_document_has_all_of_it() -> None:
    found = json.loads(fix_json(REPORT))
    assert found["applied"][0]["gone"] is False
    assert [each["failed"] for each in found["refused"]] == [True, False, False, False, False]
    assert found["introduced"][0]["message"] == "web is open"
    assert found["files"][0]["diff"].splitlines()[-2:] == ["-a", "+b"]
