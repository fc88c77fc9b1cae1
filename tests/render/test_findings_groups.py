from __future__ import annotations

from io import StringIO

from msgspec.structs import replace
from rich.console import Console

from firedoor.model.findings import Finding, Fix, Severity
from firedoor.model.places import ObjectRef
from firedoor.render.findings_groups import about, groups, shared
from firedoor.render.findings_text import Detail, print_findings
from tests.render.findings_reports import finding


def some(number: int, severity: Severity = Severity.LOW) -> list[Finding]:
    return [
        finding(severity=severity, about=ObjectRef("Deployment", "shop", f"web-{each:02}"), message="it is open")
        for each in range(number)
    ]


def printed(findings: list[Finding], detail: Detail = Detail.BRIEF) -> str:
    out = StringIO()
    print_findings(findings, (), Console(file=out, width=200), detail, {"pod-open": "Open pods"})
    return out.getvalue()


def test_many_findings_of_one_check_stand_under_one_heading_with_what_they_share_once() -> None:
    text = printed(some(12))
    assert text.splitlines()[:5] == [
        "LOW (12)",
        "  pod-open  Open pods (12)",
        "    why: anybody may come",
        "    fix: close it",
        "    - Deployment shop/web-00: it is open [k8s/web app.yaml:7]",
    ]
    assert text.count("anybody may come") == 1
    assert "web-09" in text
    assert "web-10" not in text
    assert "    and 2 more (-v shows all)\n" in text


def test_two_are_told_one_by_one_and_verbose_tells_all() -> None:
    assert printed(some(2)).count("why: anybody may come") == 2
    verbose = printed(some(12), Detail.VERBOSE)
    assert verbose.count("why: anybody may come") == 12
    assert "more" not in verbose


def test_severe_ones_keep_their_evidence_and_what_differs_is_told_each_time() -> None:
    found = [
        replace(each, why=f"why {number}", fix=Fix(f"fix {number}"))
        for number, each in enumerate(some(3, Severity.HIGH))
    ]
    text = printed(found)
    for number in range(3):
        assert f"        why: why {number}\n" in text
        assert f"        fix: fix {number}\n" in text
    assert text.count("        - k8s/web app.yaml:7: a pod") == 3
    assert printed([replace(each, source="") for each in some(3)]).count("[k8s") == 0


def test_findings_of_another_severity_or_check_are_apart() -> None:
    found = [*some(3, Severity.HIGH), *some(2), finding("other")]
    assert [len(each) for each in groups(found)] == [3, 1, 1, 1]


def test_a_message_that_names_its_object_stands_alone() -> None:
    assert about(finding(message="web is open")) == "web is open"
    assert about(finding(message="it is open")) == "Deployment shop/web: it is open"
    assert shared(["a", "a"]) == "a"
    assert shared(["a", "b"]) == ""
    assert shared([]) == ""
