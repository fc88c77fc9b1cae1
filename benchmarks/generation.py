"""
How long generated policies take: ``python -m benchmarks.generation --workloads 5000``.

The ratio is that of the whole, with proof, to one look at the same cluster and policies (compiled once, and all
pairs of classes of pods asked about).
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

import msgspec

from benchmarks.measure import timed
from firedoor.bootstrap import read_policies
from firedoor.engine.reach.classes import ClassIndex
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.network import Network
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.generation import Generation
from firedoor.model.metadata import ObjectMeta
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import Container, ContainerPort, PodSpec, PodTemplate, Workload
from firedoor.usecases.generate import GenerationQuestion, from_flows, generate

PER_NAMESPACE = 20
EDGES = 5
_PORTS = (80, 443, 5432, 6379, 8080, 9090)


def cluster(workloads: int) -> Snapshot:
    """Return so many Deployments, a handful in each namespace."""
    return Snapshot(workloads=tuple(_deployment(number) for number in range(workloads)))


def edges(workloads: int, seed: int) -> Iterator[FlowEdge]:
    """Yield a few connections of each workload, most of them inside its namespace, some with the outside."""
    rng = random.Random(seed)
    for number in range(workloads):
        home = number // PER_NAMESPACE * PER_NAMESPACE
        for _ in range(EDGES):
            near = rng.random() < 0.8  # noqa: PLR2004 - a share
            other = rng.randrange(home, min(home + PER_NAMESPACE, workloads)) if near else rng.randrange(workloads)
            if other != number:
                yield _edge(_peer(number), _peer(other), rng)
        if rng.random() < 0.1:  # noqa: PLR2004 - a share
            outside = FlowPeer(PeerKind.EXTERNAL, address=f"203.0.113.{rng.randrange(256)}")
            yield _edge(_peer(number), outside, rng)


def measure(workloads: int, seed: int) -> tuple[float, float, Generation]:
    """Return the seconds that the whole takes, those of one look at the outcome, and the outcome."""
    snapshot, seen = cluster(workloads), list(edges(workloads, seed))
    asked = GenerationQuestion()
    whole, found = timed(lambda: generate(snapshot, SPEC, from_flows(seen, 1), asked, read_policies))
    assert isinstance(found, Generation)  # noqa: S101 - what was made
    read = read_policies(found.policies)
    look, _ = timed(lambda: _look(msgspec.structs.replace(snapshot, network_policies=read.network_policies)))
    return whole, look, found


def _look(snapshot: Snapshot) -> None:
    classes = ClassIndex(Network(snapshot, SPEC))
    for number in range(len(classes.profiles)):
        classes.towards(number)


def _deployment(number: int) -> Workload:
    labels = {"app": f"app-{number}", "tier": f"tier-{number % 3}"}
    container = Container("main", ports=tuple(ContainerPort(port) for port in _PORTS))
    meta = ObjectMeta(f"app-{number}", f"ns-{number // PER_NAMESPACE}")
    return Workload(
        "Deployment", meta, PodTemplate(ObjectMeta(namespace=meta.namespace, labels=labels), PodSpec((container,)))
    )


def _peer(number: int) -> FlowPeer:
    return FlowPeer(PeerKind.WORKLOAD, f"ns-{number // PER_NAMESPACE}", "Deployment", f"app-{number}")


def _edge(source: FlowPeer, destination: FlowPeer, rng: random.Random) -> FlowEdge:
    first = rng.randrange(10**18)
    return FlowEdge(source, destination, "TCP", rng.choice(_PORTS), FlowVerdict.ALLOWED, 1, first, first)


def main() -> None:
    """Print the figures for one size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("--workloads", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    whole, look, found = measure(chosen.workloads, chosen.seed)
    print(
        f"{chosen.workloads} workloads, {len(found.needs)} needs, {len(found.policies)} policies, "
        f"{found.proof.parts} parts, proof {'holds' if found.proof.holds else 'fails'}: {whole:.1f} s, "
        f"one look {look:.1f} s, ratio {whole / look:.1f}"
    )


if __name__ == "__main__":
    main()
