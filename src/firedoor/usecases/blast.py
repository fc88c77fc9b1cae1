"""How far a compromise spreads, and who can reach an end at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.blast.graph import HopGraph
from firedoor.engine.blast.paths import paths_from, paths_to
from firedoor.engine.blast.spread import Spread
from firedoor.errors import UsageError
from firedoor.model.blast import Blast, BlastPaths
from firedoor.usecases.ends import require_namespace, resolve_end
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.snapshot import Snapshot


class BlastQuestion(msgspec.Struct, frozen=True):
    """
    Which hops count, and what is asked of them.

    `port` is the only protocol and port that counts; with `possible` hops of unknown
    verdict count as well; `namespace` is what is shown, and where names are looked for.
    """

    namespace: str = ""
    port: tuple[str, int] | None = None
    possible: bool = False


def blast(snapshot: Snapshot, cni: CniProfile, asked: BlastQuestion) -> Blast:
    """Return the blast radius of every workload, or of those of one namespace, worst first."""
    graph = _graph(snapshot, cni, asked)
    if asked.namespace:
        require_namespace(graph.network, asked.namespace)
    spread = Spread(graph)
    wanted = [number for number, each in enumerate(spread.workloads) if asked.namespace in {"", each.namespace}]
    return Blast(
        tuple(spread.rows(wanted)),
        len(spread.workloads),
        len(graph.network.members),
        _port(asked),
        asked.possible,
        snapshot.gaps,
        cni.name,
    )


def blast_paths(snapshot: Snapshot, cni: CniProfile, asked: BlastQuestion, end: str, *, is_from: bool) -> BlastPaths:
    """Return the workloads that an end reaches, or with `is_from` unset those that reach it, each with a path."""
    graph = _graph(snapshot, cni, asked)
    members = resolve_end(graph.network, end, asked.namespace or "default")
    if isinstance(members, str):
        raise UsageError(
            f"{end} is no pod of the cluster, and only those can be compromised",
            remedy="name a pod or workload, as in namespace/name",
        )
    found = (paths_from if is_from else paths_to)(graph, members)
    return BlastPaths(end, is_from, tuple(found), _port(asked), asked.possible, snapshot.gaps, cni.name)


def _graph(snapshot: Snapshot, cni: CniProfile, asked: BlastQuestion) -> HopGraph:
    network = network_of(snapshot, cni)
    ports = network.axis.everything if asked.port is None else 1 << network.axis.atom(*asked.port)
    return HopGraph(network, ports, possible=asked.possible)


def _port(asked: BlastQuestion) -> str:
    return f"{asked.port[0]}/{asked.port[1]}" if asked.port is not None else ""
