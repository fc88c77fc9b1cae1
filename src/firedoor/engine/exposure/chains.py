"""From outside to a backend: directly through a Service, or over the pods of a controller."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import format_range, is_address, parse_address
from firedoor.algebra.intervals import canonical
from firedoor.engine.exposure.direct import direct_targets
from firedoor.engine.exposure.outside import Outside
from firedoor.engine.exposure.routes import Routed, Router
from firedoor.engine.exposure.services import ServiceIndex, Target
from firedoor.model.connections import PeerEnd
from firedoor.model.exposure import Arrival, Exposure, Hop
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict, both

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.algebra.cidrs import Family
    from firedoor.algebra.intervals import Interval
    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef
    from firedoor.model.services import Service, ServicePort

_BEST = (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.DENIED)
_FOREIGN = "the backend is an address of no pod of the cluster: no policy of the cluster protects it"
_UNSEEN = "no Service with a door to the outside, host port or host network is known for the pods of {}"
_BEHIND = "the policies between {} and the backend {} this port"
_SAYS = {Verdict.DENIED: "deny", Verdict.UNKNOWN: "leave open whether they accept"}


@dataclass(frozen=True, slots=True)
class _Row:
    """An exposure of one target; rows of pods that do not differ become one."""

    way: ObjectRef
    door: str
    service: str
    target: Target
    arrival: Arrival
    hosts: tuple[str, ...] = ()
    tls_hosts: tuple[str, ...] = ()
    controller: str = ""
    hops: tuple[Verdict, Verdict] | None = None


class ChainFinder:
    """Finds every exposure of a network; `notes` are about what exposes nothing."""

    def __init__(self, network: Network) -> None:
        """Prepare the answers about the outside."""
        self._network = network
        self._outside = Outside(network)
        self.services = ServiceIndex(network)
        """The Services, and where they lead."""
        self._router = Router(network)
        self._entrances: dict[int, list[Arrival]] = defaultdict(list)
        self.notes: list[str] = []

    def exposures(self) -> tuple[Exposure, ...]:
        """Return all exposures, by the object that opens the way, then by backend and port."""
        rows = list(self._direct())
        for routed in self._router.routed():
            rows += self._routed(routed)
        self.notes += self._router.notes
        found = list(self._merged(rows))
        found.sort(key=_order)
        return tuple(found)

    def _direct(self) -> Iterator[_Row]:
        for each in direct_targets(self.services):
            if each.target is None:
                self.notes.append(f"{each.ref}: port {each.port.port}/{each.port.protocol} leads to no pod")
                continue
            arrival = self._arrival(each.target, keeps_client=each.keeps_client)
            if isinstance(each.target.end, int):
                self._entrances[each.target.end].append(arrival)
            name = f"{each.ref.namespace}/{each.ref.name}"
            yield _Row(each.ref, each.door, name, each.target, arrival)

    def _arrival(self, target: Target, *, keeps_client: bool) -> Arrival:
        if isinstance(target.end, int):
            return self._outside.arrival(target.end, target.protocol, target.port, keeps_client=keeps_client)
        return Arrival(Verdict.ACCEPTED, _everyone([target.end]), because=(_FOREIGN,))

    def _routed(self, routed: Routed) -> Iterator[_Row]:
        for namespace, name, wanted in routed.backends:
            service = self.services.services.get((namespace, name))
            targets = [] if service is None else self._targets(service, wanted, routed)
            if not targets:
                backend = f"{namespace}/{name}" if namespace else name
                self.notes.append(f"{routed.ref}: backend {backend} port {wanted or 'any'} leads to no pod")
            for target in targets:
                for arrival, controller, hops in self._chains(routed, target):
                    yield _Row(
                        routed.ref,
                        routed.ref.kind,
                        f"{namespace}/{name}",
                        target,
                        arrival,
                        routed.hosts,
                        routed.tls_hosts,
                        controller,
                        hops,
                    )

    def _targets(self, service: Service, wanted: str, routed: Routed) -> list[Target]:
        by_number = routed.by_target_port and wanted.isdigit()
        return [
            target
            for port in service.spec.ports
            if by_number or _is_called(port, wanted)
            for target in self.services.targets(service, port)
            if not by_number or target.port == int(wanted)
        ]

    def _chains(self, routed: Routed, target: Target) -> Iterator[tuple[Arrival, str, tuple[Verdict, Verdict]]]:
        """Yield one chain for each workload that serves the way, or one about whoever may serve it."""
        workloads: dict[ObjectRef, list[int]] = defaultdict(list)
        for position in routed.controllers:
            workloads[self._network.members[position].workload].append(position)
        for workload, positions in workloads.items():
            name = f"{workload.namespace}/{workload.name}"
            found = [self._chain(each, target, name) for each in positions]
            arrival, hops = min(found, key=lambda each: _BEST.index(each[0].verdict))
            yield arrival, name, hops
        if not workloads:
            free = self._is_free(target)
            because = (routed.doubt, "every source is accepted" if free else "not every source is accepted")
            verdict = Verdict.ACCEPTED if free else Verdict.UNKNOWN
            yield Arrival(verdict, because=because), "", (Verdict.UNKNOWN, verdict)

    def _chain(self, controller: int, target: Target, name: str) -> tuple[Arrival, tuple[Verdict, Verdict]]:
        entrance = self._entrance(controller, name)
        network = self._network
        passed = network.judge(network.value(controller, target.end), target.protocol, target.port)
        verdict = both(entrance.verdict, passed)
        because = entrance.because if entrance.verdict is not Verdict.ACCEPTED else ()
        if passed is not Verdict.ACCEPTED:
            because = (*because, _BEHIND.format(name, _SAYS[passed]))
        accepted = entrance.accepted if passed is Verdict.ACCEPTED else ()
        unknown = () if passed is Verdict.DENIED else entrance.unknown
        if passed is Verdict.UNKNOWN:
            unknown = _union([*entrance.accepted, *entrance.unknown])
        return Arrival(verdict, accepted, unknown, because), (entrance.verdict, passed)

    def _entrance(self, position: int, name: str) -> Arrival:
        """Return which addresses outside get to a controller's pod, over all ways that are known."""
        network = self._network
        member = network.members[position]
        if member.host_network:
            own = [each for each in member.addresses if is_address(each)]
            return Arrival(Verdict.ACCEPTED, _everyone(own or ["0.0.0.0"]))  # noqa: S104 - a family
        ways = list(self._entrances.get(position, ()))
        for container in member.spec.serving_containers:
            for port in container.ports:
                if port.host_port:
                    number, protocol = port.container_port, port.protocol or "TCP"
                    ways.append(self._arrival(Target(position, protocol, number), keeps_client=True))
        if not ways:
            return Arrival(Verdict.UNKNOWN, because=(_UNSEEN.format(name),))
        best = min((each.verdict for each in ways), key=_BEST.index)
        accepted = _union([each for way in ways for each in way.accepted])
        unknown = _union([each for way in ways for each in way.unknown])
        because = tuple(dict.fromkeys(each for way in ways if way.verdict is best for each in way.because))
        return Arrival(best, accepted, unknown, because)

    def _is_free(self, target: Target) -> bool:
        """Return whether no policy asks where a connection to a target comes from."""
        network = self._network
        if not isinstance(target.end, int):
            return True
        if next(network.gaps_of(network.members[target.end], Direction.INGRESS), None) is not None:
            return False
        layering = network.matrix[Direction.INGRESS].layering
        return not any(layering.policies(network.profile_of[target.end]))

    def _merged(self, rows: Iterable[_Row]) -> Iterator[Exposure]:
        """Yield the rows with the pods of a workload that do not differ as one."""
        groups: dict[object, list[_Row]] = defaultdict(list)
        ends: dict[object, set[int | str]] = defaultdict(set)
        for row in dict.fromkeys(rows):
            groups[self._alike(row), row.target.protocol, row.target.port, row.arrival, row.hops].append(row)
            ends[self._alike(row)].add(row.target.end)
        for found in groups.values():
            yield self._exposure(found, len(ends[self._alike(found[0])]))

    def _alike(self, row: _Row) -> object:
        return row.way, row.door, row.service, self._backend(row.target), row.hosts, row.controller

    def _exposure(self, rows: Sequence[_Row], all_targets: int) -> Exposure:
        row = rows[0]
        backend = self._backend(row.target)
        ends = [each.target.end for each in rows]
        pods: tuple[str, ...] = ()
        if len(ends) < all_targets:
            pods = tuple(sorted(self._network.members[each].name for each in ends if isinstance(each, int)))
        hops: tuple[Hop, ...] = ()
        if row.hops is not None:
            first, second = row.hops
            hops = (Hop("outside", row.controller, first), Hop(row.controller, str(backend), second))
        return Exposure(
            row.way,
            row.door,
            row.service,
            backend,
            row.target.protocol,
            row.target.port,
            row.arrival,
            pods,
            row.hosts,
            row.tls_hosts,
            hops,
        )

    def _backend(self, target: Target) -> PeerEnd:
        if isinstance(target.end, int):
            return PeerEnd(self._network.members[target.end].workload)
        return PeerEnd(ips=f"{target.end}-{target.end}")


def _is_called(port: ServicePort, wanted: str) -> bool:
    return wanted in {"", port.name, str(port.port)}


def _everyone(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the whole of every family that the addresses are of."""
    families = sorted({parse_address(each)[0] for each in addresses})
    return tuple(format_range(family, 0, family.last) for family in families)


def _union(ranges: Iterable[str]) -> tuple[str, ...]:
    found: dict[Family, list[Interval]] = defaultdict(list)
    for each in ranges:
        first, _, last = each.partition("-")
        family, low = parse_address(first)
        found[family].append((low, parse_address(last)[1]))
    return tuple(
        format_range(family, low, high) for family, each in sorted(found.items()) for low, high in canonical(each)
    )


def _order(each: Exposure) -> tuple[object, ...]:
    way = each.way
    controller = each.hops[0].dst if each.hops else ""
    return (
        way.namespace,
        way.kind,
        way.name,
        each.service,
        str(each.backend),
        each.protocol,
        each.port,
        controller,
        each.pods,
    )
