"""All pods at once are the members that they are one by one, in the order of members, wherever they lie in memory."""

from __future__ import annotations

import random
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.population import Register, members
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import (
    Container,
    ContainerPort,
    Node,
    NodeAddress,
    NodeStatus,
    Pod,
    PodSpec,
    PodStatus,
    PodTemplate,
    Workload,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

Part = TypeVar("Part")

SPACES = ["one", "two"]
LABELS = [{"app": "web", "pod-template-hash": "abc"}, {"app": "db"}, {}]
OWNERS = [
    (),
    (OwnerReference("ReplicaSet", "web-abc", controller=True),),
    (OwnerReference("StatefulSet", "db", controller=True),),
    (OwnerReference("StatefulSet", "db-2", controller=True),),
    (OwnerReference("Job", "gone"), OwnerReference("Node", "n", controller=True)),
]
CONTAINERS = [(Container("a", ports=(ContainerPort(80, "http"),)),), (Container("a"), Container("b"))]
NODES = (Node(ObjectMeta("n"), status=NodeStatus((NodeAddress("InternalIP", "192.0.2.1"),))),)


def _workload(kind: str, namespace: str, name: str, owner: tuple[str, str] | None = None) -> Workload:
    owners = () if owner is None else (OwnerReference(*owner, controller=True),)
    template = PodTemplate(ObjectMeta(labels={"app": name}), PodSpec(CONTAINERS[0]))
    return Workload(kind, ObjectMeta(name, namespace, owner_references=owners), template, replicas=2)


WORKLOADS = [
    each
    for space in SPACES
    for each in (
        _workload("Deployment", space, "web"),
        _workload("ReplicaSet", space, "web-abc", ("Deployment", "web")),
        _workload("StatefulSet", space, "db"),
        _workload("StatefulSet", space, "a"),
        _workload("CronJob", space, "nightly"),
    )
]


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    names = draw(st.lists(st.sampled_from([f"{each}-{n}" for each in "abc" for n in range(4)]), unique=True))
    pods = [
        Pod(
            ObjectMeta(name, draw(st.sampled_from(SPACES)), _of(draw, LABELS), {}, _of(draw, OWNERS)),
            PodSpec(_of(draw, CONTAINERS), host_network=draw(st.booleans()), node_name="n"),
            PodStatus(draw(st.sampled_from(["Running", "Running", "Pending", "Failed"])), _of(draw, ["", "10.0.0.1"])),
        )
        for name in names
    ]
    if draw(st.booleans()):
        pods.sort(key=attrgetter("metadata.namespace", "metadata.name"))
    workloads = [each for each in WORKLOADS if draw(st.booleans())]
    return Snapshot(pods=tuple(pods), workloads=tuple(workloads), nodes=NODES)


def _of(draw: st.DrawFn, choices: Sequence[Part]) -> Part:
    # Drawn by number: it matters here what is one object.
    return choices[draw(st.sampled_from(range(len(choices))))]


@given(snapshots())
def test_all_at_once_are_the_members_that_they_are_one_by_one(snapshot: Snapshot) -> None:
    register = Register(snapshot)
    live = [each for each in map(register.member, snapshot.pods) if each is not None]
    having = {each.workload for each in live}
    expected = [each for ref in {each.ref for each in snapshot.workloads} - having for each in register.expected(ref)]
    assert list(members(snapshot)) == sorted(
        [*live, *expected], key=attrgetter("namespace", "workload.kind", "workload.name", "name")
    )


def test_replicas_stand_together_however_they_lie() -> None:
    owners = [(OwnerReference("ReplicaSet", f"r{number % 7}", controller=True),) for number in range(7)]
    pods = [
        Pod(ObjectMeta(f"p{number:03}", "one", LABELS[0], {}, owners[number % 7]), PodSpec(CONTAINERS[number % 2]))
        for number in range(700)
    ]
    told = members(Snapshot(pods=tuple(pods)))
    assert [(each.workload.name, each.name) for each in told] == sorted(
        (f"r{number % 7}", f"p{number:03}") for number in range(700)
    )
    apart = [msgspec.json.decode(msgspec.json.encode(each), type=Pod) for each in pods]
    for chosen in (pods, apart):
        mixed = random.Random(1).sample(chosen, len(chosen))
        assert members(Snapshot(pods=tuple(mixed))) == told
        assert members(Snapshot(pods=tuple(sorted(mixed, key=attrgetter("metadata.name"))))) == told


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_workload_whose_pods_have_all_ended_is_expected_to_make_others(phase: str) -> None:
    pods = tuple(
        Pod(ObjectMeta(f"db-{number}", "one", LABELS[1], {}, OWNERS[2]), PodSpec(), PodStatus(phase))
        for number in range(2)
    )
    found = members(Snapshot(pods=pods, workloads=(_workload("StatefulSet", "one", "db"),)))
    assert [(each.name, each.is_template) for each in found] == [("db-0", True), ("db-1", True)]


def test_what_replicas_have_in_common_is_there_once() -> None:
    pods = tuple(
        Pod(ObjectMeta(f"{letter}-{number}", "one", LABELS[0], {}, OWNERS[1]), PodSpec(CONTAINERS[number % 2]))
        for letter in "ab"
        for number in range(4)
    )
    found = members(Snapshot(pods=pods))
    by_ports = groupby(sorted(found, key=attrgetter("ports")), attrgetter("ports"))
    assert [len({id(each.labels) for each in alike}) for _, alike in by_ports] == [1, 1]
    assert len({each.workload for each in found}) == 1


def test_a_pod_that_waits_for_an_address_is_none_whatever_that_of_its_node() -> None:
    spec = PodSpec(host_network=True, node_name="n")
    waiting = tuple(Pod(ObjectMeta(name, "one", LABELS[2]), spec, PodStatus("Pending")) for name in "ab")
    for pods in (waiting[:1], waiting, (waiting[0], Pod(ObjectMeta("c", "one"), spec, PodStatus("Running")))):
        found = members(Snapshot(pods=pods, nodes=NODES))
        assert [(each.name, each.addresses) for each in found] == [("c", ("192.0.2.1",))] * (
            pods[-1].metadata.name == "c"
        )
