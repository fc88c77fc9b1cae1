from __future__ import annotations

import json
import re

from firedoor.render.findings_codequality import findings_codequality
from firedoor.render.findings_gcc import findings_gcc
from tests.render.findings_reports import EMPTY, REPORT

LINE = re.compile(r"(.+?):([0-9]+):1: (error|warning|note): (.+) \[([a-z-]+)\]")


def test_every_finding_and_gap_is_a_line_of_a_compiler() -> None:
    lines = findings_gcc(REPORT).splitlines()
    assert len(lines) == len(REPORT.told) + len(REPORT.gaps)
    found = [match.groups() for line in lines if (match := LINE.fullmatch(line))]
    assert [(file, int(line), word, check) for file, line, word, _, check in found] == [
        ('cluster/shop/Pod/</script><b>"&\\u202e\\x1b[31m`|', 1, "error", "pod-open"),
        ("k8s/web app.yaml", 7, "error", "pod-open"),
        ("k8s/web app.yaml", 7, "error", "pod-open"),
        ("cluster/Cluster/cluster", 1, "note", "rule-idle"),
        ("chart.yaml", 3, "warning", "gap-template"),
        ("cluster", 1, "warning", "gap-forbidden"),
    ]
    assert found[1][3] == "web is open; close it"
    assert findings_gcc(EMPTY) == ""


def test_every_finding_and_gap_is_an_issue_of_its_own() -> None:
    issues = json.loads(findings_codequality(REPORT))
    assert [each["severity"] for each in issues] == ["blocker", "critical", "critical", "info", "info", "info"]
    assert len({each["fingerprint"] for each in issues}) == len(issues)
    assert issues[1] == {
        "description": "web is open. Remedy: close it",
        "check_name": "pod-open",
        "fingerprint": issues[1]["fingerprint"],
        "severity": "critical",
        "location": {"path": "k8s/web app.yaml", "lines": {"begin": 7}},
    }
    assert all(set(each) == set(issues[1]) for each in issues)
    assert json.loads(findings_codequality(EMPTY)) == []


def test_nothing_drives_a_terminal() -> None:
    for text in (findings_gcc(REPORT), findings_codequality(REPORT)):
        assert "\x1b" not in text
        assert "\u202e" not in text
