"""What a state between two others cuts that both let pass, and what it opens that neither does."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import parse_address
from firedoor.engine.difference.comparing import differences
from firedoor.model.connections import PeerEnd
from firedoor.model.rollout import Interruption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.network import Network
    from firedoor.model.difference import ConnectionChange


def interruptions(old: Network, between: Network, new: Network, *, pods: bool = False) -> tuple[Interruption, ...]:
    """
    Return the traffic that `old` and `new` surely accept and `between` does not.

    Between workloads it may name too much, where pods of one workload differ; between pods it is exact.
    """
    gone = [(each, _lost(each)) for each in differences(old, between, pods=pods)]
    gone = [(each, traffic) for each, traffic in gone if traffic]
    if not gone:
        return ()
    back = [(each, (*each.change.gained, *each.change.opened)) for each in differences(between, new, pods=pods)]
    return tuple(_shared(gone, back))


def openings(old: Network, between: Network, new: Network) -> tuple[Interruption, ...]:
    """Return the traffic that `between` accepts, or may, and neither `old` nor `new` does."""
    more = [
        (each, (*each.change.gained, *each.change.unsettled, *each.change.opened))
        for each in differences(old, between, pods=True)
    ]
    less = [
        (each, (*each.change.lost, *each.change.closed, *each.change.unsettled))
        for each in differences(between, new, pods=True)
    ]
    return tuple(_shared(more, less))


def disturbances(
    old: Network, new: Network, *, pods: bool = False
) -> tuple[tuple[Interruption, ...], tuple[Interruption, ...]]:
    """
    Return what `new` opens and what it cuts; what cannot be decided any more is in both.

    Both are empty only where no verdict at all is another one. Between workloads it may name too much, where pods of
    one workload differ.
    """
    found = list(differences(old, new, pods=pods))
    opened = [(each, (*each.change.gained, *each.change.opened, *each.change.unsettled)) for each in found]
    cut = [(each, (*each.change.lost, *each.change.closed, *each.change.unsettled)) for each in found]
    one, other = (
        tuple(Interruption(each.src, each.dst, traffic) for each, traffic in side if traffic) for side in (opened, cut)
    )
    return one, other


def _lost(change: ConnectionChange) -> Traffic:
    return (*change.change.lost, *_common(change.change.unsettled, change.old))


def _shared(
    first: Iterable[tuple[ConnectionChange, Traffic]], second: Iterable[tuple[ConnectionChange, Traffic]]
) -> Iterator[Interruption]:
    """Yield what is in both, of the same ends, or of ends whose addresses overlap."""
    by_ends: dict[tuple[PeerEnd, PeerEnd], list[tuple[ConnectionChange, Traffic]]] = defaultdict(list)
    for change, traffic in second:
        by_ends[_known(change.src), _known(change.dst)].append((change, traffic))
    for change, traffic in first:
        for other, more in by_ends.get((_known(change.src), _known(change.dst)), ()):
            common = _common(traffic, more)
            if common and _overlap(change.src, other.src) and _overlap(change.dst, other.dst):
                yield Interruption(change.src, change.dst, common)


def _known(end: PeerEnd) -> PeerEnd:
    """Return an end, all ranges of addresses as one."""
    return PeerEnd() if end.ips else end


def _overlap(one: PeerEnd, other: PeerEnd) -> bool:
    if not one.ips:
        return True
    (family, low), (_, high) = _bounds(one)
    (same, first), (_, last) = _bounds(other)
    return family is same and low <= last and first <= high


def _bounds(end: PeerEnd) -> list[tuple[object, int]]:
    return [parse_address(each) for each in end.ips.split("-")]


def _common(one: Traffic, other: Traffic) -> Traffic:
    found = {
        (protocol, max(first, low), min(last, high))
        for protocol, first, last in one
        for same, low, high in other
        if protocol == same and max(first, low) <= min(last, high)
    }
    return tuple(sorted(found))
