from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from tests.loading import snapshot_of

from firedoor.engine.pod_security import BY_ID
from firedoor.engine.posture import CHECKS
from firedoor.engine.rbac_least.usage import Usage
from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.engine.reach.network import Network
from firedoor.engine.score import Evidence, scorecard
from firedoor.engine.score.pods import check_of
from firedoor.engine.score.scorecard import TENETS
from firedoor.model.access import AccessRequest, User
from firedoor.model.audit import AuditEvent, AuditOutcome
from firedoor.model.frameworks import FRAMEWORKS, FrameworkId
from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.score import Measure, MeasureId, Score

if TYPE_CHECKING:
    from firedoor.model.snapshot import Snapshot

POD = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: %s, labels: {app: %s}},
 spec: {containers: [{name: a, image: a}]%s}}
---
"""
DENY = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: deny, namespace: %s},
 spec: {podSelector: {}, policyTypes: %s}}
---
"""
ALLOW = """
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: %s},
 spec: {podSelector: {}, policyTypes: [Ingress], ingress: [%s]}}
---
"""
NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}\n---\n"
PODS = "".join((POD % ("web", "a", "web", ""), POD % ("db", "a", "db", ""), POD % ("job", "b", "job", "")))
ROLE = """
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: reader, namespace: %s},
 rules: [{apiGroups: [''], resources: [%s], verbs: [get]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: reads, namespace: %s},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %s}, subjects: [%s]}
---
"""
ACCOUNT = ", serviceAccountName: %s, automountServiceAccountToken: false"


def judged(
    snapshot: Snapshot, evidence: Evidence | None = None, cni: str = ""
) -> tuple[Score, dict[MeasureId, Measure]]:
    score = scorecard(Network(snapshot, PROFILES[cni] if cni else SPEC), evidence or Evidence())
    return score, {each.id: each for tenet in score.tenets for each in tenet.measures}


def measures(text: str) -> dict[MeasureId, Measure]:
    return judged(snapshot_of(text))[1]


def counts(measure: Measure) -> tuple[int, int, int]:
    return measure.met, measure.unknown, measure.total


def test_every_tenet_has_measures_or_a_reason_and_every_measure_of_the_cluster_one_tenet() -> None:
    score, found = judged(snapshot_of(PODS))
    assert [each.tenet for each in score.tenets] == list(FRAMEWORKS[FrameworkId.NIST_800_207].titles)
    assert all(bool(each.measures) != bool(each.reason) for each in score.tenets)
    assert sorted(each for names in TENETS.values() for each in names) == sorted(
        set(MeasureId) - {MeasureId.CONNECTIONS_OUT}
    )
    assert set(found) == set(MeasureId) - {MeasureId.CONNECTIONS_OUT}


def test_pods_that_no_policy_is_for_are_open() -> None:
    found = measures(PODS)
    closed, denying = found[MeasureId.CONNECTIONS_IN], found[MeasureId.DEFAULT_DENY_INGRESS]
    assert (counts(closed), counts(denying)) == ((0, 0, 6), (0, 0, 3))
    assert closed.shortfalls[0].checks == ("pod-unprotected", "namespace-without-default-deny")
    assert closed.shortfalls[0].what == "of 2 connections to its pods: 2 open on every port; no policy applies to it"


def test_a_namespace_that_denies_closes_what_comes_in_and_only_that() -> None:
    found = measures(PODS + DENY % ("a", "[Ingress]"))
    assert counts(found[MeasureId.CONNECTIONS_IN]) == (4, 0, 6)
    assert counts(found[MeasureId.DEFAULT_DENY_INGRESS]) == (2, 0, 3)
    egress = found[MeasureId.DEFAULT_DENY_EGRESS]
    assert counts(egress) == (0, 0, 3)
    assert egress.shortfalls[0].what == "no policy on it denies by default for egress"
    assert egress.shortfalls[0].checks == ("namespace-without-default-deny",)


def test_what_rules_allow_is_told_with_the_policies() -> None:
    found = measures(PODS + DENY % ("a", "[Ingress]") + ALLOW % ("web", "a", "{ports: [{port: 80}]}"))
    unit = found[MeasureId.CONNECTIONS_IN].shortfalls[0]
    assert unit.object == ObjectRef("Pod", "a", "db")
    assert (
        unit.what
        == "of 2 connections to its pods: 2 open on some; allowed by NetworkPolicy a/deny, NetworkPolicy a/web"
    )
    assert unit.checks == ()


def test_a_policy_that_allows_everything_denies_nothing() -> None:
    many = "".join(ALLOW % (f"open-{number}", "a", "{}") for number in range(5))
    unit = measures(PODS + many)[MeasureId.DEFAULT_DENY_INGRESS].shortfalls[0]
    assert unit.checks == ("rule-allows-everything",)
    assert unit.what.endswith("NetworkPolicy a/open-3 and 1 more allow is everything")


def test_pods_on_the_network_of_their_node_are_not_covered() -> None:
    unit = measures(POD % ("agent", "a", "agent", ", hostNetwork: true") + DENY % ("a", "[Ingress, Egress]"))[
        MeasureId.DEFAULT_DENY_INGRESS
    ].shortfalls[0]
    assert unit.checks == ("pss-host-namespaces",)


def test_where_nothing_enforces_policies_nothing_is_closed() -> None:
    name = next(each.name for each in PROFILES.values() if not each.enforced)
    _, found = judged(snapshot_of(PODS + DENY % ("a", "[Ingress]")), cni=name)
    assert counts(found[MeasureId.CONNECTIONS_IN]) == (0, 0, 6)
    assert found[MeasureId.CONNECTIONS_IN].shortfalls[0].checks == ("cni-not-enforcing",)


def test_what_could_not_be_read_is_unknown_and_never_a_pass() -> None:
    policy = Gap(GapKind.INCOMPLETE, "cluster", "policies were not listed", scope=Scope("a"))
    pod = Gap(GapKind.TEMPLATE, "x.yaml:3", "braces", object=ObjectRef("Deployment", "b", "x"))
    text = Gap(GapKind.UNREADABLE, "y.yaml", "no YAML")
    other = Gap(GapKind.REJECTED, "z.yaml", "refused", object=ObjectRef("Service", "b", "x"))
    closed = PODS + DENY % ("a", "[Ingress, Egress]") + DENY % ("b", "[Ingress, Egress]")
    snapshot = msgspec.structs.replace(snapshot_of(closed), gaps=(policy, pod, text, other))
    score, found = judged(snapshot)
    denying = found[MeasureId.DEFAULT_DENY_INGRESS]
    assert counts(denying) == (1, 4, 5)
    assert denying.share is not None
    assert denying.share.percents == (20.0, 100.0)
    assert {each.what for each in denying.shortfalls} >= {"policies on it could not be read", "not read: braces"}
    assert score.gaps == snapshot.gaps
    assert found[MeasureId.PSS_BASELINE].unknown == 2


def test_the_namespaces_have_both_directions_and_the_cluster_the_sum() -> None:
    score, found = judged(snapshot_of(PODS + DENY % ("a", "[Ingress]")))
    assert [each.namespace for each in score.namespaces] == ["a", "b"]
    by_name = {each.namespace: {one.id: counts(one) for one in each.measures} for each in score.namespaces}
    assert by_name["a"][MeasureId.CONNECTIONS_IN] == (4, 0, 4)
    assert by_name["a"][MeasureId.CONNECTIONS_OUT] == (2, 0, 4)
    assert by_name["b"][MeasureId.CONNECTIONS_IN] == (0, 0, 2)
    total = [sum(each[MeasureId.CONNECTIONS_OUT][number] for each in by_name.values()) for number in range(3)]
    assert tuple(total) == counts(found[MeasureId.CONNECTIONS_IN])
    assert MeasureId.AUDIT_LOG not in by_name["a"]


def test_connections_in_use_are_measured_where_they_are_known() -> None:
    snapshot = snapshot_of(
        PODS + DENY % ("a", "[Ingress]") + ALLOW % ("web", "a", "{ports: [{port: 80}]}") + DENY % ("b", "[Egress]")
    )
    network = Network(snapshot)
    place = {each.name: number for number, each in enumerate(network.members)}
    seen = (
        ("192.0.2.1", place["web"], "TCP", 80),  # a rule allows it
        ("192.0.2.1", place["job"], "TCP", 80),  # nothing forbids it
        ("192.0.2.1", place["db"], "TCP", 81),  # denied, and seen all the same
        ("192.0.2.1", place["web"], "TCP", 80),  # seen twice
    )
    used = judged(snapshot, Evidence(seen))[1][MeasureId.USED_CONNECTIONS]
    assert counts(used) == (1, 0, 3)
    assert sorted(each.what for each in used.shortfalls) == [
        "192.0.2.1 to a/db on TCP 81: denied",
        "192.0.2.1 to b/job on TCP 80: accepted and no rule is needed for that",
    ]
    dark = msgspec.structs.replace(snapshot, gaps=(Gap(GapKind.INCOMPLETE, "x", "not listed", scope=Scope("a")),))
    assert counts(judged(dark, Evidence(seen[:1]))[1][MeasureId.USED_CONNECTIONS]) == (0, 1, 1)
    assert measures(PODS)[MeasureId.USED_CONNECTIONS].reason == "no connections that were used are known"


def test_accounts_are_measured_where_bindings_were_read() -> None:
    assert measures(PODS)[MeasureId.LEAST_PRIVILEGE].reason == "no binding of roles was read"
    subject = "{kind: ServiceAccount, name: web, namespace: a}"
    text = POD % ("web", "a", "web", ACCOUNT % "web") + POD % ("db", "a", "db", ACCOUNT % "db")
    found = measures(text + ROLE % ("a", "secrets", "a", "reader", subject))[MeasureId.LEAST_PRIVILEGE]
    assert counts(found) == (1, 0, 2)
    (unit,) = found.shortfalls
    assert (unit.object.name, unit.checks) == ("web", ("secrets-read",))
    assert "read Secrets" in unit.what


def test_what_kubernetes_sets_up_counts_for_nothing() -> None:
    text = POD % ("dns", "kube-system", "dns", "") + ROLE % ("a", "configmaps", "a", "reader", "")
    assert counts(measures(text)[MeasureId.LEAST_PRIVILEGE]) == (1, 0, 1)


def test_what_a_group_is_granted_all_its_accounts_have() -> None:
    text = POD % ("web", "a", "web", ACCOUNT % "web") + POD % ("job", "b", "job", ACCOUNT % "job")
    group = "{apiGroup: rbac.authorization.k8s.io, kind: Group, name: 'system:serviceaccounts:a'}"
    found = measures(text + ROLE % ("a", "secrets", "a", "reader", group))[MeasureId.LEAST_PRIVILEGE]
    assert [each.object.name for each in found.shortfalls] == ["web"]


def test_many_findings_of_an_account_are_counted() -> None:
    text = POD % ("web", "a", "web", ACCOUNT % "web")
    admin = ROLE.replace("get]", "'*']").replace("apiGroups: ['']", "apiGroups: ['*']")
    subject = "{kind: ServiceAccount, name: web, namespace: a}"
    wide = admin % (
        "a",
        "secrets, pods/exec, configmaps, services, rolebindings, pods, endpoints",
        "a",
        "reader",
        subject,
    )
    (unit,) = measures(text + wide)[MeasureId.LEAST_PRIVILEGE].shortfalls
    assert len(unit.checks) > 3
    assert " more" in unit.what


def test_an_account_whose_role_was_not_read_is_unknown() -> None:
    text = POD % ("web", "a", "web", ACCOUNT % "web") + POD % ("job", "b", "job", ACCOUNT % "job")
    subject = "{kind: ServiceAccount, name: web, namespace: a}"
    lost = ROLE.replace("kind: Role, name: %s", "kind: ClusterRole, name: %s")
    found = measures(text + lost % ("a", "configmaps", "a", "elsewhere", subject))[MeasureId.LEAST_PRIVILEGE]
    assert counts(found) == (1, 1, 2)
    assert found.shortfalls[0].what.startswith("may have permissions that were not read: ")


def test_permissions_are_measured_with_an_audit_log() -> None:
    subject = "{kind: ServiceAccount, name: web, namespace: a}"
    text = POD % ("web", "a", "web", ACCOUNT % "web") + ROLE % ("a", "configmaps", "a", "reader", subject)
    text += (ROLE % ("b", "'configmaps, secrets'", "b", "reader", subject)).replace(
        "'configmaps, secrets'", "configmaps, secrets"
    )
    usage = Usage()
    user = User("system:serviceaccount:a:web")
    for namespace in ("a", "b"):
        request = AccessRequest("get", "configmaps", namespace=namespace, name="x")
        usage.read([AuditEvent(user, request, AuditOutcome.ALLOWED, "2026-01-01T00:00:00Z", namespace)])
    found = judged(snapshot_of(text), Evidence(requests=usage.allowed))[1][MeasureId.USED_PERMISSIONS]
    assert counts(found) == (1, 0, 2)
    assert found.shortfalls[0].what == "rules[0] of Role b/reader, by RoleBinding b/reads: used in part only"
    nothing = judged(snapshot_of(text), Evidence(requests=Usage().allowed))[1][MeasureId.USED_PERMISSIONS]
    assert {each.what.rpartition(": ")[2] for each in nothing.shortfalls} == {"never used"}
    assert measures(text)[MeasureId.USED_PERMISSIONS].reason == "no audit log was given"


def test_workloads_are_measured_by_both_levels() -> None:
    found = measures(PODS + POD % ("root", "b", "root", ", hostPID: true"))
    assert counts(found[MeasureId.PSS_BASELINE]) == (3, 0, 4)
    assert counts(found[MeasureId.PSS_RESTRICTED]) == (0, 0, 4)
    (unit,) = found[MeasureId.PSS_BASELINE].shortfalls
    assert unit.checks == ("pss-host-namespaces",)
    blind = msgspec.structs.replace(snapshot_of(PODS), has_pod_details=False)
    assert judged(blind)[1][MeasureId.PSS_BASELINE].reason == "the security contexts of pods are not known"


def test_every_control_has_its_check() -> None:
    assert {check_of(each) for each in BY_ID} <= {each.id for each in CHECKS}


def test_a_cluster_without_a_mesh_is_not_measured_for_one() -> None:
    assert measures(PODS)[MeasureId.MESH_MTLS].reason == "no mesh was seen"


PEER = """
{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: %s, namespace: %s%s},
 spec: {mtls: {mode: %s}}}
---
"""


def test_pods_of_the_mesh_are_measured_by_their_mode() -> None:
    text = NAMESPACE % ("a", "istio-injection: enabled") + PODS
    assert counts(measures(text)[MeasureId.MESH_MTLS]) == (0, 0, 2)
    strict = measures(text + PEER % ("strict", "a", "", "STRICT"))[MeasureId.MESH_MTLS]
    assert counts(strict) == (2, 0, 2)
    plain = measures(text + PEER % ("plain", "a", "", "PERMISSIVE"))[MeasureId.MESH_MTLS]
    assert plain.shortfalls[0].checks == ("istio-mtls-permissive",)
    both = measures(text + PEER % ("one", "a", "", "STRICT") + PEER % ("two", "a", "", "PERMISSIVE"))[
        MeasureId.MESH_MTLS
    ]
    assert counts(both) == (0, 2, 2)
    assert both.shortfalls[0].what == "which PeerAuthentication counts is not known"


def test_a_running_pod_without_the_proxy_is_not_in_the_mesh_whatever_the_mode() -> None:
    pod = POD.replace("labels:", "uid: x, labels:") % ("web", "a", "web", "")
    text = NAMESPACE % ("a", "istio-injection: enabled") + pod + PEER % ("strict", "a", "", "STRICT")
    (unit,) = measures(text)[MeasureId.MESH_MTLS].shortfalls
    assert unit.checks == ("mesh-sidecar-missing",)


SERVER = """
{apiVersion: v1, kind: Pod, metadata: {name: %s, namespace: kube-system},
 spec: {containers: [{name: a, image: a, command: [kube-apiserver, %s]}]}}
---
"""


def test_api_servers_are_measured_where_they_are_seen() -> None:
    assert measures(PODS)[MeasureId.AUDIT_LOG].reason == "no pod of an API server was seen"
    audited = SERVER % ("one", "--audit-policy-file=p, --audit-log-path=l")
    found = measures(audited + SERVER % ("two", "--audit-log-path=l"))[MeasureId.AUDIT_LOG]
    assert counts(found) == (1, 0, 2)
    assert found.shortfalls[0].checks == ("apiserver-audit-off",)
