"""
What the other end of a connection may be to Cilium, which decides by identity and not by address.

A pod is itself. An address of a Node object, or a pod on the host network, is the
host when it is on the subject's node and a remote node otherwise. Any other
address, and any name, is the world.

Any of these but a pod may besides be the API server. It is when one of its
addresses is among those of the EndpointSlices of the Service ``kubernetes`` in
``default``, and is not when others are. Without any such slice a node may be it;
so may an address outside or a name, but only if the cluster has no Node objects
either, because an API server runs on a node or is kept outside. A name may also
be it when some address of the slices belongs to no node.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from tests.reference.addresses import Address, parse_address
from tests.reference.cilium_labels import Labels, pod_labels, reserved
from tests.reference.domains import DomainName
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, items, labels_of, name_of, namespace_of, objects, section, strings
from tests.reference.networkpolicy import Endpoint

IPV4 = 4
SERVICE_OF_SLICE = "kubernetes.io/service-name"
# No node has such a name: the subject's when nobody tells, and that of another node.
HERE, ELSEWHERE = "(here)", "(elsewhere)"


class Kind(Enum):
    """What a peer is, as far as addresses are concerned."""

    POD = "pod"
    NODE = "node"
    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Possibility:
    """
    One thing that a peer may be, every doubt about it settled.

    ``subject`` and ``peer`` are on the nodes that this possibility puts them on.
    ``node`` names the node that a peer of that kind is.
    """

    subject: RefPod
    peer: Endpoint
    kind: Kind
    labels: Labels = field(hash=False)
    node: str | None = None

    @property
    def is_local_host(self) -> bool:
        """Whether the peer is the subject's own node."""
        return self.kind is Kind.NODE and self.node == self.subject.node

    @property
    def addresses(self) -> tuple[Address, ...]:
        """The addresses of the peer, none if the manifests do not tell."""
        if isinstance(self.peer, RefPod):
            return self.peer.addresses
        return () if isinstance(self.peer, DomainName) else (parse_address(self.peer),)


def possibilities(cluster: list[Manifest], subject: RefPod, peer: Endpoint) -> list[Possibility]:
    """Return everything that a peer may be, never nothing."""
    if isinstance(peer, DomainName):
        found = [Possibility(subject, peer, Kind.NAME, reserved("world", f"world-ipv{n}")) for n in (4, 6)]
    elif isinstance(peer, RefPod):
        if not peer.host_network:
            return [Possibility(subject, peer, Kind.POD, pod_labels(cluster, peer))]
        found = list(_of_host_pod(subject, peer))
    else:
        found = list(_of_address(cluster, subject, peer))
    return [
        replace(each, labels=each.labels | reserved("kube-apiserver")) if is_api_server else each
        for each in found
        for is_api_server in sorted(_may_be_api_server(cluster, each))
    ]


def addresses_of_node(node: Manifest) -> tuple[Address, ...]:
    """Return every address of a node (``status.addresses``), internal or external."""
    return tuple(
        parse_address(address["address"])
        for address in items(section(node, "status"), "addresses")
        if address.get("type") in ("InternalIP", "ExternalIP")
    )


def slices_of(cluster: list[Manifest], namespace: str, service: str) -> list[Manifest]:
    """Return the EndpointSlices of a Service."""
    return [
        each
        for each in objects(cluster, "discovery.k8s.io", "EndpointSlice")
        if namespace_of(each) == namespace and labels_of(each).get(SERVICE_OF_SLICE) == service
    ]


def addresses_in(slices: list[Manifest]) -> set[Address]:
    """Return the addresses in EndpointSlices that traffic is sent to (``endpoints[].conditions``)."""
    return {
        parse_address(address)
        for each in slices
        if each.get("addressType") != "FQDN"
        for endpoint in items(each, "endpoints")
        if _takes_traffic(section(endpoint, "conditions"))
        for address in strings(endpoint, "addresses")
    }


def _of_host_pod(subject: RefPod, peer: RefPod) -> Iterator[Possibility]:
    """Where the manifests put one of the two on no node, they may share one or not."""
    if subject.node is None or peer.node is None or subject.node == peer.node:
        shared = subject.node or peer.node or HERE
        yield Possibility(
            replace(subject, node=shared), replace(peer, node=shared), Kind.NODE, reserved("host"), shared
        )
    if subject.node is None or peer.node is None or subject.node != peer.node:
        ours, theirs = (subject.node or HERE), (peer.node or ELSEWHERE)
        yield Possibility(
            replace(subject, node=ours), replace(peer, node=theirs), Kind.NODE, reserved("remote-node"), theirs
        )


def _of_address(cluster: list[Manifest], subject: RefPod, peer: str) -> Iterator[Possibility]:
    address = parse_address(peer)
    holders = [name_of(node) for node in objects(cluster, "", "Node") if address in addresses_of_node(node)]
    if not holders:
        family = "world-ipv4" if address.version == IPV4 else "world-ipv6"
        yield Possibility(subject, peer, Kind.ADDRESS, reserved("world", family))
    for node in holders:
        if subject.node in (None, node):
            yield Possibility(replace(subject, node=node), peer, Kind.NODE, reserved("host"), node)
        if subject.node != node:
            ours = subject.node or HERE
            yield Possibility(replace(subject, node=ours), peer, Kind.NODE, reserved("remote-node"), node)


def _may_be_api_server(cluster: list[Manifest], peer: Possibility) -> set[bool]:
    slices = slices_of(cluster, "default", "kubernetes")
    nodes = list(objects(cluster, "", "Node"))
    if not slices:
        return {False, True} if peer.kind is Kind.NODE or not nodes else {False}
    listed = addresses_in(slices)
    if peer.kind is Kind.NAME:
        on_nodes = {address for node in nodes for address in addresses_of_node(node)}
        return {False, True} if listed - on_nodes else {False}
    if not peer.addresses:
        return {False, True} if listed else {False}
    return {not listed.isdisjoint(peer.addresses)}


def _takes_traffic(conditions: Manifest) -> bool:
    if conditions.get("ready") is not False:
        return True
    return conditions.get("serving") is True and conditions.get("terminating") is True
