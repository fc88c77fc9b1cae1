from __future__ import annotations

import pytest
from msgspec.structs import replace

from firedoor.errors import NothingInScopeError
from firedoor.model.findings import Severity
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.rbac_risks import rbac_risks
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: ServiceAccount, metadata: {namespace: shop, name: ci}}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: reader}
    rules: [{verbs: [get], apiGroups: [""], resources: [secrets, pods/log]}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {namespace: data, name: ci}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    subjects: [{kind: ServiceAccount, namespace: shop, name: ci}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: scheduler}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:kube-scheduler"}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {namespace: web, name: editors}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: editor}
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: developers}]
    ---
    {apiVersion: v1, kind: Namespace, metadata: {name: empty}}
    """
)


def test_what_comes_with_kubernetes_is_counted_and_shown_when_asked_for() -> None:
    report = rbac_risks(SNAPSHOT)
    assert [each.finding.check for each in report.findings] == ["secrets-read", "missing-role", "pod-logs"]
    assert (report.usual, report.milder) == (2, 0)
    everything = rbac_risks(SNAPSHOT, usual=True)
    assert len(everything.findings) == 5
    assert (everything.usual, everything.worst) == (0, Severity.CRITICAL)


def test_what_is_milder_than_asked_for_is_counted() -> None:
    report = rbac_risks(SNAPSHOT, severity=Severity.HIGH)
    assert [each.finding.check for each in report.findings] == ["secrets-read"]
    assert report.milder == 2


@pytest.mark.parametrize(("namespace", "count"), [("shop", 2), ("data", 2), ("web", 1), ("empty", 0)])
def test_a_namespace_has_what_is_granted_in_it_and_what_its_accounts_hold(namespace: str, count: int) -> None:
    report = rbac_risks(SNAPSHOT, namespace=namespace)
    assert (len(report.findings), report.usual) == (count, 0)
    assert len(report.gaps) == (namespace == "web")


def test_a_role_that_files_lack_is_a_gap() -> None:
    (gap,) = rbac_risks(SNAPSHOT).gaps
    assert gap.object == ObjectRef("RoleBinding", "web", "editors")
    assert "there is no ClusterRole editor" in gap.reason


def test_gaps_of_another_namespace_are_left_out() -> None:
    refused = tuple(
        Gap(GapKind.REJECTED, "x", "refused", object=ObjectRef("Pod", each, "x")) for each in ("shop", "web")
    )
    given = replace(SNAPSHOT, gaps=(*refused, Gap(GapKind.UNREADABLE, "y", "broken")))
    assert [each.source for each in rbac_risks(given, namespace="shop").gaps] == ["x", "y"]


def test_nothing_to_look_at_is_said() -> None:
    with pytest.raises(NothingInScopeError, match="no role, binding"):
        rbac_risks(Snapshot())
    with pytest.raises(NothingInScopeError, match="nothing was found in namespace nowhere"):
        rbac_risks(SNAPSHOT, namespace="nowhere")


def test_gaps_alone_are_told() -> None:
    assert len(rbac_risks(Snapshot(gaps=(Gap(GapKind.UNREADABLE, "y", "broken"),))).gaps) == 1


def test_the_version_can_be_told_where_it_is_not_known() -> None:
    assert rbac_risks(SNAPSHOT, version="1.34").server_version == "1.34"
    known = replace(SNAPSHOT, origin=replace(SNAPSHOT.origin, server_version="v1.36.1"))
    assert rbac_risks(known, version="1.34").server_version == "v1.36.1"
