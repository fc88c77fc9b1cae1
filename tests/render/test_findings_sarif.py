from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from firedoor.model.edits import FileEdit
from firedoor.model.exceptions import Carrier, Pattern, Suppressed, Waiver
from firedoor.model.findings import Finding
from firedoor.model.places import GapKind, ObjectRef
from firedoor.model.reports import FindingsReport, Told
from firedoor.render import findings_sarif as module
from firedoor.render.findings_sarif import findings_sarif
from firedoor.render.sarif_places import location, split_place
from tests.render.findings_reports import EMPTY, GAPS, REPORT, WEB_REF, finding, many
from tests.schemas.sarif import sarif_faults


def run(report: FindingsReport) -> Any:
    document = json.loads(findings_sarif(report))
    assert sarif_faults(document) == []
    assert document["version"] == "2.1.0"
    return document["runs"][0]


def fingerprints(*findings: Finding) -> list[str]:
    results = run(replace(REPORT, told=tuple(map(Told, findings))))["results"]
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]


def test_the_schema_finds_faults() -> None:
    document = json.loads(findings_sarif(REPORT))
    document["runs"][0]["results"][0]["level"] = "terrible"
    del document["runs"][0]["tool"]["driver"]["name"]
    assert len(sarif_faults(document)) == 2


@pytest.mark.parametrize("report", [REPORT, EMPTY])
def test_reports_are_valid_and_say_how_they_ended(report: FindingsReport) -> None:
    found = run(report)
    assert found["invocations"][0]["executionSuccessful"] is True
    assert found["invocations"][0]["exitCode"] == report.exit_code
    assert found["automationDetails"] == {"id": f"firedoor-{report.name}/"}


def test_rules_have_all_that_code_scanning_shows() -> None:
    rules = run(REPORT)["tool"]["driver"]["rules"]
    assert [each["name"] for each in rules] == ["PodOpen", "RuleIdle", "AllWell"]
    first, idle, _ = rules
    assert first["shortDescription"] == {"text": "Open pods"}
    assert first["fullDescription"] == {"text": "Pods that nothing {{selects}}."}
    assert first["help"]["text"].startswith("What it finds\nPods that\nnothing {{selects}}.\n\nWhy it matters\n")
    assert first["help"]["markdown"].endswith("## References\n\nSee https://example.com/docs#pods (and more).")
    assert first["helpUri"] == "https://example.com/docs#pods"
    assert first["defaultConfiguration"] == {"level": "error"}
    assert first["properties"] == {"tags": ["security", "kubernetes"], "security-severity": "8.0"}
    assert "helpUri" not in idle
    assert idle["defaultConfiguration"] == {"level": "note"}
    assert idle["properties"] == {"tags": []}


def test_results_point_to_their_rules_and_have_a_file_each() -> None:
    found = run(REPORT)
    rules = found["tool"]["driver"]["rules"]
    for each in found["results"]:
        assert rules[each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert each["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    assert [each["level"] for each in found["results"]] == ["error", "error", "error", "note"]


def test_messages_tell_why_proof_and_remedy_and_hold_no_link_or_placeholder() -> None:
    results = run(REPORT)["results"]
    assert results[1]["message"]["text"].splitlines() == [
        "web is open.",
        "Why: anybody may come.",
        "- k8s/web app.yaml:7: a pod",
        "Remedy: close it.",
    ]
    assert results[3]["message"]["text"].splitlines() == [
        "[see\\](https://example.com) {{0}}.",
        "Remedy: look.",
    ]
    assert "\x1b" not in results[0]["message"]["text"]
    assert results[1]["properties"]["remedy"].startswith("# close it\napiVersion: networking.k8s.io/v1\n")
    assert results[0]["properties"]["scope"] == "=cluster"


@pytest.mark.parametrize(
    ("place", "artifact", "line"),
    [
        ("k8s/web app.yaml:7", {"uri": "k8s/web%20app.yaml", "uriBaseId": "%SRCROOT%"}, 7),
        ("./k8s/../a.yaml:2", {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}, 2),
        ("/home/me/b.yaml:3", {"uri": "b.yaml", "uriBaseId": "%SRCROOT%"}, 3),
        ("/home/me2/b.yaml:3", {"uri": "file:///home/me2/b.yaml"}, 3),
        ("../b.yaml:3", {"uri": "file:///home/b.yaml"}, 3),
        ("a.yaml", {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}, 1),
        ("a\udcff#?%.yaml:4", {"uri": "a%FF%23%3F%25.yaml", "uriBaseId": "%SRCROOT%"}, 4),
        ("<stdin>:12", {"uri": "stdin"}, 12),
        ("", {"uri": "cluster/shop/Deployment/web"}, 1),
        ("/apis/apps/v1/namespaces/shop/deployments/web", {"uri": "cluster/shop/Deployment/web"}, 1),
    ],
)
def test_places_become_locations(place: str, artifact: dict[str, str], line: int) -> None:
    found = location(place, WEB_REF, "/home/me")
    assert found["physicalLocation"] == {"artifactLocation": artifact, "region": {"startLine": line}}
    assert found["logicalLocations"] == [
        {"name": "web", "fullyQualifiedName": "shop/Deployment/web", "kind": "resource"}
    ]


def test_what_is_about_no_object_is_about_the_cluster() -> None:
    assert location("", None, "/x") == {
        "physicalLocation": {"artifactLocation": {"uri": "cluster"}, "region": {"startLine": 1}}
    }
    known = location("", ObjectRef("ClusterRole", "", "a/b c"), "/x")["physicalLocation"]
    assert known == {"artifactLocation": {"uri": "cluster/ClusterRole/a%2Fb%20c"}, "region": {"startLine": 1}}


def test_a_place_stays_relative_where_no_folder_is_told() -> None:
    found = location("k8s/a.yaml:1", None, "")["physicalLocation"]
    assert found["artifactLocation"] == {"uri": "k8s/a.yaml", "uriBaseId": "%SRCROOT%"}  # type: ignore[index]


def test_a_root_folder_holds_every_file() -> None:
    found = location("/etc/a.yaml:1", None, "/")["physicalLocation"]
    assert found == {"artifactLocation": {"uri": "etc/a.yaml", "uriBaseId": "%SRCROOT%"}, "region": {"startLine": 1}}


@pytest.mark.parametrize(
    ("place", "parts"),
    [("a.yaml:3", ("a.yaml", 3)), (":3", (":3", 0)), ("a:b", ("a:b", 0)), ("a:\u0663", ("a:\u0663", 0)), ("", ("", 0))],
)
def test_only_a_number_after_a_file_is_a_line(place: str, parts: tuple[str, int]) -> None:
    assert split_place(place) == parts


def test_fingerprints_survive_moved_lines_and_tell_findings_apart() -> None:
    first = finding(message="see a.yaml:7 for port 80")
    moved = replace(first, source="k8s/web app.yaml:90", message="see a.yaml:91 for port 80")
    others = [
        replace(first, message="see a.yaml:7 for port 81"),
        replace(first, check="rule-idle"),
        *(replace(first, object=replace(WEB_REF, **{part: "x"})) for part in ("kind", "namespace", "name")),
    ]
    assert fingerprints(first) == fingerprints(moved)
    assert len(set(fingerprints(first, *others))) == 6
    twice = fingerprints(first, moved)
    assert [each.rpartition(":")[2] for each in twice] == ["1", "2"]


def test_gaps_are_notifications_of_the_run() -> None:
    found = run(REPORT)
    told = found["invocations"][0]["toolExecutionNotifications"]
    assert [each["descriptor"]["id"] for each in told] == ["gap-template", "gap-forbidden"]
    assert told[0]["message"] == {"text": "{{{{ .Values.x }}}} is left.\nRemedy: render it."}
    assert told[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "chart.yaml"
    known = {each["id"] for each in found["tool"]["driver"]["notifications"]}
    assert {f"gap-{kind.value}" for kind in GapKind} < known
    assert len(told) == len(GAPS)


def test_no_more_results_than_code_scanning_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_RESULTS", 5)
    found = run(many(7))
    assert len(found["results"]) == 5
    last = found["invocations"][0]["toolExecutionNotifications"][-1]
    assert last["descriptor"]["id"] == "results-left-out"
    assert last["message"]["text"].startswith("2 results, the mildest ones, are left out")
    assert len(run(many(5))["invocations"][0]["toolExecutionNotifications"]) == len(GAPS)


def test_findings_under_exceptions_are_results_with_suppressions() -> None:
    carried = Waiver(("pod-open",), Carrier(WEB_REF), "known\x1b", "k8s/web app.yaml:9")
    configured = Waiver(("*",), Pattern(name="web"), "old", ".firedoor.yaml:2")
    ignored = (Suppressed(finding(), carried), Suppressed(finding(), configured))
    results = run(replace(REPORT, suppressed=ignored))["results"]
    told = [each["suppressions"][0] for each in results if "suppressions" in each]
    assert [(each["kind"], each["status"], each["justification"]) for each in told] == [
        ("inSource", "accepted", "known\\x1b"),
        ("external", "accepted", "old"),
    ]
    place = told[1]["location"]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": ".firedoor.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 2},
    }
    assert [each["level"] for each in results[-2:]] == ["error", "error"]


def test_results_have_the_changes_that_fix_them() -> None:
    edit = FileEdit("k8s/web app.yaml", "a\nb\n", "a\nc\n")
    (result,) = run(replace(REPORT, told=(Told(finding(), {}, (edit,)),)))["results"]
    (fix,) = result["fixes"]
    assert fix["description"] == {"text": "close it"}
    assert fix["artifactChanges"][0]["replacements"] == [
        {
            "deletedRegion": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 2},
            "insertedContent": {"text": "c"},
        }
    ]
