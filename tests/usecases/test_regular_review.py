from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from msgspec.structs import replace

from firedoor.adapters.audit import AuditFiles
from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.interfaces import Silent
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.review import (
    DAY,
    EarlierReport,
    Item,
    ItemKind,
    KnownItem,
    RbacReview,
    RegularReview,
    ReviewPart,
)
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.regular_review import compared, regular_review
from firedoor.usecases.review_drift import review_drift
from firedoor.usecases.review_rbac import review_rbac
from tests.adapters.audit.samples import line
from tests.loading import snapshot_of

NOW = 20_000 * DAY
PODS = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop, labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: db, namespace: shop, labels: {app: db}}
    spec: {containers: [{name: db, image: db}]}
"""
CLOSED = """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: db, namespace: shop}
    spec:
      podSelector: {matchLabels: {app: db}}
      ingress:
      - ports: [{port: 5432}]
      - ports: [{port: 5433}, {port: 9000, endPort: 9009}]
"""
RBAC = """
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: Role
    metadata: {name: reader, namespace: shop}
    rules:
    - {apiGroups: [""], resources: [configmaps], verbs: [get], resourceNames: [settings]}
    - {apiGroups: [apps, ""], resources: [pods], verbs: [get, list]}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: RoleBinding
    metadata: {name: web-reads, namespace: shop}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
    subjects: [{kind: ServiceAccount, name: web, namespace: shop}]
"""


def pod(name: str) -> FlowPeer:
    return FlowPeer(PeerKind.WORKLOAD, "shop", "Pod", name)


def edge(port: int) -> FlowEdge:
    return FlowEdge(pod("web"), pod("db"), "TCP", port, FlowVerdict.ALLOWED, 1, NOW - 30 * DAY, NOW)


def review(text: str, *edges: FlowEdge, namespace: str = "") -> RegularReview:
    return regular_review(snapshot_of(text), SPEC, edges, (NOW, 30), namespace)


def known(item: Item) -> KnownItem:
    return KnownItem(item.kind, item.fingerprint, item.message, item.object, item.path)


def earlier(*items: KnownItem, parts: tuple[ReviewPart, ...] = (ReviewPart.NETWORK,)) -> EarlierReport:
    return EarlierReport("review-x.json", "2024-09-01T00:00:00Z", "", parts, items)


def test_a_review_without_more_is_of_the_network() -> None:
    found = review(PODS + CLOSED, edge(5432))
    assert found.time == "2024-10-04T00:00:00Z"
    assert found.parts == (ReviewPart.NETWORK,)
    assert [each.path for each in found.items] == ["spec.ingress[0]", "spec.ingress[1]"]
    assert not found.undecided


def test_nothing_in_scope_is_an_error() -> None:
    with pytest.raises(NothingInScopeError, match="no pod"):
        review(CLOSED)
    with pytest.raises(NothingInScopeError, match="nowhere"):
        review(PODS, namespace="nowhere")


def test_items_are_new_gone_and_unchanged() -> None:
    before = review(PODS + CLOSED, edge(5432))
    now = review(PODS + CLOSED, edge(5433))
    since = compared(now, earlier(*map(known, before.items)))
    assert (since.report, since.time) == ("review-x.json", "2024-09-01T00:00:00Z")
    assert since.new == tuple(each.fingerprint for each in now.items)
    assert {each.kind for each in since.gone} == {ItemKind.RULE_UNUSED, ItemKind.RULE_WIDER}
    since = compared(before, earlier(*map(known, before.items)))
    assert (since.new, since.gone) == ((), ())
    assert len(since.unchanged) == 2


def test_what_was_not_looked_at_or_is_not_decided_is_not_gone() -> None:
    before = review(PODS + CLOSED, edge(5432))
    permission = replace(known(before.items[0]), kind=ItemKind.PERMISSION_UNUSED, fingerprint="p")
    both = (ReviewPart.NETWORK, ReviewPart.RBAC)
    undecided = review(PODS + CLOSED)
    assert len(undecided.undecided) == 2
    since = compared(undecided, earlier(*map(known, before.items), permission, parts=both))
    assert [each.kind for each in since.gone] == [ItemKind.RULE_WIDER]


def audited(snapshot: Snapshot, data: bytes, now: datetime) -> RbacReview:
    return review_rbac(snapshot, AuditFiles(("-",), lambda: BytesIO(data)), Silent(), now, 1)


def test_permissions_that_nobody_needed_are_items_where_the_log_covers_the_days() -> None:
    now = datetime(2026, 3, 1, 9, tzinfo=UTC)
    snapshot = snapshot_of(PODS + RBAC)
    found = audited(snapshot, line(), now)
    assert found.is_enough
    whole, part = found.items
    assert whole.message == "a rule that ServiceAccount shop/web holds was not used"
    assert whole.evidence[1] == "not used: get configmaps named settings"
    assert (whole.proposal, part.proposal) == ("take the rule away", "leave what was not used out of the role")
    assert part.message.endswith("was not used in full")
    assert any(each.startswith("used: list pods") for each in part.evidence)
    assert "pods.apps" in "".join(part.evidence)
    assert ":" in whole.source
    late = audited(snapshot, line(), now + timedelta(days=3))
    assert (late.items, late.is_enough) == ((), False)
    assert [each.fingerprint for each in late.undecided] == [each.fingerprint for each in found.items]
    found = audited(snapshot, line(requestReceivedTimestamp="when?", stageTimestamp=None), now)
    assert not found.is_enough


def test_what_differs_from_another_state_is_drift() -> None:
    old, new = snapshot_of(PODS), snapshot_of(PODS + CLOSED + RBAC)
    found = review_drift((old, new), ("old", "new"), SPEC)
    assert found.against == "old"
    kinds = [each.kind for each in found.items]
    assert set(kinds) == {ItemKind.CONNECTION_REMOVED, ItemKind.RIGHT_ADDED}
    assert "less can pass: 0.0.0.0-255.255.255.255 -> shop/db: TCP/1-5431" in found.items[0].message
    right = next(each for each in found.items if each.kind is ItemKind.RIGHT_ADDED)
    assert right.message.startswith("ServiceAccount shop/web may ")
    assert any(each == "by RoleBinding shop/web-reads and Role shop/reader" for each in right.evidence)
    back = review_drift((new, old), ("new", "old"), SPEC)
    assert {each.kind for each in back.items} == {ItemKind.CONNECTION_ADDED, ItemKind.RIGHT_REMOVED}
    assert not review_drift((new, new), ("new", "new"), SPEC).items


def test_what_cannot_be_compared_is_told() -> None:
    found = review_drift((snapshot_of(PODS), snapshot_of(PODS)), ("old", "new"), SPEC)
    assert not found.items
    assert [each.split(":")[0] for each in found.notes] == ["rights are not compared"]
    found = review_drift((snapshot_of(RBAC), snapshot_of(RBAC)), ("old", "new"), SPEC)
    assert [each.split(":")[0] for each in found.notes] == ["connections are not compared"]


def test_what_became_unknown_and_a_new_risk_are_told() -> None:
    snapshot = snapshot_of(PODS)
    dark = replace(snapshot, gaps=(Gap(GapKind.UNREADABLE, "x.yaml:1", "cannot be read", scope=Scope("shop")),))
    found = review_drift((snapshot, dark), ("old", "new"), SPEC)
    assert {each.kind for each in found.items} == {ItemKind.CONNECTION_UNSURE}
    secrets = RBAC.replace("configmaps", "secrets").replace(", resourceNames: [settings]", "")
    found = review_drift((snapshot_of(PODS), snapshot_of(PODS + secrets)), ("old", "new"), SPEC)
    assert any(text.startswith("new risk: ") for each in found.items for text in each.evidence)


def test_every_kind_belongs_to_a_part() -> None:
    assert {each.part for each in ItemKind} == set(ReviewPart)
