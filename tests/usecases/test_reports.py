from __future__ import annotations

from msgspec.structs import replace

from firedoor.engine.posture import CHECKS
from firedoor.engine.rbac_risks import CATALOGUE
from firedoor.engine.reach.cni import SPEC
from firedoor.model.findings import Severity
from firedoor.model.frameworks import FrameworkId
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.rbac_risks import rbac_risks
from firedoor.usecases.reports import diagnosis_report, risks_report
from tests.loading import snapshot_of

CLUSTER = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web, namespace: shop}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: shop}
    rules: [{apiGroups: [""], resources: [secrets], verbs: [get, list]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: web-reads, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
    ---
    kind: Pod
    metadata: {name: {{ .Values.name }}}
"""


def test_a_diagnosis_becomes_a_report_that_leaves_nothing_out() -> None:
    found = diagnose(snapshot_of(CLUSTER), SPEC)
    report = diagnosis_report(found, exit_code=13, folder="/here")
    assert tuple(each.finding for each in report.told) == found.findings
    assert (report.gaps, report.coverage) == (found.gaps, found.inventory.coverage)
    assert [rule.id for rule in report.rules] == [check.id for check in CHECKS]
    assert (report.name, report.exit_code, report.folder) == ("diagnose", 13, "/here")
    assert sum(report.severities.values()) == len(found.findings)
    assert list(report.severities) == [*reversed(Severity)]


def test_dangerous_permissions_become_a_report_with_what_is_known_of_them() -> None:
    found = rbac_risks(snapshot_of(CLUSTER))
    report = risks_report(found)
    assert [each.finding for each in report.told] == [each.finding for each in found.findings]
    assert [rule.id for rule in report.rules] == [risk.id for risk in CATALOGUE]
    assert (report.name, report.coverage, report.gaps) == ("rbac-risks", (), found.gaps)
    (reads,) = [each.details for each in report.told if each.finding.check == "secrets-read"]
    assert reads == {
        "technique": "T1552.007",
        "scope": "namespace",
        "namespaces": "shop",
        "bindings": "RoleBinding shop/web-reads",
        "roles": "Role shop/reader",
    }


def test_a_report_knows_when_the_cluster_was_like_that() -> None:
    snapshot = snapshot_of(CLUSTER)
    saved = replace(snapshot, origin=replace(snapshot.origin, captured_at="2026-03-01T12:00:00Z"))
    assert diagnosis_report(diagnose(saved, SPEC)).captured_at == "2026-03-01T12:00:00Z"
    assert risks_report(rbac_risks(saved)).captured_at == "2026-03-01T12:00:00Z"
    assert diagnosis_report(diagnose(snapshot, SPEC)).captured_at == ""


def test_every_rule_has_the_sections_that_formats_ask_for() -> None:
    snapshot = snapshot_of(CLUSTER)
    for report in (diagnosis_report(diagnose(snapshot, SPEC)), risks_report(rbac_risks(snapshot))):
        for rule in report.rules:
            assert {"What it finds", "Why it matters", "Remedy", "References"} <= set(rule.sections)
            assert all(rule.sections.values())


def test_what_was_not_looked_for_is_no_rule_of_a_report() -> None:
    report = diagnosis_report(diagnose(snapshot_of(CLUSTER), SPEC, framework=FrameworkId.NSA))
    asked = {check.id for check in CHECKS if check.mappings.nsa}
    assert {rule.id for rule in report.rules} == asked
    assert {each.finding.check for each in report.told} <= asked
    assert report.told
    risks = risks_report(rbac_risks(snapshot_of(CLUSTER), framework=FrameworkId.NIST_800_207))
    assert {rule.id for rule in risks.rules} == {risk.id for risk in CATALOGUE if risk.mappings.nist_800_207}


def test_findings_carry_what_their_check_is_about() -> None:
    checks = {each.id: each for each in (*CHECKS, *CATALOGUE)}
    found = [*diagnose(snapshot_of(CLUSTER), SPEC).findings]
    found += [each.finding for each in rbac_risks(snapshot_of(CLUSTER), usual=True).findings]
    assert {each.check for each in found} >= {"pod-unprotected", "secrets-read", "default-account-used"}
    assert [each for each in found if each.mappings != checks[each.check].mappings] == []
