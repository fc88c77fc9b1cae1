"""What the product says of one connection, held against what a reference says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import yaml

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.model import networkpolicy, verdicts
from firedoor.model.icmp import ICMP, IcmpMessage
from tests.properties.worlds import LENIENT_VERSION, end_of
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Connection, Direction, Options, Verdict

_DIRECTIONS = {
    Direction.INGRESS: networkpolicy.Direction.INGRESS,
    Direction.EGRESS: networkpolicy.Direction.EGRESS,
}


def network_of(cluster: list[Manifest], options: Options, icmp: IcmpMessage | None = None) -> Network:
    """Return the product's network of generated manifests under the options, to ask about a message too."""
    return Network(load_text(as_text(cluster), version=LENIENT_VERSION), cni_of(SPEC, options), icmp=icmp)


def as_text(cluster: list[Manifest]) -> str:
    """Return generated manifests as a file has them."""
    return yaml.dump_all(cluster, Dumper=yaml.CSafeDumper, sort_keys=False)


def cni_of(profile: CniProfile, options: Options) -> CniProfile:
    """Return a profile with the options of a reference."""
    return dataclasses.replace(profile, name="generated", **dataclasses.asdict(options))


def compare(network: Network, asked: Connection, expected: Verdict, halves: Mapping[Direction, Verdict]) -> None:
    """Assert that verdict and explanations are those expected, of the connection and of each direction."""
    source, destination = (
        end_of(network, end) if isinstance(end, RefPod) else str(end) for end in (asked.src, asked.dst)
    )
    what = (ICMP, 0) if asked.is_icmp else (asked.protocol, asked.port)
    found = network.verdict(source, destination, *what)
    assert found == verdicts.Verdict(expected.value)
    for direction, half in halves.items():
        told = explain_direction(network, _DIRECTIONS[direction], source, destination, *what)
        assert told.verdict == verdicts.Verdict(half.value)
        assert told.because
