"""The rules on the values of the Endpoints and EndpointSlices behind Services."""

import ipaddress
from typing import Any

from firedoor.adapters.manifests.validation.addresses import (
    read_address,
    validate_address,
    validate_reachable_address,
)
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain, port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    ProblemKind,
    child,
    duplicate,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.services import PORT_REMEDY, PROTOCOLS, validate_port_name
from firedoor.adapters.manifests.validation.shapes import elements, number, objects, text, texts

ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
MOST_ADDRESSES = 100


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
    problems = validate_port_name(port, path, set(), several=several)
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
