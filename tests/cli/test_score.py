from __future__ import annotations

from pathlib import Path

import yaml

from tests.adapters.audit.samples import line
from tests.cli.command import firedoor

RBAC = """
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec: {serviceAccountName: web, automountServiceAccountToken: false, containers: [{name: web, image: web}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: shop}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web-reads, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
"""


def test_the_scorecard_in_all_formats_says_the_same() -> None:
    document = firedoor("score", "shop", "-o", "json").document
    assert document["schema"] == "firedoor/score/v1"
    assert yaml.safe_load(firedoor("score", "shop", "-o", "yaml").out) == document
    share = document["tenets"][1]["share"]["low"]
    for output in ("text", "markdown"):
        ran = firedoor("score", "shop", "-o", output)
        assert (ran.code, ran.err) == (0, "")
        assert f"{share:g} %" in ran.out
        assert "not measured" in ran.out


def test_every_check_that_is_named_is_one_that_there_is() -> None:
    known = {each["id"] for each in firedoor("checks", "-o", "json").document["checks"]}
    document = firedoor("score", "shop", "-o", "json").document
    measures = [each for tenet in document["tenets"] for each in tenet["measures"]]
    named = {check for each in measures for unit in each["shortfalls"] for check in unit["checks"]}
    assert named
    assert named <= known


def test_an_audit_log_measures_permissions(tmp_path: Path) -> None:
    (tmp_path / "rbac.yaml").write_text(RBAC)
    reading = {"resource": "configmaps", "namespace": "shop", "name": "x", "apiVersion": "v1"}
    user = {"username": "system:serviceaccount:shop:web", "groups": []}
    (tmp_path / "audit.log").write_bytes(line(verb="get", objectRef=reading, user=user))
    ran = firedoor("score", "rbac.yaml", "--audit-log", "audit.log", cwd=tmp_path)
    assert "Rules that were needed as they are: 100 % (1 of 1 rules)" in ran.out
    (tmp_path / "empty.log").write_bytes(b"")
    assert "hold no request" in firedoor("score", "rbac.yaml", "--audit-log", "empty.log", cwd=tmp_path).error
    assert "twice" in firedoor("score", "-", "--audit-log", "-", cwd=tmp_path).error


def test_states_in_order_are_a_trend(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(RBAC)
    assert firedoor("snapshot", "save", "old.snap", "old.yaml", cwd=tmp_path).code == 0
    (tmp_path / "new.yaml").write_text(
        RBAC + "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: shop},"
        " spec: {podSelector: {}, policyTypes: [Ingress, Egress]}}\n"
    )
    document = firedoor("score", "--trend", "old.snap", "new.yaml", "-o", "json", cwd=tmp_path).document
    assert document["schema"] == "firedoor/score-trend/v1"
    assert [each["name"] for each in document["states"]] == ["old.snap", "new.yaml"]
    assert [each["tenets"][1]["share"]["low"] for each in document["states"]] == [0.0, 100.0]
    for output in ("text", "markdown"):
        assert "+100.0" in firedoor("score", "--trend", "old.snap", "new.yaml", "-o", output, cwd=tmp_path).out


def test_options_that_do_not_go_together_are_refused() -> None:
    assert "two states" in firedoor("score", "--trend", "shop").error
    assert "whole states" in firedoor("score", "--trend", "shop", "shop", "-n", "books").error
    assert "twice" in firedoor("score", "--trend", "-", "-").error
    assert "-v is for -o text" in firedoor("score", "shop", "-v", "-o", "json").error


def test_verbose_lists_everything() -> None:
    assert "-v shows all" in firedoor("score", "shop").out
    assert "-v shows all" not in firedoor("score", "shop", "-v").out
