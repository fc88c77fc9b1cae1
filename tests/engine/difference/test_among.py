"""Differences of some workloads with all others are those of all workloads, less those between others."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.difference import differences, unlike
from firedoor.engine.reach import classes
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.dialects import written
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.unseen import OpenNetwork
from firedoor.model.places import ObjectRef

PODS = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, spec: {nodeName: n1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop, labels: {app: api}}, spec: {nodeName: n2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: data, labels: {app: db}}, spec: {nodeName: n1}}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: ops}
spec: {nodeName: n1, hostNetwork: true}
status: {hostIP: 192.168.0.1}
"""
SHUT = """
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: shut, namespace: NAMESPACE}
spec: {podSelector: {}, policyTypes: [TYPE]}
"""
NAMES = ("shop/web", "shop/api", "data/db", "ops/agent")


def ref(name: str) -> ObjectRef:
    namespace, _, own = name.partition("/")
    return ObjectRef("Pod", namespace, own)


@pytest.mark.parametrize("kind", ["Ingress", "Egress"])
@pytest.mark.parametrize("few", [0, 256])
@pytest.mark.parametrize("asked", [NAMES[:1], NAMES[1:3], NAMES[3:], NAMES, ()])
def test_only_what_one_end_of_is_asked_about_is_told(
    kind: str, few: int, asked: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classes, "_FEW", few)
    policies = "".join(SHUT.replace("NAMESPACE", each).replace("TYPE", kind) for each in ("shop", "data"))
    old, new = (Network(snapshot_of(text)) for text in (PODS, PODS + policies))
    among = {ref(each) for each in asked}
    found = list(differences(old, new, among=among))
    assert found == [each for each in differences(old, new) if {each.src.workload, each.dst.workload} & among]
    assert bool(found) == bool(among)


def test_pods_are_alike_where_nothing_tells_them_apart() -> None:
    old = OpenNetwork(snapshot_of(PODS + SHUT.replace("NAMESPACE", "shop").replace("TYPE", "Ingress")), SPEC)
    new = OpenNetwork(snapshot_of(PODS.replace("app: api", "app: other")), SPEC)
    assert list(unlike(old, new, ["shop", "data"], has_same_words=True)) == []
    assert list(unlike(old, new, ["shop", "data"], has_same_words=False)) == [ref("shop/api")]


def test_policies_that_are_equal_are_told_apart_by_what_they_say_where_none_is_the_same_object(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shut = [SHUT.replace("shut", f"shut-{each}").replace("NAMESPACE", "shop") for each in range(4)]
    text = PODS + "".join(
        each.replace("TYPE", kind) for each, kind in zip(shut, ["Ingress", "Egress"] * 2, strict=True)
    )
    expected = Network(snapshot_of(text))
    monkeypatch.setattr(written, "_FEW", 0)
    network = Network(snapshot_of(text))
    ends = range(len(network.members))
    assert [network.value(a, b) for a in ends for b in ends] == [expected.value(a, b) for a in ends for b in ends]
    assert len(written.WrittenPolicies(network.policies).selectors) < len(network.policies)
