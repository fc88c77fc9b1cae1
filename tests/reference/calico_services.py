"""
Which addresses and ports a ``services`` match of a Calico rule stands for.

They are those of the EndpointSlices of the Service, ready or not. Where the
manifests hold none, its slices are the ones that the cluster would make of the
Service's selector.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.addresses import parse_address
from tests.reference.calico_matches import (
    any_of,
    blocks_of,
    certainly,
    family_of,
    holds,
)
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import (
    Manifest,
    items,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    string_map,
    strings,
)
from tests.reference.networkpolicy import Connection, Endpoint, Match

SERVICE_OF_SLICE = "kubernetes.io/service-name"


def service_matches(
    cluster: list[Manifest], namespace: str, name: str, connection: Connection, *, destination: bool
) -> Match:
    """
    Return whether an end of a connection is behind a Service.

    The destination must also be asked on a port that the Service forwards to;
    of a source no port is known. What the manifests do not hold, the Service or
    endpoints that somebody wrote by hand, may match anything.
    """
    slices = [
        each
        for each in objects(cluster, "discovery.k8s.io", "EndpointSlice")
        if namespace_of(each) == namespace and labels_of(each).get(SERVICE_OF_SLICE) == name
    ]
    if slices:
        return any_of(_slice_holds(each, connection, destination=destination) for each in slices)
    for service in objects(cluster, "", "Service"):
        if (namespace_of(service), name_of(service)) == (namespace, name):
            return _service_holds(cluster, service, connection, destination=destination)
    return Match.MAYBE


def _slice_holds(each: Manifest, connection: Connection, *, destination: bool) -> Match:
    """The endpoints of a slice all serve the same ports; one without number serves none."""
    ports = {(port.get("protocol") or "TCP", port.get("port")) for port in items(each, "ports")}
    if destination and (connection.protocol, connection.port) not in ports:
        return Match.NO
    addresses = [address for endpoint in items(each, "endpoints") for address in strings(endpoint, "addresses")]
    end = connection.dst if destination else connection.src
    return holds(blocks_of(addresses, family_of(connection)), end)


def _service_holds(cluster: list[Manifest], service: Manifest, connection: Connection, *, destination: bool) -> Match:
    """A Service that names no IP versions (``spec.ipFamilies``) is taken to have that of the connection."""
    spec = section(service, "spec")
    families = strings(spec, "ipFamilies")
    if spec.get("type") == "ExternalName" or (families and f"IPv{family_of(connection)}" not in families):
        return Match.NO
    selector = string_map(spec, "selector")
    if not selector:
        return Match.MAYBE
    end = connection.dst if destination else connection.src
    return any_of(
        _shares_address(pod, end)
        for pod in pods(cluster)
        if pod.namespace == namespace_of(service)
        and selector.items() <= pod.labels.items()
        and (not destination or (connection.protocol, connection.port) in _targets(spec, pod))
    )


def _targets(spec: Manifest, pod: RefPod) -> Iterator[tuple[str, int]]:
    """Yield protocol and port that a Service forwards to on a pod; a name the pod lacks is left out."""
    for port in items(spec, "ports"):
        protocol = port.get("protocol") or "TCP"
        wanted = port.get("targetPort") or port["port"]
        if isinstance(wanted, int):
            yield protocol, wanted
        else:
            declared = [p.number for p in pod.named_ports if (p.name, p.protocol) == (wanted, protocol)]
            yield from ((protocol, number) for number in declared[:1])


def _shares_address(pod: RefPod, end: Endpoint) -> Match:
    """Match the pod itself and, where it is on the host network, whatever else has its node's address."""
    if pod == end:
        return Match.YES
    if not pod.host_network:
        return Match.NO
    if isinstance(end, str):
        return certainly(parse_address(end) in pod.addresses) if pod.addresses else Match.MAYBE
    if not end.host_network:
        return Match.NO
    if pod.addresses and end.addresses:
        return certainly(not set(pod.addresses).isdisjoint(end.addresses))
    if pod.node is not None and end.node is not None:
        return certainly(pod.node == end.node)
    return Match.MAYBE
