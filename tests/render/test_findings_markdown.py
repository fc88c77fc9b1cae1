from __future__ import annotations

import re

from msgspec.structs import replace

from firedoor.model.findings import Fix, Severity
from firedoor.model.places import Gap, GapKind
from firedoor.model.reports import FindingsReport, Told
from firedoor.render.findings_markdown import MOST_CHARACTERS, findings_markdown
from tests.render.findings_reports import EMPTY, REPORT, finding, many


def rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("| `")]


def apart(report: FindingsReport) -> FindingsReport:
    """The same report, every finding of a check of its own."""
    told = (Told(replace(each.finding, check=f"check-{number}")) for number, each in enumerate(report.told))
    return replace(report, told=tuple(told))


def test_many_findings_of_one_check_are_one_row() -> None:
    text = findings_markdown(replace(many(150), gaps=(), coverage=()))
    (row,) = rows(text)
    assert row.startswith("| `pod-open (150)` | `Deployment shop/web-00000, Deployment shop/web-00001, ")
    assert "web-00004 and 145 more` | `web is open` | `k8s/web app.yaml:7` | `close it` |" in row
    assert "**High (150)**" in text


def test_a_row_of_many_has_the_title_where_messages_differ_and_sends_to_the_remedies_where_they_do() -> None:
    told = tuple(Told(replace(finding(message=f"open {number}"), fix=Fix(f"close {number}"))) for number in range(3))
    (row,) = rows(findings_markdown(replace(REPORT, told=told, gaps=())))
    assert "| `Open pods` |" in row
    assert "| `of each its own: firedoor diagnose -v` |" in row


def test_severities_come_worst_first_and_gaps_last() -> None:
    text = findings_markdown(REPORT)
    assert text.splitlines()[0] == (
        "**What is wrong**: 4 findings (1 critical, 2 high, 1 info); 2 gaps; 3 of 6 pods are isolated in both "
        "directions."
    )
    assert re.findall(r"^\*\*(\w[\w ]* \(\d+\))\*\*$", text, re.MULTILINE) == [
        "Critical (1)",
        "High (2)",
        "Info (1)",
        "Not understood (2)",
    ]
    assert "| `pod-open` | `Deployment shop/web` | `web is open` | `k8s/web app.yaml:7` | `close it` |" in text


def test_nothing_found_is_one_line() -> None:
    assert findings_markdown(EMPTY) == "**Dangerous permissions**: 0 findings.\n"


def test_names_are_nothing_but_text() -> None:
    for line in rows(findings_markdown(REPORT)):
        outside = re.sub(r"`[^`]*`", "", line.replace("\\|", ""))
        assert set(outside) <= set("| ")


def test_long_lists_are_folded_and_counted() -> None:
    text = findings_markdown(replace(apart(many(150)), gaps=(), coverage=()))
    assert "<details><summary><b>High (150)</b></summary>" in text
    assert len(rows(text)) == 150
    assert "more" not in text
    cut = findings_markdown(apart(many(250)))
    assert len(rows(cut)) - 1 == 200  # the gaps have one row whose place is not empty
    assert "\nand 50 more\n" in cut


def test_a_comment_never_grows_too_long_and_every_row_is_counted() -> None:
    long = "x" * 390
    told = [
        Told(finding(f"check-{number:02}", severity=severity, message=f"{number} {long}"))
        for severity in (Severity.CRITICAL, Severity.HIGH, Severity.LOW)
        for number in range(90)
    ]
    gaps = (Gap(GapKind.UNREADABLE, "a.yaml:1", long),) * 30
    report: FindingsReport = replace(REPORT, told=tuple(told), gaps=gaps, coverage=())
    text = findings_markdown(report)
    assert len(text) < MOST_CHARACTERS
    shown = len(rows(text))
    counted = [int(number) for number in re.findall(r"^and (\d+) more$", text, re.MULTILINE)]
    left = [int(number) for number in re.findall(r"\((\d+)\)\*\*: no room here", text)]
    assert shown + sum(counted) + sum(left) == 300
    assert left == [90, 30]


def test_a_cell_of_any_length_is_cut() -> None:
    text = findings_markdown(replace(REPORT, told=(Told(finding(message="a\nb " + "c" * 1000)),), gaps=()))
    cell = re.findall(r"`(a b c+\.\.\.)`", text)
    assert [len(each) for each in cell] == [400]
