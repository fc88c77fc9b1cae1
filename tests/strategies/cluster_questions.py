"""Strategies for connections worth asking about in clusters with cluster-wide policies."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from hypothesis import strategies as st

from tests.reference.domains import DomainName
from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest, items, objects, section, strings
from tests.reference.networkpolicy import Connection
from tests.strategies.cluster_policies import ANP, BANP, CNP, GROUP
from tests.strategies.clusters import boundary_ports, external_addresses, interesting_connections
from tests.strategies.policies import PROTOCOLS

DOMAIN_NAMES = tuple(
    map(
        DomainName,
        ("example.com", "api.example.com", "v1.api.example.com", "other.example", "unheard-of.example"),
    )
)


def cluster_policy_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """
    Generate connections around every boundary that policies of any kind draw, some of them to domain names.

    Those from outside are few: no rule of these policies has an address as source.
    """
    with_boundaries = [*cluster, _boundaries(cluster)]
    any_kind, inside = interesting_connections(with_boundaries), pods(cluster)
    if not inside:
        return any_kind
    beyond: list[list[RefPod | str]] = [[*inside], [*external_addresses(with_boundaries)], [*DOMAIN_NAMES]]
    ports = boundary_ports(with_boundaries)
    outward = st.builds(
        Connection,
        st.sampled_from(inside),
        st.sampled_from(beyond).flatmap(st.sampled_from),
        st.sampled_from(("TCP", *PROTOCOLS)),
        st.sampled_from(ports),
    )
    return st.integers(1, 8).flatmap(lambda number: any_kind if number == 1 else outward)


def external_ends(cluster: list[Manifest]) -> list[str]:
    """Return the addresses outside the pod network on and next to the boundaries of policies of any kind."""
    return external_addresses([*cluster, _boundaries(cluster)])


def ports_around(cluster: list[Manifest]) -> list[int]:
    """Return the ports that policies of any kind and containers name, with their neighbours."""
    return boundary_ports([*cluster, _boundaries(cluster)])


def _boundaries(cluster: list[Manifest]) -> Manifest:
    """Return a NetworkPolicy that draws the boundaries of all cluster-wide policies, and is asked about only."""
    rules = list(_rules(cluster))
    blocks = [cidr for rule in rules for peer in items(rule, "to") for cidr in strings(peer, "networks")]
    blocks += _nodes_as_blocks(cluster)
    rule = {
        "to": [{"ipBlock": {"cidr": cidr}} for cidr in blocks],
        "ports": [{"port": port} for each in rules for port in _numbers(each)],
    }
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": {"egress": [rule]}}


def _nodes_as_blocks(cluster: list[Manifest]) -> Iterator[str]:
    """Yield the external addresses of nodes as well, which only these policies judge by labels."""
    for node in objects(cluster, "", "Node"):
        for entry in items(section(node, "status"), "addresses"):
            if entry["type"] == "ExternalIP":
                yield str(ip_network(entry["address"]))


def _rules(cluster: list[Manifest]) -> Iterator[Manifest]:
    for kind in (CNP, ANP, BANP):
        for policy in objects(cluster, GROUP, kind):
            yield from items(section(policy, "spec"), "ingress")
            yield from items(section(policy, "spec"), "egress")


def _numbers(part: Any) -> Iterator[int]:
    """Yield every number in a part of a rule, all of which are ports."""
    if isinstance(part, int):
        yield part
    elif isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _numbers(inner)
