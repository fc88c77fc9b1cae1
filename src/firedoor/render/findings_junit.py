"""Findings as JUnit XML, which CI systems show as tests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from firedoor.model.findings import Finding
from firedoor.model.reports import FindingsReport, Rule
from firedoor.render.junit_text import junit_document, xml_text
from firedoor.render.sarif_places import split_place


def findings_junit(report: FindingsReport) -> str:
    """
    Return a test suite for each check with a failing test case for each object that it found.

    A check that found nothing is one test case that passes; what could not be understood
    are test cases that were skipped.
    """
    found: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for each in report.told:
        found[each.finding.check][str(each.finding.object)].append(each.finding)
    failures = sum(map(len, found.values()))
    clean = sum(rule.id not in found for rule in report.rules)
    counts = _counts(failures + clean + len(report.gaps), failures, len(report.gaps))
    suites = ET.Element("testsuites", {"name": f"firedoor {report.name}", **counts})
    for rule in report.rules:
        _add_rule(suites, rule, found[rule.id])
    _add_gaps(suites, report)
    return junit_document(suites)


def _add_rule(suites: ET.Element, rule: Rule, objects: dict[str, list[Finding]]) -> None:
    counts = _counts(max(len(objects), 1), len(objects), 0)
    suite = ET.SubElement(suites, "testsuite", {"name": rule.id, **counts})
    if not objects:
        ET.SubElement(suite, "testcase", name=xml_text(rule.title), classname=f"firedoor.{rule.id}")
    for name, findings in objects.items():
        case = _case(suite, name, rule.id, findings[0].source)
        severity = findings[0].severity.value
        failure = ET.SubElement(case, "failure", message=xml_text(findings[0].message), type=severity)
        failure.text = xml_text("\n\n".join("\n".join(_lines(each)) for each in findings))


def _add_gaps(suites: ET.Element, report: FindingsReport) -> None:
    if not report.gaps:
        return
    number = len(report.gaps)
    suite = ET.SubElement(suites, "testsuite", {"name": "gaps", **_counts(number, 0, number)})
    for gap in report.gaps:
        name = str(gap.object) if gap.object is not None else gap.source
        case = _case(suite, name, "gap", gap.source)
        remedy = f"; {gap.remedy}" if gap.remedy else ""
        ET.SubElement(case, "skipped", message=xml_text(f"{gap.reason} [{gap.kind.value}]{remedy}"))


def _case(suite: ET.Element, name: str, check: str, source: str) -> ET.Element:
    case = ET.SubElement(suite, "testcase", name=xml_text(name), classname=f"firedoor.{check}")
    file, line = split_place(source)
    if line:
        case.set("file", xml_text(file))
        case.set("line", str(line))
    return case


def _lines(finding: Finding) -> Iterator[str]:
    yield f"{finding.severity.value}: {finding.message}"
    if finding.source:
        yield f"at: {finding.source}"
    if finding.why:
        yield f"why: {finding.why}"
    yield from (f"- {proof}" for proof in finding.evidence)
    yield f"fix: {finding.fix.summary}"


def _counts(tests: int, failures: int, skipped: int) -> dict[str, str]:
    return {"tests": str(tests), "failures": str(failures), "errors": "0", "skipped": str(skipped)}
