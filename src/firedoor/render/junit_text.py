"""JUnit XML in which every text is one that XML can hold."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from firedoor.render.words import visible

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_document(suites: ET.Element) -> str:
    """Return the whole document, indented, with a newline at its end."""
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def xml_text(text: str) -> str:
    """Return text with its lines kept; what XML cannot hold even escaped is shown as an escape."""
    shown = "\n".join(visible(line) for line in text.split("\n"))
    return _NOT_XML.sub("\ufffd", shown)
