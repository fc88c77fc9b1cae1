from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.difference import ChangeKind, PolicyChange
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.diff import diff
from tests.loading import snapshot_of

PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data}}
---
{apiVersion: v1, kind: Pod, metadata: {name: log, namespace: data}}
"""
POLICY = """
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: all, namespace: data},
 spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}}
"""
OLD, NEW = snapshot_of(PODS), snapshot_of(PODS + POLICY)
NAMES = ("old", "new")


def test_changes_come_by_kind_and_ends() -> None:
    found = diff((OLD, NEW), NAMES, SPEC)
    order = list(ChangeKind)
    keys = [(order.index(each.kind), each.src.sort_key, each.dst.sort_key) for each in found.connections]
    assert keys == sorted(keys)
    assert (found.count(ChangeKind.NARROWED), found.count(ChangeKind.REMOVED)) == (2, 4)


def test_a_namespace_keeps_what_has_an_end_in_it_and_its_policies() -> None:
    policies = [PolicyChange(ObjectRef("NetworkPolicy", each, "all"), "added") for each in ("data", "shop", "")]
    found = diff((OLD, NEW), NAMES, SPEC, policies, "shop")
    assert {(str(each.src), str(each.dst)) for each in found.connections} == {
        ("shop/web", "data/db"), ("shop/web", "data/log"),
    }  # fmt: skip
    assert [each.object.namespace for each in found.policies] == ["", "shop"]


def test_a_namespace_of_one_side_is_enough() -> None:
    alone = snapshot_of("{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: other}}")
    assert diff((OLD, alone), NAMES, SPEC, (), "other").connections
    assert diff((alone, OLD), NAMES, SPEC, (), "other").connections
    with pytest.raises(NothingInScopeError, match="did you mean other"):
        diff((OLD, alone), NAMES, SPEC, (), "othr")


def test_nothing_to_compare_is_an_error() -> None:
    with pytest.raises(NothingInScopeError, match="old or new"):
        diff((Snapshot(), Snapshot()), NAMES, SPEC)
