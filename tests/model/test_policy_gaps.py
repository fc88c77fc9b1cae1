from __future__ import annotations

from firedoor.model.policy_gaps import policy_gaps
from firedoor.model.typed_policies import typed_policies
from tests.loading import snapshot_of

POLICY = """
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: guard}
spec: {tier: Admin, priority: %d, subject: {namespaces: {}}}
"""
ANTREA = "apiVersion: crd.antrea.io/v1beta1\nkind: %s\nmetadata: {name: default}\n"


def test_a_valid_policy_is_typed_and_leaves_no_gap() -> None:
    snapshot = snapshot_of(POLICY % 7)
    assert [each.priority for each in typed_policies(snapshot).cluster] == [7]
    assert list(policy_gaps(snapshot)) == []


def test_a_refused_policy_is_a_gap_that_names_the_field_and_the_line() -> None:
    snapshot = snapshot_of(POLICY % 2000)
    assert typed_policies(snapshot).cluster == ()
    (gap,) = policy_gaps(snapshot)
    assert gap.path == "spec.priority"
    assert "the cluster is judged without it" in gap.reason


def test_kinds_that_decide_and_are_not_evaluated_are_gaps_and_supporting_ones_are_not() -> None:
    (gap,) = policy_gaps(snapshot_of(ANTREA % "ClusterNetworkPolicy"))
    assert gap.scope is not None
    assert list(policy_gaps(snapshot_of(ANTREA % "Tier"))) == []
