"""What findings are about, in every format that tells it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from rich.console import Console

from firedoor.model.frameworks import Mappings
from firedoor.model.reports import FindingsReport, Told
from firedoor.render.findings_csv import findings_csv
from firedoor.render.findings_html import findings_html
from firedoor.render.findings_json import findings_document
from firedoor.render.findings_sarif import findings_sarif
from firedoor.render.findings_text import Detail, print_findings
from firedoor.render.frameworks_markdown import frameworks_markdown, mappings_markdown
from tests.render.browser import opened
from tests.render.findings_reports import REPORT, RULES, WEB_REF, finding
from tests.schemas.sarif import sarif_faults

OPEN = Mappings(cis=("5.3.2",), nist_800_53=("SC-7", "AC-4"))
IDLE = Mappings(nist_800_53=("AC-4",))
ABOUT = replace(finding(), mappings=OPEN)
MAPPED: FindingsReport = replace(
    REPORT,
    rules=(replace(RULES[0], mappings=OPEN), replace(RULES[1], mappings=IDLE), RULES[2]),
    told=(Told(ABOUT), Told(finding(message="another"))),
)


def sarif(report: FindingsReport) -> Any:
    document = json.loads(findings_sarif(report))
    assert sarif_faults(document) == []
    return document["runs"][0]


def test_sarif_has_a_taxonomy_of_each_framework_with_the_items_that_rules_are_about() -> None:
    run = sarif(MAPPED)
    assert [each["name"] for each in run["taxonomies"]] == ["cis", "nist-800-53"]
    cis, controls = run["taxonomies"]
    assert (cis["fullName"], cis["isComprehensive"]) == ("CIS Kubernetes Benchmark v1.12.0", False)
    assert [each["id"] for each in controls["taxa"]] == ["AC-4", "SC-7"]
    assert controls["taxa"][0]["shortDescription"] == {"text": "Information Flow Enforcement"}
    assert run["tool"]["driver"]["supportedTaxonomies"] == [
        {"name": "cis", "index": 0}, {"name": "nist-800-53", "index": 1},
    ]  # fmt: skip


def test_every_relationship_of_a_rule_leads_to_its_item() -> None:
    run = sarif(MAPPED)
    led: dict[str, list[str]] = {}
    for rule in run["tool"]["driver"]["rules"]:
        for each in rule.get("relationships", ()):
            target = each["target"]
            taxonomy = run["taxonomies"][target["toolComponent"]["index"]]
            assert taxonomy["name"] == target["toolComponent"]["name"]
            assert taxonomy["taxa"][target["index"]]["id"] == target["id"]
            assert each["kinds"] == ["relevant"]
            led.setdefault(rule["id"], []).append(target["id"])
    assert led == {"pod-open": ["5.3.2", "SC-7", "AC-4"], "rule-idle": ["AC-4"]}


def test_sarif_of_rules_about_no_framework_has_no_taxonomy() -> None:
    run = sarif(REPORT)
    assert "taxonomies" not in run
    assert "supportedTaxonomies" not in run["tool"]["driver"]


def test_documents_and_tables_have_the_items() -> None:
    (document,) = findings_document([ABOUT], (), {})["findings"]  # type: ignore[misc]
    assert document["mappings"] == OPEN.document  # type: ignore[has-type]
    rows = list(csv.DictReader(StringIO(findings_csv(MAPPED))))
    assert [row["mappings"] for row in rows] == ["cis 5.3.2; nist-800-53 SC-7 AC-4", ""]


def test_the_page_filters_by_framework_and_by_item(tmp_path: Path) -> None:
    for choice, shown in (("cis", 1), ("nist-800-53 AC-4", 1), ("", 2)):
        script = f'byId("framework").value = "{choice}"; draw();'
        page = findings_html(MAPPED).replace("</body>", f"<script>{script}</script></body>")
        folder = tmp_path / f"page-{choice or 'all'}"
        folder.mkdir()
        _, text = opened(page, folder)
        assert f"{shown} of 2 findings" in text
        assert '<option value="nist-800-53 SC-7">' in text


def test_the_verbose_report_tells_what_a_finding_is_about() -> None:
    for each, told in ((ABOUT, True), (finding(about=WEB_REF), False)):
        out = StringIO()
        print_findings([each], (), Console(file=out, width=500), Detail.VERBOSE)
        assert ("about: cis 5.3.2; nist-800-53 SC-7 AC-4" in out.getvalue()) == told


def test_the_page_of_a_check_says_where_no_item_is_about_it() -> None:
    assert list(mappings_markdown(Mappings())) == [
        "No item of a [framework](../reference/frameworks.md) is about this."
    ]


def test_every_item_is_on_the_page_of_frameworks_with_its_checks_or_as_not_covered() -> None:
    page = frameworks_markdown()
    assert "| 5.3.2 | Network policies in all namespaces | [namespace-without-default-deny]" in page
    assert "[secrets-read](rbac-risks.md#secrets-read)" in page
    assert "No check is about 1 All data sources and computing services are considered resources." in page
