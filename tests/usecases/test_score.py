from __future__ import annotations

import pytest
from msgspec.structs import replace

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.score import score, trend
from tests.loading import snapshot_of

PODS = """
    apiVersion: v1
    kind: Pod
    metadata: {name: web, namespace: shop}
    spec: {containers: [{name: web, image: web}]}
    ---
    apiVersion: v1
    kind: Pod
    metadata: {name: job, namespace: batch}
    spec: {containers: [{name: job, image: job}]}
"""
DENY = """
    ---
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: deny, namespace: shop}
    spec: {podSelector: {}}
"""


def test_of_the_namespaces_one_may_be_asked_for_and_the_tenets_stay_those_of_the_cluster() -> None:
    everything = score(snapshot_of(PODS), SPEC)
    one = score(snapshot_of(PODS), SPEC, "shop")
    assert [each.namespace for each in one.namespaces] == ["shop"]
    assert one.tenets == everything.tenets


def test_nothing_at_all_and_a_namespace_that_is_not_there_are_errors() -> None:
    with pytest.raises(NothingInScopeError, match="no Kubernetes object"):
        score(Snapshot(), SPEC)
    with pytest.raises(NothingInScopeError, match="elsewhere"):
        score(snapshot_of(PODS), SPEC, "elsewhere")


def test_a_trend_has_the_states_in_the_order_given() -> None:
    old = snapshot_of(PODS)
    new = snapshot_of(PODS + DENY)
    new = replace(new, origin=replace(new.origin, captured_at="2026-03-01T12:00:00Z"))
    moments = trend((("old", old), ("new", new)), SPEC)
    assert [(each.name, each.score.captured_at) for each in moments] == [("old", ""), ("new", "2026-03-01T12:00:00Z")]
    first, last = (each.score.tenets[1].share for each in moments)
    assert first is not None
    assert last is not None
    assert first.low < last.low
