"""The only place where the benchmarks call the engine."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import numpy as np

from firedoor.adapters.manifests.source import ManifestSource
from firedoor.engine.attack.building import Attack
from firedoor.engine.attack.core import Core
from firedoor.engine.attack.cutting import cut
from firedoor.engine.attack.ranking import Ranker
from firedoor.engine.reach.allpairs import AllPairs
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.connectivity import ConnectionLister, workload_ends
from firedoor.engine.reach.network import Network
from firedoor.engine.reach.replay import VERDICTS, Encoded, replay
from firedoor.interfaces import Silent
from firedoor.model.attack import Kind, Standing
from firedoor.model.members import Member
from firedoor.model.networkpolicy import Direction
from firedoor.model.population import members as population_of
from firedoor.model.snapshot import Snapshot
from firedoor.model.verdicts import Verdict
from firedoor.usecases.diagnose import diagnose as diagnosis

_WALKS, _MOST_STEPS = 10, 8


def load(path: Path) -> Snapshot:
    """Return the snapshot of a file."""
    return ManifestSource((str(path),)).load(Silent())


def population(snapshot: Snapshot) -> Sequence[Member]:
    """Return the pods of a snapshot that take part in the network."""
    return population_of(snapshot)


def diagnose(snapshot: Snapshot) -> int:
    """Return how many findings all checks make."""
    return len(diagnosis(snapshot, PROFILES["spec"]).findings)


def random_connections(network: Network, number: int) -> Encoded:
    """Return so many connections between any two pods, on any of four hundred ports, the same ones every time."""
    chance = np.random.default_rng(1)
    ends = tuple(range(len(network.members)))
    services = tuple(("TCP", int(port)) for port in chance.integers(1, 65536, 400))
    source, destination = (chance.integers(0, len(ends), number, dtype=np.int32) for _ in range(2))
    return Encoded(ends, services, source, destination, chance.integers(0, len(services), number, dtype=np.int32))


def uneven_connections(encoded: Encoded) -> Encoded:
    """Return as many connections, of which few make up the most, as those of real clusters do (Zipf, exponent 1.2)."""
    count = len(encoded.source)
    chosen = (np.random.default_rng(2).zipf(1.2, count) - 1) % count
    columns = (each[chosen] for each in (encoded.source, encoded.destination, encoded.service))
    return Encoded(encoded.ends, encoded.services, *columns)


def replay_all(network: Network, encoded: Encoded, threads: int) -> int:
    """Return how many connections are accepted, judged by so many threads."""
    with ThreadPoolExecutor(threads) as pool:
        return int((replay(network, encoded, pool.map) == VERDICTS.index(Verdict.ACCEPTED)).sum())


def compile_network(snapshot: Snapshot) -> Network:
    """Return the compiled network of a snapshot."""
    return Network(snapshot)


def all_pairs(network: Network) -> int:
    """Decide every pair of classes on all ports in both directions, and return how many rows that took."""
    return sum(len(AllPairs(network.matrix[direction]).base) for direction in Direction)


def list_connections(network: Network) -> int:
    """List every connection between workloads, and return how many there are."""
    return sum(1 for _ in ConnectionLister(network, workload_ends(network)).connections())


def classes(network: Network) -> int:
    """Return how many classes of pods there are."""
    return len(network.profiles)


def members(network: Network) -> Sequence[Member]:
    """Return the pods; a point query names them by their position here."""
    return network.members


def point_query(network: Network, source: int, destination: int, protocol: str, port: int) -> str:
    """Return the verdict on one connection: accepted, denied or unknown."""
    return str(network.verdict(source, destination, protocol, port))


def attack_graph(network: Network) -> Attack:
    """Return the attack graph of a network."""
    return Attack(network)


def attack_paths(attack: Attack) -> int:
    """Find ten ways from the internet to every right and what cuts all, and return the steps of the shortest."""
    internet = attack.graph.of_standing(lambda each: each.kind is Kind.INTERNET)
    admin = attack.graph.of_standing(lambda each: each.kind is Kind.CLUSTER_ADMIN)
    core = Core(attack.graph, internet, admin)
    walks = [each for each in islice(core.walks(_MOST_STEPS), _WALKS) if each is not None]
    cut(core, walks)
    return sum(isinstance(attack.graph.vertices[each], Standing) for each in walks[0]) - 1 if walks else 0


def attack_ranking(attack: Attack) -> int:
    """Rank all workloads by what follows from their compromise, and return how many there are."""
    return len(Ranker(attack).rows(dict.fromkeys(group.workload for group in attack.groups)))
