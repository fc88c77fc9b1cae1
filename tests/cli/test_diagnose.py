from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.command import assert_golden, firedoor, process

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: web, image: web}]}
"""
DENY_ALL = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
"""
ALLOW_ALL = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}]}
"""
GAP = "kind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"


def write(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return str(folder)


def test_the_report_on_rendered_helm_output_is_as_stored() -> None:
    ran = firedoor("diagnose", "helm-output/rendered.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("diagnose-helm-output.txt", ran.out)


def test_a_process_prints_the_same_as_a_call() -> None:
    assert process("diagnose", "shop") == firedoor("diagnose", "shop")


def test_verbose_shows_the_pods_one_by_one_and_whole_fixes() -> None:
    brief, verbose = (firedoor("diagnose", "shop", *flags).out for flags in ((), ("-v",)))
    assert "stock-db-0" not in brief
    assert "stock-db-0" in verbose
    assert "apiVersion: networking.k8s.io/v1" not in brief
    assert "apiVersion: networking.k8s.io/v1" in verbose


def test_yaml_and_json_are_the_same_document() -> None:
    assert (
        yaml.safe_load(firedoor("diagnose", "shop", "-o", "yaml").out)
        == firedoor("diagnose", "shop", "-o", "json").document
    )


def test_a_namespace_narrows_pods_findings_and_numbers() -> None:
    everything = firedoor("diagnose", "shop", "-o", "json").document
    some = firedoor("diagnose", "shop", "-o", "json", "-n", "books-data").document
    named = {finding["object"]["namespace"] or finding["object"]["name"] for finding in some["findings"]}
    assert named == {"books-data"}
    assert len(some["findings"]) < len(everything["findings"])
    assert some["summary"]["coverage"]["pods"] == 4
    assert some["summary"]["coverage"]["isolatedBoth"] == 4
    assert firedoor("diagnose", "shop", "-n", "books-data").out.splitlines()[-1].startswith("4 of 4 pods are isolated")


def test_all_namespaces_overrules_a_namespace() -> None:
    assert firedoor("diagnose", "shop", "-n", "books", "-A") == firedoor("diagnose", "shop")


def test_findings_come_worst_first() -> None:
    order = ["critical", "high", "medium", "low", "info"]
    found = [order.index(each["severity"]) for each in firedoor("diagnose", "shop", "-o", "json").document["findings"]]
    assert found == sorted(found)
    assert found[0] == order.index("critical")


def test_a_plugin_that_enforces_nothing_is_the_worst_news() -> None:
    found = firedoor("diagnose", "shop", "--cni", "flannel", "-o", "json").document
    assert found["summary"]["cni"] == "flannel"
    assert found["findings"][0]["check"] == "cni-not-enforcing"


def test_a_release_that_does_not_serve_a_kind_rejects_it(tmp_path: Path) -> None:
    folder = write(tmp_path, job="apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: old}\n")
    reasons = firedoor("diagnose", folder, "-o", "json", "--kubernetes-version", "1.31").document["gaps"]
    assert "batch/v1beta1" in reasons[0]["reason"]


@pytest.mark.parametrize(
    ("level", "code"),
    [("none", 0), ("gaps", 14), ("low", 14), ("medium", 14), ("high", 14), ("critical", 14)],
)
def test_the_exit_code_is_that_of_the_worst_finding(level: str, code: int) -> None:
    assert firedoor("diagnose", "shop", "--fail-on", level).code == code


@pytest.mark.parametrize(
    ("level", "code"), [("none", 0), ("gaps", 13), ("low", 13), ("medium", 13), ("high", 13), ("critical", 4)]
)
def test_below_the_level_only_gaps_are_left_to_fail_on(tmp_path: Path, level: str, code: int) -> None:
    folder = write(tmp_path, pod=POD, gap=GAP)
    assert firedoor("diagnose", folder, "--fail-on", level).code == code


def test_without_findings_and_gaps_every_level_is_content(tmp_path: Path) -> None:
    folder = write(tmp_path, namespace="apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    for level in ("gaps", "low", "critical"):
        assert firedoor("diagnose", folder, "--fail-on", level).code == 0


def test_a_finding_below_the_level_is_shown_and_does_not_fail(tmp_path: Path) -> None:
    folder = write(tmp_path, pod=POD, deny=DENY_ALL)
    ran = firedoor("diagnose", folder, "--fail-on", "high")
    assert ran.code == 0
    assert "dns-blocked" in ran.out


@pytest.mark.parametrize(("level", "code"), [("low", 11), ("medium", 0)])
def test_a_low_finding_has_the_lowest_code(tmp_path: Path, level: str, code: int) -> None:
    assert firedoor("diagnose", write(tmp_path, pod=POD, deny=DENY_ALL), "--fail-on", level).code == code


def test_a_medium_finding_has_the_code_between(tmp_path: Path) -> None:
    # It opens connections, and cannot ask DNS for their names: worse than opening none.
    egress = DENY_ALL.replace("policyTypes", "egress: [{ports: [{port: 443}]}], policyTypes")
    assert firedoor("diagnose", write(tmp_path, pod=POD, deny=egress), "--fail-on", "low").code == 12


def test_a_framework_limits_what_is_looked_for() -> None:
    document = firedoor("diagnose", "shop", "--framework", "mitre", "-o", "json").document
    assert document["findings"]
    assert all(each["mappings"]["mitre"] for each in document["findings"])
    everything = firedoor("diagnose", "shop", "-o", "json").document["findings"]
    assert len(everything) > len(document["findings"])
    risks = firedoor("rbac", "risks", "shop", "--framework", "cis", "-o", "json").document["findings"]
    assert all(each["mappings"]["cis"] for each in risks)


def test_the_dry_run_of_pod_security_has_no_framework() -> None:
    assert "--framework" in firedoor("diagnose", "shop", "--pss-dry-run", "--framework", "cis").error
