"""Policies of several APIs in one cluster are asked in the order, and agree, as the reference says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import some
from tests.properties.comparing import compare, network_of
from tests.reference.domains import DomainName
from tests.reference.mixed import decide, decide_direction
from tests.reference.networkpolicy import Direction
from tests.strategies.clusters import options
from tests.strategies.mixed import interesting_connections, mixed_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@some
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mixed_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    for connection in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        if isinstance(connection.dst, DomainName) and not network.index.domains:
            continue
        compare(
            network,
            connection,
            decide(cluster, connection, chosen),
            {each: decide_direction(cluster, connection, each, chosen) for each in Direction},
        )
