from __future__ import annotations

import csv
from io import StringIO
from pathlib import Path

from rich.console import Console

from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.model.access import Grant
from firedoor.model.findings import Confidence, Finding, Fix, Severity
from firedoor.model.places import Gap, GapKind, ObjectRef, Place
from firedoor.model.rbac import PolicyRule, Subject
from firedoor.model.rbac_risks import RiskFinding, RiskReport
from firedoor.render.rbac_risks_csv import rbac_risks_csv
from firedoor.render.rbac_risks_json import rbac_risks_document
from firedoor.render.rbac_risks_markdown import rbac_risks_markdown
from firedoor.render.rbac_risks_text import print_rbac_risks, summary_text

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rbac-risks.md"
GRANT = Grant(
    PolicyRule(("get",), ("",), ("secrets",)), Subject("User", "anna"), "shop", ObjectRef("RoleBinding", "shop", "b"),
    ObjectRef("ClusterRole", "", "r"), "rules[0]", ObjectRef("ClusterRole", "", "source"), Place("a.yaml", 3),
    Place("a.yaml", 9, lines={"rules[0]": 12}),
)  # fmt: skip


def finding(check: str, severity: Severity, message: str, *proof: str) -> Finding:
    about = ObjectRef("User", "", "=anna\x1b[31m")
    return Finding(
        check, severity, Confidence.MEDIUM, about, "a.yaml:3", message, "because", proof, Fix("take it away")
    )


REPORT = RiskReport(
    (
        RiskFinding(
            finding("secrets-read", Severity.HIGH, "anna\x1b can read Secrets", "the [proof]"),
            "T1552.007", "namespace", ("shop", "web"), ("one",), (GRANT,),
        ),
        RiskFinding(finding("secrets-read", Severity.HIGH, "system can read Secrets", "p"), "T1552.007", is_usual=True),
        RiskFinding(finding("unused-role", Severity.INFO, "nobody has it"), "T1098.006"),
    ),
    4, 5, (Gap(GapKind.TEMPLATE, "b.yaml:1", "a template", "render it"), Gap(GapKind.UNREADABLE, "c", "broken")), "",
)  # fmt: skip
EMPTY = RiskReport((), 0, 0, (), "v1.34.0")


def text(report: RiskReport) -> str:
    out = StringIO()
    print_rbac_risks(report, Console(file=out, width=200))
    return out.getvalue()


def test_a_risk_is_told_once_with_all_who_have_it() -> None:
    assert text(REPORT).splitlines() == [
        "HIGH (2)",
        "  secrets-read  Reads Secrets [T1552.007]",
        "    why: because",
        "    anna\\x1b can read Secrets (medium confidence)",
        "      - the [proof]",
        "    system can read Secrets (medium confidence) (comes with Kubernetes)",
        "      - p",
        "    fix: take it away",
        "",
        "INFO (1)",
        "  unused-role  A role that nobody is bound to [T1098.006]",
        "    why: because",
        "    nobody has it at a.yaml:3 (medium confidence)",
        "    fix: take it away",
        "",
        "What could not be understood (2)",
        "  b.yaml:1: a template [template]",
        "    remedy: render it",
        "  c: broken [unreadable]",
        (
            "3 findings (2 high, 1 info); 5 below the severity asked for; 4 that come with Kubernetes are left out, "
            "--all shows them; 2 gaps. The version of the API server is not known."
        ),
    ]


def test_colours_are_for_terminals() -> None:
    out = StringIO()
    print_rbac_risks(REPORT, Console(file=out, width=200, force_terminal=True, color_system="standard"))
    assert "\x1b[31mHIGH (2)\x1b[0m" in out.getvalue()
    assert "\x1b" not in text(REPORT)


def test_nothing_found_is_said() -> None:
    assert summary_text(EMPTY) == "0 findings; 0 gaps."
    assert text(EMPTY) == "0 findings; 0 gaps.\n"


def test_programs_get_the_findings_of_diagnose_and_what_is_known_of_rbac_beside() -> None:
    document = rbac_risks_document(REPORT)
    assert document["schema"] == "firedoor/rbac-risks/v1"
    assert document["summary"] == {
        "findings": 3,
        "severities": {"critical": 0, "high": 2, "medium": 0, "low": 0, "info": 1},
        "usual": 4,
        "milder": 5,
        "suppressed": 0,
        "known": 0,
        "fixed": 0,
        "gaps": 2,
        "serverVersion": "",
    }
    first = document["findings"][0]  # type: ignore[index]
    assert first["check"] == "secrets-read"
    assert (first["technique"], first["scope"], first["namespaces"]) == ("T1552.007", "namespace", ["shop", "web"])
    assert (first["names"], first["usual"], first["evidence"]) == (["one"], False, ["the [proof]"])
    assert first["grants"] == [
        {
            "namespace": "shop",
            "binding": {"kind": "RoleBinding", "namespace": "shop", "name": "b"},
            "bindingSource": "a.yaml:3",
            "role": {"kind": "ClusterRole", "namespace": "", "name": "r"},
            "aggregatedFrom": {"kind": "ClusterRole", "namespace": "", "name": "source"},
            "path": "rules[0]",
            "ruleSource": "a.yaml:12",
        }
    ]
    assert len(document["gaps"]) == 2  # type: ignore[arg-type]


def test_no_cell_of_the_csv_starts_a_formula_or_drives_a_terminal() -> None:
    rows = list(csv.DictReader(StringIO(rbac_risks_csv(REPORT))))
    assert len(rows) == 3
    assert rows[0]["name"] == "'=anna\\x1b[31m"
    assert (rows[0]["namespaces"], rows[0]["names"], rows[0]["usual"]) == ("shop web", "one", "no")
    assert (rows[0]["bindings"], rows[0]["roles"]) == ("RoleBinding shop/b", "ClusterRole r")
    assert [row["usual"] for row in rows] == ["no", "yes", "no"]


def test_the_page_of_all_risks_is_as_the_catalogue_has_it() -> None:
    page = rbac_risks_markdown()
    assert all(f"\n## {each.id}\n" in page for each in CATALOGUE)
    assert page == PAGE.read_text(encoding="utf-8")
