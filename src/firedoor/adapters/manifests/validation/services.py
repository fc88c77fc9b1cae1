"""The rules on the values of Services, and of the Endpoints and EndpointSlices behind them."""

import ipaddress
from typing import Any

from firedoor.adapters.manifests.validation.addresses import (
    read_address,
    validate_address,
    validate_cidr,
    validate_reachable_address,
)
from firedoor.adapters.manifests.validation.labels import validate_labels
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain, port_name, port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    ProblemKind,
    child,
    duplicate,
    forbidden,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import (
    elements,
    is_number,
    number,
    objects,
    part,
    text,
    texts,
)

PROTOCOLS = ("SCTP", "TCP", "UDP")
TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
AFFINITIES = ("ClientIP", "None")
TRAFFIC_POLICIES = ("Cluster", "Local")
ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MOST_ADDRESSES = 100
HEADLESS = "None"
PORT_REMEDY = "use a number from 1 to 65535"


def validate_service(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a Service: its type, its ports, its selector and its addresses."""
    spec = part(document, "spec")
    kind = text(spec.get("type")) or "ClusterIP"
    headless = spec.get("clusterIP") == HEADLESS
    problems = _validate_type(spec, kind, headless=headless)
    if not elements(spec.get("ports")) and not headless and kind != "ExternalName":
        problems.append(missing("spec.ports", remedy="list the ports, or write clusterIP: None for a headless Service"))
    problems += _validate_ports(spec.get("ports"), kind)
    problems += validate_labels(spec.get("selector"), "spec.selector")
    affinity = text(spec.get("sessionAffinity"))
    if affinity and affinity not in AFFINITIES:
        problems.append(unsupported("spec.sessionAffinity", affinity, AFFINITIES))
    return problems + _validate_traffic_policies(spec, kind) + _validate_addresses(spec, kind, minor)


def _validate_type(spec: dict[str, Any], kind: str, *, headless: bool) -> list[Problem]:
    """Return the problems of the type of a Service and of the fields that depend on it."""
    if kind not in TYPES:
        return [unsupported("spec.type", kind, TYPES)]
    if headless and kind in {"NodePort", "LoadBalancer"}:
        detail = f"may not be set to 'None' for {kind} services"
        return [invalid("spec.clusterIPs[0]", HEADLESS, detail, remedy="remove clusterIP, or the type")]
    if kind != "ExternalName":
        return []
    name = text(spec.get("externalName"))
    if not name:
        return [missing("spec.externalName", remedy="write the DNS name that the Service stands for")]
    return validate_name(name.removesuffix("."), "spec.externalName", dns_subdomain)


def _validate_ports(value: Any, kind: str) -> list[Problem]:
    """Return the problems of the ports of a Service: several need names, and each is written once."""
    problems: list[Problem] = []
    names: set[str] = set()
    taken: set[tuple[str, int, str]] = set()
    for port, path in objects(value, "spec.ports"):
        problems += _validate_port_name(port, path, names, several=len(elements(value)) > 1)
        problems += _validate_port(port, path, kind)
        protocol = text(port.get("protocol")) or "TCP"
        for field, where in (("nodePort", child(path, "nodePort")), ("port", path)):
            key = (protocol, number(port.get(field)), field)
            if key in taken and key[1] != 0:
                shown = key[1] if field == "nodePort" else {"port": key[1], "protocol": protocol}
                problems.append(duplicate(where, shown, remedy="write each pair of protocol and port once"))
            taken.add(key)
    return problems


def _validate_port_name(port: dict[str, Any], path: str, seen: set[str], *, several: bool) -> list[Problem]:
    """Return the problems of the name of a port, which may be left out only when it is the only one."""
    name, where = text(port.get("name")), child(path, "name")
    if not name:
        return [missing(where, remedy="name every port when there are several")] if several else []
    problems = validate_name(name, where, dns_label)
    if name in seen:
        problems.append(duplicate(where, name, remedy="give each port its own name"))
    seen.add(name)
    return problems


def _validate_port(port: dict[str, Any], path: str, kind: str) -> list[Problem]:
    """Return the problems of the protocol and the three ports of one entry."""
    outer, target, node = number(port.get("port")), port.get("targetPort"), number(port.get("nodePort"))
    where = child(path, "port")
    problems = [invalid(where, outer, error, remedy=PORT_REMEDY) for error in port_number(outer)]
    protocol = text(port.get("protocol"))
    if protocol and protocol not in PROTOCOLS:
        problems.append(unsupported(child(path, "protocol"), protocol, PROTOCOLS))
    where = child(path, "targetPort")
    if is_number(target) and target != 0:
        problems += [invalid(where, number(target), error, remedy=PORT_REMEDY) for error in port_number(number(target))]
    elif text(target):
        remedy = "write the name of a port of the pod: at most 15 lower-case letters, digits and hyphens"
        if text(target).isdigit():
            remedy = f"remove the quotes to mean the port number: {target}"
        problems += [invalid(where, target, error, remedy=remedy) for error in port_name(text(target))]
    if node != 0 and kind == "ClusterIP":
        detail = "may not be used when `type` is 'ClusterIP'"
        remedy = "remove nodePort, or write type: NodePort"
        problems.append(forbidden(child(path, "nodePort"), detail, remedy=remedy))
    return problems


def _validate_traffic_policies(spec: dict[str, Any], kind: str) -> list[Problem]:
    """Return the problems of the traffic policies, the external one only for Services seen from outside."""
    problems = []
    for field in ("internalTrafficPolicy", "externalTrafficPolicy"):
        value = text(spec.get(field))
        if value and value not in TRAFFIC_POLICIES:
            problems.append(unsupported(child("spec", field), value, TRAFFIC_POLICIES))
    outside = kind in {"NodePort", "LoadBalancer"} or (kind == "ClusterIP" and elements(spec.get("externalIPs")))
    policy = text(spec.get("externalTrafficPolicy"))
    if policy and not outside:
        detail = "may only be set for externally-accessible services"
        remedy = "remove externalTrafficPolicy, or write type: LoadBalancer or NodePort"
        problems.append(invalid("spec.externalTrafficPolicy", policy, detail, remedy=remedy))
    return problems


def _validate_addresses(spec: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the addresses that a Service asks for, and of the clients it admits."""
    problems = []
    cluster_ip = text(spec.get("clusterIP"))
    if cluster_ip and cluster_ip != HEADLESS and kind != "ExternalName":
        problems += validate_address(cluster_ip, "spec.clusterIP", minor)
    for address, path in texts(spec.get("externalIPs"), "spec.externalIPs"):
        problems += validate_address(address, path, minor) or validate_reachable_address(address, path)
    ranges = list(texts(spec.get("loadBalancerSourceRanges"), "spec.loadBalancerSourceRanges"))
    if ranges and kind != "LoadBalancer":
        detail = "may only be used when `type` is 'LoadBalancer'"
        problems.append(forbidden("spec.loadBalancerSourceRanges", detail, remedy="remove the ranges, or set the type"))
    for block, path in ranges:
        problems += validate_cidr(block.strip(), path, minor)
    return problems


def validate_endpoints(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of Endpoints: each subset has addresses, and names on ports that are several."""
    problems = []
    for subset, path in objects(document.get("subsets"), "subsets"):
        if not elements(subset.get("addresses")) and not elements(subset.get("notReadyAddresses")):
            detail = "must specify `addresses` or `notReadyAddresses`"
            problems.append(missing(path, detail, remedy="list the addresses, or remove the subset"))
        for field in ("addresses", "notReadyAddresses"):
            for entry, place in objects(subset.get(field), child(path, field)):
                address, where = text(entry.get("ip")), child(place, "ip")
                problems += validate_address(address, where, minor) or validate_reachable_address(address, where)
        ports = list(objects(subset.get("ports"), child(path, "ports")))
        for port, place in ports:
            problems += _validate_endpoint_port(port, place, several=len(ports) > 1)
    return problems


def _validate_endpoint_port(port: dict[str, Any], path: str, *, several: bool) -> list[Problem]:
    """Return the problems of one port of Endpoints."""
    problems = _validate_port_name(port, path, set(), several=several)
    value, protocol = number(port.get("port")), text(port.get("protocol"))
    problems += [invalid(child(path, "port"), value, error, remedy=PORT_REMEDY) for error in port_number(value)]
    if protocol and protocol not in PROTOCOLS:
        problems.append(unsupported(child(path, "protocol"), protocol, PROTOCOLS))
    return problems


def validate_endpoint_slice(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of an EndpointSlice: its addresses are all of the type that it names."""
    kind, problems = text(document.get("addressType")), []
    if not kind:
        problems.append(missing("addressType", remedy="write IPv4, IPv6 or FQDN"))
    elif kind not in ADDRESS_TYPES:
        problems.append(unsupported("addressType", kind, ADDRESS_TYPES))
    for endpoint, path in objects(document.get("endpoints"), "endpoints"):
        addresses = list(texts(endpoint.get("addresses"), child(path, "addresses")))
        where = child(path, "addresses")
        if not addresses:
            detail = "must contain at least 1 address"
            problems.append(missing(where, detail, remedy="list the addresses, or remove the endpoint"))
        if len(addresses) > MOST_ADDRESSES:
            message = f"{where}: Too many: {len(addresses)}: must have at most {MOST_ADDRESSES} items"
            remedy = "spread the addresses over several endpoints"
            problems.append(Problem(where, message, remedy, ProblemKind.INVALID_VALUE))
        for address, place in addresses:
            problems += _validate_typed_address(address, place, kind)
    problems += _validate_slice_ports(document)
    return problems


def _validate_typed_address(address: str, path: str, kind: str) -> list[Problem]:
    """Return the problems of an address of an EndpointSlice under the type of the slice."""
    if kind == "FQDN":
        return validate_name(address.removesuffix("."), path, dns_subdomain)
    wanted = {"IPv4": ipaddress.IPv4Address, "IPv6": ipaddress.IPv6Address}.get(kind)
    if wanted is None or isinstance(read_address(address), wanted):
        return validate_reachable_address(address, path) if wanted else []
    return [invalid(path, address, f"must be a valid {kind} address", remedy=f"write an {kind} address, or its type")]


def _validate_slice_ports(document: dict[str, Any]) -> list[Problem]:
    """Return the problems of the ports of an EndpointSlice, whose names differ from each other."""
    problems, seen = [], set()
    for port, path in objects(document.get("ports"), "ports"):
        name, protocol = text(port.get("name")), text(port.get("protocol"))
        if name:
            problems += validate_name(name, child(path, "name"), dns_label)
        if name in seen:
            problems.append(duplicate(child(path, "name"), name, remedy="give each port its own name"))
        seen.add(name)
        if protocol and protocol not in PROTOCOLS:
            problems.append(unsupported(child(path, "protocol"), protocol, PROTOCOLS))
    return problems
