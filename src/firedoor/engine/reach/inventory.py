"""The inventory of a network: pods, nodes, networks, and the isolation of every pod."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.reach.secondary import networks
from firedoor.model.inventory import CoverageRow, Inventory, NetworkRow, NodeRow, PodRow
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.model.workloads import Node

_MOST_RANGES = 4
"""Address ranges that are told; a large cluster has one for every node."""

_ISOLATED, _OPEN, _HOST = "isolated", "open", "host"


def inventory(network: Network) -> Inventory:
    """Return what takes part in the network, and how far it is isolated."""
    isolated = {
        direction: {profile for each in network.compiled[direction] for profile in each.selected.tolist()}
        for direction in Direction
    }
    states = {(pod.metadata.namespace, pod.metadata.name): pod.status.phase for pod in network.snapshot.pods}
    rows = []
    for position, member in enumerate(network.members):
        profile = network.profile_of[position]
        ingress, egress = (
            _HOST if member.host_network else _ISOLATED if profile in isolated[direction] else _OPEN
            for direction in (Direction.INGRESS, Direction.EGRESS)
        )
        state = "template" if member.is_template else states.get((member.namespace, member.name)) or "declared"
        kind = member.workload.kind
        network_name = "host" if member.host_network else "pod"
        row = PodRow(
            member.namespace,
            member.workload.name,
            kind,
            member.name,
            member.node,
            member.addresses,
            network_name,
            state,
            ingress,
            egress,
        )
        rows.append(row)
    policies = Counter(policy.metadata.namespace for policy in network.policies)
    by_namespace: dict[str, list[PodRow]] = defaultdict(list)
    for row in rows:
        by_namespace[row.namespace].append(row)
    for namespace in policies:
        by_namespace.setdefault(namespace, [])
    coverage = tuple(_coverage(name, found, policies[name]) for name, found in sorted(by_namespace.items()))
    return Inventory(
        tuple(rows), _nodes(network), _networks(network), coverage, _coverage("", rows, len(network.policies))
    )


def _coverage(namespace: str, rows: Sequence[PodRow], policies: int) -> CoverageRow:
    states = Counter((row.ingress, row.egress) for row in rows)
    return CoverageRow(
        namespace,
        len(rows),
        states[_ISOLATED, _ISOLATED],
        states[_ISOLATED, _OPEN],
        states[_OPEN, _ISOLATED],
        states[_OPEN, _OPEN],
        states[_HOST, _HOST],
        policies,
    )


def _nodes(network: Network) -> tuple[NodeRow, ...]:
    running = Counter(member.node for member in network.members if member.node)
    rows = [
        NodeRow(
            node.metadata.name,
            node.addresses,
            node.spec.pod_cidrs or ((node.spec.pod_cidr,) if node.spec.pod_cidr else ()),
            node.status.node_info.kubelet_version,
            running[node.metadata.name],
        )
        for node in network.snapshot.nodes
    ]
    known = {row.name for row in rows}
    rows += [NodeRow(name, (), (), "", count) for name, count in running.items() if name not in known]
    return tuple(sorted(rows, key=lambda row: row.name))


def _networks(network: Network) -> tuple[NetworkRow, ...]:
    on_host = sum(member.host_network for member in network.members)
    rows = [NetworkRow("pod network", _ranges(network.snapshot.nodes), len(network.members) - on_host)]
    if on_host:
        rows.append(NetworkRow("node network", "hostNetwork pods: no NetworkPolicy applies to them", on_host))
    for name, count in sorted(networks(network.snapshot).items()):
        rows.append(NetworkRow(name, "secondary network: ask about it with --network", count))
    return tuple(rows)


def _ranges(nodes: Iterable[Node]) -> str:
    ranges = sorted({cidr for node in nodes for cidr in (node.spec.pod_cidrs or (node.spec.pod_cidr,)) if cidr})
    more = f" and {len(ranges) - _MOST_RANGES} more" if len(ranges) > _MOST_RANGES else ""
    return ", ".join(ranges[:_MOST_RANGES]) + more
