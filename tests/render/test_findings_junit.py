from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from firedoor.model.reports import FindingsReport
from firedoor.render.findings_junit import findings_junit
from tests.render.findings_reports import EMPTY, REPORT


def suites(report: FindingsReport) -> ET.Element:
    return ET.fromstring(findings_junit(report))  # noqa: S314 - our own text


@pytest.mark.parametrize("report", [REPORT, EMPTY])
def test_the_numbers_are_those_of_the_elements(report: FindingsReport) -> None:
    root = suites(report)
    for element in (root, *root):
        assert int(element.get("tests", "")) == len([*element.iter("testcase")])
        assert int(element.get("failures", "")) == len([*element.iter("failure")])
        assert int(element.get("skipped", "")) == len([*element.iter("skipped")])
        assert element.get("errors") == "0"


def test_a_suite_has_a_failing_case_for_each_object() -> None:
    root = suites(REPORT)
    assert [each.get("name") for each in root] == ["pod-open", "rule-idle", "all-well", "gaps"]
    odd, web = root[0]
    assert web.attrib == {
        "name": "Deployment shop/web",
        "classname": "firedoor.pod-open",
        "file": "k8s/web app.yaml",
        "line": "7",
    }
    assert "file" not in odd.attrib
    failure = web[0]
    assert (failure.get("type"), failure.get("message")) == ("high", "web is open")
    assert (failure.text or "").split("\n\n") == [
        "high: web is open\nat: k8s/web app.yaml:7\nwhy: anybody may come\n- k8s/web app.yaml:7: a pod\nfix: close it"
    ] * 2


def test_what_nobody_is_blamed_for_passes() -> None:
    clean = suites(REPORT)[2]
    assert [each.attrib for each in clean] == [{"name": "Nothing of this", "classname": "firedoor.all-well"}]
    assert len(clean[0]) == 0
    assert all(not [*each.iter("failure")] for each in suites(EMPTY))


def test_gaps_are_skipped_and_absent_where_there_are_none() -> None:
    template, forbidden = suites(REPORT)[3]
    assert (template.get("name"), template.get("file"), template.get("line")) == ("Pod Not A Name/a", "chart.yaml", "3")
    assert template[0].get("message") == "{{ .Values.x }} is left [template]; render it"
    assert forbidden.get("name") == ""
    assert forbidden[0].get("message") == "secrets may not be listed [forbidden]"
    assert [each.get("name") for each in suites(replace(REPORT, gaps=()))] == ["pod-open", "rule-idle", "all-well"]


def test_names_make_no_markup_and_nothing_xml_cannot_hold() -> None:
    text = findings_junit(REPORT)
    assert "</script>" not in text
    assert "\x1b" not in text
    odd = suites(REPORT)[0][0]
    assert odd.get("name") == 'Pod shop/</script><b>"&\\u202e\\x1b[31m`|'
