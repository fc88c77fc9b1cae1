"""Strategies for whole clusters, for connections worth asking about in them, and for the options."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network

from hypothesis import strategies as st

from tests.reference.addresses import parse_address
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import items, objects, section, strings
from tests.reference.networkpolicy import Connection, Options
from tests.strategies import workloads
from tests.strategies.policies import PROTOCOLS, policies
from tests.strategies.selectors import (
    NAMESPACE_NAME_LABEL,
    NAMESPACES,
    Manifest,
    labels,
    shaped,
)

LAST_PORT = 65535
ALWAYS_ASKED = ("8.8.8.8", "2001:db8::1")


@cache
@st.composite
def clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate the objects of one cluster, in any order."""
    manifests = draw(_namespaces()) + draw(workloads.nodes())
    for index in range(draw(st.integers(2, 3))):
        manifests.append(draw(workloads.pods(index)))
    for index in range(draw(st.integers(0, 1))):
        manifests.extend(draw(workloads.workloads(index)))
    for index in range(draw(st.sampled_from((1, 2, 3, 0)))):
        manifests.append(draw(policies(index)))
    return draw(st.permutations(manifests))


@cache
@st.composite
def _namespaces(draw: st.DrawFn) -> list[Manifest]:
    """Generate Namespace objects for some of the namespaces; manifests often leave them out."""
    manifests = []
    for name in draw(st.lists(st.sampled_from(NAMESPACES), unique=True)):
        metadata = {"name": name, **draw(shaped(labels=labels()))}
        if draw(st.booleans()):
            metadata["labels"] = (metadata.get("labels") or {}) | {NAMESPACE_NAME_LABEL: name}
        manifests.append({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    return manifests


def options() -> st.SearchStrategy[Options]:
    """Generate the choices of a network implementation, most of which enforce policies."""
    return st.builds(
        Options,
        ipblock_matches_pods=st.booleans(),
        ipblock_matches_nodes=st.booleans(),
        enforced=st.sampled_from((True,) * 9 + (False,)),
    )


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """
    Generate connections on and next to every boundary that the cluster's manifests draw.

    At least one end is a pod, where there is one: nothing judges two external ends.
    """
    inside, outside = pods(cluster), external_addresses(cluster)
    between: list[tuple[RefPod | str, RefPod | str]] = [(a, b) for a in inside for b in inside if a != b]
    inward: list[tuple[RefPod | str, RefPod | str]] = [(a, b) for a in outside for b in inside]
    outward = [(b, a) for a, b in inward]
    # A pod and itself are asked about seldom: the answer never depends on a policy.
    alone: list[tuple[RefPod | str, RefPod | str]] = [(a, a) for a in inside] or [(outside[0], outside[1])]
    kinds = [between, between, between, inward, outward, inward, outward, alone]
    ends = st.one_of([st.sampled_from(pairs) for pairs in kinds if pairs])
    protocols, ports = st.sampled_from(("TCP", *PROTOCOLS)), st.sampled_from(boundary_ports(cluster))
    return st.tuples(ends, protocols, ports).map(lambda drawn: Connection(*drawn[0], protocol=drawn[1], port=drawn[2]))


def external_addresses(cluster: list[Manifest]) -> list[str]:
    """
    Return the first and last address of every CIDR, those just outside, and those of nodes.

    The addresses of pods are left out, because what has one is no external end.
    """
    found = set(ALWAYS_ASKED)
    for cidr in _cidrs(cluster):
        network = ip_network(cidr, strict=False)
        first, last = network.network_address, network.broadcast_address
        found |= {str(first), str(last)}
        if int(first) > 0:
            found.add(str(first - 1))
        if int(last) < 2**network.max_prefixlen - 1:
            found.add(str(last + 1))
    taken = {address for pod in pods(cluster) for address in pod.addresses}
    found = {text for text in found if parse_address(text) not in taken}
    nodes = objects(cluster, "", "Node")
    return sorted(found | {address for node in nodes for address in _internal_addresses(node)})


def boundary_ports(cluster: list[Manifest]) -> list[int]:
    """Return the ports that policies and containers name, with their neighbours."""
    named = {1, LAST_PORT, *_policy_ports(cluster), *_container_ports(cluster)}
    return sorted({near for port in named for near in (port - 1, port, port + 1) if 1 <= near <= LAST_PORT})


def _rules(cluster: list[Manifest]) -> Iterator[Manifest]:
    for policy in objects(cluster, "networking.k8s.io", "NetworkPolicy"):
        spec = section(policy, "spec")
        yield from items(spec, "ingress")
        yield from items(spec, "egress")


def _cidrs(cluster: list[Manifest]) -> Iterator[str]:
    for rule in _rules(cluster):
        for peer in items(rule, "from") + items(rule, "to"):
            block = section(peer, "ipBlock")
            if block:
                yield block["cidr"]
                yield from strings(block, "except")


def _policy_ports(cluster: list[Manifest]) -> Iterator[int]:
    for rule in _rules(cluster):
        for entry in items(rule, "ports"):
            yield from (port for port in (entry.get("port"), entry.get("endPort")) if isinstance(port, int))


def _container_ports(cluster: list[Manifest]) -> Iterator[int]:
    for pod in pods(cluster):
        yield from (port.number for port in pod.named_ports)


def _internal_addresses(node: Manifest) -> Iterator[str]:
    for address in items(section(node, "status"), "addresses"):
        if address["type"] == "InternalIP":
            yield address["address"]
