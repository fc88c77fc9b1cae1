"""What is needed, by what manifests say: hosts that containers are told of, routes, open Services and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.exposure.direct import direct_targets
from firedoor.engine.exposure.routes import Router
from firedoor.engine.synth.basis_flows import single
from firedoor.engine.synth.gathering import Gathering
from firedoor.engine.synth.hosts import HostIndex, is_outside
from firedoor.model.generation import Basis, Evidence, LeftOut, Party
from firedoor.model.workloads import pod_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.exposure.routes import Routed
    from firedoor.engine.exposure.services import Target
    from firedoor.engine.reach.network import Network
    from firedoor.model.calls import Call
    from firedoor.model.members import Member
    from firedoor.model.places import ObjectRef

EVERYWHERE = "0.0.0.0/0"
_SCRAPE, _PORT = "prometheus.io/scrape", "prometheus.io/port"
_PROMETHEUS = "app.kubernetes.io/name"
_UNREAD = (
    "manifests say only part of what is needed: ConfigMaps, Secrets, ServiceMonitors and webhook configurations are "
    "not read, and what programs connect to by themselves stands nowhere"
)


def basis_from_manifests(network: Network) -> Basis:
    """Return the connections that the objects of the source imply, each with its place."""
    return _Reader(network).basis()


class _Reader:
    def __init__(self, network: Network) -> None:
        self._network = network
        self._hosts = HostIndex(network)
        self._gathering = Gathering()
        self._left: dict[LeftOut, None] = {}
        self._notes: list[str] = [_UNREAD]

    def basis(self) -> Basis:
        for member in _firsts(self._network.members):
            self._calls(member)
        self._routes()
        self._doors()
        self._scraped()
        return Basis(self._gathering.needs(), tuple(sorted(self._left, key=lambda each: each.what)), tuple(self._notes))

    def _calls(self, member: Member) -> None:
        spec = member.spec
        groups = (("initContainers", spec.init_containers), ("containers", spec.containers))
        prefix = pod_path(member.workload.kind if member.is_template else "Pod")
        for field, containers in groups:
            for number, container in enumerate(containers):
                for call in container.calls:
                    place = member.place.at(f"{prefix}spec.{field}[{number}].{call.path}")
                    self._call(member, call, f"container {container.name}, {call.path}", place)

    def _call(self, member: Member, call: Call, where: str, place: str) -> None:
        service = self._hosts.service(call.host, member.namespace)
        said = f"{call.host}:{call.port}" if call.port else call.host
        targets = self._hosts.targets(call, service) if service is not None else []
        if not targets:
            self._left_call(member, call, said, place, known=service is not None)
        for target in targets:
            self._need(Party(member.workload), target, Evidence(f"{where} names {said}", place))

    def _left_call(self, member: Member, call: Call, said: str, place: str, *, known: bool) -> None:
        if known:
            why = f"the Service has no pods with that port ({place})"
        elif is_outside(call.host):
            why = f"it is a name of the outside, of which manifests tell no address ({place})"
        else:
            why = f"no Service of that name is in the source ({place})"
        self._left[LeftOut(f"{member.workload} -> {said}", why)] = None

    def _need(self, source: Party, target: Target, evidence: Evidence) -> None:
        destination = self._party(target.end)
        if source.workload is None and destination.workload is None:
            return
        self._gathering.add(source, destination, target.protocol, (target.port, target.port), (evidence,))

    def _party(self, end: int | str) -> Party:
        if isinstance(end, int):
            return Party(self._network.members[end].workload)
        return Party(blocks=(single(end),))

    def _routes(self) -> None:
        router = Router(self._network)
        for written, routed in router.routed():
            place = str(written)
            controllers = sorted({self._network.members[each].workload for each in routed.controllers})
            targets = list(self._backends(routed))
            if targets and not controllers:
                self._left[LeftOut(f"{routed.ref} -> its backends", f"{routed.doubt} ({place})")] = None
            for target in targets:
                for ref in controllers:
                    self._need(Party(ref), target, Evidence(f"backend of {routed.ref}", place))
        self._notes += router.notes

    def _backends(self, routed: Routed) -> Iterator[Target]:
        services = self._hosts.services
        for namespace, name, wanted in routed.backends:
            service = services.services.get((namespace, name))
            for port in service.spec.ports if service is not None else ():
                assert service is not None  # noqa: S101 - as the line above says
                by_number = routed.by_target_port and wanted.isdigit()
                if by_number or wanted in {"", port.name, str(port.port)}:
                    targets = services.targets(service, port)
                    yield from (each for each in targets if not by_number or each.port == int(wanted))

    def _doors(self) -> None:
        for direct in direct_targets(self._hosts.services):
            if direct.target is None:
                continue
            ranges = direct.service.spec.load_balancer_source_ranges or (EVERYWHERE,)
            evidence = Evidence(f"{direct.ref} is open to the outside ({direct.door})", str(direct.service.place))
            self._need(Party(blocks=tuple(sorted(ranges))), direct.target, evidence)

    def _scraped(self) -> None:
        members = self._network.members
        scrapers = sorted({each.workload for each in members if _is_prometheus(each)})
        for member in _firsts(members):
            if member.annotations.get(_SCRAPE) != "true":
                continue
            text = f'annotation {_SCRAPE}: "true"'
            path = pod_path(member.workload.kind if member.is_template else "Pod")
            place = member.place.at(f'{path}metadata.annotations["{_SCRAPE}"]')
            ports = _scraped_ports(member)
            if not scrapers or not ports:
                lacks = "no pod of Prometheus is in the source" if ports else "it names no port and declares none"
                self._left[LeftOut(f"Prometheus -> {member.workload}", f"{lacks} ({place})")] = None
            for ref in scrapers:
                for port in ports:
                    self._gathering.add(
                        Party(ref), Party(member.workload), "TCP", (port, port), (Evidence(text, place),)
                    )


def _firsts(members: Iterable[Member]) -> Iterator[Member]:
    """Yield a pod of each workload."""
    seen: set[ObjectRef] = set()
    for member in members:
        if member.workload not in seen:
            seen.add(member.workload)
            yield member


def _is_prometheus(member: Member) -> bool:
    if member.labels.get(_PROMETHEUS) == "prometheus":
        return True
    return any(image.partition("@")[0].partition(":")[0].endswith("prom/prometheus") for image in member.spec.images)


def _scraped_ports(member: Member) -> list[int]:
    said = member.annotations.get(_PORT, "")
    if said:
        return [int(said)] if said.isdecimal() and 1 <= int(said) <= 65535 else []  # noqa: PLR2004 - what ports are
    return sorted({port for protocol, port in member.listening if protocol == "TCP"})
