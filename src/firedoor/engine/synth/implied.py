"""What the objects of a source imply, collected: needs with their places, and what leads nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.basis_flows import single
from firedoor.engine.synth.gathering import Gathering
from firedoor.model.generation import Basis, Evidence, LeftOut, Party

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.exposure.services import Target
    from firedoor.engine.reach.network import Network
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef


class Implied:
    """The needs that were found so far."""

    def __init__(self, network: Network) -> None:
        """Begin with none."""
        self.network = network
        self.notes: list[str] = []
        self._gathering = Gathering()
        self._nodes = {each: node.metadata.name for node in network.snapshot.nodes for each in node.addresses}
        self._left: dict[LeftOut, None] = {}

    def need(self, source: Party, target: Target, evidence: Evidence) -> None:
        """Need a connection to a target, unless both of its ends are outside."""
        destination = self.party(target.end)
        if source.workload is not None or destination.workload is not None:
            self._gathering.add(source, destination, target.protocol, (target.port, target.port), (evidence,))

    def leave(self, what: str, why: str, place: str) -> None:
        """Tell that no policy is made for something, and where it is written."""
        self._left[LeftOut(what, f"{why} ({place})")] = None

    def party(self, end: int | str) -> Party:
        """Return a member, by its position, or an address as an end."""
        if isinstance(end, int):
            return Party(self.network.members[end].workload)
        return Party(blocks=(single(end),), node=self._nodes.get(end, ""))

    def basis(self) -> Basis:
        """Return all needs."""
        return Basis(self._gathering.needs(), tuple(sorted(self._left, key=lambda each: each.what)), tuple(self.notes))


def firsts(members: Iterable[Member]) -> Iterator[Member]:
    """Yield a pod of each workload."""
    seen: set[ObjectRef] = set()
    for member in members:
        if member.workload not in seen:
            seen.add(member.workload)
            yield member
