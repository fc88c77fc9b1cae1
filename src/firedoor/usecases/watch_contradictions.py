"""What a data plane does otherwise than the policies say, once it is sure that it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.flows import FlowVerdict
from firedoor.model.networkpolicy import Direction
from firedoor.model.rbac import Role, RoleBinding
from firedoor.model.services import EndpointSlice
from firedoor.model.verdicts import Verdict
from firedoor.model.workloads import Namespace, Pod, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.review.flow_judging import FlowJudge
    from firedoor.model.feed import ObjectChange
    from firedoor.model.flow_reading import FlowRow
    from firedoor.model.flows import FlowEdge

GRACE = 30 * 10**9
"""So many nanoseconds after a change a data plane may still do what it did before."""
SETTLING = 10 * 10**9
"""So long changes are waited for that were made before the connections, and are told later."""
LEAST = 3
"""So many connections must say the same."""
_LONGEST = 600 * 10**9
_MOST = 1000
_MOST_NAMESPACES = 10_000
_AHEAD = 60 * 10**9
_SIDES = {"ingress": Direction.INGRESS, "egress": Direction.EGRESS}
_ENFORCERS = frozenset(
    {
        "antrea-flows",
        "antrea-np-log",
        "aws-network-policy",
        "calico-felix",
        "calico-flowlogs",
        "calico-goldmane",
        "csv",
        "gke-policy-action",
        "hubble",
        "ovn-acl",
    }
)
"""The formats of what enforces policies; others tell what came by, whatever became of it."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Connections of one edge that went another way than the policies say."""

    row: FlowRow
    count: int


@dataclass(slots=True)
class _Suspect:
    row: FlowRow
    directions: tuple[Direction, ...]
    expected: Verdict
    began: int
    first: int
    count: int = 0
    ripe: int | None = None


class Contradictions:
    """Collects connections that policies judge otherwise, of no more than some edges."""

    def __init__(self) -> None:
        """Nothing is known to have been so for long."""
        self._changed: dict[str, int] = {}
        self._suspects: dict[tuple[object, ...], _Suspect] = {}

    def changed(self, changes: Sequence[ObjectChange] | None, now: int, *, has_others: bool) -> None:
        """
        Take note of what may change verdicts, and when it was seen; where all was read anew it may be anything.

        `has_others` says whether there are policies of other kinds than NetworkPolicy.
        """
        if changes is None or len(self._changed) > _MOST_NAMESPACES:
            self._changed = {"": now}
        for each in changes or ():
            if _matters(each, has_others=has_others):
                some = each.after or each.before
                self._changed[each.ref.name if isinstance(some, Namespace) else each.ref.namespace] = now

    def take(self, row: FlowRow, form: str, judge: FlowJudge, now: int) -> None:
        """Take what was counted of an edge, as a format told it."""
        edge, side = row.edge, _SIDES.get(row.side)
        if side is None or form not in _ENFORCERS or edge.verdict not in {FlowVerdict.ALLOWED, FlowVerdict.DENIED}:
            return
        is_denied = edge.verdict is FlowVerdict.DENIED
        # What came in at one end was let out at the other.
        directions = (side,) if is_denied or side is Direction.EGRESS else tuple(Direction)
        expected = Verdict.ACCEPTED if is_denied else Verdict.DENIED
        key = (edge.source, edge.destination, edge.protocol, edge.port, is_denied, side)
        if self._is_recent(edge, edge.first) or edge.first > now + _AHEAD:
            return
        if judge.verdict(edge, directions) is not expected:
            self._suspects.pop(key, None)
            return
        known = self._suspects.get(key)
        if known is None:
            if len(self._suspects) >= _MOST:
                return
            known = self._suspects[key] = _Suspect(row, directions, expected, now, edge.first)
        known.row, known.first = row, min(known.first, edge.first)
        known.count += edge.count
        if known.count >= LEAST and known.ripe is None:
            known.ripe = now + SETTLING

    def due(self, judge: FlowJudge, now: int) -> Iterator[Contradiction]:
        """Yield what is sure by now: nothing changed around the connections, and the policies still say otherwise."""
        for key, each in list(self._suspects.items()):
            edge = each.row.edge
            is_over = self._is_recent(edge, each.first) or judge.verdict(edge, each.directions) is not each.expected
            is_ripe = each.ripe is not None and now >= each.ripe
            if is_ripe and not is_over:
                yield Contradiction(each.row, each.count)
            if is_ripe or is_over or now - each.began > _LONGEST:
                del self._suspects[key]

    @property
    def has_suspects(self) -> bool:
        """Whether there is anything that may become sure."""
        return bool(self._suspects)

    def _is_recent(self, edge: FlowEdge, time: int) -> bool:
        """Return whether something that concerns an edge changed after a time, or so shortly before."""
        places = ("", edge.source.namespace, edge.destination.namespace)
        return max(self._changed.get(each, 0) for each in places) + GRACE > time


def _matters(change: ObjectChange, *, has_others: bool) -> bool:
    before, after = change.before, change.after
    some = after or before
    if isinstance(some, EndpointSlice):
        return has_others
    if isinstance(some, Pod):
        return isinstance(after, Pod) and (not isinstance(before, Pod) or _traits(before) != _traits(after))
    return not isinstance(some, (Role, RoleBinding, Workload))


def _traits(pod: Pod) -> tuple[object, ...]:
    return pod.metadata.labels, pod.addresses, pod.spec.node_name, pod.status.phase
