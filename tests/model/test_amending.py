"""A snapshot with one object changed is the snapshot that the changed manifests give."""

from __future__ import annotations

import pytest

from firedoor.model.amending import amended, assembled
from firedoor.model.decoding import ModelObject
from firedoor.model.snapshot import Snapshot
from tests.loading import snapshot_of

POD = "{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}\n---\n"
CALICO = """
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
metadata: {name: one, namespace: shop}
spec: {selector: all()}
---
"""
STORED = CALICO.replace("projectcalico.org/v3", "crd.projectcalico.org/v1")


def policy(name: str, spec: str = "podSelector: {}") -> str:
    metadata = f"{{name: {name}, namespace: shop}}"
    return f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {metadata}, spec: {{{spec}}}}}\n---\n"


def only(text: str) -> ModelObject:
    snapshot = snapshot_of(text)
    found: tuple[ModelObject, ...] = (*snapshot.network_policies, *snapshot.policy_objects, *snapshot.pods)
    (each,) = found
    return each


def names(snapshot: Snapshot) -> list[str]:
    return [each.metadata.name for each in snapshot.network_policies]


def test_an_object_is_made_changed_and_deleted_in_its_order() -> None:
    first = snapshot_of(POD + policy("a") + policy("c"))
    made = amended(first, None, only(policy("b")))
    assert names(made) == ["a", "b", "c"]
    changed = amended(made, only(policy("b")), only(policy("b", "podSelector: {}, policyTypes: [Egress]")))
    assert names(changed) == ["a", "b", "c"]
    assert changed.network_policies[1] != made.network_policies[1]
    assert names(amended(changed, only(policy("b")), None)) == ["a", "c"]
    assert amended(first, None, None) == first
    assert first.pods == changed.pods


def test_what_is_told_of_an_object_goes_and_comes_with_it() -> None:
    odd = CALICO.replace("all()", "no selector(")
    first = snapshot_of(POD)
    with_gap = amended(first, None, only(odd))
    assert len(with_gap.gaps) > len(first.gaps)
    assert amended(with_gap, only(odd), only(CALICO)).gaps == first.gaps


@pytest.mark.parametrize(("one", "other"), [(CALICO, STORED), (STORED, CALICO)])
def test_objects_of_other_groups_are_others(one: str, other: str) -> None:
    snapshot = amended(assembled([only(one)]), None, only(other))
    assert len(snapshot.policy_objects) == 2
    assert amended(snapshot, only(other), None).policy_objects == assembled([only(one)]).policy_objects
