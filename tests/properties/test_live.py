"""A network that follows changes one by one answers what one compiled from the changed cluster answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach.live import LiveNetwork, Update
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Pod
from tests.examples import some
from tests.properties.comparing import network_of
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.clusters import clusters, external_addresses, options
from tests.strategies.istio import mesh_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

CLUSTERS = st.one_of(clusters(), clusters(), clusters_with_cluster_policies(), mesh_clusters())
MOST_CHANGES = 8

Step = Callable[[LiveNetwork], Update]
Values = dict[tuple[int | str, int | str], tuple[object, object]]


@some
@given(st.data())
def test_after_every_change_all_answers_are_those_of_a_network_compiled_anew(data: st.DataObject) -> None:
    cluster, other = data.draw(CLUSTERS), data.draw(clusters())
    chosen = data.draw(options())
    first, second = network_of(cluster, chosen), network_of(other, chosen)
    outside = sorted({*external_addresses(cluster)[:4], *external_addresses(other)[:4]})
    live = LiveNetwork(first.snapshot, first.cni)
    for _ in range(data.draw(st.integers(1, MOST_CHANGES))):
        before = _decided(live.network)
        kind = data.draw(st.sampled_from(_steps(live.snapshot, second.snapshot)))
        update = data.draw(st.sampled_from(kind))(live)
        fresh = Network(live.snapshot, first.cni)
        assert tuple(live.network.members) == fresh.members
        assert _values(live.network, outside) == _values(fresh, outside)
        if update.is_incremental:
            _assert_told(live.network, before, update)


def _steps(now: Snapshot, other: Snapshot) -> list[list[Step]]:
    """Return the changes that the objects of two clusters give, theirs and mixtures of their parts, by kind."""
    policies, pods = (*now.network_policies, *other.network_policies), (*now.pods, *other.pods)
    pairs = list(product(pods, pods))
    kinds: list[list[Step]] = [
        [partial(LiveNetwork.set_policy, policy=each) for each in policies],
        [partial(LiveNetwork.remove_policy, ref=each.ref) for each in policies],
        [partial(LiveNetwork.set_policy, policy=_specified(*each)) for each in product(policies, now.network_policies)],
        [partial(LiveNetwork.set_pod, pod=each) for each in (*other.pods, *map(_renamed, pods))],
        [partial(LiveNetwork.remove_pod, namespace=each.metadata.namespace, name=each.metadata.name) for each in pods],
        [partial(LiveNetwork.set_pod, pod=_labelled(*pair)) for pair in pairs],
        [partial(LiveNetwork.set_pod, pod=msgspec.structs.replace(each, spec=like.spec)) for each, like in pairs],
        [partial(LiveNetwork.set_pod, pod=msgspec.structs.replace(each, status=like.status)) for each, like in pairs],
    ]
    return [each for each in kinds if each]


def _specified(policy: NetworkPolicy, like: NetworkPolicy) -> NetworkPolicy:
    return msgspec.structs.replace(policy, spec=like.spec)


def _labelled(pod: Pod, like: Pod) -> Pod:
    metadata = msgspec.structs.replace(pod.metadata, labels=like.metadata.labels)
    return msgspec.structs.replace(pod, metadata=metadata)


def _renamed(pod: Pod) -> Pod:
    metadata = msgspec.structs.replace(pod.metadata, name=f"{pod.metadata.name}-more")
    return msgspec.structs.replace(pod, metadata=metadata)


def _values(network: Network, outside: list[str]) -> Values:
    """Return what is accepted between all members, and between members and addresses outside."""
    inside = list(range(len(network.members)))
    pairs: list[tuple[int | str, int | str]] = [
        *product(inside, inside),
        *product(inside, outside),
        *product(outside, inside),
    ]
    found: Values = {}
    for pair in pairs:
        sure, possible = network.value(*pair)
        found[pair] = network.axis.traffic(sure), network.axis.traffic(possible)
    return found


def _decided(network: Network) -> dict[tuple[Direction, int, int], tuple[int, int]]:
    """Return what the policies say of all profiles and columns, unseen ones too."""
    subjects = [*range(len(network.profiles)), *sorted(set(network.profile_of) - set(range(network.index.size)))]
    columns = [*range(network.index.size), *subjects[len(network.profiles) :]]
    return {key: network.decided(*key) for key in product(Direction, subjects, columns)}


def _assert_told(network: Network, before: dict[tuple[Direction, int, int], tuple[int, int]], update: Update) -> None:
    """Assert that what the policies say differs only where the update tells so."""
    after = _decided(network)
    changed = {(direction, each.profile) for direction, all_ in update.changes.items() for each in all_}
    for (direction, subject, column), value in before.items():
        if (direction, subject) not in changed and subject not in update.unseen:
            assert after.get((direction, subject, column), value) == value
    for direction, profile in changed:
        change = next(each for each in update.changes[direction] if each.profile == profile)
        matrix = network.matrix[direction]
        for program, said in ((change.before, before), (change.after, after)):
            row = matrix.judged(program).tolist()
            assert [matrix.table.values[each] for each in row] == [
                said[direction, profile, column] for column in range(network.index.size)
            ]
