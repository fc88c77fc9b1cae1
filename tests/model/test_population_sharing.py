"""Pods are members of the same workloads whether or not equal parts of them are one object, and in any order."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.members import Member
from firedoor.model.metadata import ObjectMeta, OwnerReference
from firedoor.model.population import members
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Container, ContainerPort, Pod, PodSpec, PodStatus

LABELS = [{"app": "web"}, {"app": "web", "pod-template-hash": "abc"}, {}]
OWNERS = [
    (),
    (OwnerReference("ReplicaSet", "web-abc", controller=True),),
    (OwnerReference("ReplicaSet", "web-abc"), OwnerReference("StatefulSet", "db", controller=True)),
    (OwnerReference("Node", "n", controller=True),),
]
CONTAINERS = [
    (Container("a", ports=(ContainerPort(80, "http"),)),),
    (Container("a", ports=(ContainerPort(80, "http"), ContainerPort(53, "dns", "UDP"))), Container("b")),
]
SIDECARS = [(), (Container("s", ports=(ContainerPort(9, "s"),), restart_policy="Always"), Container("i"))]


@st.composite
def pods(draw: st.DrawFn) -> list[Pod]:
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8))
    return [
        Pod(
            ObjectMeta(name, draw(st.sampled_from(["one", "two"])), draw(_one_of(LABELS)), {}, draw(_one_of(OWNERS))),
            PodSpec(draw(_one_of(CONTAINERS)), draw(_one_of(SIDECARS)), draw(st.booleans()), "n"),
            PodStatus(draw(st.sampled_from(["Running", "Pending", "Succeeded"])), draw(_one_of(["", "10.0.0.1"]))),
        )
        for name in names
    ]


def _one_of(choices: list[Any]) -> st.SearchStrategy[Any]:
    return st.sampled_from(range(len(choices))).map(choices.__getitem__)


def _members(found: list[Pod]) -> tuple[Member, ...]:
    return members(Snapshot(pods=tuple(found)))


def _told(found: tuple[Member, ...]) -> list[tuple[object, ...]]:
    return [
        (each.workload, each.name, each.ports, each.listening, each.host_network, each.addresses, each.labels)
        for each in found
    ]


@given(pods())
def test_it_does_not_matter_what_is_shared_nor_in_which_order_pods_come(found: list[Pod]) -> None:
    apart = [msgspec.json.decode(msgspec.json.encode(each), type=Pod) for each in found]
    told = _told(_members(found))
    assert told == _told(_members(apart)) == _told(_members(found[::-1]))
    ordered = [(each.workload.namespace, each.workload.kind, each.workload.name, each.name) for each in _members(found)]
    assert ordered == sorted(ordered)


@given(pods())
def test_a_member_tells_what_its_pod_tells(found: list[Pod]) -> None:
    # Names are unique across namespaces here.
    by_name = {each.metadata.name: each for each in found}
    for each in _members(found):
        pod = by_name[each.name]
        assert (each.namespace, each.labels) == (pod.metadata.namespace, pod.metadata.labels)
        assert each.host_network == pod.spec.host_network
        ports = [port for container in pod.spec.serving_containers for port in container.ports]
        assert each.listening == tuple(sorted({(port.protocol, port.container_port) for port in ports}))
        assert each.ports == tuple(sorted({(port.name, port.protocol, port.container_port) for port in ports}))


def test_replicas_between_which_another_pod_stands_share_all_that_they_have_in_common() -> None:
    (labels, owners, containers) = (LABELS[0], OWNERS[1], CONTAINERS[0])
    first, second = (
        Pod(ObjectMeta(name, "one", labels, {}, owners), PodSpec(containers), PodStatus("Running")) for name in "ac"
    )
    other = Pod(ObjectMeta("b", "one", LABELS[2]), PodSpec(CONTAINERS[1]), PodStatus("Running"))
    found = {each.name: each.kin for each in _members([first, other, second])}
    assert found["a"] is found["c"]
    assert found["a"] is not found["b"]


def test_pods_without_owner_are_workloads_of_their_own_however_alike_they_are() -> None:
    labels, containers = LABELS[0], CONTAINERS[0]
    alike = [Pod(ObjectMeta(name, "one", labels), PodSpec(containers), PodStatus("Running")) for name in "ab"]
    assert [each.workload.name for each in _members(alike)] == ["a", "b"]
