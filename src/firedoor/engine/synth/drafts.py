"""What each group of workloads may do, in terms that every policy API can write."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from firedoor.algebra.ports import ALL_TRAFFIC, Traffic
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.groups import Group
    from firedoor.engine.synth.permitted import Permitted
    from firedoor.model.generation import Evidence


@dataclass(frozen=True, slots=True)
class PodsPeer:
    """The pods of a group."""

    group: Group


@dataclass(frozen=True, slots=True)
class BlockPeer:
    """A block of addresses."""

    cidr: str


@dataclass(frozen=True, slots=True)
class DomainPeer:
    """A domain name."""

    name: str


@dataclass(frozen=True, slots=True)
class NodesPeer:
    """The nodes of the cluster."""


@dataclass(frozen=True, slots=True)
class ServersPeer:
    """The API server."""


Peer = PodsPeer | BlockPeer | DomainPeer | NodesPeer | ServersPeer


@dataclass(frozen=True, slots=True)
class PortTerm:
    """Ports of a protocol; `name` is how the destination calls a single one, where names are wanted."""

    protocol: str
    first: int
    last: int
    name: str = ""

    @property
    def text(self) -> str:
        """``80`` or ``80-90``."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Allowance:
    """That all of some peers may connect, or be connected to, on all of some ports; no port is every port."""

    peers: tuple[Peer, ...]
    ports: tuple[PortTerm, ...]
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """Everything that the pods of a group may do."""

    group: Group
    ingress: tuple[Allowance, ...]
    egress: tuple[Allowance, ...]

    def allowances(self, direction: Direction) -> tuple[Allowance, ...]:
        """Return what may be done in a direction."""
        return self.ingress if direction is Direction.INGRESS else self.egress

    def in_parts(self) -> Draft:
        """
        Return the same with a single peer and a single port in each allowance.

        A single pod reaches itself without a rule; one that is for its replicas to come is left out. So are the
        nodes and the API server, which are one peer each that nothing narrows.
        """
        alone: Peer = PodsPeer(self.group) if len(self.group.members) == 1 else NodesPeer()
        ingress, egress = (
            tuple(each for each in _parts(side) if each.peers[0] not in {alone, NodesPeer(), ServersPeer()})
            for side in (self.ingress, self.egress)
        )
        return replace(self, ingress=ingress, egress=egress)


def drafts(network: Network, permitted: Permitted, *, named_ports: bool = False) -> list[Draft]:
    """Return a draft for every group in scope that is permitted anything."""
    namer = _Namer(network) if named_ports else None
    found = []
    for subject in permitted.subjects:
        sides = {direction: tuple(_allowances(subject, direction, permitted, namer)) for direction in Direction}
        if any(sides.values()):
            found.append(Draft(subject, sides[Direction.INGRESS], sides[Direction.EGRESS]))
    return found


def _allowances(
    subject: Group, direction: Direction, permitted: Permitted, namer: _Namer | None
) -> Iterator[Allowance]:
    """Yield what a group may do in a direction: peers with the same ports together."""
    side = permitted.side(subject, direction)
    by_ports: dict[tuple[PortTerm, ...], list[Peer]] = defaultdict(list)
    own = subject if direction is Direction.INGRESS else None
    for group, traffic in side.groups.items():
        by_ports[_terms(traffic, own or group, namer)].append(PodsPeer(group))
    for cidr, traffic in side.written_blocks.items():
        by_ports[_terms(traffic, own, namer)].append(BlockPeer(cidr))
    for name, traffic in side.domains.items():
        by_ports[_terms(traffic)].append(DomainPeer(name))
    if side.nodes:
        by_ports[_terms(side.nodes, own, namer)].append(NodesPeer())
    if side.servers:
        by_ports[_terms(side.servers, own, namer)].append(ServersPeer())
    for ports, peers in sorted(by_ports.items(), key=lambda each: (list(map(_peer_key, each[1])), _port_key(each[0]))):
        peers.sort(key=_peer_key)
        yield Allowance(tuple(peers), ports, tuple(_why(peers, side.why)))


def _terms(traffic: Traffic, serving: Group | None = None, namer: _Namer | None = None) -> tuple[PortTerm, ...]:
    if traffic == ALL_TRAFFIC:
        return ()
    return tuple(
        PortTerm(
            protocol, first, last, namer.name(serving, protocol, first) if namer and serving and first == last else ""
        )
        for protocol, first, last in traffic
    )


class _Namer:
    """Finds the names that all pods of a group have for a port, and for no other."""

    def __init__(self, network: Network) -> None:
        self._members = network.members

    def name(self, group: Group, protocol: str, port: int) -> str:
        """Return the name; empty where there is none that means this port alone."""
        found = [
            {name for name, other, number in self._members[each].ports if (other, number) == (protocol, port)}
            - {name for name, other, number in self._members[each].ports if (other, number) != (protocol, port)}
            for each in group.members
        ]
        shared = set.intersection(*found)
        return min(shared, default="")


def _why(peers: Iterable[Peer], why: dict[object, list[tuple[str, Evidence]]]) -> Iterator[str]:
    """Yield what justifies the peers."""
    seen: dict[str, None] = {}
    for peer in peers:
        key = peer.group if isinstance(peer, PodsPeer) else peer
        for text, evidence in why.get(key, ()):
            seen[f"{text}: {evidence_text(evidence)}"] = None
    yield from seen


def evidence_text(evidence: Evidence) -> str:
    """Return why a connection is needed, in words."""
    if evidence.count:
        times = "once" if evidence.count == 1 else f"{evidence.count} times"
        return f"seen {times}, {_days(evidence.first, evidence.last)}"
    return f"{evidence.text} ({evidence.place})" if evidence.place else evidence.text


def _days(first: int, last: int) -> str:
    one, other = _time(first), _time(last)
    return f"at {one}" if one == other else f"first {one}, last {other}"


_SECOND, _DAY = 10**9, 86400


def _time(nanoseconds: int) -> str:
    """Return a time in UTC as RFC 3339 has it, to the second (civil date from days, proleptic Gregorian)."""
    days, second = divmod(nanoseconds // _SECOND, _DAY)
    era, day = divmod(days + 719468, 146097)
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day -= 365 * year + year // 4 - year // 100
    month = (5 * day + 2) // 153
    date = (year + era * 400 + (month >= 10), month + (3 if month < 10 else -9), day - (153 * month + 2) // 5 + 1)  # noqa: PLR2004 - the calendar
    return f"{date[0]:04}-{date[1]:02}-{date[2]:02}T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"


def _parts(allowances: Iterable[Allowance]) -> Iterator[Allowance]:
    for each in allowances:
        for peer in each.peers:
            for port in each.ports or (None,):
                yield Allowance((peer,), () if port is None else (port,))


def _peer_key(peer: Peer) -> tuple[str, ...]:
    match peer:
        case PodsPeer(group):
            return ("0", group.namespace, group.name, group.workloads[0].kind)
        case DomainPeer(name):
            return ("1", name)
        case BlockPeer(cidr):
            return ("2", cidr)
        case NodesPeer():
            return ("3",)
        case _:
            return ("4",)


def _port_key(ports: Sequence[PortTerm]) -> list[tuple[str, int, int]]:
    return [(each.protocol, each.first, each.last) for each in ports]
