"""
What is permitted between groups: the needs, as far as the selectors and blocks of an API can tell ends apart.

Pods that one selector stands for are permitted alike, and so are the addresses of one block.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, parse_address
from firedoor.algebra.intervals import canonical
from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS, PortAxis, Traffic, merge
from firedoor.engine.synth.blocks import BlocksWithin, bounded
from firedoor.engine.synth.drafts import BlockPeer, DomainPeer, NodesPeer, ServersPeer
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from firedoor.algebra.intervals import Interval, IntervalSet
    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.groups import Group, GroupIndex
    from firedoor.model.generation import Evidence, Need, Party


@dataclass(frozen=True, slots=True)
class Abilities:
    """
    What a policy API can say.

    `domains`: names at egress. `nodes`: the nodes as such, `servers`: the API server as such; otherwise their
    addresses stand for them.
    `outside_in`: addresses at ingress. `egress`: anything at all about what pods connect to. `ranges`: several
    ports as one range. `accounts`: pods are known by their service accounts alone, and selectors know no
    ``DoesNotExist``.
    """

    domains: bool = False
    nodes: bool = False
    servers: bool = False
    outside_in: bool = True
    egress: bool = True
    protocols: tuple[str, ...] = PROTOCOLS
    ranges: bool = True
    accounts: bool = False
    named_ports: bool = True


@dataclass(slots=True)
class Side:
    """
    What one group may do in one direction.

    `written_blocks` are the blocks that rules name: those of the needs, in as few as are asked for. `server_blocks`
    are the addresses of the API server, where `servers` says what it may do.
    """

    groups: dict[Group, Traffic] = field(default_factory=dict)
    blocks: dict[str, Traffic] = field(default_factory=dict)
    written_blocks: dict[str, Traffic] = field(default_factory=dict)
    domains: dict[str, Traffic] = field(default_factory=dict)
    nodes: Traffic = ()
    servers: Traffic = ()
    server_blocks: dict[str, Traffic] = field(default_factory=dict)
    why: dict[object, list[tuple[str, Evidence]]] = field(default_factory=lambda: defaultdict(list))
    added: int = 0
    """Addresses that the written blocks hold and no need names."""


class Permitted:
    """What every group in scope may do, and what the API cannot say."""

    def __init__(
        self,
        network: Network,
        groups: GroupIndex,
        needs: Sequence[Need],
        namespaces: Iterable[str],
        abilities: Abilities,
        bound: int,
    ) -> None:
        """Take in all needs that touch a group of `namespaces`; at most `bound` blocks stand for one set of ports."""
        self._network = network
        self.index = groups
        self.groups = groups.groups
        self._abilities = abilities
        self._bound = bound
        self.namespaces = tuple(namespaces)
        wanted = frozenset(self.namespaces)
        self.subjects = [each for each in groups.groups if each.namespace in wanted and not each.is_host]
        self._sides: dict[tuple[Group, Direction], Side] = defaultdict(Side)
        self.unwritable: dict[tuple[Need, str], None] = {}
        self.by_address: dict[str, tuple[str, ...]] = {}
        """Domain names that stand in rules as the addresses they had."""
        self._in_scope = wanted
        self.written = [each for each in needs if self._add(each)]
        """The needs that rules can be written for."""
        for side in self._sides.values():
            self._write_blocks(side)

    def side(self, subject: Group, direction: Direction) -> Side:
        """Return what a group may do in a direction."""
        return self._sides.get((subject, direction)) or Side()

    def sharing(self, namespace: str, account: str) -> list[Group]:
        """Return the groups with pods that run as a service account."""
        return self.index.by_account[namespace, account]

    def ends(self, party: Party) -> tuple[Group, ...]:
        """Return the groups of an end; none of what is outside."""
        return self.index.of[party.workload] if party.workload is not None else ()

    def _add(self, need: Need) -> bool:
        """Take in a need; return whether all rules that it takes can be written."""
        sources, destinations = self.ends(need.source), self.ends(need.destination)
        subjects = [
            (Direction.EGRESS, group, need.destination, destinations)
            for group in sources
            if self._is_subject(group) and self._abilities.egress
        ]
        subjects += [
            (Direction.INGRESS, group, need.source, self._known_as(sources))
            for group in destinations
            if self._is_subject(group)
        ]
        problem = next(
            filter(None, (self._problem(need, way, party, others) for way, _, party, others in subjects)), ""
        )
        if problem:
            self.unwritable[need, problem] = None
            return False
        traffic = ((need.protocol, need.first, need.last),)
        for direction, group, party, others in subjects:
            self._permit(group, direction, party, others, traffic, need)
        return bool(subjects)

    def _known_as(self, groups: tuple[Group, ...]) -> tuple[Group, ...]:
        """Return the groups that cannot be told from some groups by who connects."""
        if not self._abilities.accounts:
            return groups
        alike = (
            other
            for group in groups
            for account in group.accounts
            for other in ((group,) if group.is_host else self.index.by_account[group.namespace, account])
        )
        return tuple(dict.fromkeys(alike))

    def _is_subject(self, group: Group) -> bool:
        return group.namespace in self._in_scope and not group.is_host

    def _problem(self, need: Need, direction: Direction, party: Party, others: tuple[Group, ...]) -> str:
        """Return why a rule for a need cannot be written."""
        if need.source == need.destination and party.workload is not None and party.workload.kind == "Pod":
            return "a pod reaches itself without a rule"
        if need.protocol not in self._abilities.protocols:
            return f"the API has no rules for {need.protocol}"
        if not self._abilities.ranges and need.first < need.last and (need.first, need.last) != (FIRST_PORT, LAST_PORT):
            return "the API has no ranges of ports"
        hosts = [each for each in others if each.is_host]
        if not self._abilities.nodes and any(not self._addresses(each) for each in hosts):
            return f"{hosts[0].workloads[0]} is on the network of its node, and no address of it is known"
        outside = party.workload is None or bool(hosts)
        if outside and direction is Direction.INGRESS and not self._abilities.outside_in:
            return "the API has no rules about connections from addresses: they stay open"
        if party.workload is None and not party.blocks and not self._has_name(party, direction):
            return f"no address of {party} is known"
        return ""

    def _has_name(self, party: Party, direction: Direction) -> bool:
        return bool(party.domain) and self._abilities.domains and direction is Direction.EGRESS

    def _permit(
        self,
        subject: Group,
        direction: Direction,
        party: Party,
        others: tuple[Group, ...],
        traffic: Traffic,
        need: Need,
    ) -> None:
        side = self._sides[subject, direction]
        for group in others:
            if not group.is_host:
                side.groups[group] = merge((side.groups.get(group, ()), traffic))
                self._because(side, group, party, need)
            elif self._abilities.nodes:
                self._permit_nodes(side, party, traffic, need)
            else:
                self._permit_blocks(subject, direction, self._addresses(group), traffic, need)
        if party.workload is None:
            self._permit_outside(subject, direction, party, traffic, need)

    def _permit_outside(self, subject: Group, direction: Direction, party: Party, traffic: Traffic, need: Need) -> None:
        side = self._sides[subject, direction]
        if self._has_name(party, direction):
            side.domains[party.domain] = merge((side.domains.get(party.domain, ()), traffic))
            self._because(side, DomainPeer(party.domain), party, need)
        elif party.node and self._abilities.nodes:
            self._permit_nodes(side, party, traffic, need)
        elif party.server and self._abilities.servers:
            self._permit_servers(side, party, traffic, need)
        else:
            self._permit_blocks(subject, direction, party.blocks, traffic, need)
            if party.domain:
                self.by_address[party.domain] = party.blocks

    def _is_let_in(self, subject: Group, direction: Direction, block: str) -> bool:
        """Return whether no rule is asked: the address is that of the node of every pod of the group."""
        address = block.partition("/")[0]
        return all(self._network.lets_in(direction, each, address) is True for each in subject.members)

    def _permit_nodes(self, side: Side, party: Party, traffic: Traffic, need: Need) -> None:
        side.nodes = merge((side.nodes, traffic))
        self._because(side, NodesPeer(), party, need)

    def _permit_servers(self, side: Side, party: Party, traffic: Traffic, need: Need) -> None:
        side.servers = merge((side.servers, traffic))
        for block in party.blocks:
            side.server_blocks[block] = merge((side.server_blocks.get(block, ()), traffic))
        self._because(side, ServersPeer(), party, need)

    def _permit_blocks(
        self, subject: Group, direction: Direction, blocks: Iterable[str], traffic: Traffic, need: Need
    ) -> None:
        """Permit blocks, but for the address of the node that all pods of the subject run on: it needs no rule."""
        side = self._sides[subject, direction]
        party = need.source if direction is Direction.INGRESS else need.destination
        for block in blocks:
            if not self._is_let_in(subject, direction, block):
                side.blocks[block] = merge((side.blocks.get(block, ()), traffic))
                self._because(side, block, party, need)

    def _because(self, side: Side, key: object, party: Party, need: Need) -> None:
        ports = f"{need.protocol}/{need.first}" + (f"-{need.last}" if need.last != need.first else "")
        side.why[key] += [(f"{party} {ports}", each) for each in need.evidence]

    def _addresses(self, group: Group) -> tuple[str, ...]:
        """Return the addresses of a group on the network of nodes, each as a block."""
        members = self._network.members
        texts = {address for each in group.members for address in members[each].addresses}
        if not all(members[each].addresses for each in group.members):
            return ()
        return tuple(f"{each}/{32 if '.' in each else 128}" for each in sorted(texts))

    def _write_blocks(self, side: Side) -> None:
        """Find the blocks that rules name: for each set of ports the fewest that hold all addresses."""
        axis = PortAxis(each for traffic in side.blocks.values() for each in traffic)
        by_port: dict[int, list[str]] = defaultdict(list)
        for block, traffic in sorted(side.blocks.items()):
            for protocol, first, last in traffic:
                low, high = axis.atom(protocol, first), axis.atom(protocol, last)
                for atom in range(low, high + 1):
                    by_port[atom].append(block)
        masks: dict[str, int] = defaultdict(int)
        known: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}
        for atom, blocks in by_port.items():
            key = tuple(blocks)
            if key not in known:
                known[key] = bounded(key, self._bound, self._taken)
                side.added += known[key][1]
            for cidr in known[key][0]:
                masks[cidr] |= 1 << atom
        side.written_blocks = {cidr: axis.traffic(mask) for cidr, mask in sorted(masks.items())}
        within = BlocksWithin(tuple(side.blocks))
        for cidr in side.written_blocks:
            side.why[BlockPeer(cidr)] = [each for block in within.of(cidr) for each in side.why[block]]

    @cached_property
    def _taken(self) -> Mapping[Family, IntervalSet]:
        """The addresses of pods and nodes, which no block may take in that stands for others."""
        found: dict[Family, list[Interval]] = {family: [] for family in Family}
        texts = {address for member in self._network.members for address in member.addresses}
        texts |= {address for node in self._network.snapshot.nodes for address in node.addresses}
        for family, number in map(parse_address, texts):
            found[family].append((number, number))
        return {family: canonical(each) for family, each in found.items()}
