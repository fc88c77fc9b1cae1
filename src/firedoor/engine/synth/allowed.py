"""What one group is permitted in one direction, on the ports of a network that is held against it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, parse_address, parse_cidr
from firedoor.algebra.intervals import canonical, covers
from firedoor.engine.reach.domains import any_matches, canonical_name

if TYPE_CHECKING:
    from firedoor.algebra.intervals import Interval, IntervalSet
    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.groups import Group
    from firedoor.engine.synth.permitted import Side


class Allowed:
    """The permitted ports of every sort of peer, as masks."""

    def __init__(self, network: Network, side: Side) -> None:
        """Put a side on the ports of a network."""
        self._network = network
        self._side = side
        self._groups = {group: self._mask(traffic) for group, traffic in side.groups.items()}
        self._nodes = self._mask(side.nodes)
        self._domains = {canonical_name(name): self._mask(traffic) for name, traffic in side.domains.items()}
        self._ranges = self._by_port()

    def member(self, position: int, group: Group) -> int:
        """Return the ports that are permitted with a pod, by its group, by its addresses or as one of a node."""
        member = self._network.members[position]
        found = self._groups.get(group, 0) | (self._nodes if member.host_network else 0)
        addresses = [parse_address(each) for each in member.addresses]
        spans = [(family, (number, number)) for family, number in addresses] or [(Family.V4, Family.V4.everything[0])]
        return found | self._within(spans)

    def addresses(self, family: Family, first: int, last: int, external: int) -> int:
        """Return the ports that are permitted with all of some addresses of the outside."""
        is_node = external in self._network.addresses.of_nodes
        return self._within([(family, (first, last))]) | (self._nodes if is_node else 0)

    def domain(self, name: str) -> int:
        """Return the ports that are permitted with a name, or with every address that there is."""
        found = self._within([(family, family.everything[0]) for family in self._network.families])
        for known, ports in self._domains.items():
            found |= ports if any_matches((known,), name) else 0
        return found

    def _within(self, spans: list[tuple[Family, Interval]]) -> int:
        found = 0
        for bit, ranges in self._ranges.items():
            if all(covers(ranges[family], (span,)) for family, span in spans):
                found |= bit
        return found

    def _by_port(self) -> dict[int, dict[Family, IntervalSet]]:
        """Return the addresses that are permitted for each set of ports that have the same."""
        collected: dict[int, dict[Family, list[Interval]]] = {}
        for cidr, traffic in (*self._side.written_blocks.items(), *self._side.server_blocks.items()):
            family, first, last = parse_cidr(cidr)
            mask = self._mask(traffic)
            while mask:
                bit = mask & -mask
                mask ^= bit
                collected.setdefault(bit, {each: [] for each in Family})[family].append((first, last))
        together: dict[tuple[tuple[Family, IntervalSet], ...], int] = defaultdict(int)
        for bit, ranges in collected.items():
            together[tuple((family, canonical(each)) for family, each in ranges.items())] |= bit
        return {bits: dict(ranges) for ranges, bits in together.items()}

    def _mask(self, traffic: Traffic) -> int:
        mask = 0
        for protocol, first, last in traffic:
            mask |= self._network.axis.inside(protocol, first, last)
        return mask
