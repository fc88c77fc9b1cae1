"""Whether a message of ICMP gets through is what the reference says, with policies of any API."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.icmp import IcmpMessage
from tests.examples import some
from tests.properties.comparing import compare, network_of
from tests.reference.calico_matches import family_of
from tests.reference.domains import DomainName
from tests.reference.mixed import decide, decide_direction
from tests.reference.networkpolicy import Connection, Direction, Options
from tests.strategies import calico, cilium, clusters
from tests.strategies.mixed import interesting_connections, mixed_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]

TYPES = (8, 8, 8, 128, 3)


@st.composite
def options(draw: st.DrawFn) -> Options:
    """Generate the choices of a network implementation, with ICMP as rules say or nobody knows how."""
    return dataclasses.replace(draw(clusters.options()), icmp_as_written=draw(st.booleans()))


@some
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    kinds = (mixed_clusters(), calico.calico_clusters(), cilium.clusters(), clusters.clusters())
    cluster, chosen = data.draw(st.one_of(*kinds)), data.draw(options())
    kind, code = data.draw(st.sampled_from(TYPES)), data.draw(st.sampled_from((0, 0, 1)))
    networks = {n: network_of(cluster, chosen, IcmpMessage(n, kind, code)) for n in (4, 6)}
    for asked in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        if isinstance(asked.dst, DomainName):
            continue
        version = family_of(asked)
        message = Connection(asked.src, asked.dst, {4: "ICMP", 6: "ICMPv6"}[version], kind, code)
        halves = {each: decide_direction(cluster, message, each, chosen) for each in Direction}
        compare(networks[version], message, decide(cluster, message, chosen), halves)
