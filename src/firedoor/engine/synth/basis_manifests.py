"""What is needed, by what manifests say: hosts that containers are told of, routes, open Services and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.exposure.direct import direct_targets
from firedoor.engine.exposure.routes import Router
from firedoor.engine.synth.config_maps import ConfigMapIndex
from firedoor.engine.synth.hosts import HostIndex, is_outside
from firedoor.engine.synth.implied import Implied, firsts
from firedoor.engine.synth.scraping import scraped
from firedoor.engine.synth.server import called_by_server
from firedoor.model.calls import Call
from firedoor.model.generation import Evidence, Party
from firedoor.model.workloads import pod_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.exposure.routes import Routed
    from firedoor.engine.exposure.services import Target
    from firedoor.engine.reach.network import Network
    from firedoor.model.generation import Basis
    from firedoor.model.members import Member

EVERYWHERE = "0.0.0.0/0"
_UNREAD = (
    "manifests say only part of what is needed: Secrets are not read, and what programs connect to by themselves "
    "stands nowhere"
)


def basis_from_manifests(network: Network, servers: Sequence[str] = ()) -> Basis:
    """
    Return the connections that the objects of the source imply, each with its place.

    `servers` are the blocks of addresses from which the API server connects, where people say so.
    """
    reader = _Reader(network)
    reader.read()
    scraped(reader.implied, reader.services)
    called_by_server(reader.implied, reader.services, servers)
    return reader.implied.basis()


class _Reader:
    """Reads what containers are told of, routes, and Services that are open."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._hosts = HostIndex(network)
        self._config_maps = ConfigMapIndex(network)
        self.services = self._hosts.services
        self.implied = Implied(network)
        self.implied.notes.append(_UNREAD)

    def read(self) -> None:
        for member in firsts(self._network.members):
            self._calls(member)
            self._told(member)
        self._routes()
        self._doors()
        self._note_config_maps()

    def _calls(self, member: Member) -> None:
        spec = member.spec
        groups = (("initContainers", spec.init_containers), ("containers", spec.containers))
        prefix = pod_path(member.workload.kind if member.is_template else "Pod")
        for field, containers in groups:
            for number, container in enumerate(containers):
                for call in container.calls:
                    place = member.place.at(f"{prefix}spec.{field}[{number}].{call.path}")
                    self._call(member, call, f"container {container.name}, {call.path}", place)

    def _told(self, member: Member) -> None:
        for told in self._config_maps.told(member):
            mention = told.mention
            where = f"ConfigMap {told.config_map.metadata.name} ({told.by}), {mention.where}"
            call = Call(mention.host, mention.port)
            self._call(member, call, where, told.place, is_weak=mention.is_weak)

    def _note_config_maps(self) -> None:
        """Tell of ConfigMaps that are used where the source has none at all, as live clusters are read."""
        snapshot = self._network.snapshot
        if snapshot.config_maps or "ConfigMap" in snapshot.other_objects:
            return
        users = sum(self._config_maps.uses_any(each) for each in firsts(self._network.members))
        if users:
            self.implied.notes.append(
                f"{users} workload{'s use' if users > 1 else ' uses'} ConfigMaps, which may name hosts, and the source "
                "has none: they are read from manifests only (kubectl get configmaps -A -o yaml)"
            )

    def _call(self, member: Member, call: Call, where: str, place: str, *, is_weak: bool = False) -> None:
        """Need what a call leads to; one that is weak, and may be no call at all, is told only if it leads anywhere."""
        service = self._hosts.service(call.host, member.namespace)
        said = f"{call.host}:{call.port}" if call.port else call.host
        targets = self._hosts.targets(call, service) if service is not None else []
        if not targets and not is_weak:
            self._left_call(member, call, said, place, known=service is not None)
        for target in targets:
            self.implied.need(Party(member.workload), target, Evidence(f"{where} names {said}", place))

    def _left_call(self, member: Member, call: Call, said: str, place: str, *, known: bool) -> None:
        if known:
            why = "the Service has no pods with that port"
        elif is_outside(call.host):
            why = "it is a name of the outside, of which manifests tell no address"
        else:
            why = "no Service of that name is in the source"
        self.implied.leave(f"{member.workload} -> {said}", why, place)

    def _routes(self) -> None:
        router = Router(self._network)
        for written, routed in router.routed():
            place = str(written)
            controllers = sorted({self._network.members[each].workload for each in routed.controllers})
            targets = list(self._backends(routed))
            if targets and not controllers:
                self.implied.leave(f"{routed.ref} -> its backends", routed.doubt, place)
            for target in targets:
                for ref in controllers:
                    self.implied.need(Party(ref), target, Evidence(f"backend of {routed.ref}", place))
        self.implied.notes += router.notes

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
            self.implied.need(Party(blocks=tuple(sorted(ranges))), direct.target, evidence)
