"""Strategies for NetworkPolicies in every shape the API server accepts, and none it rejects."""

from __future__ import annotations

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from hypothesis import strategies as st

from tests.strategies.selectors import (
    NAMESPACES,
    Manifest,
    namespace_selectors,
    selectors,
    shaped,
)

PORT_NUMBERS = (1, 80, 81, 443, 8080, 65535)
PORT_NAMES = ("http", "dns", "metrics")
PROTOCOLS = ("SCTP", "TCP", "UDP")

CIDRS = (
    "0.0.0.0/0",
    "::/0",
    # Around the addresses of pods; one with host bits set, one an IPv4 block in IPv6 form.
    "10.0.0.0/8",
    "10.1.0.0/24",
    "10.1.0.4/30",
    "10.1.0.5/32",
    "10.1.0.7/30",
    "::ffff:10.1.0.0/120",
    "::ffff:10.1.0.4/126",
    "fd00::/8",
    "fd00:1::4/126",
    "fd00:1::5/128",
    # Around the addresses of nodes.
    "192.168.0.0/24",
    "192.168.0.10/31",
    "192.168.0.10/32",
    "fd00:2::10/128",
    # The world outside.
    "203.0.113.0/24",
    "203.0.113.128/25",
    "255.255.255.255/32",
)
MAPPED = IPv6Network("::ffff:0:0/96")


@cache
def policies(index: int) -> st.SearchStrategy[Manifest]:
    """Generate a policy whose name, made from the index, collides with no other."""
    metadata = st.fixed_dictionaries(
        {"name": st.just(f"policy-{index}")},
        optional={"namespace": st.sampled_from((None, *NAMESPACES))},
    )
    return st.fixed_dictionaries(
        {
            "apiVersion": st.just("networking.k8s.io/v1"),
            "kind": st.just("NetworkPolicy"),
            "metadata": metadata,
        },
        optional={"spec": st.none() | _specs() | _specs() | _specs()},
    )


@cache
def _specs() -> st.SearchStrategy[Manifest]:
    directions = st.sampled_from(("Ingress", "Egress"))
    return shaped(
        podSelector=st.just({}) | selectors(),
        ingress=_rules("from"),
        egress=_rules("to"),
        policyTypes=st.lists(directions, max_size=2),
    )


@cache
def _rules(peers_field: str) -> st.SearchStrategy[list[Manifest | None]]:
    peers = st.lists(_peers(), max_size=2)
    ports = st.lists(st.none() | _ports(), max_size=2)
    rule: st.SearchStrategy[Manifest | None] = (
        st.none() | st.builds(dict) | shaped(**{peers_field: peers, "ports": ports})
    )
    return st.lists(rule, max_size=2) | st.lists(rule, min_size=1, max_size=2)


@cache
def _peers() -> st.SearchStrategy[Manifest]:
    """Generate peers that set something: by pods, by namespaces, by both, or by addresses."""
    null = st.none()
    everything: st.SearchStrategy[Manifest] = st.just({})
    pods, namespaces = everything | selectors(), everything | namespace_selectors()
    by_pods = st.fixed_dictionaries({"podSelector": pods}, optional={"namespaceSelector": null})
    by_namespaces = st.fixed_dictionaries(
        {"namespaceSelector": namespaces}, optional={"podSelector": null, "ipBlock": null}
    )
    by_both = st.fixed_dictionaries({"namespaceSelector": namespaces, "podSelector": pods})
    by_addresses = st.fixed_dictionaries({"ipBlock": _ip_blocks()}, optional={"podSelector": null})
    return by_pods | by_namespaces | by_both | by_addresses


@cache
@st.composite
def _ip_blocks(draw: st.DrawFn) -> Manifest:
    cidr = draw(st.sampled_from(CIDRS))
    return {"cidr": cidr, **draw(_exceptions(cidr))}


@cache
def _exceptions(cidr: str) -> st.SearchStrategy[Manifest]:
    inside = [other for other in CIDRS if _may_be_excepted(other, cidr)]
    holes = st.lists(st.sampled_from(inside), max_size=2) if inside else st.just([])
    return shaped(**{"except": holes})


def _may_be_excepted(hole: str, cidr: str) -> bool:
    """
    Return whether the API server takes ``hole`` for an exception inside ``cidr``.

    It compares the mask lengths as they are written, so that a block in IPv6 form
    is always longer than one in IPv4 form; the stricter sense is required too.
    """
    inner, outer = _canonical(hole), _canonical(cidr)
    written_longer = int(hole.partition("/")[2]) > int(cidr.partition("/")[2])
    match inner, outer:
        case (IPv4Network(), IPv4Network()) | (IPv6Network(), IPv6Network()):
            return written_longer and inner != outer and inner.subnet_of(outer)  # type: ignore[arg-type]
        case _:
            return False


def _canonical(cidr: str) -> IPv4Network | IPv6Network:
    network = ip_network(cidr, strict=False)
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
        mapped: Any = network.network_address.ipv4_mapped
        return IPv4Network((mapped, network.prefixlen - MAPPED.prefixlen))
    return network


@cache
@st.composite
def _ports(draw: st.DrawFn) -> Manifest:
    entry = draw(_protocol_fields())
    port = draw(_numbers_or_names())
    if port is not None or draw(st.booleans()):
        entry["port"] = port
    if isinstance(port, int):
        entry |= draw(_end_fields(port))
    return entry


@cache
def _protocol_fields() -> st.SearchStrategy[Manifest]:
    return shaped(protocol=st.sampled_from(PROTOCOLS))


@cache
def _numbers_or_names() -> st.SearchStrategy[int | str | None]:
    numbers = st.sampled_from(PORT_NUMBERS)
    return st.none() | numbers | numbers | st.sampled_from(PORT_NAMES)


@cache
def _end_fields(port: int) -> st.SearchStrategy[Manifest]:
    return shaped(endPort=st.sampled_from([number for number in PORT_NUMBERS if number >= port]))
