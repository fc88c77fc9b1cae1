from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.command import assert_golden, firedoor

STATE = """
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: baseline,
  pod-security.kubernetes.io/enforce-version: v1.33}}
---
apiVersion: v1
kind: Namespace
metadata: {name: tools}
---
apiVersion: v1
kind: Namespace
metadata: {name: empty, labels: {pod-security.kubernetes.io/enforce: privileged}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example/web:1
        readinessProbe: {httpGet: {port: 80, host: db.example}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: backup, namespace: tools}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          hostPID: true
          containers:
          - name: backup
            image: registry.example/backup:1
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, namespace: unread}
spec: {containers: [{name: alone, image: registry.example/alone:1}]}
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state.yaml").write_text(STATE)
    return "state.yaml"


def test_the_table_is_as_stored(state: str) -> None:
    ran = firedoor("diagnose", str(Path(state).resolve()), "--pss-dry-run", "-v")
    assert (ran.code, ran.err) == (0, "")
    assert_golden("pss-dry-run.txt", ran.out.replace(str(Path(state).resolve()), state))


def test_without_verbose_the_fields_are_left_out(state: str) -> None:
    out = firedoor("diagnose", str(Path(state).resolve()), "--pss-dry-run").out
    assert "hostProbesAndHostLifecycle" in out
    assert "db.example" not in out


def test_json_says_for_each_namespace_what_it_meets_and_what_is_in_the_way(state: str) -> None:
    path = str(Path(state).resolve())
    document = firedoor("diagnose", path, "--pss-dry-run", "-o", "json").document
    assert (document["schema"], document["version"]) == ("firedoor/pss-dry-run/v1", "latest")
    empty, shop, tools, unread = document["namespaces"]
    assert (shop["meets"], shop["enforce"], shop["enforceVersion"]) == ("privileged", "baseline", "v1.33")
    assert (empty["meets"], empty["workloads"], empty["obstructing"]) == ("restricted", 0, [])
    assert (unread["known"], unread["enforce"], unread["meets"]) == (False, None, "baseline")
    (backup,) = tools["obstructing"]
    assert backup == {
        "object": {"kind": "CronJob", "namespace": "tools", "name": "backup"},
        "meets": "privileged",
        "obstacles": [
            {
                "level": "baseline",
                "control": "hostNamespaces",
                "faults": [f"{path}:39: the pod shares the processes of its node (hostPID)"],
            }
        ],
    }
    assert yaml.safe_load(firedoor("diagnose", path, "--pss-dry-run", "-o", "yaml").out) == document


def test_the_version_decides(state: str) -> None:
    asked = ("diagnose", str(Path(state).resolve()), "-o", "json", "--pss-version", "v1.33")
    document = firedoor(*asked, "--pss-dry-run").document
    assert (document["version"], document["effectiveVersion"]) == ("v1.33", "v1.33")
    assert {each["namespace"]: each["meets"] for each in document["namespaces"]}["shop"] == "baseline"
    checks = {each["check"] for each in firedoor(*asked).document["findings"]}
    assert "pss-host-probes-and-host-lifecycle" not in checks
    assert "pss-host-namespaces" in checks


def test_a_namespace_shows_that_one_alone(state: str) -> None:
    path = str(Path(state).resolve())
    document = firedoor("diagnose", path, "--pss-dry-run", "-n", "tools", "-o", "json").document
    assert [each["namespace"] for each in document["namespaces"]] == ["tools"]
    ran = firedoor("diagnose", path, "--pss-dry-run", "-n", "nowhere")
    assert ran.code == 3
    assert "namespace nowhere was not found" in ran.err


def test_findings_carry_level_and_control(state: str) -> None:
    findings = firedoor("diagnose", str(Path(state).resolve()), "-o", "json").document["findings"]
    marks = {each["check"]: each.get("pss") for each in findings}
    assert marks["pss-host-namespaces"] == {"level": "baseline", "control": "hostNamespaces"}
    assert marks["pss-run-as-non-root"] == {"level": "restricted", "control": "runAsNonRoot"}
    assert marks["pod-unprotected"] is None


@pytest.mark.parametrize("version", ["1.29", "v2.0", "newest"])
def test_what_is_no_version_is_an_error_that_says_what_is(state: str, version: str) -> None:
    ran = firedoor("diagnose", str(Path(state).resolve()), "--pss-version", version)
    assert ran.code == 2
    assert "as in v1.29" in ran.err


def test_fail_on_belongs_to_findings(state: str) -> None:
    ran = firedoor("diagnose", str(Path(state).resolve()), "--pss-dry-run", "--fail-on", "low")
    assert ran.code == 2
    assert "--pss-dry-run and --fail-on" in ran.err
