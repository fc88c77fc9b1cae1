"""From outside to a backend: directly through a Service, or over the pods of a controller."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import format_range, is_address, parse_address
from firedoor.engine.exposure.direct import direct_targets, host_targets
from firedoor.engine.exposure.outside import Outside
from firedoor.engine.exposure.ranges import narrowed, union
from firedoor.engine.exposure.routes import Routed, Router
from firedoor.engine.exposure.services import ServiceIndex, Target
from firedoor.engine.exposure.ways import HOST_PORT, Way
from firedoor.model.connections import PeerEnd
from firedoor.model.exposure import Arrival, Exposure, Hop
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict, both

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.network import Network
    from firedoor.model.places import ObjectRef, Place
    from firedoor.model.services import Service, ServicePort

_BEST = (Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.DENIED)
_FOREIGN = "the backend is an address of no pod of the cluster: no policy of the cluster protects it"
_UNSEEN = "no Service with a door to the outside, host port or host network is known for the pods of {}"
_BEHIND = "the policies between {} and the backend {} this port"
_SAYS = {Verdict.DENIED: "deny", Verdict.UNKNOWN: "leave open whether they accept"}


class ChainFinder:
    """Finds every exposure of a network; `notes` are about what exposes nothing."""

    def __init__(self, network: Network) -> None:
        """Prepare the answers about the outside."""
        self._network = network
        self.services = ServiceIndex(network)
        """The Services, and where they lead."""
        self._router = Router(network)
        self._entrances: dict[int, list[Arrival]] = defaultdict(list)
        self.notes: list[str] = []

    def exposures(self) -> tuple[Exposure, ...]:
        """Return all exposures, by the object that opens the way, then by backend and port."""
        found = list(self._merged(self.ways))
        found.sort(key=_order)
        return tuple(found)

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """Every way to every target, by the kind of what opens it: Services, host ports, what controllers serve."""
        found = [*self._direct(), *self._host_ports()]
        for place, routed in self._router.routed():
            found += self._routed(place, routed)
        self.notes += self._router.notes
        return tuple(found)

    @cached_property
    def _outside(self) -> Outside:
        return Outside(self._network)

    def as_client(self, target: Target) -> Arrival:
        """Return who gets to a target if the pod sees the address of every client, whatever the way in does to it."""
        return self._arrival(target, keeps_client=True)

    def is_accepted_from_somebody(self, target: Target) -> bool:
        """Return whether policies surely let anybody who is known through to a target, inside or outside."""
        return not isinstance(target.end, int) or self._outside.is_accepted_from_somebody(
            target.end, target.protocol, target.port
        )

    def _direct(self) -> Iterator[Way]:
        for each in direct_targets(self.services):
            if each.target is None:
                self.notes.append(f"{each.ref}: port {each.port.port}/{each.port.protocol} leads to no pod")
                continue
            arrival = narrowed(self._arrival(each.target, keeps_client=each.keeps_client), each.source_ranges)
            if isinstance(each.target.end, int):
                self._entrances[each.target.end].append(arrival)
            yield Way(each.ref, each.door, (each.service, each.port), each.target, arrival, each.service.place)

    def _host_ports(self) -> Iterator[Way]:
        for position, target in host_targets(self._network.members):
            arrival = self._arrival(target, keeps_client=True)
            self._entrances[position].append(arrival)
            member = self._network.members[position]
            yield Way(member.workload, HOST_PORT, None, target, arrival, member.place)

    def _arrival(self, target: Target, *, keeps_client: bool) -> Arrival:
        if isinstance(target.end, int):
            return self._outside.arrival(target.end, target.protocol, target.port, keeps_client=keeps_client)
        return Arrival(Verdict.ACCEPTED, _everyone([target.end]), because=(_FOREIGN,))

    def _routed(self, place: Place, routed: Routed) -> Iterator[Way]:
        for namespace, name, wanted in routed.backends:
            service = self.services.services.get((namespace, name))
            targets = [] if service is None else list(self._targets(service, wanted, routed))
            if not targets:
                backend = f"{namespace}/{name}" if namespace else name
                self.notes.append(f"{routed.ref}: backend {backend} port {wanted or 'any'} leads to no pod")
            for front, target in targets:
                for arrival, controller, hops in self._chains(routed, target):
                    yield Way(
                        routed.ref,
                        routed.ref.kind,
                        front,
                        target,
                        arrival,
                        place,
                        routed.hosts,
                        routed.tls_hosts,
                        controller,
                        hops,
                    )

    def _targets(
        self, service: Service, wanted: str, routed: Routed
    ) -> Iterator[tuple[tuple[Service, ServicePort], Target]]:
        by_number = routed.by_target_port and wanted.isdigit()
        for port in service.spec.ports:
            for target in self.services.targets(service, port) if by_number or _is_called(port, wanted) else ():
                if not by_number or target.port == int(wanted):
                    yield (service, port), target

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
            unknown = union([*entrance.accepted, *entrance.unknown])
        return Arrival(verdict, accepted, unknown, because), (entrance.verdict, passed)

    def _entrance(self, position: int, name: str) -> Arrival:
        """Return which addresses outside get to a controller's pod, over all ways that are known."""
        network = self._network
        member = network.members[position]
        if member.host_network:
            own = [each for each in member.addresses if is_address(each)]
            return Arrival(Verdict.ACCEPTED, _everyone(own or ["0.0.0.0"]))  # noqa: S104 - a family
        ways = self._entrances.get(position, ())
        if not ways:
            return Arrival(Verdict.UNKNOWN, because=(_UNSEEN.format(name),))
        best = min((each.verdict for each in ways), key=_BEST.index)
        accepted = union([each for way in ways for each in way.accepted])
        unknown = union([each for way in ways for each in way.unknown])
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

    def _merged(self, rows: Iterable[Way]) -> Iterator[Exposure]:
        """Yield the rows with the pods of a workload that do not differ as one."""
        groups: dict[object, list[Way]] = defaultdict(list)
        ends: dict[object, set[int | str]] = defaultdict(set)
        seen: set[object] = set()
        for row in rows:
            alike = self._alike(row)
            key = (alike, row.target.protocol, row.target.port, row.arrival, row.hops)
            if (key, row.target.end) not in seen:
                seen.add((key, row.target.end))
                groups[key].append(row)
                ends[alike].add(row.target.end)
        for found in groups.values():
            yield self._exposure(found, len(ends[self._alike(found[0])]))

    def _alike(self, row: Way) -> object:
        return row.ref, row.door, row.service_name, self._backend(row.target), row.hosts, row.controller

    def _exposure(self, rows: Sequence[Way], all_targets: int) -> Exposure:
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
            row.ref,
            row.door,
            row.service_name,
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
