"""Which routes gateways admit, and under which hosts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.model.gateways import Gateway, Listener

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firedoor.model.services import GatewayRoute

_KINDS = {
    "HTTP": {"HTTPRoute", "GRPCRoute"},
    "HTTPS": {"HTTPRoute", "GRPCRoute"},
    "TLS": {"TLSRoute", "TCPRoute"},
    "TCP": {"TCPRoute"},
    "UDP": {"UDPRoute"},
}
"""What a listener admits by its protocol where it lists no kinds (``allowedRoutes.kinds``)."""

ANY = "*"


@dataclass(frozen=True, slots=True)
class Attachment:
    """The hosts that a route serves at a gateway, and those of them that clients reach with TLS."""

    hosts: tuple[str, ...]
    tls_hosts: tuple[str, ...]


def attach(
    route: GatewayRoute, section: tuple[str, int], gateway: Gateway, namespaces: Mapping[str, Mapping[str, str]]
) -> Attachment | None:
    """Return how a route of the Gateway API is attached to a gateway; None where no listener admits it."""
    name, port = section
    admitting = [
        each
        for each in gateway.listeners
        if name in {"", each.name} and port in {0, each.port} and _admits(each, route, gateway, namespaces)
    ]
    return _attachment([(each, host) for each in admitting for host in _shared(each.hosts, route.hostnames)])


def attach_virtual(hosts: Sequence[str], namespace: str, gateway: Gateway) -> Attachment | None:
    """Return how the hosts of a VirtualService in `namespace` are attached to a gateway; None where no server is."""
    found = []
    for listener in gateway.listeners:
        own = [
            host
            for home, _, host in (each.rpartition("/") for each in listener.hosts)
            if home in {"", ANY, namespace} or (home == "." and namespace == gateway.metadata.namespace)
        ]
        if own:
            found += [(listener, host) for host in _shared(own, hosts)]
    return _attachment(found)


def _attachment(found: list[tuple[Listener, str]]) -> Attachment | None:
    if not found:
        return None
    hosts = dict.fromkeys(host for _, host in found)
    secure = dict.fromkeys(host for listener, host in found if listener.is_tls)
    return Attachment(tuple(hosts), tuple(secure))


def _admits(
    listener: Listener, route: GatewayRoute, gateway: Gateway, namespaces: Mapping[str, Mapping[str, str]]
) -> bool:
    kinds = set(listener.kinds) or _KINDS.get(listener.protocol.upper(), {route.kind})
    if route.kind not in kinds:
        return False
    home = route.metadata.namespace
    match listener.namespaces:
        case "All":
            return True
        case "Selector":
            return listener.selector.matches(namespaces.get(home, {}))
        case "Same":
            return home == gateway.metadata.namespace
        case _:
            return False


def _shared(listened: Sequence[str], routed: Sequence[str]) -> Iterator[str]:
    """Yield the hosts that both sides have; a side without any has all."""
    for first in listened or (ANY,):
        for second in routed or (ANY,):
            narrower = _narrower(first, second)
            if narrower is not None:
                yield narrower


def _narrower(first: str, second: str) -> str | None:
    for wide, narrow in ((first, second), (second, first)):
        if wide in {ANY, narrow}:
            return narrow
        # The star stands for one or more labels.
        if wide.startswith("*.") and narrow.removeprefix("*").endswith(wide[1:]) and narrow != wide[2:]:
            return narrow
    return None
