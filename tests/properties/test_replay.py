"""What is judged by the thousand is judged as each connection by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach import replay as replaying
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.replay import VERDICTS, encode, replay
from firedoor.model.places import Gap, GapKind, Scope
from tests.examples import many, some
from tests.properties.comparing import network_of
from tests.properties.worlds import World, end_of, pairs, worlds
from tests.reference.domains import DomainName
from tests.strategies.clusters import options
from tests.strategies.mixed import interesting_connections, mixed_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def judged(network: Network, asked: list[tuple[int | str, int | str, str, int]]) -> None:
    found = [VERDICTS[each] for each in replay(network, encode(asked)).tolist()]
    assert found == [network.verdict(*each) for each in asked]


def agree(network: Network, world: World) -> None:
    judged(
        network,
        [
            (end_of(network, source), end_of(network, destination), protocol, port)
            for source, destination in pairs(world)
            for protocol, port in world.ports
        ],
    )


@many
@given(worlds())
def test_replayed_verdicts_are_the_single_ones(world: World) -> None:
    agree(Network(world.snapshot, world.cni), world)


@many
@given(worlds())
def test_gaps_and_large_clusters_do_not_change_that(world: World) -> None:
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=Scope("alpha", egress=False))
    snapshot = msgspec.structs.replace(world.snapshot, gaps=(*world.snapshot.gaps, gap))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replaying, "MOST_CELLS", 0)
        agree(Network(snapshot, world.cni), world)


@some
@given(st.data())
def test_policies_of_several_apis_do_not_change_that(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mixed_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    drawn = data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12))
    asked = [
        (end_of(network, each.src), end_of(network, each.dst), each.protocol, each.port)
        for each in drawn
        if not isinstance(each.dst, DomainName)
    ]
    judged(network, asked)


def test_nothing_is_judged_as_nothing() -> None:
    found = replay(Network(load_text("")), encode([]))
    assert found.tolist() == []


@some
@given(worlds())
def test_threads_do_not_change_that(world: World) -> None:
    network = Network(world.snapshot, world.cni)
    asked = [
        (end_of(network, source), end_of(network, destination), protocol, port)
        for source, destination in pairs(world)
        for protocol, port in world.ports
    ]
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(replaying, "_AT_ONCE", 7)
        found = replay(network, encode(asked), pool.map)
    assert [VERDICTS[each] for each in found.tolist()] == [network.verdict(*each) for each in asked]
