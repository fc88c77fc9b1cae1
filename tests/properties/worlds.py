"""Generated clusters as the product loads them, next to what the reference makes of the same manifests."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from itertools import product

import yaml
from hypothesis import strategies as st

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.reach.cni import SPEC, CniProfile
from firedoor.engine.reach.network import Network
from firedoor.model.members import Member
from firedoor.model.snapshot import Snapshot
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Options
from tests.strategies.clusters import boundary_ports, clusters, external_addresses, options
from tests.strategies.policies import PROTOCOLS

Ports = list[tuple[str, int]]
MOST_PODS = 6
LENIENT_VERSION = "1.34"
"""Later API servers refuse CIDRs with host bits set, which older ones stored and which still mean something."""


@dataclasses.dataclass(frozen=True)
class World:
    """A cluster, the options of its network, and the ends and ports to ask about."""

    cluster: list[Manifest]
    options: Options
    outside: tuple[str, ...]
    ports: Ports
    as_yaml: bool

    @property
    def text(self) -> str:
        """The manifests, as YAML documents or as one JSON list."""
        if self.as_yaml:
            return yaml.dump_all(self.cluster, Dumper=yaml.CSafeDumper, sort_keys=False)
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": self.cluster})

    @property
    def snapshot(self) -> Snapshot:
        """What the product's loader makes of the manifests."""
        return load_text(self.text, version=LENIENT_VERSION)

    @property
    def cni(self) -> CniProfile:
        """The options in the product's terms."""
        return dataclasses.replace(SPEC, name="generated", **dataclasses.asdict(self.options))

    @property
    def pods(self) -> list[RefPod]:
        """The pods that the reference sees, the first few of them."""
        return pods(self.cluster)[:MOST_PODS]


@cache
@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Generate a cluster with a handful of questions on the boundaries that its manifests draw."""
    cluster = draw(clusters())
    number = st.sampled_from(boundary_ports(cluster))
    ports = draw(st.lists(st.tuples(st.sampled_from(("TCP", *PROTOCOLS)), number), min_size=2, max_size=4))
    outside = draw(st.lists(st.sampled_from(external_addresses(cluster)), min_size=1, max_size=3, unique=True))
    return World(cluster, draw(options()), tuple(outside), ports, draw(st.booleans()))


def pairs(world: World) -> list[tuple[RefPod | str, RefPod | str]]:
    """Return all pairs of pods, and every pod with every address outside, both ways."""
    inside: list[RefPod | str] = list(world.pods)
    outward = list(product(inside, world.outside))
    return [*product(inside, inside), *outward, *((b, a) for a, b in outward)]


def positions(network: Network) -> dict[tuple[str, str, str], int]:
    """Return the position of every member by namespace, kind (that of its template's workload) and name."""
    return {_key(member): position for position, member in enumerate(network.members)}


def end_of(network: Network, pod: RefPod | str) -> int | str:
    """Return what the product calls an end of the reference."""
    return pod if isinstance(pod, str) else positions(network)[pod.namespace, pod.kind, pod.name]


def _key(member: Member) -> tuple[str, str, str]:
    return member.namespace, member.workload.kind if member.is_template else "Pod", member.name
