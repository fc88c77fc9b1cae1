from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.cli.command import firedoor, process

ADMIN = b"""
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: everyone}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: anna}]
"""
EVENTS = b"""
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: shop, name: cleaner}
rules: [{verbs: [delete], apiGroups: [""], resources: [events]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: shop, name: cleaner}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: cleaner}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: anna}]
"""


def test_findings_are_told_with_their_proof() -> None:
    ran = firedoor("rbac", "risks", "-", stdin=EVENTS)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == "LOW (1)"
    assert lines[3:5] == [
        "    User anna can delete events in namespace shop",
        (
            "      - <stdin>:7: RoleBinding shop/cleaner binds User anna to Role shop/cleaner; "
            "<stdin>:5: rules[0]: delete on events"
        ),
    ]
    assert lines[-1] == "1 finding (1 low); 0 gaps. The version of the API server is not known."


def test_all_formats_tell_the_same() -> None:
    document = firedoor("rbac", "risks", "-", "-o", "json", stdin=EVENTS).document
    assert document["schema"] == "firedoor/rbac-risks/v1"
    assert yaml.safe_load(firedoor("rbac", "risks", "-", "-o", "yaml", stdin=EVENTS).out) == document
    rows = firedoor("rbac", "risks", "-", "-o", "csv", stdin=EVENTS).out.splitlines()
    assert [each["check"] for each in document["findings"]] == [row.partition(",")[0] for row in rows[1:]]


@pytest.mark.parametrize(
    ("given", "level", "code"),
    [
        (ADMIN, "none", 0),
        (ADMIN, "critical", 14),
        (ADMIN, "gaps", 14),
        (EVENTS, "low", 11),
        (EVENTS, "medium", 0),
        (EVENTS, "gaps", 11),
    ],
)
def test_the_exit_code_tells_the_worst_finding_when_asked_for(given: bytes, level: str, code: int) -> None:
    assert firedoor("rbac", "risks", "-", "--fail-on", level, stdin=given).code == code


def test_gaps_count_where_no_finding_does() -> None:
    given = ADMIN.replace(b"cluster-admin", b"system:provider:viewer")
    ran = firedoor("rbac", "risks", "-", "--fail-on", "gaps", stdin=given)
    assert (ran.code, "there is no ClusterRole system:provider:viewer" in ran.out) == (4, True)


def test_severity_and_namespace_choose() -> None:
    both = ADMIN + b"---" + EVENTS.replace(b"anna", b"bert")
    severe = firedoor("rbac", "risks", "-", "--severity", "high", "-o", "json", stdin=both).document
    assert [each["check"] for each in severe["findings"]] == ["cluster-admin-bound"]
    assert severe["summary"]["milder"] == 1
    local = firedoor("rbac", "risks", "-", "-n", "shop", "-o", "json", stdin=both).document
    assert [each["check"] for each in local["findings"]] == ["events-delete"]


def test_all_shows_what_comes_with_kubernetes() -> None:
    given = EVENTS.replace(b"name: anna", b'name: "system:kube-scheduler"')
    assert firedoor("rbac", "risks", "-", "-o", "json", stdin=given).document["summary"]["usual"] == 1
    assert firedoor("rbac", "risks", "-", "--all", "-o", "json", stdin=given).document["findings"][0]["usual"]


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    assert (
        "nothing was found in namespace nowhere" in firedoor("rbac", "risks", "-", "-n", "nowhere", stdin=EVENTS).error
    )
    assert process("rbac", "risks", str(tmp_path / "gone")).code == 2
    assert firedoor("rbac", "risks", "-", "--severity", "grave", stdin=EVENTS).code == 2


def test_the_version_that_manifests_are_meant_for_decides() -> None:
    given = EVENTS.replace(b"delete", b"get").replace(b"events", b"pods/exec")
    for version, count in (("1.34", 1), ("1.35", 0)):
        ran = firedoor("rbac", "risks", "-", "--kubernetes-version", version, "-o", "json", stdin=given)
        assert len(ran.document["findings"]) == count
