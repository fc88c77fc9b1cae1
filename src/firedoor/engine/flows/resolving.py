"""The ends of a sighting, into peers of an edge: by the source's own names, then by who had the address then."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address

from msgspec import Struct
from msgspec.structs import replace

from firedoor.engine.flows.history import Backend, History
from firedoor.model.flow_reading import Sighting
from firedoor.model.flows import FlowEnd, FlowPeer, PeerKind


class Resolved(Struct, frozen=True, gc=False):
    """The peers of a sighting and the port at the destination; `is_translated` where it was that of a service."""

    source: FlowPeer
    destination: FlowPeer
    port: int
    is_translated: bool = False

    @property
    def is_attributed(self) -> bool:
        """Whether both peers are known."""
        return self.source.kind is not PeerKind.UNATTRIBUTED and self.destination.kind is not PeerKind.UNATTRIBUTED


class Resolver:
    """Attributes the ends of sightings; `owners` are the workloads of pods as the source itself told them."""

    def __init__(self, history: History, owners: Mapping[str, str]) -> None:
        """Keep what is known."""
        self._history = history
        self._owners = owners
        self._pods: dict[tuple[str, str, str], FlowPeer] = {}

    def resolve(self, seen: Sighting) -> Resolved:
        """Return who the two ends are."""
        if seen.translated is None:
            end = seen.destination
            return self.resolve_ends(seen.source, end, seen.protocol, end.port, seen.first)
        end = seen.translated
        source, destination = self.peer(seen.source, seen.first), self.peer(end, seen.first)
        return Resolved(source, destination, end.port, is_translated=True)

    def resolve_ends(self, source: FlowEnd, destination: FlowEnd, protocol: str, port: int, time: int) -> Resolved:
        """Return who two ends are, of which nothing tells what the address of a service was translated to."""
        opener, peer = self.peer(source, time), self.peer(destination, time)
        if not destination.pod and peer.kind is not PeerKind.WORKLOAD:
            backend = self._backend(destination, peer, protocol, port, time)
            if backend is not None:
                return Resolved(opener, backend.peer, backend.port, is_translated=True)
        return Resolved(opener, peer, port)

    def moments(self, source: FlowEnd, destination: FlowEnd) -> list[int]:
        """Return when what `resolve_ends` says of two ends may change, in order."""
        found: set[int] = set()
        for end in (source, destination):
            if not end.pod:
                for address in self._addresses(end):
                    found.update(self._history.moments(address))
        return sorted(found)

    def peer(self, end: FlowEnd, time: int) -> FlowPeer:
        """Return who an end is; `UNATTRIBUTED` where that is not known."""
        if end.pod:
            return self._pod(end)
        if end.workload and end.role != "service":
            kind, _, name = end.workload.partition("/")
            return FlowPeer(PeerKind.WORKLOAD, end.namespace, kind, name)
        known = self._history.peer(end.address, time)
        if known is not None:
            return known
        name = end.names[0] if end.names else ""
        if end.role == "node":
            return FlowPeer(PeerKind.NODE, name=name or end.address, address=end.address)
        if end.role == "external" or (not end.role and _is_public(end.address)):
            return FlowPeer(PeerKind.EXTERNAL, address=end.address, name=name)
        return FlowPeer(PeerKind.UNATTRIBUTED, end.namespace, address=end.address, name=name)

    def _pod(self, end: FlowEnd) -> FlowPeer:
        key = (end.namespace, end.pod, end.workload)
        found = self._pods.get(key)
        if found is None:
            found = self._pods[key] = self._named(end)
        return found

    def _named(self, end: FlowEnd) -> FlowPeer:
        workload = end.workload or self._owners.get(f"{end.namespace}/{end.pod}", "")
        if workload:
            kind, _, name = workload.partition("/")
            return FlowPeer(PeerKind.WORKLOAD, end.namespace, kind, name)
        known = self._history.pod(end.namespace, end.pod)
        # Its owner is left empty: that it has none is not known.
        return known or FlowPeer(PeerKind.WORKLOAD, end.namespace, "", end.pod)

    def _backend(self, end: FlowEnd, peer: FlowPeer, protocol: str, port: int, time: int) -> Backend | None:
        """Return where a connection to a service went; None where it was to none."""
        for address in self._addresses(end):
            found = self._history.backends(address, protocol, port, time)
            if found is not None:
                if len(found) == 1:
                    return next(iter(found))
                # Of several workloads it may have been any.
                return Backend(replace(peer, kind=PeerKind.UNATTRIBUTED), port)
        return None

    def _addresses(self, end: FlowEnd) -> tuple[str, ...]:
        """Return the addresses that an end may be known by: its own, and those of the service that it is."""
        if end.role == "service" and end.workload:
            return (end.address, *self._history.service_addresses(end.namespace, end.workload.partition("/")[2]))
        return (end.address,)


def _is_public(address: str) -> bool:
    """Return whether an address is one of the internet, which no pod, node or service has."""
    try:
        return ip_address(address).is_global
    except ValueError:
        return False
