"""
Who an address belonged to, and when: what snapshots show, and nothing between them that they do not.

A pod has its address from its ``creationTimestamp`` until the last snapshot that shows it with
it. After that it is not known, but for as long as a person says that it may be taken to be so.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.model.members import Member
from firedoor.model.metadata import ObjectMeta
from firedoor.model.population import Register, members
from firedoor.model.services import EndpointSlice, Service, ServicePort
from firedoor.model.snapshot import Snapshot
from firedoor.model.workloads import FINISHED_PHASES

ALWAYS = 1 << 63
"""Later than any time."""


class Seen(Struct, frozen=True, gc=False):
    """A snapshot and when it was taken, in nanoseconds since 1970; None where that is not known: it is always true."""

    snapshot: Snapshot
    time: int | None


class Backend(Struct, frozen=True, gc=False):
    """What a port of a service leads to: pods of a workload, and their port."""

    peer: FlowPeer
    port: int


class _Claim(Struct, gc=False):
    """That an address was somebody's from `start` to `end`, both included."""

    start: int
    end: int
    holder: FlowPeer


class _Served(Struct, gc=False):
    """That a port of an address led to some backends for a while."""

    start: int
    end: int
    backends: frozenset[Backend]


class History:
    """Answers who an address was at a time."""

    def __init__(self, seen: Iterable[Seen], read_time: Callable[[str], int], grace: int = 0) -> None:
        """Look at the snapshots; `read_time` reads RFC 3339, `grace` is for how long what was seen stays true."""
        self._read_time = read_time
        self._grace = grace
        self._claims: dict[str, dict[tuple[object, ...], _Claim]] = {}
        self._served: dict[tuple[str, str, int], dict[tuple[object, ...], _Served]] = {}
        self._by_name: dict[tuple[str, str], set[FlowPeer]] = {}
        self._services: dict[tuple[str, str], tuple[str, ...]] = {}
        for each in seen:
            self._look(each)
        self._ordered = {address: sorted(found.values(), key=_start) for address, found in self._claims.items()}
        self._starts = {address: [each.start for each in found] for address, found in self._ordered.items()}
        self._served_at: dict[str, list[_Served]] = {}
        for (address, _, _), found in self._served.items():
            self._served_at.setdefault(address, []).extend(found.values())

    def peer(self, address: str, time: int) -> FlowPeer | None:
        """Return whose address it was; None where nobody's or not known, or where two claim it."""
        starts = self._starts.get(address)
        if starts is None:
            return None
        began = self._ordered[address][: bisect_right(starts, time)]
        holders = {each.holder for each in began if time <= each.end}
        return holders.pop() if len(holders) == 1 else None

    def pod(self, namespace: str, name: str) -> FlowPeer | None:
        """Return the workload of a pod; None where no snapshot shows it, or not the same one."""
        found = self._by_name.get((namespace, name), set())
        return next(iter(found)) if len(found) == 1 else None

    def backends(self, address: str, protocol: str, port: int, time: int) -> frozenset[Backend] | None:
        """Return where connections to a port of a service's address went; None where it is no service's."""
        found = self._served.get((address, protocol, port), {}).values()
        served = [each.backends for each in found if each.start <= time <= each.end]
        return frozenset().union(*served) if served else None

    def moments(self, address: str) -> list[int]:
        """Return when what is known of an address may change, in order; nothing changes where nothing is known."""
        claims = self._claims.get(address, {}).values()
        served = self._served_at.get(address, ())
        found = {moment for each in (*claims, *served) for moment in (each.start, each.end + 1)}
        return sorted(moment for moment in found if moment < ALWAYS)

    def service_addresses(self, namespace: str, name: str) -> tuple[str, ...]:
        """Return the addresses of a service."""
        return self._services.get((namespace, name), ())

    def _look(self, seen: Seen) -> None:
        snapshot = seen.snapshot
        register = Register(snapshot)
        holders: dict[str, FlowPeer] = {}
        for pod in snapshot.pods:
            metadata = pod.metadata
            ref = register.workload(pod)
            peer = FlowPeer(PeerKind.WORKLOAD, ref.namespace, ref.kind, ref.name)
            self._by_name.setdefault((metadata.namespace, metadata.name), set()).add(peer)
            # A finished pod has given its address back, nobody says when; one on its node has none of its own.
            if pod.spec.host_network or pod.status.phase in FINISHED_PHASES:
                continue
            start, end = self._span(metadata, seen.time)
            for address in pod.addresses:
                holders[address] = peer
                self._claim(address, peer, (metadata.namespace, metadata.name, metadata.uid, start), start, end)
        nodes = []
        for node in snapshot.nodes:
            peer = FlowPeer(PeerKind.NODE, name=node.metadata.name)
            start, end = self._span(node.metadata, seen.time)
            for address in node.addresses:
                nodes.append(address)
                # What serves from the network of its node has the address of the node.
                holders.setdefault(address, peer)
                self._claim(address, peer, (node.metadata.name, start), start, end)
        backing = _Backing(snapshot, holders)
        for service in snapshot.services:
            self._serve(service, backing, nodes, seen.time)

    def _serve(self, service: Service, backing: _Backing, nodes: Sequence[str], time: int | None) -> None:
        metadata, spec = service.metadata, service.spec
        self._services[metadata.namespace, metadata.name] = service.cluster_addresses
        # What it leads to is what this snapshot shows; another may show something else.
        start, end = self._span(metadata, time)
        for port in spec.ports:
            backends = backing.of(service, port)
            places = [(address, port.port) for address in service.addresses]
            places += [(address, port.node_port) for address in nodes if port.node_port]
            for address, number in places:
                kept = self._served.setdefault((address, port.protocol, number), {})
                key = (metadata.namespace, metadata.name, metadata.uid, backends)
                known = kept.get(key)
                kept[key] = (
                    _Served(start, end, backends)
                    if known is None
                    else _Served(known.start, max(known.end, end), backends)
                )

    def _claim(self, address: str, peer: FlowPeer, key: tuple[object, ...], start: int, end: int) -> None:
        claims = self._claims.setdefault(address, {})
        known = claims.get(key)
        if known is None:
            claims[key] = _Claim(start, end, peer)
        else:
            known.end = max(known.end, end)

    def _span(self, metadata: ObjectMeta, time: int | None) -> tuple[int, int]:
        created = metadata.creation_timestamp
        start = self._read_time(created) if created else (0 if time is None else time)
        return start, ALWAYS if time is None else time + self._grace


def _start(claim: _Claim) -> int:
    return claim.start


class _Backing:
    """What the services of a snapshot lead to: by their EndpointSlices, or by their selectors where they have none."""

    def __init__(self, snapshot: Snapshot, holders: Mapping[str, FlowPeer]) -> None:
        self._holders = holders
        self._slices: dict[tuple[str, str], list[EndpointSlice]] = {}
        for each in snapshot.endpoint_slices:
            self._slices.setdefault((each.metadata.namespace, each.service), []).append(each)
        self._members: dict[str, list[Member]] = {}
        for member in members(snapshot):
            self._members.setdefault(member.namespace, []).append(member)

    def of(self, service: Service, port: ServicePort) -> frozenset[Backend]:
        """Return the backends of a port; an address of nobody is a backend that is not attributed."""
        metadata = service.metadata
        slices = self._slices.get((metadata.namespace, metadata.name))
        if slices is not None:
            return frozenset(_sliced(slices, port, self._holders))
        selector = service.spec.selector
        chosen = [
            each
            for each in self._members.get(metadata.namespace, ())
            if selector and selector.items() <= each.labels.items()
        ]
        return frozenset(Backend(_peer(each), number) for each in chosen for number in _targets(port, each))


def _sliced(slices: Iterable[EndpointSlice], port: ServicePort, holders: Mapping[str, FlowPeer]) -> Iterable[Backend]:
    for each in slices:
        numbers = [
            own.port for own in each.ports if (own.name, own.protocol) == (port.name, port.protocol) and own.port
        ]
        for endpoint in each.endpoints:
            for address in endpoint.addresses:
                peer = holders.get(address) or FlowPeer(PeerKind.UNATTRIBUTED, address=address)
                yield from (Backend(peer, number) for number in numbers)


def _targets(port: ServicePort, member: Member) -> Iterable[int]:
    target = port.target_port
    if target is None:
        return (port.port,)
    if isinstance(target, int):
        return (target,)
    return [number for name, protocol, number in member.ports if (name, protocol) == (target, port.protocol)]


def _peer(member: Member) -> FlowPeer:
    ref = member.workload
    return FlowPeer(PeerKind.WORKLOAD, ref.namespace, ref.kind, ref.name)
