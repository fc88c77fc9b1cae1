"""Pods of a large list as columns, in one part and in two, made when somebody asks for them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from firedoor.model.assembly import SnapshotBuilder
from firedoor.model.declaring import Declarations
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.owners import manager
from firedoor.model.places import GapKind, ObjectRef, Place
from firedoor.model.pod_columns import PodBatch, PodCollector, UnlikeError
from firedoor.model.pod_table import NUMBERS, PodTable
from firedoor.model.population import members
from firedoor.model.snapshot import Origin
from firedoor.model.workloads import Container, Pod, PodIP, PodSpec, PodStatus

TOKEN = [{"name": "kube-api-access-abcde", "projected": {}}]
MOUNT = {"name": "kube-api-access-abcde", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
OWNER = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "w", "controller": True}
ABSENT = -1


def _texts(volumes: Any = None, containers: Any = None) -> tuple[bytes, ...]:
    given = [b"" if each is None else json.dumps(each).encode() for each in (volumes, containers)]
    return (*given, *[b""] * 12)


def _batch(names: list[str], numbers: list[dict[str, int]], **others: Any) -> PodBatch:
    rows = np.array([[each.get(name, ABSENT) for name in NUMBERS] for each in numbers], dtype=np.int32)
    return PodBatch(
        **{
            "names": names,
            "uids": [f"uid-{each}" for each in names],
            "addresses": ["10.0.0.1"] * len(names),
            "listed": [],
            "numbers": rows.tobytes(),
            "texts": ["", "shop", "node-1", "Running"],
            "common": [(b'{"app": "web"}', b"", json.dumps([OWNER]).encode())],
            "specs": [(0, False, _texts(containers=[{"name": "main"}]))],
            **others,
        }
    )


def _numbers(line: int, **others: int) -> dict[str, int]:
    texts = {"namespace": 1, "generate_name": 0, "node": 2, "phase": 3, "host_ip": 0}
    return {"line": line, "common": 0, "spec": 0, **texts, **others}


def _collected(*parts: tuple[PodBatch, list[int] | None, int]) -> PodCollector:
    found = PodCollector("list.json")
    for batch, order, lines in parts:
        found.take(batch)
        found.end_part(None if order is None else np.array(order, dtype=np.int32).tobytes(), lines)
    return found


def _one() -> PodBatch:
    return _batch(["b", "a"], [_numbers(3), _numbers(4, created=3, host_ip=2)], listed=[(1, ["10.0.0.1", "fd00::1"])])


def test_a_pod_has_what_its_columns_tell() -> None:
    found = _collected((_one(), [1, 0], 9))
    table = found.table(found.order())
    owners = (OwnerReference("ReplicaSet", "web-1", "apps/v1", controller=True, uid="w"),)
    expected = Pod(
        ObjectMeta("a", "shop", {"app": "web"}, {}, owners, "", "uid-a", "Running"),
        PodSpec((Container("main"),), node_name="node-1"),
        PodStatus("Running", "10.0.0.1", (PodIP("10.0.0.1"), PodIP("fd00::1")), "node-1"),
        Place("list.json", 4, 1),
    )
    assert table[0] == expected
    assert table[0] is table[0]
    assert table[-1].metadata.name == "b"
    assert [each.metadata.name for each in table[::-1]] == ["b", "a"]
    assert [each.metadata.name for each in table] == ["a", "b"]
    assert next(iter(table)) is table[0]
    assert table.node(1) == "node-1"
    assert table.texts_for_addresses() == {"", "10.0.0.1", "fd00::1", "node-1"}


def test_pods_made_one_by_one_are_those_made_at_once() -> None:
    found = _collected((_one(), [1, 0], 9))
    single, whole = found.table(found.order()), found.table(found.order())
    assert [single[at] for at in range(len(single))] == list(whole)
    assert single == whole
    assert whole == tuple(single)
    assert whole != list(single)[:1]
    assert whole != "ab"


def test_runs_are_of_pods_that_have_everything_in_common() -> None:
    numbers = [_numbers(1), _numbers(2), _numbers(3, phase=0), _numbers(4, phase=0, namespace=2)]
    found = _collected((_batch(["a", "b", "c", "d"], numbers), [3, 0, 1, 2], 4))
    table = found.table(found.order())
    assert [table[each].metadata.name for each in table.starts()] == ["d", "a", "c"]
    told, pods = table.telling([0, 1]), table[:2]
    assert told.namespaces == [each.metadata.namespace for each in pods]
    assert told.names == [each.metadata.name for each in pods]
    assert told.labels == [each.metadata.labels for each in pods]
    assert told.managers == [manager(each.metadata.owner_references) for each in pods]
    assert told.declared == [Declarations().of(each.spec) for each in pods]
    assert told.is_host == [each.spec.host_network for each in pods]
    assert told.phases == [each.status.phase for each in pods]
    held = list(table.held([1, 2]))
    assert [each.at for each in held] == [1, 2]
    assert [each.pod for each in held] == list(table[1:3])
    assert [each.node for each in held] == ["node-1", "node-1"]
    assert [each.metadata.name for each in table.firsts(set())] == ["d", "a"]


def test_a_second_part_goes_on_where_the_first_one_ended() -> None:
    # Its texts have numbers of their own, and some of them were there before.
    numbers = _numbers(2, namespace=0, node=2, phase=2, generate_name=1, host_ip=1)
    second = _batch(
        ["c"],
        [numbers],
        texts=["shop", "Pending", "Running"],
        specs=[(0, False, _texts(containers=[{"name": "other"}]))],
        common=[(b"", b'{"a": "b"}', b"")],
        listed=[(0, [])],
    )
    found = _collected((_one(), [1, 0], 9), (second, [0], 12))
    table = found.table(found.order())
    assert [each.metadata.name for each in table] == ["a", "b", "c"]
    last = table[2]
    assert (last.place.line, last.metadata.namespace, last.status.phase, last.spec.node_name) == (
        11,
        "shop",
        "Running",
        "Running",
    )
    assert (last.metadata.labels, last.metadata.annotations, last.metadata.owner_references) == ({}, {"a": "b"}, ())
    assert (last.metadata.creation_timestamp, last.status.pod_ips) == (None, ())
    assert last.spec.containers[0].name == "other"
    assert [each.metadata.name for each in table.firsts(set())] == ["a"]


def test_the_same_pod_in_two_parts_leaves_no_order() -> None:
    found = _collected((_one(), [1, 0], 9), (_one(), [1, 0], 18))
    assert found.order() is None
    assert [each.metadata.name for each in found.table()] == ["b", "a", "b", "a"]


@pytest.mark.parametrize("orders", [(None,), (None, [1, 0]), ([1, 0], None)])
def test_a_part_without_order_leaves_none(orders: tuple[list[int] | None, ...]) -> None:
    assert _collected(*((_one(), order, 9) for order in orders)).order() is None


def test_no_part_has_no_order_and_no_pods() -> None:
    found = PodCollector("list.json")
    assert found.order() is None
    assert len(found.table()) == 0
    assert found.table().starts() == []
    assert isinstance(found.table(), PodTable)


def test_the_volume_of_a_token_is_called_alike_in_all_pods_of_a_text() -> None:
    texts = _texts(TOKEN, [{"name": "main", "volumeMounts": [MOUNT]}])
    found = _collected((_batch(["a"], [_numbers(1)], specs=[(0, True, texts)]), [0], 1))
    pod = found.table()[0]
    assert pod.spec.volumes[0].name == pod.spec.containers[0].volume_mounts[0].name == "kube-api-access-*"


@pytest.mark.parametrize(
    ("volumes", "containers"),
    [
        (None, [{"name": "main", "volumeMounts": [MOUNT]}]),
        (TOKEN, [{"name": "main", "image": MOUNT["name"], "volumeMounts": [MOUNT]}]),
        ([*TOKEN, {"name": "a", "configMap": {"name": MOUNT["name"]}}], [{"name": "main", "volumeMounts": [MOUNT]}]),
        ([{"name": "kube-api-access-a.b", "projected": {}}], [{"name": "main"}]),
    ],
)
def test_pods_are_no_replicas_where_the_name_left_out_stands_for_something_else(volumes: Any, containers: Any) -> None:
    batch = _batch(["a"], [_numbers(1)], specs=[(0, True, _texts(volumes, containers))])
    with pytest.raises(UnlikeError):
        PodCollector("list.json").take(batch)
    assert len(_collected((batch._replace(specs=[(0, False, _texts(volumes, containers))]), [0], 1))) == 1


def _table() -> PodTable:
    found = _collected((_one(), [1, 0], 9))
    return found.table(found.order())


def test_a_snapshot_holds_the_table_and_its_members_make_no_pod_twice() -> None:
    builder = SnapshotBuilder()
    builder.add_pods(_table())
    snapshot = builder.build(Origin())
    assert isinstance(snapshot.pods, PodTable)
    assert [each.reason for each in snapshot.gaps] == [
        "Pod shop/a: status.hostIP: found the text 'node-1', expected an IP address; it is taken as not known"
    ]
    found = members(snapshot)
    assert [each.full_name for each in found] == ["shop/a", "shop/b"]
    assert [each.node for each in found] == ["node-1", "node-1"]
    assert found[0].pod is snapshot.pods[0]
    assert found[0].workload == ObjectRef("ReplicaSet", "shop", "web-1")


@pytest.mark.parametrize("is_first", [True, False])
def test_a_pod_that_comes_otherwise_leaves_no_table(*, is_first: bool) -> None:
    builder = SnapshotBuilder()
    other = Pod(ObjectMeta("b", "shop", uid="other"), place=Place("other.yaml", 1, 1))
    if is_first:
        builder.add(other)
    builder.add_pods(_table())
    if not is_first:
        builder.add(other)
    snapshot = builder.build(Origin())
    assert isinstance(snapshot.pods, tuple)
    assert [each.metadata.uid for each in snapshot.pods] == ["uid-a", "uid-b" if is_first else "other"]
    assert [each.kind for each in snapshot.gaps] == [GapKind.DUPLICATE, GapKind.INCOMPLETE][:: 1 if is_first else -1]


def test_pods_that_are_no_endpoints_are_no_members() -> None:
    batch = _batch(["a", "b"], [_numbers(1), _numbers(2, phase=4)], texts=["", "shop", "node-1", "Running", "Failed"])
    found = _collected((batch, [0, 1], 2))
    builder = SnapshotBuilder()
    builder.add_pods(found.table(found.order()))
    assert [each.name for each in members(builder.build(Origin()))] == ["a"]


def _members_of(batch: PodBatch, count: int) -> list[Any]:
    found = _collected((batch, list(range(count)), count))
    builder = SnapshotBuilder()
    table = found.table(found.order())
    builder.add_pods(table)
    told = members(builder.build(Origin()))
    eager = SnapshotBuilder()
    for pod in table:
        eager.add(pod)
    others = members(eager.build(Origin()))
    assert [(each.kin, each.pod) for each in told] == [(each.kin, each.pod) for each in others]
    return list(told)


def test_pods_without_owner_are_workloads_of_their_own_whatever_they_share() -> None:
    batch = _batch(["a", "b", "c"], [_numbers(1), _numbers(2), _numbers(3, common=1)], common=[(b"", b"", b"")] * 2)
    assert len({each.workload for each in _members_of(batch, 3)}) == 3


def test_of_pods_that_share_little_those_count_that_take_part_with_the_addresses_of_their_nodes() -> None:
    owners = [json.dumps([{**OWNER, "name": f"web-{number}"}]).encode() for number in range(5)]
    batch = _batch(
        ["a", "b", "c", "d", "e"],
        [
            _numbers(1),
            _numbers(2, common=1, phase=4),
            _numbers(3, common=2, phase=5),
            _numbers(4, common=3, spec=1, host_ip=6),
            _numbers(5, common=4, spec=1, phase=5),
        ],
        texts=["", "shop", "node-1", "Running", "Failed", "Pending", "10.9.9.9"],
        common=[(b"", b"", each) for each in owners],
        specs=[
            (0, False, _texts(containers=[{"name": "main"}])),
            (0, False, (b"", b'[{"name": "main"}]', b"", b"", b"", b"", b"true", *[b""] * 7)),
        ],
        addresses=["10.0.0.1", "10.0.0.2", "10.0.0.3", "", ""],
        listed=[(3, []), (4, [])],
    )
    assert [(each.name, each.addresses) for each in _members_of(batch, 5)] == [
        ("a", ("10.0.0.1",)),
        ("c", ("10.0.0.3",)),
        ("d", ("10.9.9.9",)),
    ]


@pytest.mark.parametrize("owners", [json.dumps([OWNER]).encode(), b""])
def test_replicas_of_a_table_are_members_together(owners: bytes) -> None:
    batch = _batch(
        ["a", "b", "c"],
        [_numbers(1), _numbers(2), _numbers(3)],
        common=[(b"", b"", owners)],
        addresses=["10.0.0.1"] * 3,
    )
    found = _collected((batch, [0, 1, 2], 3))
    table = found.table(found.order())
    builder = SnapshotBuilder()
    builder.add_pods(table)
    told = members(builder.build(Origin()))
    assert [each.name for each in told] == ["a", "b", "c"]
    assert [each.pod for each in told] == list(table)
    assert len({each.workload for each in told}) == (1 if owners else 3)
