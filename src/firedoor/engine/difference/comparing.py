"""All changes between two networks, as the model tells them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import format_range
from firedoor.engine.difference.groups import JointGroups
from firedoor.engine.difference.inside import InsideComparer
from firedoor.engine.difference.joining import joint_pods, joint_workloads
from firedoor.engine.difference.outside import OutsideComparer
from firedoor.engine.difference.refinement import JointPorts, Side, joint_addresses
from firedoor.engine.difference.transitions import Transition, union
from firedoor.model.connections import PeerEnd
from firedoor.model.difference import ConnectionChange, PodChange, Presence
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from firedoor.engine.difference.groups import JointGroup
    from firedoor.engine.difference.inside import Cell
    from firedoor.engine.difference.joining import JointEnd
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef


def differences(
    old: Network, new: Network, *, pods: bool = False, among: Container[ObjectRef] | None = None
) -> Iterator[ConnectionChange]:
    """
    Yield every connection that changed, between workloads or between pods, and with what is outside.

    With `among` those alone of which one end at least is one of these workloads.
    """
    ends = (joint_pods if pods else joint_workloads)(old, new)
    if ends:
        comparison = _Comparison(old, new, ends)
        if among is None:
            yield from comparison.changes()
        else:
            yield from comparison.changes_among([each.peer.workload in among for each in ends])


class _Comparison:
    def __init__(self, old: Network, new: Network, ends: Sequence[JointEnd]) -> None:
        self._ends = ends
        self._ports = JointPorts(old.axis, new.axis)
        sides = Side(old, self._ports), Side(new, self._ports)
        addresses = joint_addresses(old, new)
        self._groups = JointGroups(*sides, ends, addresses.families)
        self._inside = InsideComparer(*sides, self._groups)
        self._outside = OutsideComparer(*sides, self._groups, addresses)

    def changes(self) -> Iterator[ConnectionChange]:
        for number in range(len(self._ends)):
            yield from self._of_end(number)

    def changes_among(self, is_asked: Sequence[bool]) -> Iterator[ConnectionChange]:
        """Yield the changes of some ends, with all others."""
        sources: dict[int, list[int]] = defaultdict(list)
        for number, asked in enumerate(is_asked):
            for each in self._inside.destinations(number) if asked else ():
                sources[each].append(number)
        for number, end in enumerate(self._ends):
            if is_asked[number]:
                yield from self._of_end(number)
            elif number in sources:
                for source, cells in self._inside.changes_from(sources[number], number):
                    yield self._between(self._ends[source], end, cells)

    def _of_end(self, number: int) -> Iterator[ConnectionChange]:
        """Yield the changes from anybody to one end, and between that and the outside."""
        for source, cells in self._inside.changes_towards(number):
            yield self._between(self._ends[source], self._ends[number], cells)
        for direction in Direction:
            for family, first, last, found in self._outside.ranges(number, direction):
                outside = PeerEnd(ips=format_range(family, first, last))
                yield self._with_outside(number, outside, direction, found)
        for name, found in self._outside.domains(number):
            yield self._with_outside(number, PeerEnd(domain=name), Direction.EGRESS, found)

    def _between(self, src: JointEnd, dst: JointEnd, cells: Sequence[Cell]) -> ConnectionChange:
        details: tuple[PodChange, ...] = ()
        if len({cell.transition for cell in cells}) > 1:
            details = self._details(cells)
        return self._change(src, dst, [cell.transition for cell in cells], details)

    def _with_outside(
        self, number: int, outside: PeerEnd, direction: Direction, found: Sequence[Transition]
    ) -> ConnectionChange:
        details: list[PodChange] = []
        if len(set(found)) > 1:
            for group, each in zip(self._groups.of_end[number], found, strict=True):
                if each.is_change:
                    change, pods = each.traffic_change(self._ports.traffic), _names(group)
                    is_in = direction is Direction.INGRESS
                    details.append(PodChange((), pods, change) if is_in else PodChange(pods, (), change))
        end, other = self._ends[number], _Outside(outside)
        if direction is Direction.INGRESS:
            return self._change(other, end, found, tuple(details))
        return self._change(end, other, found, tuple(details))

    def _change(
        self,
        src: JointEnd | _Outside,
        dst: JointEnd | _Outside,
        found: Sequence[Transition],
        details: tuple[PodChange, ...],
    ) -> ConnectionChange:
        whole, traffic = union(found), self._ports.traffic
        return ConnectionChange(
            whole.kind,
            src.peer,
            dst.peer,
            whole.traffic_change(traffic),
            traffic(whole.old[0]),
            traffic(whole.new[0]),
            traffic(whole.old[1] & ~whole.old[0]),
            traffic(whole.new[1] & ~whole.new[0]),
            src.presence,
            dst.presence,
            details,
        )

    def _details(self, cells: Sequence[Cell]) -> tuple[PodChange, ...]:
        """Return what changed between some of the pods, sources that changed alike told together."""
        changed: dict[tuple[tuple[str, ...], Transition, str], list[tuple[str, ...]]] = defaultdict(list)
        for cell in cells:
            if cell.transition.is_change:
                changed[_names(cell.destinations), cell.transition, cell.where].append(_names(cell.sources))
        found = [
            PodChange(
                tuple(sorted(name for names in sources for name in names)),
                destinations,
                each.traffic_change(self._ports.traffic),
                where,
            )
            for (destinations, each, where), sources in changed.items()
        ]
        return tuple(sorted(found, key=lambda one: (one.src_pods, one.dst_pods, one.where)))


class _Outside:
    """An end that is no pod, and is there before and after."""

    presence = Presence.KEPT

    def __init__(self, peer: PeerEnd) -> None:
        self.peer = peer


def _names(group: JointGroup) -> tuple[str, ...]:
    return tuple(sorted({member.name for member in group.members}))
