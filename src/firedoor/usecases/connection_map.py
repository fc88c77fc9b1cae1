"""The map of a cluster, as near as somebody looks at it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.reach.connectivity import ConnectionLister, grouped_ends
from firedoor.engine.reach.counting import Extent
from firedoor.engine.reach.inventory import inventory
from firedoor.engine.reach.namespace_pairs import counted
from firedoor.errors import UsageError
from firedoor.model.connection_map import OUTSIDE, ConnectionMap, MapLink, MapPair, MapPairs, MapPlace, PlaceKind
from firedoor.model.connections import PeerConnection, PeerEnd
from firedoor.model.places import ObjectRef
from firedoor.usecases.ends import require_namespace
from firedoor.usecases.map_flows import place_id, seen_connections
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.connectivity import End
    from firedoor.model.connection_map import SeenConnection
    from firedoor.model.flows import FlowEdge
    from firedoor.model.snapshot import Snapshot

MOST_PLACES = 1500
"""Places between which pairs are counted."""
MOST_PAIRS = 500
"""Pairs of a link that are told one by one."""
_MOST_LOOKED_AT = 50_000


class Atlas:
    """Maps of one cluster; `edges` are the connections that were seen, None where nobody looked."""

    def __init__(
        self, snapshot: Snapshot, cni: CniProfile, edges: Iterable[FlowEdge] | None = None, namespace: str = ""
    ) -> None:
        """Compile the policies; with `namespace` only links with an end in it are on the maps."""
        self._network = network_of(snapshot, cni)
        if namespace:
            require_namespace(self._network, namespace)
        self._namespace = namespace
        self._is_seen = edges is not None
        self._seen, self._unplaced = seen_connections(self._network, edges or ())
        self._homes = [each.namespace for each in self._network.members]
        self._workloads = [place_id(each.workload) for each in self._network.members]
        self._of_namespace: dict[str, set[str]] = defaultdict(set)
        for home, workload in zip(self._homes, self._workloads, strict=True):
            self._of_namespace[home].add(workload)

    def map(self, expanded: Iterable[str] = ()) -> ConnectionMap:
        """
        Return the map with the workloads of the namespaces `expanded`, and all others as one place each.

        Raises ``UsageError`` for a namespace that is not there, and for more places than can be shown.
        """
        near = set(expanded)
        for each in sorted(near - self._of_namespace.keys()):
            require_namespace(self._network, each)
        of_member = [
            workload if home in near else home for home, workload in zip(self._homes, self._workloads, strict=True)
        ]
        ids = sorted(set(of_member))
        if len(ids) > MOST_PLACES:
            raise UsageError(
                f"{len(ids):,} places are more than a map can show", remedy="expand fewer namespaces at once"
            )
        links = {(each.source, each.destination): each for each in self._links(ids, of_member)}
        for (source, destination), flows in self._grouped(self._seen, near).items():
            link = links.get((source, destination), MapLink(source, destination))
            links[source, destination] = _with_flows(link, flows)
        wanted = (links[each] for each in sorted(links))
        return ConnectionMap(
            tuple(self._places(near, ids)),
            tuple(each for each in wanted if self._is_wanted(each)),
            self._is_seen,
            self._unplaced,
            self._network.snapshot.gaps,
            self._network.cni.name,
        )

    def between(self, source: str, destination: str) -> MapPairs:
        """Return the workloads behind a link of the map, given the ids of its ends; raises ``UsageError``."""
        sources, destinations = self._behind(source), self._behind(destination)
        if sources is destinations is None:
            raise UsageError("the outside is at both ends", remedy="ask about a namespace or a workload")
        found: dict[tuple[str, str], PeerConnection] = {}
        looked_at = 0
        for looked_at, each in enumerate(self._connections(sources, destinations), 1):
            ends = end_id(each.src), end_id(each.dst)
            if _is_in(ends[0], sources) and _is_in(ends[1], destinations) and OUTSIDE not in ends:
                found[ends] = each
            if looked_at >= _MOST_LOOKED_AT:
                break
        pairs = [MapPair(*ends, each) for ends, each in found.items()]
        if sources is None or destinations is None:
            pairs += self._outside(sources or destinations or (), is_source=destinations is None)
        known = {(each.source, each.destination) for each in pairs}
        seen = {
            ends: flows
            for ends, flows in self._grouped(self._seen).items()
            if _is_in(ends[0], sources) and _is_in(ends[1], destinations)
        }
        pairs += [MapPair(*ends) for ends in seen if ends not in known]
        declared = self._declared({each.destination for each in pairs})
        whole = [
            msgspec.structs.replace(
                each,
                seen=tuple(seen.get((each.source, each.destination), ())),
                ports=tuple((protocol, number, number) for protocol, number in declared.get(each.destination, ())),
            )
            for each in pairs
        ]
        whole.sort(key=lambda each: (not each.seen, each.source, each.destination))
        return MapPairs(tuple(whole[:MOST_PAIRS]), len(whole) > MOST_PAIRS or looked_at >= _MOST_LOOKED_AT)

    def _behind(self, place: str) -> Collection[str] | None:
        """Return the workloads of a place, None for the outside."""
        if place == OUTSIDE:
            return None
        if place in self._of_namespace:
            return self._of_namespace[place]
        if place in self._of_namespace.get(place.partition("/")[0], ()):
            return {place}
        raise UsageError(f"there is no {place!r} on the map", remedy="write NAMESPACE, NAMESPACE/KIND/NAME or outside")

    def _connections(
        self, sources: Collection[str] | None, destinations: Collection[str] | None
    ) -> Iterator[PeerConnection]:
        if sources is None or destinations is None:
            return
        wanted = {*sources, *destinations}
        yield from ConnectionLister(self._network, self._ends(wanted)).connections()

    def _ends(self, wanted: Collection[str]) -> list[End]:
        chosen = (
            (position, PeerEnd(member.workload))
            for position, member in enumerate(self._network.members)
            if self._workloads[position] in wanted
        )
        return grouped_ends(self._network, chosen)

    def _outside(self, workloads: Collection[str], *, is_source: bool) -> Iterator[MapPair]:
        """Yield what workloads send to the outside (`is_source`), or get from there."""
        ends = self._ends(workloads)
        lister = ConnectionLister(self._network, ends)
        for end in ends:
            for each in lister.outside(end):
                if (each.src == end.peer) is is_source:
                    yield MapPair(end_id(each.src), end_id(each.dst), each)

    def _links(self, ids: list[str], of_member: list[str]) -> Iterator[MapLink]:
        """Yield what the policies accept between places, and with the outside."""
        numbers = {name: number for number, name in enumerate(ids)}
        table = counted(self._network, [numbers[each] for each in of_member], len(ids))
        table[range(len(ids)), range(len(ids))] = 0
        found = table[:, :, [Extent.ALL, Extent.SOME, Extent.UNKNOWN]]
        for source, destination in zip(*(each.tolist() for each in found.sum(axis=2).nonzero()), strict=True):
            yield MapLink(ids[source], ids[destination], *found[source, destination].tolist())
        pods = Counter(of_member)
        peers = {each: PeerEnd(ObjectRef("", "", each)) for each in ids}
        ends = grouped_ends(self._network, ((position, peers[each]) for position, each in enumerate(of_member)))
        lister = ConnectionLister(self._network, ends)
        for end in ends:
            kinds: dict[bool, set[bool]] = defaultdict(set)
            for each in lister.outside(end):
                kinds[each.src == end.peer].add(bool(each.traffic))
            name = end.peer.workload.name if end.peer.workload is not None else ""
            for is_source, sure in kinds.items():
                ways = (name, OUTSIDE) if is_source else (OUTSIDE, name)
                some, unknown = (pods[name], 0) if True in sure else (0, pods[name])
                yield MapLink(*ways, 0, some, unknown)

    def _grouped(
        self, seen: Iterable[SeenConnection], near: Collection[str] | None = None
    ) -> dict[tuple[str, str], list[SeenConnection]]:
        """Return what was seen by the places that are shown with `near` expanded; by workloads for None."""
        found: dict[tuple[str, str], list[SeenConnection]] = defaultdict(list)
        for each in seen:
            ends = (_shown(each.source, near), _shown(each.destination, near))
            if ends[0] != ends[1] or near is None:
                found[ends].append(each)
        return found

    def _is_wanted(self, link: MapLink) -> bool:
        homes = {each.partition("/")[0] for each in (link.source, link.destination)}
        return not self._namespace or self._namespace in homes

    def _places(self, near: Collection[str], ids: Iterable[str]) -> Iterator[MapPlace]:
        open_pods: dict[str, Counter[str]] = {"ingress": Counter(), "egress": Counter()}
        pods: Counter[str] = Counter()
        refs: dict[str, ObjectRef] = {}
        for row, workload, member in zip(
            inventory(self._network).pods, self._workloads, self._network.members, strict=True
        ):
            place = workload if row.namespace in near else row.namespace
            refs[place] = member.workload
            pods[place] += 1
            open_pods["ingress"][place] += row.ingress != "isolated"
            open_pods["egress"][place] += row.egress != "isolated"
        for each in ids:
            opened = open_pods["ingress"][each], open_pods["egress"][each]
            if each in self._of_namespace:
                size = len(self._of_namespace[each])
                yield MapPlace(each, PlaceKind.NAMESPACE, each, each, "", pods[each], size, *opened)
            else:
                ref = refs[each]
                yield MapPlace(each, PlaceKind.WORKLOAD, ref.namespace, ref.name, ref.kind, pods[each], 1, *opened)
        yield MapPlace(OUTSIDE, PlaceKind.OUTSIDE, name=OUTSIDE)

    def _declared(self, wanted: Collection[str]) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for workload, member in zip(self._workloads, self._network.members, strict=True):
            if workload in wanted:
                found[workload].update(member.listening or ())
        return {workload: sorted(ports) for workload, ports in found.items()}


def end_id(end: PeerEnd) -> str:
    """Return the id of the place that an end of a connection is."""
    return OUTSIDE if end.workload is None else place_id(end.workload)


def _is_in(place: str, among: Collection[str] | None) -> bool:
    return place == OUTSIDE if among is None else place in among


def _shown(place: str, near: Collection[str] | None) -> str:
    home = place.partition("/")[0]
    return place if near is None or home in near or place == OUTSIDE else home


def _with_flows(link: MapLink, flows: Iterable[SeenConnection]) -> MapLink:
    used = against = tried = 0
    for each in flows:
        if not each.was_allowed:
            tried += each.count
        elif each.verdict == "denied":
            against += each.count
        else:
            used += each.count
    return msgspec.structs.replace(link, used=used, against=against, tried=tried)
