"""Results of intents as JUnit XML, which CI systems show as tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from firedoor.model.intents import Verification
from firedoor.render.assert_words import failure_lines, summary_text
from firedoor.render.words import visible

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def assert_junit(verification: Verification) -> str:
    """Return a test suite with a test case for each intent; one that does not hold has a failure."""
    counts = {"tests": str(len(verification.results)), "failures": str(verification.failed), "errors": "0"}
    suites = ET.Element("testsuites", {"name": "firedoor", **counts})
    suite = ET.SubElement(suites, "testsuite", {"name": "firedoor assert", **counts, "skipped": "0"})
    for each in verification.results:
        file, _, line = each.intent.place.rpartition(":")
        case = ET.SubElement(
            suite,
            "testcase",
            name=_text(each.intent.name),
            classname=f"firedoor.{each.intent.kind.value}",
            file=_text(file),
            line=line,
        )
        lines = failure_lines(each)
        if lines:
            failure = ET.SubElement(case, "failure", message=_text(lines[0]), type=each.intent.kind.value)
            failure.text = _text("\n".join(lines))
    ET.SubElement(suite, "system-out").text = summary_text(verification)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _text(text: str) -> str:
    # Lines are kept; what XML cannot hold even escaped is shown as an escape.
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return _NOT_XML.sub("\ufffd", shown)
