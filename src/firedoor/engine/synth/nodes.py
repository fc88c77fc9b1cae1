"""Nodes that flows or people tell of, and that the source does not hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.network import Network
from firedoor.model.metadata import ObjectMeta
from firedoor.model.workloads import Node, NodeAddress, NodeStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.generation import Need
    from firedoor.model.snapshot import Snapshot


def with_nodes(
    snapshot: Snapshot, network: Network, needs: Iterable[Need]
) -> tuple[Snapshot, Network, tuple[str, ...]]:
    """
    Return a snapshot as one that has all nodes that are an end of needs, its network, and what to know about them.

    Policies that name nodes as such mean by them what the cluster takes for nodes.
    """
    known = {node.metadata.name for node in snapshot.nodes}
    ends = {party.node: party.blocks for need in needs for party in (need.source, need.destination) if party.node}
    missing = {name: blocks for name, blocks in sorted(ends.items()) if name not in known}
    if not missing:
        return snapshot, network, ()
    nodes = tuple(
        Node(
            ObjectMeta(name),
            status=NodeStatus(tuple(NodeAddress("InternalIP", each.partition("/")[0]) for each in blocks)),
        )
        for name, blocks in missing.items()
    )
    assumed = msgspec.structs.replace(snapshot, nodes=(*snapshot.nodes, *nodes))
    note = f"the source holds no Node objects of {', '.join(missing)}: they are taken for nodes, as the flows tell them"
    return assumed, Network(assumed, network.cni), (note,)
