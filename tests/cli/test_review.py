from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.adapters.audit.samples import line
from tests.cli.command import ROOT, assert_golden, firedoor

DEMO = str(ROOT / "src" / "firedoor" / "demo" / "shop")
EDGES = str(ROOT / "tests" / "fixtures" / "edges" / "demo.jsonl")
NOW = "2026-03-10T12:00:00Z"
ASKED = ("--from-edges", EDGES, "--days", "1", "--now", NOW)


def test_the_review_of_the_demo_shop_as_text() -> None:
    ran = firedoor("review", "shop", *ASKED, cwd=Path(DEMO).parent)
    assert (ran.code, ran.err) == (0, "")
    assert_golden("review-demo.txt", ran.out)


def test_all_formats_say_the_same() -> None:
    document = firedoor("review", DEMO, *ASKED, "-o", "json").document
    assert document["schema"] == "firedoor/review/v1"
    assert document["network"]["proof"] == {"connections": 56, "accepted": 56, "kept": 56}
    assert yaml.safe_load(firedoor("review", DEMO, *ASKED, "-o", "yaml").out) == document
    markdown = firedoor("review", DEMO, *ASKED, "-o", "markdown").out
    assert f"{len(document['items'])} items" in markdown
    assert "Rules that nothing used (7)" in markdown


def test_items_fail_only_where_that_is_asked_for(tmp_path: Path) -> None:
    assert firedoor("review", DEMO, *ASKED).code == 0
    assert firedoor("review", DEMO, *ASKED, "--fail-on-items").code == 10
    (tmp_path / "pod.yaml").write_text("{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: []}}\n")
    (tmp_path / "edges.jsonl").write_text("")
    ran = firedoor("review", ".", "--from-edges", "edges.jsonl", "--fail-on-items", cwd=tmp_path)
    assert ran.code == 0
    assert "0 rules" in ran.out


def test_records_of_fewer_days_call_nothing_unused() -> None:
    document = firedoor("review", DEMO, "--from-edges", EDGES, "--now", NOW, "-o", "json").document
    assert document["network"]["period"]["enough"] is False
    assert document["network"]["rules"]["unused"] == 0
    assert {each["kind"] for each in document["items"]} == {"policy-without-pods"}


def test_reports_are_kept_and_compared(tmp_path: Path) -> None:
    arguments = ("review", DEMO, "--from-edges", EDGES, "--days", "1", "--reports", "reports")
    ran = firedoor(*arguments, "--now", NOW, cwd=tmp_path)
    kept = Path("reports") / "review-20260310T120000Z.json"
    assert (ran.code, ran.err) == (0, f"kept as {kept}\n")
    assert "since the review" not in ran.out
    first = json.loads((tmp_path / kept).read_text())
    ran = firedoor(*arguments, "--now", "2026-03-10T13:00:00+00:00", "--against", DEMO, cwd=tmp_path)
    assert f"since the review of {NOW}: 0 new, 0 gone, {len(first['items'])} unchanged" in ran.out
    assert "no difference" in ran.out
    second = json.loads((tmp_path / "reports" / "review-20260310T130000Z.json").read_text())
    assert second["since"]["unchanged"] == [each["fingerprint"] for each in second["items"]]
    (tmp_path / "reports" / "review-20260310T140000Z.json").write_text("{")
    assert "this is no report" in firedoor(*arguments, "--now", "2026-03-10T15:00:00", cwd=tmp_path).error


def test_audit_logs_tell_of_permissions(tmp_path: Path) -> None:
    (tmp_path / "audit.log").write_bytes(line(requestReceivedTimestamp="2026-03-09T15:00:00Z"))
    document = firedoor(
        "review", DEMO, *ASKED, "--audit-log", str(tmp_path / "audit.log"), "-o", "json", cwd=tmp_path
    ).document
    assert document["parts"] == ["network", "rbac"]
    assert document["rbac"]["period"]["requests"] == 1
    unused = [each for each in document["items"] if each["kind"] == "permission-unused"]
    undecided = [each for each in document["undecided"] if each["kind"] == "permission-unused"]
    assert bool(unused) != bool(undecided)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--from-edges", "none.jsonl"), "none.jsonl"),
        (("--from-edges", EDGES, "--now", "yesterday"), "--now 'yesterday' is no time"),
        (("--from-edges", EDGES, "--now", "1960-01-01"), "is before 1970"),
        (("--from-edges", EDGES, "--now", "9999-12-31T23:59:59-14:00"), "is no time"),
        (("--from-edges", "-", "--audit-log", "-"), "standard input is given twice"),
        (("--from-edges", EDGES, "--against", "missing"), "missing"),
        ((), "it is not said which connections were seen"),
        (("--from-edges", EDGES, "--days", "0"), "0 is not in the range"),
        (("--from-edges", EDGES, "-n", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(arguments: tuple[str, ...], problem: str) -> None:
    assert problem in firedoor("review", DEMO, *arguments).error


def test_edges_come_from_standard_input_too() -> None:
    ran = firedoor(
        "review", DEMO, "--from-edges", "-", "--days", "1", "--now", NOW, "-o", "json", stdin=Path(EDGES).read_bytes()
    )
    assert ran.document["network"]["period"]["edges"] == 77
