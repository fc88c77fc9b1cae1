"""Istio's policies, together with NetworkPolicies, mean what the reference says of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import many
from tests.properties.comparing import compare, network_of
from tests.reference.istio import decide, decide_istio
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Connection, Direction, Options, Verdict, decide_direction
from tests.strategies.clusters import options
from tests.strategies.istio import interesting_connections, mesh_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]
WORST_FIRST = (Verdict.DENIED, Verdict.UNKNOWN, Verdict.ACCEPTED)


@many
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster, chosen = data.draw(mesh_clusters()), data.draw(options())
    network = network_of(cluster, chosen)
    for connection in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        compare(network, connection, decide(cluster, connection, chosen), _halves(cluster, connection, chosen))


def _halves(cluster: list[Manifest], connection: Connection, chosen: Options) -> dict[Direction, Verdict]:
    """Return what each end says: the mesh speaks at the destination."""
    halves = {each: decide_direction(cluster, connection, each, chosen) for each in Direction}
    said = {halves[Direction.INGRESS], decide_istio(cluster, connection, chosen)}
    return halves | {Direction.INGRESS: next(verdict for verdict in WORST_FIRST if verdict in said)}
