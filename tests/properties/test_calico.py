"""Calico's policies, together with NetworkPolicies, mean what the reference says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import many
from tests.properties.comparing import compare, network_of
from tests.reference.calico import decide, decide_direction
from tests.reference.networkpolicy import Direction
from tests.strategies.calico import calico_clusters, interesting_connections
from tests.strategies.clusters import options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@many
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster, chosen = data.draw(calico_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    for connection in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        compare(
            network,
            connection,
            decide(cluster, connection, chosen),
            {each: decide_direction(cluster, connection, each, chosen) for each in Direction},
        )
