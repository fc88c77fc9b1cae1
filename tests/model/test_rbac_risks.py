from __future__ import annotations

from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.places import ObjectRef
from firedoor.model.rbac_risks import RiskFinding, RiskReport


def finding(severity: Severity, *namespaces: str) -> RiskFinding:
    about = ObjectRef("ServiceAccount", "shop", "ci")
    told = Finding("pod-exec", severity, Confidence.HIGH, about, "", "", "", (), Fix(""))
    return RiskFinding(told, "T1609", namespaces=namespaces)


def test_a_finding_concerns_where_its_object_is_and_where_it_holds() -> None:
    found = finding(Severity.HIGH, "a", "b")
    assert [found.concerns(each) for each in ("shop", "a", "b", "c")] == [True, True, True, False]


def test_a_report_knows_its_worst_finding_and_counts_each_severity() -> None:
    report = RiskReport((finding(Severity.HIGH), finding(Severity.LOW), finding(Severity.LOW)), 0, 0, (), "")
    assert report.worst is Severity.HIGH
    assert report.severities == {"critical": 0, "high": 1, "medium": 0, "low": 2, "info": 0}
    assert RiskReport((), 0, 0, (), "").worst is None
