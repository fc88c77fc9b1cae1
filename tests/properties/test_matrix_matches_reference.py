"""The engine and the reference, two independent readings of one specification, answer alike."""

from __future__ import annotations

import pytest
from hypothesis import given

from firedoor.engine.reach.network import Network
from firedoor.model.places import GapKind
from tests.examples import full
from tests.properties.worlds import World, end_of, pairs, positions, worlds
from tests.reference.endpoints import pods
from tests.reference.networkpolicy import Connection, decide

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@full
@given(worlds())
def test_every_verdict_is_that_of_the_reference(world: World) -> None:
    network = Network(world.snapshot, world.cni)
    for source, destination in pairs(world):
        ends = end_of(network, source), end_of(network, destination)
        for protocol, port in world.ports:
            expected = decide(world.cluster, Connection(source, destination, protocol, port), world.options)
            found = network.verdict(*ends, protocol, port)
            assert found.value == expected.value, (source, destination, protocol, port)


@full
@given(worlds())
def test_the_loader_finds_the_pods_that_the_reference_finds_and_takes_every_valid_policy(world: World) -> None:
    snapshot = world.snapshot
    network = Network(snapshot, world.cni)
    assert set(positions(network)) == {(pod.namespace, pod.kind, pod.name) for pod in pods(world.cluster)}
    assert len(snapshot.network_policies) == sum(each["kind"] == "NetworkPolicy" for each in world.cluster)
    assert not [gap for gap in snapshot.gaps if gap.scope is not None]
    assert not [gap for gap in snapshot.gaps if gap.kind in {GapKind.UNREADABLE, GapKind.TEMPLATE}]
