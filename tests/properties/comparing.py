"""What the product says of one connection, held against what a reference says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import yaml

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.model import networkpolicy, verdicts
from tests.properties.worlds import LENIENT_VERSION, end_of
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Connection, Direction, Options, Verdict

_DIRECTIONS = {
    Direction.INGRESS: networkpolicy.Direction.INGRESS,
    Direction.EGRESS: networkpolicy.Direction.EGRESS,
}


def network_of(cluster: list[Manifest], options: Options) -> Network:
    """Return the product's network of generated manifests under the options."""
    text = yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
    cni = dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(options))
    return Network(load_text(text, version=LENIENT_VERSION), cni)


def compare(network: Network, asked: Connection, expected: Verdict, halves: Mapping[Direction, Verdict]) -> None:
    """Assert that verdict and explanations are those expected, of the connection and of each direction."""
    source, destination = (
        end_of(network, end) if isinstance(end, RefPod) else str(end) for end in (asked.src, asked.dst)
    )
    found = network.verdict(source, destination, asked.protocol, asked.port)
    assert found == verdicts.Verdict(expected.value)
    for direction, half in halves.items():
        told = explain_direction(network, _DIRECTIONS[direction], source, destination, asked.protocol, asked.port)
        assert told.verdict == verdicts.Verdict(half.value)
        assert told.because
