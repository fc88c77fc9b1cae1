"""
Which addresses outside get through to a port of a pod.

A connection from outside carries the client's own address, or, where the way in may
replace it (SNAT), that of any node: then both are judged.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, format_range, is_address, parse_address, parse_cidr
from firedoor.algebra.intervals import canonical, covers
from firedoor.model.exposure import Arrival
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.algebra.intervals import Interval
    from firedoor.engine.reach.addresses import Atom
    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value

_DARK = "part of what decides about this pod is unknown: see the gaps"
_MOST_RANGES = 3


class Outside:
    """The addresses outside a cluster, and the answers about them."""

    def __init__(self, network: Network) -> None:
        """Find the ranges in which an address can lie that is no pod's and no node's."""
        self._network = network
        inside = _inside(network)
        self._atoms: list[Atom] = [
            atom
            for atom in network.addresses.atoms
            if atom.family in network.families and not covers(inside[atom.family], ((atom.first, atom.last),))
        ]
        self._nodes = {node.metadata.name for node in network.snapshot.nodes}
        self._addresses = {node.metadata.name: node.internal_addresses for node in network.snapshot.nodes}
        alike: dict[tuple[Family, object], dict[str, None]] = {}
        for address in (each for addresses in self._addresses.values() for each in addresses):
            # What policies of Cilium make of a node can hang on more than its address.
            column = address if network.typed.cilium else network.column(address)
            alike.setdefault((parse_address(address)[0], column), {})[address] = None
        self._alike = [(family, list(addresses)) for (family, _), addresses in alike.items()]
        """The addresses of nodes, by family and by what policies tell apart."""
        self._found: dict[object, Arrival] = {}

    def arrival(self, position: int, protocol: str, port: int, *, keeps_client: bool) -> Arrival:
        """
        Return which addresses outside get through to one port of a member.

        `keeps_client` says that the pod surely sees the client's address; if not, it may
        see that of any node instead, and an address is accepted only if all of these are.
        """
        network = self._network
        member = network.members[position]
        bit = 1 << network.axis.atom(protocol, port)
        own = frozenset(parse_address(each)[0] for each in member.addresses if is_address(each))
        families = own or frozenset(network.families)
        dark = next(network.gaps_of(member, Direction.INGRESS), None) is not None
        key = (network.profile_of[position], member.node, member.host_network, families, dark, bit, keeps_client)
        if key not in self._found:
            clients = self._clients(position, families, dark=dark, bit=bit)
            nodes = [] if keeps_client else [_verdict(each, bit) for each in self._as_nodes(position, families)]
            self._found[key] = _arrival(clients, nodes, dark=dark)
        return self._found[key]

    def is_accepted_from_somebody(self, position: int, protocol: str, port: int) -> bool:
        """Return whether anybody known surely gets through to one port of a member: a pod, or an address outside."""
        network = self._network
        if next(network.gaps_of(network.members[position], Direction.INGRESS), None) is not None:
            return False
        matrix, bit = network.matrix[Direction.INGRESS], 1 << network.axis.atom(protocol, port)
        row = set(matrix.row(int(matrix.program_of[network.profile_of[position]])).tolist())
        return any(matrix.table.values[each][0] & bit for each in row)

    def _clients(
        self, position: int, families: frozenset[Family], *, dark: bool, bit: int
    ) -> list[tuple[Atom, Verdict]]:
        values = self._row(position)
        return [
            (atom, Verdict.UNKNOWN if dark else _verdict(values[atom.external], bit))
            for atom in self._atoms
            if atom.family in families
        ]

    def _row(self, position: int) -> list[Value]:
        """Return what a member accepts from every external class."""
        matrix = self._network.matrix[Direction.INGRESS]
        row = matrix.row(int(matrix.program_of[self._network.profile_of[position]]))
        index = self._network.index
        return [matrix.table.values[each] for each in row[index.first_external : index.first_domain].tolist()]

    def _as_nodes(self, position: int, families: frozenset[Family]) -> Iterator[Value]:
        """Yield what a member accepts from every node; where nodes are not known, from every address there is."""
        network = self._network
        member = network.members[position]
        own = self._addresses.get(member.node, ())
        for family, alike in self._alike:
            # One stands for all that policies see alike; the node of the pod itself they do not stop.
            each = next((address for address in alike if address not in own), None)
            if each is not None and family in families:
                yield network.direction_value(Direction.INGRESS, position, each)
        for address in own:
            if parse_address(address)[0] in families:
                yield network.direction_value(Direction.INGRESS, position, address)
        if not self._nodes or (member.node and member.node not in self._nodes):
            yield network.everything
            values = self._row(position)
            yield from {values[atom.external] for atom in network.addresses.atoms if atom.family in families}


def _inside(network: Network) -> dict[Family, tuple[Interval, ...]]:
    """Return the addresses of pods and nodes, and the ranges that nodes give to pods."""
    found: dict[Family, list[Interval]] = {family: [] for family in Family}
    for node in network.snapshot.nodes:
        for cidr in (*node.spec.pod_cidrs, node.spec.pod_cidr):
            # A Node that somebody wrote by hand may hold anything.
            with suppress(ValueError):
                family, first, last = parse_cidr(cidr)
                found[family].append((first, last))
    texts = [each for node in network.snapshot.nodes for each in node.addresses]
    for text in (*texts, *(each for member in network.members for each in member.addresses)):
        with suppress(ValueError):
            family, number = parse_address(text)
            found[family].append((number, number))
    return {family: canonical(intervals) for family, intervals in found.items()}


def _verdict(value: Value, bit: int) -> Verdict:
    if value[0] & bit:
        return Verdict.ACCEPTED
    return Verdict.UNKNOWN if value[1] & bit else Verdict.DENIED


def _arrival(clients: list[tuple[Atom, Verdict]], nodes: list[Verdict], *, dark: bool) -> Arrival:
    states = [(atom, agreed([verdict, *nodes])) for atom, verdict in clients]
    found = {state for _, state in states}
    verdict = next((each for each in (Verdict.ACCEPTED, Verdict.UNKNOWN) if each in found), Verdict.DENIED)
    accepted, unknown = (tuple(_ranges(states, each)) for each in (Verdict.ACCEPTED, Verdict.UNKNOWN))
    because = (_DARK,) if dark else tuple(_because(clients, nodes))
    return Arrival(verdict, accepted, unknown, because)


def agreed(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that all have in common; unknown where they differ."""
    found = set(verdicts)
    return found.pop() if len(found) == 1 else Verdict.UNKNOWN


def _ranges(states: list[tuple[Atom, Verdict]], wanted: Verdict) -> Iterator[str]:
    """Yield the ranges with one verdict; addresses of pods and nodes between two of them do not part them."""
    for family in Family:
        own = [(atom, state) for atom, state in states if atom.family is family]
        if own and all(state is wanted for _, state in own):
            yield format_range(family, 0, family.last)
            continue
        runs: list[list[int]] = []
        before: Verdict | None = None
        for atom, state in own:
            if state is wanted and before is wanted:
                runs[-1][1] = atom.last
            elif state is wanted:
                runs.append([atom.first, atom.last])
            before = state
        yield from (format_range(family, first, last) for first, last in runs)


def _because(clients: list[tuple[Atom, Verdict]], nodes: list[Verdict]) -> Iterator[str]:
    seen = {verdict for _, verdict in clients}
    if nodes and agreed([*seen, *nodes]) is Verdict.UNKNOWN:
        yield (
            "externalTrafficPolicy Cluster: the pod may see the client's address or, after SNAT, that of a node; "
            f"clients' addresses are {_clients_words(clients)}, nodes' are {_nodes_words(nodes)}"
        )
    elif seen == {Verdict.DENIED}:
        yield "the policies of the pod accept no address outside on this port"
    elif Verdict.UNKNOWN in seen:
        yield "what the policies of the pod say of some addresses is unknown"


def _clients_words(clients: list[tuple[Atom, Verdict]]) -> str:
    accepted = list(_ranges(clients, Verdict.ACCEPTED))
    common = agreed(verdict for _, verdict in clients)
    if common is not Verdict.UNKNOWN or not accepted:
        return str(common)
    more = f" and {len(accepted) - _MOST_RANGES} more ranges" if len(accepted) > _MOST_RANGES else ""
    return f"accepted only from {', '.join(accepted[:_MOST_RANGES])}{more}"


def _nodes_words(nodes: list[Verdict]) -> str:
    match agreed(nodes):
        case Verdict.UNKNOWN:
            return "accepted or not, depending on the node: that of the pod itself is always accepted"
        case verdict:
            return str(verdict)
