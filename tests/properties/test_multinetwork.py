"""MultiNetworkPolicies mean on each secondary network what the reference says of them."""

from __future__ import annotations

import dataclasses

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from tests.examples import many
from tests.properties.comparing import compare
from tests.properties.worlds import LENIENT_VERSION
from tests.reference.multinetwork import decide, decide_on
from tests.reference.networkpolicy import Direction
from tests.strategies.clusters import options
from tests.strategies.multinetwork import NETWORK_NAMES, interesting_connections, multinetwork_clusters

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


@many
@given(st.data())
def test_every_verdict_and_explanation_is_that_of_the_reference(data: st.DataObject) -> None:
    cluster, chosen = data.draw(multinetwork_clusters()), data.draw(options())
    snapshot = load_text(yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False), version=LENIENT_VERSION)
    cni = dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(chosen))
    networks = {name: Network(snapshot, cni, network=name) for name in NETWORK_NAMES}
    for name, connection in data.draw(st.lists(interesting_connections(cluster), min_size=4, max_size=12)):
        compare(
            networks[name],
            connection,
            decide(cluster, name, connection, chosen),
            {each: decide_on(cluster, name, connection, each, chosen) for each in Direction},
        )
