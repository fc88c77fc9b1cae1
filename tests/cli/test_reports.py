from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import yaml

from firedoor.cli.findings_output import REPORT_FORMATS
from tests.adapters.cluster.worlds import small_cluster, write_kubeconfig
from tests.cli.command import ROOT, SETS, assert_golden, firedoor
from tests.fake_api_server import FakeAPIServer
from tests.schemas.sarif import sarif_faults

DEMO = ROOT / "src" / "firedoor" / "demo" / "shop"
NAMES = sorted(each.name for each in SETS.iterdir() if each.is_dir())
SCHEMA = json.loads((ROOT / "docs" / "reference" / "schemas" / "findings-v1.json").read_text(encoding="utf-8"))


def demo(output: str, *command: str) -> str:
    ran = firedoor(*(command or ("diagnose",)), ".", "-o", output, cwd=DEMO)
    assert (ran.code, ran.err) == (0, "")
    return ran.out


def run_of(text: str) -> Any:
    document = json.loads(text)
    assert sarif_faults(document) == []
    (run,) = document["runs"]
    return run


@pytest.mark.parametrize(
    ("output", "file"),
    [
        ("csv", "diagnose-demo.csv"),
        ("junit", "diagnose-demo.xml"),
        ("markdown", "diagnose-demo.md"),
        ("openreports", "diagnose-demo-openreports.yaml"),
        ("policyreport", "diagnose-demo-policyreport.yaml"),
    ],
)
def test_the_demo_is_reported_as_stored(output: str, file: str) -> None:
    assert_golden(file, demo(output))


def test_the_results_of_the_demo_are_as_stored() -> None:
    run = run_of(demo("sarif"))
    results = [{key: value for key, value in each.items() if key != "ruleIndex"} for each in run["results"]]
    assert_golden("diagnose-demo-sarif.json", json.dumps(results, indent=2) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_format_tells_every_finding_and_gap(name: str) -> None:
    document = firedoor("diagnose", name, "-o", "json").document
    texts = {output: firedoor("diagnose", name, "-o", output).out for output in ("csv", *REPORT_FORMATS)}
    findings, gaps = len(document["findings"]), len(document["gaps"])
    run = run_of(texts["sarif"])
    assert len(run["results"]) == findings
    assert len(run["invocations"][0]["toolExecutionNotifications"]) == gaps
    assert len(list(csv.reader(StringIO(texts["csv"])))) == findings + 1
    objects = {(each["check"], str(each["object"])) for each in document["findings"]}
    suites = ET.fromstring(texts["junit"])  # noqa: S314 - our own text
    assert (suites.get("failures"), suites.get("skipped")) == (str(len(objects)), str(gaps))
    for output in ("openreports", "policyreport"):
        summaries = [each["summary"] for each in yaml.safe_load_all(texts[output])]
        assert sum(each["fail"] for each in summaries) == findings
        assert sum(each["error"] for each in summaries) == gaps
    assert len(texts["markdown"]) < 65_536
    assert texts["html"].count('"check":') == findings


@pytest.mark.parametrize("source", [*NAMES, str(DEMO)])
def test_json_is_as_the_published_schema_says(source: str) -> None:
    document = firedoor("diagnose", source, "-o", "json").document
    jsonschema_rs.validator_for(SCHEMA).validate(document)


def test_the_published_schema_finds_faults() -> None:
    document = firedoor("diagnose", "broken", "-o", "json").document
    validator = jsonschema_rs.validator_for(SCHEMA)
    document["findings"][0]["severity"] = "terrible"
    del document["gaps"][0]["remedy"]
    document["summary"]["coverage"]["pods"] = -1
    assert len(list(validator.iter_errors(document))) == 3


def test_results_are_in_the_files_of_the_current_folder() -> None:
    for each in run_of(demo("sarif"))["results"]:
        artifact = each["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] == "%SRCROOT%"
        assert (DEMO / artifact["uri"]).is_file()


def test_texts_of_rules_are_no_longer_than_code_scanning_shows() -> None:
    for command in (("diagnose",), ("rbac", "risks")):
        for rule in run_of(demo("sarif", *command))["tool"]["driver"]["rules"]:
            assert len(rule["fullDescription"]["text"]) <= 1024
            assert rule["helpUri"].startswith("https://")


def test_a_live_cluster_has_objects_for_files_and_its_own_time(tmp_path: Path) -> None:
    with FakeAPIServer(small_cluster()) as server:
        options = ("--kubeconfig", write_kubeconfig(tmp_path, server.url), "-o")
        sarif, reports = (firedoor("diagnose", *options, output).out for output in ("sarif", "openreports"))
    results = run_of(sarif)["results"]
    assert results
    for each in results:
        place, about = each["locations"][0], each["locations"][0]["logicalLocations"][0]
        assert place["physicalLocation"]["artifactLocation"] == {"uri": f"cluster/{about['fullyQualifiedName']}"}
    told = [each for document in yaml.safe_load_all(reports) for each in document["results"]]
    assert len(told) == len(results)
    assert all(each["timestamp"]["seconds"] > 1_700_000_000 for each in told)


def test_sarif_tells_the_exit_code(tmp_path: Path) -> None:
    ran = firedoor("diagnose", "shop", "-o", "sarif", "--fail-on", "high")
    assert ran.code == 14
    assert run_of(ran.out)["invocations"][0]["exitCode"] == 14
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n", encoding="utf-8")
    ran = firedoor("diagnose", ".", "-o", "sarif", "--fail-on", "gaps", cwd=tmp_path)
    assert (ran.code, run_of(ran.out)["invocations"][0]["exitCode"]) == (0, 0)


def test_dangerous_permissions_are_reported_in_the_same_formats() -> None:
    document = json.loads(demo("json", "rbac", "risks"))
    run = run_of(demo("sarif", "rbac", "risks"))
    assert [each["ruleId"] for each in run["results"]] == [each["check"] for each in document["findings"]]
    assert run["automationDetails"] == {"id": "firedoor-rbac-risks/"}
    for output in REPORT_FORMATS:
        assert document["findings"][0]["check"] in demo(output, "rbac", "risks")
    ran = firedoor("rbac", "risks", ".", "-o", "sarif", "--fail-on", "critical", cwd=DEMO)
    assert (ran.code, run_of(ran.out)["invocations"][0]["exitCode"]) == (14, 14)


@pytest.mark.parametrize("output", ["json", "sarif", "html"])
def test_verbose_is_refused_where_it_would_do_nothing(output: str) -> None:
    ran = firedoor("diagnose", "shop", "-v", "-o", output)
    assert ran.code == 2
    assert ran.error.startswith(f"-v is for -o text: -o {output} tells everything anyway; leave one of them out")


def test_a_format_that_does_not_exist_is_refused_with_those_that_do() -> None:
    ran = firedoor("diagnose", "shop", "-o", "xml")
    assert (ran.code, ran.out) == (2, "")
    assert all(output in ran.err for output in REPORT_FORMATS)


def test_a_dry_run_of_pod_security_has_no_report() -> None:
    ran = firedoor("diagnose", "shop", "--pss-dry-run", "-o", "html")
    assert (ran.code, ran.error) == (
        2,
        "--pss-dry-run cannot be printed as html; use text, json or yaml, or leave it out",
    )
