"""What is needed, by the connections that were seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, format_address, is_address, parse_address
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.engine.exposure.services import ServiceIndex
from firedoor.engine.synth.gathering import Gathering
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.generation import Basis, Evidence, LeftOut, Party
from firedoor.model.places import ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.exposure.services import Target
    from firedoor.engine.reach.network import Network

SEEN = "flows"
_UNWANTED = {
    FlowVerdict.DENIED: "it was denied",
    FlowVerdict.AUDITED: "a policy in audit mode would deny it",
    FlowVerdict.OTHER: "it is not known whether it was allowed",
}


def basis_from_flows(network: Network, edges: Iterable[FlowEdge], min_count: int = 1) -> Basis:
    """
    Return the allowed connections of which at least `min_count` were seen.

    Edges that are not taken, and those with an end that the network does not have, are told.
    """
    ends = _Ends(network)
    gathering = Gathering()
    left: dict[tuple[str, str], LeftOut] = {}
    for edge, why in _summed(edges, min_count):
        source, problem = ends.party(edge.source)
        found, other = ends.destinations(edge)
        reason = why or problem or other or _unwritable(edge) or _useless(source, found)
        if not reason:
            assert source is not None  # noqa: S101 - or there were a problem
            seen = Evidence(SEEN, "", edge.count, edge.first, edge.last)
            for destination, port in found:
                gathering.add(source, destination, edge.protocol, (port, port), (seen,))
            continue
        what = f"{_text(edge.source)} -> {_text(edge.destination)} {edge.protocol}/{edge.port}"
        known = left.get((what, reason))
        left[what, reason] = LeftOut(
            what,
            reason,
            edge.count + (known.count if known else 0),
            min(edge.first, known.first) if known else edge.first,
            max(edge.last, known.last) if known else edge.last,
        )
    return Basis(gathering.needs(), tuple(left[each] for each in sorted(left)))


def _summed(edges: Iterable[FlowEdge], min_count: int) -> list[tuple[FlowEdge, str]]:
    """Return each edge once, with its counts together, and why it is not taken."""
    found: dict[tuple[FlowPeer, FlowPeer, str, int, FlowVerdict], list[FlowEdge]] = defaultdict(list)
    for each in edges:
        found[each.source, each.destination, each.protocol, each.port, each.verdict].append(each)
    summed = []
    for (source, destination, protocol, port, verdict), several in found.items():
        count = sum(each.count for each in several)
        first, last = min(each.first for each in several), max(each.last for each in several)
        edge = FlowEdge(source, destination, protocol, port, verdict, count, first, last)
        few = f"seen {count} times, less often than {min_count}" if count < min_count else ""
        summed.append((edge, _UNWANTED.get(verdict, few)))
    return summed


def _unwritable(edge: FlowEdge) -> str:
    if edge.protocol not in PROTOCOLS:
        return f"no rule can be written for {edge.protocol}"
    if not FIRST_PORT <= edge.port <= LAST_PORT:
        return f"{edge.port} is no port"
    return ""


def _useless(source: Party | None, found: Iterable[tuple[Party, int]]) -> str:
    if source is not None and source.workload is None and all(each.workload is None for each, _ in found):
        return "neither end is a workload of the source"
    return ""


class _Ends:
    """The ends of edges, found among the workloads and nodes of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._index = ServiceIndex(network)
        self._services = {
            (parse_address(address), port.protocol, port.port): (service, port)
            for service in network.snapshot.services
            for address in filter(is_address, service.addresses)
            for port in service.spec.ports
        }
        self._workloads = {member.workload for member in network.members}
        self._named: dict[tuple[str, str], list[ObjectRef]] = defaultdict(list)
        for ref in sorted(self._workloads):
            self._named[ref.namespace, ref.name].append(ref)
        self._nodes = {node.metadata.name: node for node in network.snapshot.nodes}
        self._of_address: dict[tuple[Family, int], ObjectRef] = {}
        for member in network.members:
            if not member.host_network:
                self._of_address.update((parse_address(each), member.workload) for each in member.addresses)

    def destinations(self, edge: FlowEdge) -> tuple[list[tuple[Party, int]], str]:
        """Return who was connected to, with their own ports (all pods behind a Service), or why that is not known."""
        peer = edge.destination
        if peer.kind in {PeerKind.EXTERNAL, PeerKind.UNATTRIBUTED} and is_address(peer.address):
            served = self._services.get((parse_address(peer.address), edge.protocol, edge.port))
            if served is not None:
                targets = self._index.targets(*served)
                name = f"Service {served[0].metadata.namespace}/{served[0].metadata.name}"
                why = "" if targets else f"{name}, whose address it is, has no pods with that port"
                return [(self._behind(each), each.port) for each in targets], why
        party, why = self.party(peer)
        return ([] if party is None else [(party, edge.port)]), why

    def _behind(self, target: Target) -> Party:
        if isinstance(target.end, int):
            return Party(self._network.members[target.end].workload)
        return Party(blocks=(single(target.end),))

    def party(self, peer: FlowPeer) -> tuple[Party | None, str]:
        """Return the end, or None and why there is none."""
        match peer.kind:
            case PeerKind.WORKLOAD:
                return self._workload(peer)
            case PeerKind.NODE:
                return self._node(peer)
            case PeerKind.UNATTRIBUTED:
                return None, f"{peer.address or 'an end'} belongs to nobody that is known"
            case _:
                return self._outside(peer)

    def _workload(self, peer: FlowPeer) -> tuple[Party | None, str]:
        ref = ObjectRef(peer.owner, peer.namespace, peer.name)
        if ref in self._workloads:
            return Party(ref), ""
        alike = self._named[peer.namespace, peer.name]
        if len(alike) == 1 and not peer.owner:
            return Party(alike[0]), ""
        return None, f"the workload {ref} is gone: the source has none of that name"

    def _node(self, peer: FlowPeer) -> tuple[Party | None, str]:
        node = self._nodes.get(peer.name)
        addresses = node.internal_addresses if node is not None else ()
        if not addresses and is_address(peer.address):
            addresses = (peer.address,)
        if not addresses:
            return None, f"no address is known of node {peer.name}"
        return Party(blocks=tuple(map(single, addresses)), node=peer.name), ""

    def _outside(self, peer: FlowPeer) -> tuple[Party | None, str]:
        if not is_address(peer.address):
            return None, f"the address {peer.address!r} is none"
        owner = self._of_address.get(parse_address(peer.address))
        if owner is not None:
            return Party(owner), ""
        return Party(blocks=(single(peer.address),), domain=peer.name), ""


def single(address: str) -> str:
    """Return an address as a block of its own."""
    family, number = parse_address(address)
    return f"{format_address(family, number)}/{32 if family is Family.V4 else 128}"


def _text(peer: FlowPeer) -> str:
    match peer.kind:
        case PeerKind.WORKLOAD:
            return str(ObjectRef(peer.owner or "workload", peer.namespace, peer.name))
        case PeerKind.NODE:
            return f"node {peer.name}"
        case _:
            return f"{peer.name} ({peer.address})" if peer.name else peer.address
