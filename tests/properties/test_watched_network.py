"""A network that follows a cluster turn by turn finds the differences that comparing everything finds."""

from __future__ import annotations

from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.difference import differences
from firedoor.engine.reach.network import Network
from firedoor.model.assembly import FIELDS, SnapshotBuilder, reference
from firedoor.model.decoding import ModelObject
from firedoor.model.difference import ConnectionChange
from firedoor.model.feed import ObjectChange
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import ObjectRef
from firedoor.model.snapshot import Origin, Snapshot
from firedoor.model.workloads import Namespace, Pod, Workload
from firedoor.usecases.watch_network import WatchedNetwork
from tests.examples import some
from tests.properties.comparing import network_of
from tests.strategies.calico import calico_clusters
from tests.strategies.cilium import clusters as cilium_clusters
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import clusters, external_addresses, options
from tests.strategies.istio import mesh_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

CLUSTERS = st.one_of(
    *[clusters()] * 4, clusters_with_cluster_policies(), mesh_clusters(), calico_clusters(), cilium_clusters()
)
MOST_TURNS, MOST_STEPS = 4, 3
CHANGED = (Pod, Workload, NetworkPolicy, Namespace)

Key = tuple[type, ObjectRef, str]
Objects = dict[Key, ModelObject]


@some
@given(st.data())
def test_what_is_told_of_a_turn_is_the_difference_of_the_clusters_before_and_after(data: st.DataObject) -> None:
    cluster, other = data.draw(CLUSTERS), data.draw(clusters())
    chosen = data.draw(options())
    first, second = network_of(cluster, chosen), network_of(other, chosen)
    outside = sorted({*external_addresses(cluster)[:4], *external_addresses(other)[:4]})
    objects, pool = objects_of(first.snapshot), objects_of(second.snapshot)
    snapshot = built(objects)
    watched = WatchedNetwork(snapshot, first.cni)
    for _ in range(data.draw(st.integers(1, MOST_TURNS))):
        before = dict(objects)
        for _ in range(data.draw(st.integers(1, MOST_STEPS))):
            step(data, objects, pool)
        old, snapshot = Network(snapshot, first.cni), built(objects)
        new = Network(snapshot, first.cni)
        found = list(watched.take(snapshot, changes(before, objects)) or ())
        assert tuple(watched.network.members) == new.members
        assert values(watched.network, outside) == values(new, outside)
        assert_same(found, list(differences(old, new)), watched.compared, (old, new))


def objects_of(snapshot: Snapshot) -> Objects:
    found = [each for field in FIELDS.values() for each in getattr(snapshot, field)]
    return {key_of(each): each for each in found}


def key_of(each: ModelObject) -> Key:
    return type(each), reference(each), getattr(each, "group", "")


def built(objects: Objects) -> Snapshot:
    builder = SnapshotBuilder()
    for each in objects.values():
        builder.add(each)
    return builder.build(Origin("cluster"))


def changes(before: Objects, after: Objects) -> tuple[ObjectChange, ...]:
    return tuple(
        ObjectChange(key[1], before.get(key), after.get(key))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    )


def step(data: st.DataObject, objects: Objects, pool: Objects) -> None:
    """Take an object away, bring one, or change one to be more like another of its form."""
    there = [key for key, each in objects.items() if isinstance(each, CHANGED)]
    come = [key for key, each in pool.items() if isinstance(each, CHANGED)]
    kinds = ["gone"] * bool(there) + ["come"] * bool(come) + ["like"] * 2 * bool(there) + ["other"]
    kind = data.draw(st.sampled_from(kinds))
    if kind == "gone":
        del objects[data.draw(st.sampled_from(there))]
    elif kind == "come":
        key = data.draw(st.sampled_from(come))
        objects[key] = pool[key]
    elif kind == "other" and pool:
        key = data.draw(st.sampled_from(list(pool)))
        if objects.pop(key, None) is None:
            objects[key] = pool[key]
    elif there:
        each = objects[data.draw(st.sampled_from(there))]
        alike = [one for one in (*objects.values(), *pool.values()) if type(one) is type(each)]
        made = likened(data, each, data.draw(st.sampled_from(alike)))
        objects[key_of(made)] = made


def likened(data: st.DataObject, each: ModelObject, like: ModelObject) -> ModelObject:
    """Return an object with a part of another one, in its place or (a replica) beside it."""
    names = set(each.__struct_fields__) & {"spec", "status", "template", "replicas", "metadata"}
    field = data.draw(st.sampled_from(sorted(names)))
    if field != "metadata":
        return msgspec.structs.replace(each, **{field: getattr(like, field)})
    name = f"{each.metadata.name}-more" if data.draw(st.booleans()) and isinstance(each, Pod) else each.metadata.name
    metadata = msgspec.structs.replace(each.metadata, name=name, labels=like.metadata.labels)
    return msgspec.structs.replace(each, metadata=metadata)


def values(network: Network, outside: list[str]) -> dict[tuple[int | str, int | str], object]:
    inside = list(range(len(network.members)))
    pairs: list[tuple[int | str, int | str]]
    pairs = [*product(inside, inside), *product(inside, outside), *product(outside, inside)]
    return {pair: tuple(map(network.axis.traffic, network.value(*pair))) for pair in pairs}


def assert_same(
    found: list[ConnectionChange],
    full: list[ConnectionChange],
    compared: frozenset[ObjectRef] | None,
    networks: tuple[Network, Network],
) -> None:
    """Assert that what is found is what is there, but for pods that came to or left the node of one that is on it."""
    told = [each for each in full if compared is None or {each.src.workload, each.dst.workload} & compared]
    assert found == told
    hosts = {member.workload for network in networks for member in network.members if member.host_network}
    for each in full:
        assert each in told or {each.src.workload, each.dst.workload} & hosts, each
