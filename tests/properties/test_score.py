"""Scores follow from single answers, rise with what is closed, and are whole only where nothing is in the way."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.shares import shares
from firedoor.engine.score import scorecard
from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import NetworkPolicy, NetworkPolicySpec
from firedoor.model.score import Measure, MeasureId, Score
from tests.examples import some
from tests.properties.comparing import network_of
from tests.properties.worlds import World, worlds
from tests.strategies.clusters import options
from tests.strategies.mixed import mixed_clusters
from tests.strategies.selectors import NAMESPACES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

OF_NETWORK = (MeasureId.CONNECTIONS_IN, MeasureId.DEFAULT_DENY_INGRESS, MeasureId.DEFAULT_DENY_EGRESS)


@some
@given(st.data())
def test_each_workload_has_the_pairs_that_single_answers_give(data: st.DataObject) -> None:
    if data.draw(st.booleans()):
        world = data.draw(worlds())
        network = Network(world.snapshot, world.cni)
    else:
        network = network_of(data.draw(mixed_clusters()), data.draw(options()))
    incoming: Counter[tuple[object, Extent]] = Counter()
    outgoing: Counter[tuple[object, Extent]] = Counter()
    for source, destination in permutations(range(len(network.members)), 2):
        sure, possible = network.value(source, destination)
        is_all = sure == network.axis.everything
        extent = Extent.ALL if is_all else Extent.SOME if sure else Extent.UNKNOWN if possible else Extent.NONE
        incoming[network.members[destination].workload, extent] += 1
        outgoing[network.members[source].workload, extent] += 1
    for each in shares(network):
        assert each.incoming == tuple(incoming[each.workload, extent] for extent in Extent)
        assert each.outgoing == tuple(outgoing[each.workload, extent] for extent in Extent)


@some
@given(worlds(), st.sampled_from(NAMESPACES), st.sampled_from(("", "web", "db")), st.data())
def test_closing_connections_by_a_policy_never_lowers_the_score_of_the_network(
    world: World, namespace: str, app: str, data: st.DataObject
) -> None:
    snapshot, cni = world.snapshot, world.cni
    types = data.draw(st.sampled_from((("Ingress",), ("Egress",), ("Ingress", "Egress"))))
    selector = LabelSelector({"app": app} if app else {})
    policy = NetworkPolicy(ObjectMeta(name="closes-more", namespace=namespace), NetworkPolicySpec(selector, types))
    closed = replace(snapshot, network_policies=(*snapshot.network_policies, policy))
    before, after = (_measures(scorecard(Network(each, cni))) for each in (snapshot, closed))
    for name in OF_NETWORK:
        old, new = before[name], after[name]
        assert old.total == new.total
        assert old.met <= new.met
        assert old.met + old.unknown <= new.met + new.unknown


@some
@given(worlds())
def test_a_measure_is_whole_only_where_nothing_is_in_the_way(world: World) -> None:
    score = scorecard(Network(world.snapshot, world.cni))
    for each in (*_measures(score).values(), *(one for space in score.namespaces for one in space.measures)):
        share = each.share
        if share is None:
            continue
        assert (share.percents == (100.0, 100.0)) == (not each.shortfalls)
        assert sum(unit.total - unit.met for unit in each.shortfalls) == each.total - each.met
        assert all(unit.what for unit in each.shortfalls)


def _measures(score: Score) -> dict[MeasureId, Measure]:
    return {each.id: each for tenet in score.tenets for each in tenet.measures}
