from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from firedoor.model.places import ObjectRef
from firedoor.model.reports import FindingsReport, Told
from firedoor.render import policy_reports as module
from firedoor.render.findings_openreports import findings_openreports
from firedoor.render.findings_policyreport import findings_policyreport
from tests.render.findings_reports import CLUSTER, EMPTY, REPORT, WEB, finding, many


def documents(report: FindingsReport) -> list[Any]:
    return list(yaml.safe_load_all(findings_openreports(report)))


def test_there_is_a_report_for_each_namespace_and_one_for_the_cluster() -> None:
    found = documents(REPORT)
    assert [(each["kind"], each["metadata"].get("namespace")) for each in found] == [
        ("ClusterReport", None),
        ("Report", "quiet"),
        ("Report", "shop"),
    ]
    cluster, quiet, shop = found
    assert {each["apiVersion"] for each in found} == {"openreports.io/v1alpha1"}
    assert {each["source"] for each in found} == {"firedoor"}
    assert "scope" not in cluster
    assert shop["scope"] == {"apiVersion": "v1", "kind": "Namespace", "name": "shop"}
    assert quiet["results"] == []
    assert shop["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "firedoor"}


def test_findings_fail_and_gaps_are_errors() -> None:
    cluster, quiet, shop = documents(REPORT)
    assert cluster["summary"] == {"pass": 0, "fail": 1, "warn": 0, "error": 2, "skip": 0}
    assert quiet["summary"] == {"pass": 0, "fail": 0, "warn": 0, "error": 0, "skip": 0}
    assert shop["summary"]["fail"] == 3
    assert shop["results"][1] == {
        "source": "firedoor",
        "policy": "pod-open",
        "category": "Network policies",
        "severity": "high",
        "result": "fail",
        "resources": [{"kind": "Deployment", "namespace": "shop", "name": "web"}],
        "message": "web is open",
        "properties": {
            "confidence": "medium",
            "place": "k8s/web app.yaml:7",
            "why": "anybody may come",
            "evidence": "k8s/web app.yaml:7: a pod",
            "remedy": "close it",
        },
    }
    assert shop["results"][0]["properties"]["scope"] == "=cluster"
    idle, template, forbidden = cluster["results"]
    assert "resources" not in idle
    # No API server has a namespace of such a name, so no report can be in it.
    assert (template["policy"], template["result"]) == ("gap-template", "error")
    assert template["resources"] == [{"kind": "Pod", "namespace": "Not A Name", "name": "a"}]
    assert forbidden["properties"] == {}


def test_the_older_api_has_other_kinds_and_no_source_of_a_report() -> None:
    found = list(yaml.safe_load_all(findings_policyreport(REPORT)))
    assert [each["kind"] for each in found] == ["ClusterPolicyReport", "PolicyReport", "PolicyReport"]
    assert {each["apiVersion"] for each in found} == {"wgpolicyk8s.io/v1alpha2"}
    assert not any("source" in each for each in found)
    newer = documents(REPORT)
    assert [each["results"] for each in found] == [each["results"] for each in newer]


def test_nothing_found_is_one_empty_report_that_replaces_an_older_one() -> None:
    (found,) = documents(EMPTY)
    assert (found["kind"], found["metadata"]["name"], found["results"]) == (
        "ClusterReport",
        "firedoor-rbac-risks",
        [],
    )


def test_large_reports_are_split_and_names_are_dns_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    shop = [each for each in documents(many(7)) if each["metadata"].get("namespace") == "shop"]
    names = [each["metadata"]["name"] for each in shop]
    assert names[:3] == ["firedoor-diagnose", "firedoor-diagnose-2", "firedoor-diagnose-3"]
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name) for name in names)
    assert sum(each["summary"]["fail"] for each in shop) == sum(len(each["results"]) for each in shop) == 7
    assert all(each["results"] for each in shop)


def test_one_result_that_is_too_large_has_a_report_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10)
    found = documents(replace(REPORT, told=(WEB, WEB), gaps=(), coverage=()))
    assert [len(each["results"]) for each in found] == [0, 1, 1]


def test_what_kubectl_keeps_of_a_report_fits_its_annotation() -> None:
    for each in findings_openreports(many(2000)).split("---\n"):
        assert len(each) < 262_144


@pytest.mark.parametrize(
    ("captured_at", "stamp"),
    [
        ("2026-03-01T12:00:00Z", {"seconds": 1772366400, "nanos": 0}),
        ("2026-03-01T13:00:00.25+01:00", {"seconds": 1772366400, "nanos": 250_000_000}),
        ("2026-03-01T12:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_times_are_those_of_the_snapshot_and_never_of_the_clock(captured_at: str, stamp: dict[str, int] | None) -> None:
    found = documents(replace(REPORT, told=(CLUSTER,), captured_at=captured_at))
    assert [each.get("timestamp") for each in found[0]["results"]] == [stamp] * 3


def test_a_namespace_that_was_not_counted_gets_a_report_too() -> None:
    told = (Told(finding(about=ObjectRef("ServiceAccount", "new", "a"))),)
    assert [each["metadata"].get("namespace") for each in documents(replace(EMPTY, told=told))] == [None, "new"]
