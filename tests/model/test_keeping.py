"""A snapshot that is made from the one before is the one that is made of all objects."""

from __future__ import annotations

import random

import msgspec

from firedoor.model.assembly import FIELDS, SnapshotBuilder
from firedoor.model.decoding import ModelObject
from firedoor.model.keeping import SnapshotKeeper
from firedoor.model.places import Gap, GapKind
from firedoor.model.snapshot import Origin, Snapshot
from tests.loading import snapshot_of

ORIGIN = Origin("cluster", ("https://cluster.example",), "2026-01-02T03:04:05Z", "v1.36.3")
SOME = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: data}}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
status: {addresses: [{type: InternalIP, address: nowhere}]}
---
{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: shop}, spec: {}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: shop}, spec: {}, status: {podIP: odd}}
---
{apiVersion: v1, kind: Pod, metadata: {name: z, namespace: data}, spec: {}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: many, namespace: data}
spec: {replicas: 200, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: shop}, spec: {podSelector: {}}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: g}
spec: {tier: nobodys, selector: all(), ingress: [{action: Allow}]}
"""


def objects_of(snapshot: Snapshot) -> list[ModelObject]:
    return [each for field in FIELDS.values() for each in getattr(snapshot, field)]


def built(objects: list[ModelObject], gaps: tuple[Gap, ...] = ()) -> Snapshot:
    builder = SnapshotBuilder()
    for each in objects:
        builder.add(each)
    for gap in gaps:
        builder.add_gap(gap)
    return builder.build(ORIGIN)


def keeper_of(objects: list[ModelObject]) -> SnapshotKeeper:
    keeper = SnapshotKeeper()
    for each in objects:
        keeper.add(each)
    return keeper


def test_whatever_is_exchanged_the_snapshot_is_that_of_all_objects() -> None:
    everything = objects_of(snapshot_of(SOME))
    rng = random.Random(7)
    there = {number: each for number, each in enumerate(everything) if number % 2}
    keeper = keeper_of(list(there.values()))
    gap = Gap(GapKind.FORBIDDEN, "/api/v1/services", "they cannot be listed", "grant list")
    for turn in range(200):
        number = rng.randrange(len(everything))
        before, after = there.pop(number, None), None
        if before is None or rng.random() < 0.5:
            some = everything[number]
            labels = {"turn": str(turn)}
            after = there[number] = msgspec.structs.replace(
                some, metadata=msgspec.structs.replace(some.metadata, labels=labels)
            )
        keeper.exchange(before, after)
        gaps = (gap,) if turn % 3 else ()
        assert keeper.build(ORIGIN, gaps) == built(list(there.values()), gaps)
        assert keeper.is_exact


def test_what_did_not_change_is_the_same_object() -> None:
    objects = objects_of(snapshot_of(SOME))
    keeper = keeper_of(objects)
    first = keeper.build(ORIGIN)
    pod = first.pods[0]
    keeper.exchange(pod, None)
    second = keeper.build(ORIGIN)
    assert second.pods == first.pods[1:]
    assert second.workloads is first.workloads


def test_objects_that_are_there_twice_or_have_no_name_are_not_kept_exactly() -> None:
    objects = objects_of(snapshot_of(SOME))
    twice = keeper_of([*objects, objects[0]])
    twice.build(ORIGIN)
    assert not twice.is_exact
    pod = next(iter(snapshot_of(SOME).pods))
    nameless = msgspec.structs.replace(pod, metadata=msgspec.structs.replace(pod.metadata, name=""))
    assert not keeper_of([nameless]).is_exact
    again = keeper_of([pod])
    again.exchange(None, msgspec.structs.replace(pod))
    assert not again.is_exact
