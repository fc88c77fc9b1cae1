"""Connections that a data plane reported, judged by the network as it is now: each edge once, and what is sure only."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT, PROTOCOLS
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.requests import RequestIndex
from firedoor.engine.review.ends import Ends
from firedoor.model.flows import FlowEdge, PeerKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Reason, Verdict

if TYPE_CHECKING:
    from firedoor.engine.reach.network import Network

_Pair = tuple[int | str, int | str]
_ORDER = (Verdict.DENIED, Verdict.UNKNOWN, Verdict.ACCEPTED)
_ANY_NAME = "any.invalid"
_MOST = 1 << 14
"""So many verdicts are kept."""


class FlowReasons(Struct, frozen=True, gc=False):
    """
    What a network says of an edge, and because of what.

    Where pods of the ends differ, it is about two that are denied, if any are. `because` has the reasons of the
    directions that have this verdict.
    """

    verdict: Verdict
    because: tuple[tuple[Direction, Reason], ...]


class FlowJudge:
    """Judges edges by one network."""

    def __init__(self, network: Network) -> None:
        """Find the ends when they are asked for."""
        self.network = network
        self._ends = Ends(network)
        self._requests = RequestIndex(network)
        self._has_names = bool(network.index.domain_columns(_ANY_NAME))
        self._nodes = {each for node in network.snapshot.nodes for each in node.addresses}
        self._alike: dict[int, list[int]] = defaultdict(list)
        for position, profile in enumerate(network.profile_of):
            self._alike[profile].append(position)
        self._found: dict[tuple[object, ...], Verdict] = {}

    def verdict(self, edge: FlowEdge, directions: tuple[Direction, ...]) -> Verdict:
        """
        Return what the policies of some directions say of an edge; `UNKNOWN` unless it is sure.

        It is not where an end is not known, is a node or on its network, or outside while policies name domains,
        where the pods of an end differ, and where requests inside of the connection are judged too.
        """
        key = (edge.source, edge.destination, edge.protocol, edge.port, directions)
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST:
                self._found.clear()
            found = self._found[key] = self._verdict(edge, directions)
        return found

    def why(self, edge: FlowEdge) -> FlowReasons | None:
        """Return what is so now of an edge, and why; None where an end is not known, or it is on no port."""
        judged = {pair: self.network.verdict(*pair, edge.protocol, edge.port) for pair in self._pairs(edge)}
        if not judged:
            return None
        (source, destination), verdict = min(judged.items(), key=lambda each: _ORDER.index(each[1]))
        explained = {
            direction: explain_direction(self.network, direction, source, destination, edge.protocol, edge.port)
            for direction in Direction
        }
        because = [
            (direction, reason)
            for direction, each in explained.items()
            if each.verdict is verdict
            for reason in each.because
        ]
        return FlowReasons(verdict, tuple(because))

    def _verdict(self, edge: FlowEdge, directions: tuple[Direction, ...]) -> Verdict:
        pairs = self._pairs(edge)
        if not pairs or not self._is_plain(edge, pairs):
            return Verdict.UNKNOWN
        found = {self._of_direction(each, pair, edge) for pair in pairs for each in directions}
        if Verdict.DENIED in found and all(
            Verdict.DENIED in {self._of_direction(each, pair, edge) for each in directions} for pair in pairs
        ):
            return Verdict.DENIED
        return Verdict.ACCEPTED if found == {Verdict.ACCEPTED} else Verdict.UNKNOWN

    def _of_direction(self, direction: Direction, pair: _Pair, edge: FlowEdge) -> Verdict:
        network = self.network
        subject, peer = pair if direction is Direction.EGRESS else (pair[1], pair[0])
        if not isinstance(subject, int) or subject == peer:
            return Verdict.ACCEPTED
        verdict = network.judge(network.direction_value(direction, subject, peer), edge.protocol, edge.port)
        if verdict is Verdict.ACCEPTED and direction in self._requests.directions:
            bit = 1 << network.axis.atom(edge.protocol, edge.port)
            demands = self._requests.of(direction, network.profile_of[subject], network.column(peer))
            return Verdict.UNKNOWN if any(ports & bit for ports, _ in demands) else verdict
        return verdict

    def _pairs(self, edge: FlowEdge) -> list[_Pair]:
        """Return every pair of ends that the edge may have been between; none where one is not known."""
        if edge.protocol not in PROTOCOLS or not FIRST_PORT <= edge.port <= LAST_PORT:
            return []
        sources, destinations = self._ends.of(edge.source), self._ends.of(edge.destination)
        return [(one, self._apart(one, other)) for one, other in product(sources.like, destinations.like)]

    def _apart(self, one: int | str, other: int | str) -> int | str:
        """Return a pod like `other`, and not `one` itself where there is another."""
        if one != other or not isinstance(other, int):
            return other
        alike = self._alike[self.network.profile_of[other]]
        return next((each for each in alike if each != other), other)

    def _is_plain(self, edge: FlowEdge, pairs: list[_Pair]) -> bool:
        """Return whether all is told by addresses and labels alone."""
        if PeerKind.NODE in {edge.source.kind, edge.destination.kind}:
            return False
        if self._has_names and edge.destination.kind is PeerKind.EXTERNAL:
            # Which name it was that led to the address is not known.
            return False
        ends = {end for pair in pairs for end in pair}
        return not any(
            end in self._nodes if isinstance(end, str) else self.network.members[end].host_network for end in ends
        )
