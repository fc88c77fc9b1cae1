"""What was seen as JUnit XML, which CI systems show as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from firedoor.model.verification import Judgement
from firedoor.render.junit_text import junit_document, xml_text
from firedoor.render.verify_words import goal_texts, intent_lines, probe_text, report_summary, seen_text

if TYPE_CHECKING:
    from firedoor.model.verification import CheckedProbe, VerifyReport

_SKIPPED = {Judgement.UNCHECKED, Judgement.UNKNOWN}


def verify_junit(report: VerifyReport) -> str:
    """
    Return a test suite with a test case for each connection, and one for each intent.

    A connection that is not as the policies say has a failure, one of which nothing can be said is skipped.
    """
    broken = sum(bool(each.broken) for each in report.intents)
    skipped = sum(report.count(each) for each in _SKIPPED)
    counts = {
        "tests": str(len(report.checked) + len(report.intents)),
        "failures": str(report.count(Judgement.DIFFERS) + broken),
        "errors": "0",
    }
    suites = ET.Element("testsuites", {"name": "firedoor", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": "firedoor verify", **counts, "skipped": str(skipped)})
    for each in report.checked:
        _add_probe(suite, report, each)
    for intent, line in zip(report.intents, intent_lines(report), strict=True):
        case = ET.SubElement(suite, "testcase", name=xml_text(intent.name), classname="firedoor.intent")
        if intent.broken:
            failure = ET.SubElement(case, "failure", message=xml_text(line), type=intent.kind.value)
            tried = (report.checked[number] for number in intent.broken)
            failure.text = xml_text("\n".join(_line(report, each) for each in tried))
    causes = [f"likely cause: {each.title}; {each.remedy}" for each in report.causes]
    ET.SubElement(suite, "system-out").text = xml_text("\n".join([report_summary(report), *causes]))
    return junit_document(suites)


def _add_probe(suite: ET.Element, report: VerifyReport, each: CheckedProbe) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        name=xml_text(probe_text(report.plan, each.planned)),
        classname=f"firedoor.{each.planned.expected.value}",
        time=f"{0.0 if each.sighting is None else each.sighting.seconds:.3f}",
    )
    text = xml_text(seen_text(each))
    if each.judgement is Judgement.DIFFERS:
        failure = ET.SubElement(case, "failure", message=text, type="differs")
        failure.text = xml_text("\n".join(goal_texts(report.plan, each.planned.goals)))
    elif each.judgement in _SKIPPED:
        ET.SubElement(case, "skipped", message=text)


def _line(report: VerifyReport, each: CheckedProbe) -> str:
    return f"{probe_text(report.plan, each.planned)}: {seen_text(each)}"
