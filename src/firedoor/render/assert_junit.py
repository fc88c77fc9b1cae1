"""Results of intents as JUnit XML, which CI systems show as tests."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from firedoor.model.intents import Verification
from firedoor.render.assert_words import failure_lines, summary_text
from firedoor.render.junit_text import junit_document, xml_text


def assert_junit(verification: Verification) -> str:
    """Return a test suite with a test case for each intent; one that does not hold has a failure."""
    counts = {"tests": str(len(verification.results)), "failures": str(verification.failed), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "firedoor", **counts})
    skipped = str(verification.excepted)
    suite = ET.SubElement(suites, "testsuite", {"name": "firedoor assert", **counts, "skipped": skipped})
    for each in verification.results:
        file, _, line = each.intent.place.rpartition(":")
        case = ET.SubElement(
            suite,
            "testcase",
            name=xml_text(each.intent.name),
            classname=f"firedoor.{each.intent.kind.value}",
            file=xml_text(file),
            line=line,
        )
        lines = failure_lines(each)
        if each.excepted and not each.holds:
            ET.SubElement(case, "skipped", message=xml_text(each.excepted)).text = xml_text("\n".join(lines))
        elif lines:
            failure = ET.SubElement(case, "failure", message=xml_text(lines[0]), type=each.intent.kind.value)
            failure.text = xml_text("\n".join(lines))
    ET.SubElement(suite, "system-out").text = summary_text(verification)
    return junit_document(suites)
