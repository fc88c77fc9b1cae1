"""Ways from outside the cluster to its pods, as `firedoor.engine.exposure` finds them, for checks."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.exposure import ChainFinder
from firedoor.engine.posture.outside import holds_public
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.exposure import Way
    from firedoor.engine.posture.crews import Crew
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef, Place
    from firedoor.model.services import Service, ServicePort


class Door(NamedTuple):
    """A way in, and the pods that it ends at; `doubt` says what leaves open whether clients get through."""

    way: Way
    crew: Crew
    doubt: str = ""

    @property
    def ref(self) -> ObjectRef:
        """The object that opens the way."""
        return self.way.ref

    @property
    def place(self) -> Place:
        """Where the object is written."""
        return self.way.place

    @property
    def number(self) -> int:
        """The port of the pods."""
        return self.way.target.port

    @property
    def protocol(self) -> str:
        """The protocol of the port."""
        return self.way.target.protocol

    @property
    def is_direct(self) -> bool:
        """Whether no controller stands between."""
        return self.way.is_direct

    def __str__(self) -> str:
        """Return the way in words."""
        return f"{self.ref} ({self.way.door})" if self.is_direct else str(self.ref)


def selected(service: Service, homes: dict[str, list[Crew]]) -> list[Crew]:
    """Return the pods that a Service selects."""
    wanted = service.spec.selector.items()
    if not wanted:
        return []
    return [each for each in homes.get(service.metadata.namespace, ()) if wanted <= each.member.labels.items()]


def homes_of(crews: Sequence[Crew]) -> dict[str, list[Crew]]:
    """Return the crews by namespace."""
    found: dict[str, list[Crew]] = defaultdict(list)
    for each in crews:
        found[each.workload.namespace].append(each)
    return found


def of_services(doors: Iterable[Door], kind: str) -> dict[ObjectRef, list[tuple[Service, ServicePort, Door]]]:
    """Return the doors that Services of a type are themselves, by Service (``spec.type``)."""
    found: dict[ObjectRef, list[tuple[Service, ServicePort, Door]]] = defaultdict(list)
    for each in doors:
        if each.is_direct and each.way.front is not None and each.way.front[0].spec.type == kind:
            found[each.ref].append((*each.way.front, each))
    return found


def doors_of(network: Network, crews: Sequence[Crew]) -> Iterator[Door]:
    """Yield the ways that policies do not close, once for pods that do not differ."""
    finder = ChainFinder(network)
    firsts = [each.position for each in crews]
    seen: set[object] = set()
    for way in finder.ways:
        if isinstance(way.target.end, int):
            crew = crews[bisect_right(firsts, way.target.end) - 1]
            key = (
                way.ref,
                way.service_name,
                way.front and way.front[1],
                crew.position,
                way.target.protocol,
                way.target.port,
            )
            doubt = _doubt(finder, way) if key not in seen else None
            if doubt is not None:
                seen.add(key)
                yield Door(way, crew, doubt)


def _doubt(finder: ChainFinder, way: Way) -> str | None:
    """
    Return what leaves open whether a way leads in, empty where it surely does; None where it does not or nobody knows.

    Clients come from public addresses. Who stands before a controller is not asked, only
    whether its way is shut: whatever passes on to the pods comes from inside.
    """
    if not way.is_direct:
        is_open = way.arrival.verdict is not Verdict.DENIED and finder.is_accepted_from_somebody(way.target)
        return "" if is_open else None
    if holds_public(way.arrival.accepted):
        return ""
    # Where an address may be replaced on the way, policies that accept clients as they are count as a likely door.
    return "; ".join(way.arrival.because) if holds_public(finder.as_client(way.target).accepted) else None
