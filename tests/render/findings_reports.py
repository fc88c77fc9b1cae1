"""Reports of findings that try to break every format they are written in."""

from __future__ import annotations

from msgspec.structs import replace

from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.inventory import CoverageRow
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.reports import FindingsReport, Rule, Told

SECTIONS = {
    "What it finds": "Pods that\nnothing {selects}.",
    "Why it matters": "They are open.",
    "Example": "A pod `web`.",
    "Remedy": "Select it.",
    "References": "See https://example.com/docs#pods (and more).",
}
RULES = (
    Rule("pod-open", "Open pods", Severity.HIGH, SECTIONS, ("security", "kubernetes")),
    Rule("rule-idle", "Idle rules", Severity.INFO, {**SECTIONS, "References": "A book."}),
    Rule("all-well", "Nothing of this", Severity.MEDIUM, SECTIONS),
)
WEB_REF = ObjectRef("Deployment", "shop", "web")
MANIFEST: dict[str, object] = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "x"}}
HOSTILE = '</script><b>"&\u202e\x1b[31m`|'


def finding(
    check: str = "pod-open",
    severity: Severity = Severity.HIGH,
    about: ObjectRef = WEB_REF,
    source: str = "k8s/web app.yaml:7",
    message: str = "web is open",
) -> Finding:
    return Finding(
        check, severity, Confidence.MEDIUM, about, source, message, "anybody may come", ("k8s/web app.yaml:7: a pod",),
        Fix("close it", (MANIFEST,)),
    )  # fmt: skip


WEB = Told(finding())
SAME_AGAIN = Told(finding())
ODD = Told(
    finding(severity=Severity.CRITICAL, about=ObjectRef("Pod", "shop", HOSTILE), source="", message=f"=1+1 {HOSTILE}"),
    {"scope": "=cluster"},
)
CLUSTER = Told(
    Finding(
        "rule-idle", Severity.INFO, Confidence.LOW, ObjectRef("Cluster", "", "cluster"), "/apis/x/v1/things/a",
        "[see](https://example.com) {0}", "", (), Fix("look"),
    )
)  # fmt: skip
GAPS = (
    Gap(GapKind.TEMPLATE, "chart.yaml:3", "{{ .Values.x }} is left", "render it", ObjectRef("Pod", "Not A Name", "a")),
    Gap(GapKind.FORBIDDEN, "", "secrets may not be listed"),
)
COVERAGE = (CoverageRow("quiet", 2, 2, 0, 0, 0, 0, 1), CoverageRow("shop", 5, 1, 1, 0, 2, 1, 0))
REPORT = FindingsReport(
    "diagnose", "What is wrong", "Network policies", RULES, (ODD, WEB, SAME_AGAIN, CLUSTER), GAPS, COVERAGE,
    exit_code=14, folder="/home/me",
)  # fmt: skip
EMPTY = FindingsReport("rbac-risks", "Dangerous permissions", "RBAC", RULES, ())


def many(number: int, report: FindingsReport = REPORT) -> FindingsReport:
    """A report with this many findings, all of different objects."""
    about = (ObjectRef("Deployment", "shop", f"web-{each:05}") for each in range(number))
    return replace(report, told=tuple(Told(finding(about=each)) for each in about))
