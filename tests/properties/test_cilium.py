"""Cilium's policies, together with NetworkPolicies, mean what the reference says of them."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.engine.reach.counting import Extent, count_pairs
from tests.examples import many, some
from tests.properties.comparing import compare, network_of
from tests.properties.worlds import end_of
from tests.reference import networkpolicy
from tests.reference.cilium import Direction, DomainName, Options, RefPod, decide, decide_direction
from tests.reference.manifests import Manifest
from tests.strategies.cilium import clusters, interesting_connections
from tests.strategies.cilium_blocks import all_connections, clusters_of_blocks
from tests.strategies.clusters import options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@many
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster, chosen = data.draw(clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    # What tells that Cilium is there, and not another plugin, are its policies.
    is_cilium = any(each["kind"].startswith("Cilium") and each["kind"] != "CiliumCIDRGroup" for each in cluster)
    judge, judge_direction = (
        (decide, decide_direction) if is_cilium else (networkpolicy.decide, networkpolicy.decide_direction)
    )
    for connection in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        if isinstance(connection.dst, DomainName) and not network.index.domains:
            continue
        compare(
            network,
            connection,
            judge(cluster, connection, chosen),
            {each: judge_direction(cluster, connection, each, chosen) for each in Direction},
        )


@many
@given(clusters_of_blocks(), options())
def test_addresses_match_pods_and_nodes_as_the_options_say(cluster: list[Manifest], chosen: Options) -> None:
    network = network_of(cluster, chosen)
    for asked in all_connections(cluster):
        source, destination = (
            end_of(network, each) if isinstance(each, RefPod) else each for each in (asked.src, asked.dst)
        )
        found = network.verdict(source, destination, asked.protocol, asked.port)
        assert found.value == decide(cluster, asked, chosen).value


@some
@given(st.data())
def test_all_pairs_counted_at_once_are_those_asked_about_one_by_one(data: st.DataObject) -> None:
    network = network_of(data.draw(clusters()), data.draw(options()))
    single = [network.value(*pair) for pair in permutations(range(len(network.members)), 2)]
    expected = Counter(
        Extent.ALL if sure == network.axis.everything else Extent.SOME if sure else Extent(bool(possible))
        for sure, possible in single
    )
    assert count_pairs(network) == {each: expected[each] for each in Extent}
    for matrix in network.matrix.values():
        for row in range(len(matrix.programs)):
            assert matrix.pairs.row(row).tolist() == matrix.row(row).tolist()
