"""What host names that containers are told of lead to, as pods and addresses with their own ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.exposure.services import ServiceIndex, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.network import Network
    from firedoor.model.calls import Call
    from firedoor.model.services import Service, ServicePort

_DOTS_OF_SERVICE = 2


class HostIndex:
    """Finds the Services of host names as the resolver of a pod does, and where they lead."""

    def __init__(self, network: Network) -> None:
        """Index the Services of the network."""
        self.services = ServiceIndex(network)

    def service(self, host: str, namespace: str) -> Service | None:
        """
        Return the Service that a name means to a pod in `namespace`: ``svc``, ``svc.ns``, ``svc.ns.svc.domain``.

        In front of each may stand the name of a pod. None where there is no such Service.
        """
        labels = host.split(".")
        if "svc" in labels[_DOTS_OF_SERVICE:]:
            labels = labels[: labels.index("svc", _DOTS_OF_SERVICE)]
        known = self.services.services
        candidates = (
            [(namespace, labels[0])] if len(labels) == 1 else [(labels[-1], labels[-2]), (namespace, labels[-1])]
        )
        return next((known[each] for each in candidates if each in known), None)

    def targets(self, call: Call, service: Service) -> list[Target]:
        """Return where a call of a Service leads; one that says no port may mean all of them."""
        ports = service.spec.ports
        if call.port and service.spec.cluster_ip != "None":
            ports = tuple(each for each in ports if each.port == call.port)
        found = [target for port in ports for target in self.services.targets(service, port)]
        if call.port and service.spec.cluster_ip == "None":
            return self._headless(found, call.port, ports)
        return found

    def _headless(self, found: Iterable[Target], wanted: int, ports: tuple[ServicePort, ...]) -> list[Target]:
        """Return the pods of a Service without an address, at the port that is asked for, which is their own."""
        protocols = {each.port: each.protocol for each in ports}
        return list(dict.fromkeys(Target(each.end, protocols.get(wanted, "TCP"), wanted) for each in found))


def is_outside(host: str) -> bool:
    """Return whether a name can only be one of the outside: it has dots, and is none of the cluster's domain."""
    return "." in host and not is_address(host) and not host.endswith((".svc", ".local", ".internal", ".cluster.local"))
