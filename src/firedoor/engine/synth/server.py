"""
What the API server connects to inside the cluster, and where it connects from.

It is no pod that a selector could name. Its addresses are those of the Service ``default/kubernetes``, else its own
pods' where it runs as such, else those of the nodes of the control plane; and in clusters whose control plane is
elsewhere it may come through the pods of a tunnel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.synth.basis_flows import single
from firedoor.model.generation import Evidence, Party

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.exposure.services import ServiceIndex, Target
    from firedoor.engine.reach.network import Network
    from firedoor.engine.synth.implied import Implied
    from firedoor.model.server_calls import ServerCall

_TUNNELS = (("k8s-app", "konnectivity-agent"), ("app", "konnectivity-agent"))
"""Labels of the agents of the API server's network proxy: connections of the server come out of them."""

_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_PROTOCOL = "TCP"
_UNKNOWN = "no address of the API server is known"
_CUT_OFF = (
    "no address of the API server is known, so that no policy lets it in where webhooks or aggregated APIs need it: "
    "say with --api-server-cidr from where it connects"
)
_UNREAD = (
    "CustomResourceDefinitions are not read from live clusters: where some convert by a webhook, give them as manifests"
)


def called_by_server(implied: Implied, services: ServiceIndex, blocks: Sequence[str]) -> None:
    """Need that the API server reaches webhooks and the servers of aggregated APIs; `blocks` are said to be its."""
    snapshot = implied.network.snapshot
    ends, known_by = server_ends(implied.network, blocks)
    for caller in snapshot.server_callers:
        for call in caller.calls:
            text = f"{call.what} of {caller.ref}" if call.what else str(caller.ref)
            what = f"API server -> Service {call.namespace}/{call.service} {_PROTOCOL}/{call.port}"
            targets, why = _targets(services, call)
            if why or not ends:
                implied.leave(what, f"{why or _UNKNOWN}; {text}", str(caller.place))
            for target in targets:
                for end in ends:
                    implied.need(end, target, Evidence(f"API server calls {text}", str(caller.place)))
    if snapshot.server_callers and ends:
        implied.notes.append(
            f"the API server is taken to connect from {', '.join(map(str, ends))} ({known_by}): where other addresses "
            "are seen, as those of a tunnel between nodes, name all with --api-server-cidr"
        )
    elif snapshot.server_callers:
        implied.notes.append(_CUT_OFF)
    if snapshot.origin.is_whole:
        implied.notes.append(_UNREAD)


def server_ends(network: Network, blocks: Sequence[str] = ()) -> tuple[tuple[Party, ...], str]:
    """Return the ends that the API server connects from, and how they are known."""
    if blocks:
        return tuple(_said(network, each) for each in blocks), "--api-server-cidr"
    tunnels = {
        each.workload: None
        for each in network.members
        if any(each.labels.get(label) == value for label, value in _TUNNELS)
    }
    through = tuple(map(Party, tunnels))
    ends, known_by = _direct(network)
    known_by = " and ".join(filter(None, (known_by, "agents of its network proxy" if through else "")))
    return (*ends, *through), known_by


def _direct(network: Network) -> tuple[tuple[Party, ...], str]:
    addresses = tuple(sorted({single(each) for each in _endpoints(network)}))
    if addresses:
        return (Party(blocks=addresses, server=True),), "the endpoints of Service default/kubernetes"
    pods = {
        each.workload: None
        for each in network.members
        if each.host_network and each.labels.get("component") == "kube-apiserver" and each.addresses
    }
    if pods:
        return tuple(map(Party, pods)), "its pods"
    nodes = tuple(
        Party(blocks=tuple(map(single, node.internal_addresses)), node=node.metadata.name)
        for node in network.snapshot.nodes
        if node.internal_addresses and not node.metadata.labels.keys().isdisjoint(_CONTROL_PLANE)
    )
    return nodes, "the nodes of the control plane" if nodes else ""


def _endpoints(network: Network) -> Iterator[str]:
    for each in network.snapshot.endpoint_slices:
        if (each.metadata.namespace, each.service) == ("default", "kubernetes"):
            for endpoint in each.endpoints:
                if endpoint.takes_traffic:
                    yield from filter(is_address, endpoint.addresses)


def _said(network: Network, block: str) -> Party:
    """Return a block as an end; one that is the address of a node alone as that node."""
    for node in network.snapshot.nodes:
        if block in map(single, node.addresses):
            return Party(blocks=(block,), node=node.metadata.name)
    return Party(blocks=(block,))


def _targets(services: ServiceIndex, call: ServerCall) -> tuple[list[Target], str]:
    """Return where a call leads, or why nowhere."""
    service = services.services.get((call.namespace, call.service))
    if service is None:
        return [], "no Service of that name is in the source"
    ports = [each for each in service.spec.ports if (each.port, each.protocol) == (call.port, _PROTOCOL)]
    targets = [target for port in ports for target in services.targets(service, port)]
    return targets, "" if targets else "the Service has no pods with that port"
