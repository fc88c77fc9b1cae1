"""The ends of observed connections as columns of a network: one, several that it may be, or anybody."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from firedoor.algebra.cidrs import Family, is_address, parse_address
from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from firedoor.engine.reach.network import Network

ANYBODY = -1
"""Stands for an end that may be anything."""


class End(NamedTuple):
    """
    What an end may be: `columns`, of which it is one, or `ANYBODY`.

    `names` are the columns of the domain name that it had, besides. `namespace` is where an end lived that may be
    anybody otherwise, empty where that is not known either. `like` are ends as the network is asked about them,
    one for each column.
    """

    columns: tuple[int, ...]
    names: tuple[int, ...] = ()
    namespace: str = ""
    like: tuple[int | str, ...] = ()


class Ends:
    """Finds the ends of edges in a network, each once."""

    def __init__(self, network: Network) -> None:
        """Collect the workloads, the nodes, and who has which address."""
        self._network = network
        self._found: dict[FlowPeer, End] = {}
        self._members: dict[ObjectRef, dict[int, int]] = defaultdict(dict)
        self._alike: dict[tuple[str, str], set[ObjectRef]] = defaultdict(set)
        self._hosts: dict[str, dict[int, int]] = defaultdict(dict)
        self._owners: dict[tuple[Family, int], dict[int, int]] = defaultdict(dict)
        for position, member in enumerate(network.members):
            column, ref = network.profile_of[position], member.workload
            self._members[ref].setdefault(column, position)
            self._alike[ref.namespace, ref.name].add(ref)
            if member.host_network:
                self._hosts[member.node].setdefault(column, position)
                continue
            for each in member.addresses:
                self._owners[parse_address(each)].setdefault(column, position)
        nodes = network.snapshot.nodes
        self._nodes = {node.metadata.name: tuple(node.internal_addresses) for node in nodes}
        self._node_of = {parse_address(each): name for name, own in self._nodes.items() for each in own}
        self._tells_hosts = bool(network.typed.cilium)

    def of(self, peer: FlowPeer) -> End:
        """Return what an end of an edge may be."""
        found = self._found.get(peer)
        if found is None:
            found = self._found[peer] = self._end(peer)
        return found

    def workload(self, peer: FlowPeer) -> ObjectRef | None:
        """Return the workload that an end of that kind is; None where it is not there."""
        ref = ObjectRef(peer.owner, peer.namespace, peer.name)
        if ref in self._members:
            return ref
        alike = self._alike.get((peer.namespace, peer.name), set())
        return next(iter(alike)) if not peer.owner and len(alike) == 1 else None

    def _end(self, peer: FlowPeer) -> End:
        match peer.kind:
            case PeerKind.WORKLOAD:
                return self._workload(peer)
            case PeerKind.NODE:
                own = self._nodes.get(peer.name, ())
                return self._node(peer.name, own or ((peer.address,) if is_address(peer.address) else ()))
            case PeerKind.EXTERNAL if is_address(peer.address):
                return self._outside(peer)
            case _:
                return End((ANYBODY,))

    def _workload(self, peer: FlowPeer) -> End:
        ref = self.workload(peer)
        if ref is None:
            return End((ANYBODY,), namespace=peer.namespace)
        found = self._members[ref]
        is_on_host = any(self._network.members[each].host_network for each in found.values())
        return End((ANYBODY,)) if is_on_host and self._tells_hosts else _one_of(found)

    def _node(self, name: str, addresses: tuple[str, ...]) -> End:
        """Return what has one of the addresses, or is on the network of the node; to Cilium more than that counts."""
        if not addresses or self._tells_hosts:
            return End((ANYBODY,))
        columns: dict[int, int | str] = {self._network.column(each): each for each in addresses}
        return _one_of({**columns, **self._hosts.get(name, {})})

    def _outside(self, peer: FlowPeer) -> End:
        network, number = self._network, parse_address(peer.address)
        node = self._node_of.get(number)
        if node is not None:
            return self._node(node, (peer.address,))
        columns: dict[int, int | str] = {network.column(peer.address): peer.address}
        names = network.index.domain_columns(peer.name) if peer.name else ()
        # A pod that has the address now may have had it then, or not.
        return _one_of({**columns, **self._owners.get(number, {})})._replace(names=names)


def _one_of(columns: dict[int, int] | dict[int, int | str]) -> End:
    return End(tuple(columns), like=tuple(columns.values()))
