from __future__ import annotations

import pytest

from firedoor.bootstrap import policy_changes
from firedoor.engine.reach.cni import SPEC
from firedoor.errors import UsageError
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.places import ObjectRef
from firedoor.model.preview import Fate
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.what_if import Proposal, policy_refs, what_if
from tests.loading import snapshot_of

PODS = (
    "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}\n---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data}}\n---\n"
)
DENY = (
    "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: %s, namespace: data}, "
    "spec: {podSelector: {}, policyTypes: [Ingress]}}"
)
SEEN = FlowEdge(
    FlowPeer(PeerKind.WORKLOAD, namespace="shop", owner="Pod", name="web"),
    FlowPeer(PeerKind.WORKLOAD, namespace="data", owner="Pod", name="db"),
    "TCP", 5432, FlowVerdict.ALLOWED, 2, 1, 2,
)  # fmt: skip
LOCK = ObjectRef("NetworkPolicy", "data", "lock")


def test_a_policy_takes_away_and_breaks_what_was_seen() -> None:
    found = what_if(snapshot_of(PODS), Proposal(snapshot_of(DENY % "lock")), SPEC, policy_changes, [SEEN])
    assert {(str(each.src), str(each.dst)) for each in found.difference.connections} >= {("shop/web", "data/db")}
    assert [(each.object, each.change) for each in found.difference.policies] == [(LOCK, "added")]
    assert found.preview is not None
    assert [each.fate for each in found.preview.changes] == [Fate.BREAKS]


def test_a_policy_that_goes_opens_what_it_closed() -> None:
    snapshot = snapshot_of(PODS + DENY % "lock")
    found = what_if(snapshot, Proposal(Snapshot(), frozenset({LOCK})), SPEC, policy_changes)
    assert all(each.change.gained and not each.change.lost for each in found.difference.connections)
    assert [each.change for each in found.difference.policies] == ["removed"]
    assert found.preview is None


def test_a_policy_in_the_place_of_another_changes_nothing() -> None:
    snapshot = snapshot_of(PODS + DENY % "lock")
    proposal = Proposal(snapshot_of(DENY % "other"), frozenset({LOCK}))
    assert what_if(snapshot, proposal, SPEC, policy_changes).difference.connections == ()


def test_what_is_not_there_cannot_go() -> None:
    with pytest.raises(UsageError, match="there is no NetworkPolicy data/lock that could be removed"):
        what_if(snapshot_of(PODS), Proposal(Snapshot(), frozenset({LOCK})), SPEC, policy_changes)


def test_policies_of_every_api_count() -> None:
    cilium = "{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: data}, spec: {}}"
    refs = policy_refs(snapshot_of(f"{PODS}{DENY % 'lock'}\n---\n{cilium}"))
    assert refs == {LOCK, ObjectRef("CiliumNetworkPolicy", "data", "c")}
