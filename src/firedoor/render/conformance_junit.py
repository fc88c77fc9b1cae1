"""What a network plugin enforces as JUnit XML: a test case for each case of the suite."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from firedoor.model.conformance import CaseStatus
from firedoor.render.conformance_words import case_lines, profile_lines, summary_text
from firedoor.render.junit_text import junit_document, xml_text

if TYPE_CHECKING:
    from firedoor.model.conformance import Conformance


def conformance_junit(found: Conformance) -> str:
    """Return a test suite; a case that fails has a failure, one that could not be checked is skipped."""
    counts = {"tests": str(len(found.cases)), "failures": str(found.count(CaseStatus.FAILS)), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "firedoor", **counts})
    skipped = str(found.count(CaseStatus.UNCHECKED))
    suite = ET.SubElement(suites, "testsuite", {"name": "firedoor verify", **counts, "skipped": skipped})
    for each in found.cases:
        classname = f"firedoor.conformance.{each.feature.replace(' ', '-')}"
        case = ET.SubElement(suite, "testcase", name=xml_text(each.name), classname=xml_text(classname))
        told = "\n".join(case_lines(each))
        if each.status is CaseStatus.FAILS:
            failure = ET.SubElement(case, "failure", message=xml_text(each.tells), type=each.feature)
            failure.text = xml_text(told)
        elif each.status is CaseStatus.UNCHECKED:
            ET.SubElement(case, "skipped", message=xml_text(told))
        elif told:
            ET.SubElement(case, "system-out").text = xml_text(told)
    ET.SubElement(suite, "system-out").text = xml_text("\n".join((summary_text(found), *profile_lines(found))))
    return junit_document(suites)
