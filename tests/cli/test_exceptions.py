from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import Ran, firedoor

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
  labels: {app: web}
  annotations:
    other: text
spec: {containers: [{name: web, image: web}]}
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: User, name: eve}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pod.yaml").write_text(POD)
    return tmp_path


def annotate(folder: Path, text: str) -> None:
    (folder / "pod.yaml").write_text(POD.replace("other: text", f"firedoor.dev/ignore: '{text}'"))


def run(folder: Path, *options: str) -> Ran:
    return firedoor("diagnose", "pod.yaml", "--today", "2026-06-01", *options, cwd=folder)


def remembered(folder: Path) -> int:
    """Return how many findings the baseline in a folder has."""
    return len(json.loads((folder / "b.json").read_text())["findings"])


def test_an_annotation_takes_a_finding_out_of_the_report_and_the_exit_code(folder: Path) -> None:
    assert run(folder, "--fail-on", "high").code == 13
    annotate(folder, "pod-unprotected=short lived")
    ran = run(folder, "--fail-on", "high")
    assert (ran.code, ran.err) == (0, "")
    assert "1 finding ignored by exceptions (--show-ignored lists them)" in ran.out
    assert "short lived" not in ran.out
    assert "ignored: short lived [pod.yaml:8]" in run(folder, "--show-ignored").out
    document = run(folder, "-o", "json").document
    assert [each["check"] for each in document["suppressed"]] == ["pod-unprotected"]
    assert document["suppressed"][0]["exception"]["source"] == "pod.yaml:8"
    assert document["exceptions"][0]["state"] == "used"


def test_an_annotation_that_expired_is_told_and_its_finding_is_back(folder: Path) -> None:
    annotate(folder, "pod-unprotected@2026-05-31=short lived")
    ran = run(folder, "--fail-on", "high")
    assert ran.code == 13
    assert "expired exception: pod-unprotected of Pod shop/web: short lived (until 2026-05-31)" in ran.out
    assert "1 finding reported again" in ran.out


def test_an_annotation_that_makes_no_sense_is_a_gap_that_can_fail(folder: Path) -> None:
    annotate(folder, "pod-unprotectd=short lived")
    ran = run(folder, "--fail-on", "gaps")
    assert ran.code == 13
    assert "names no check that there is" in ran.out
    assert "did you mean pod-unprotected?" in ran.out
    (folder / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: {firedoor.dev/ignore: nonsense}}\n"
    )
    assert run(folder, "--fail-on", "gaps").code == 4


def test_the_configuration_of_the_folder_ignores_grades_disables_and_sets_defaults(folder: Path) -> None:
    (folder / ".firedoor.yaml").write_text(
        "ignore:\n  - {check: pod-unprotected, namespace: sh*, reason: known}\n  - {check: dns-blocked, reason: old}\n"
        "severity: {namespace-without-default-deny: critical}\nfail-on: high\ncni: calico\n"
    )
    ran = run(folder)
    assert ran.code == 14
    assert "settings: .firedoor.yaml" in ran.out
    assert "unused exception: dns-blocked everywhere: old [.firedoor.yaml:3]" in ran.out
    # What stands on the command line comes before the configuration.
    assert run(folder, "--fail-on", "none").code == 0
    assert run(folder, "--fail-on", "none", "-o", "json").document["summary"]["cni"] == "calico"
    assert run(folder, "--fail-on", "none", "--cni", "spec", "-o", "json").document["summary"]["cni"] == "spec"
    (folder / "empty.yaml").write_text("")
    assert run(folder, "--config", "empty.yaml").code == 0
    (folder / ".firedoor.yaml").write_text(
        "disable:\n  - {check: pod-unprotected, reason: known}\n"
        "  - {check: namespace-without-default-deny, reason: x}\nshow-ignored: true\n"
    )
    assert run(folder, "--fail-on", "high").code == 0
    assert "not run: pod-unprotected, known [.firedoor.yaml:2]" in run(folder).out


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"ignored: []", ".firedoor.yaml:1: ignored: unknown key 'ignored'; did you mean ignore?"),
        (b"ignore:\n  - check: dns-blocked", ".firedoor.yaml:2: ignore[0]: reason is missing; add reason"),
        (
            b"ignore:\n  - {check: dns-blocked, reason: x, expires: tomorrow}",
            (
                ".firedoor.yaml:2: ignore[0].expires: 'tomorrow' is no day as in 2027-01-31; "
                "write the last day it holds, as in 2027-01-31"
            ),
        ),
        (b"\0\0", ".firedoor.yaml: this is a binary file, not YAML or JSON; give a configuration, which is YAML"),
        (b"#" * 2_000_000, ".firedoor.yaml: more than 1,048,576 bytes are no configuration; check the path"),
    ],
)
def test_a_bad_configuration_stops_every_command_that_reads_it(folder: Path, text: bytes, error: str) -> None:
    (folder / ".firedoor.yaml").write_bytes(text)
    for command in (("diagnose", "pod.yaml"), ("rbac", "risks", "pod.yaml"), ("config", "check")):
        ran = firedoor(*command, cwd=folder)
        assert (ran.code, ran.error) == (2, error)


def test_help_does_not_read_the_configuration(folder: Path) -> None:
    (folder / ".firedoor.yaml").write_text("nonsense")
    assert firedoor("diagnose", "--help", cwd=folder).code == 0


def test_a_baseline_makes_only_what_is_new_fail(folder: Path) -> None:
    first = run(folder, "--write-baseline", "b.json", "--fail-on", "high")
    assert first.code == 13
    assert run(folder, "--baseline", "b.json", "--fail-on", "high").code == 0
    (folder / "pod.yaml").write_text(f"\n\n# moved\n{POD}---\n{POD.replace('name: web', 'name: new')}")
    ran = run(folder, "--baseline", "b.json", "--fail-on", "high")
    assert ran.code == 13
    known, _, new = ran.out.partition("\nNew\n")
    assert "Known from the baseline" in known
    assert "pod-unprotected  Pod shop/web" in known
    assert "pod-unprotected  Pod shop/new" in new
    assert f"{remembered(folder)} findings known, 0 fixed since the baseline" in new
    alone = run(folder, "--baseline", "b.json", "--new-only", "-o", "json").document
    assert {(each["object"]["name"], each["known"]) for each in alone["findings"]} == {("new", False)}
    both = run(folder, "--baseline", "b.json", "-o", "json").document
    assert {(each["object"]["name"], each["known"]) for each in both["findings"]} == {
        ("web", True),
        ("shop", True),
        ("new", False),
    }


def test_what_the_baseline_has_and_is_gone_is_fixed(folder: Path) -> None:
    run(folder, "--write-baseline", "b.json")
    (folder / "pod.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    assert (
        f"baseline b.json: 0 findings known, {remembered(folder)} fixed since the baseline"
        in run(folder, "--baseline", "b.json").out
    )
    document = run(folder, "--baseline", "b.json", "-o", "json").document
    fixed = {each["check"] for each in document["baseline"]["fixed"]}
    assert {"pod-unprotected", "namespace-without-default-deny"} <= fixed


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (("--new-only",), "--new-only needs a baseline; give one with --baseline FILE"),
        (("--baseline", "none.json"), "none.json: no such file; check the path, or write it first"),
        (
            ("--write-baseline", "pod.yaml"),
            "pod.yaml: there is something else than a baseline already, which is not replaced; choose another name",
        ),
        (
            ("--baseline", "b.json", "--new-only", "--write-baseline", "b.json"),
            "a baseline of the new findings alone would forget the known ones; leave --new-only out",
        ),
    ],
)
def test_a_baseline_that_cannot_be_used_is_an_error(folder: Path, options: tuple[str, ...], error: str) -> None:
    ran = run(folder, *options)
    assert (ran.code, ran.error) == (2, error)


def test_dangerous_permissions_have_exceptions_and_baselines_too(folder: Path) -> None:
    (folder / "rbac.yaml").write_text(BINDING)
    (folder / ".firedoor.yaml").write_text(
        "ignore:\n  - {check: secrets-read, kind: user, name: eve, reason: she may}\n"
    )

    def risks(*options: str) -> Ran:
        return firedoor("rbac", "risks", "rbac.yaml", *options, cwd=folder)

    assert "1 finding ignored by exceptions" in risks().out
    assert [each["exception"]["reason"] for each in risks("-o", "json").document["suppressed"]] == ["she may"]
    (folder / ".firedoor.yaml").unlink()
    assert risks("--fail-on", "low", "--write-baseline", "b.json").code != 0
    assert risks("--fail-on", "low", "--baseline", "b.json").code == 0
    assert "fixed since the baseline" in risks("--baseline", "b.json").out


def test_config_check_says_what_a_configuration_holds(folder: Path) -> None:
    missing = firedoor("config", "check", cwd=folder)
    assert (missing.code, missing.error) == (
        2,
        "there is no .firedoor.yaml in this folder or above it in its git repository; name the file",
    )
    (folder / "c.yaml").write_text("ignore:\n  - {check: dns-blocked, reason: x}\nfail-on: high\n")
    assert firedoor("config", "check", "c.yaml", cwd=folder).out == (
        "c.yaml is valid; exceptions: 1; severities: 0; checks that do not run: 0; custom checks: 0; "
        "plugins: none; defaults: fail-on\n"
    )
    (folder / "c.yaml").write_text("{}")
    assert firedoor("config", "check", "c.yaml", cwd=folder).out.endswith("defaults: none\n")


def test_config_schema_prints_a_schema(folder: Path) -> None:
    schema = json.loads(firedoor("config", "schema").out)
    assert "dns-blocked" in schema["properties"]["severity"]["propertyNames"]["anyOf"][0]["enum"]
