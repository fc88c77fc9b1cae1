"""Cluster-wide policies, together with NetworkPolicies, mean what the reference says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import many
from tests.properties.comparing import compare, network_of
from tests.reference.clusternetworkpolicy import Direction, decide, decide_direction
from tests.reference.domains import DomainName
from tests.strategies.cluster_policies import clusters_with_cluster_policies
from tests.strategies.cluster_questions import cluster_policy_connections
from tests.strategies.clusters import options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@many
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster = data.draw(clusters_with_cluster_policies(future=data.draw(st.booleans())))
    chosen = data.draw(options())
    network = network_of(cluster, chosen)
    for connection in data.draw(st.lists(cluster_policy_connections(cluster), min_size=4, max_size=12)):
        if isinstance(connection.dst, DomainName) and not network.index.domains:
            continue
        compare(
            network,
            connection,
            decide(cluster, connection, chosen),
            {each: decide_direction(cluster, connection, each, chosen) for each in Direction},
        )
