"""The rules on the values of Services: their type, their ports, and which pods they lead to."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.dropped import kept
from firedoor.adapters.manifests.validation.labels import label_key, validate_labels
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain, port_name, port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    duplicate,
    forbidden,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.service_addresses import (
    HEADLESS,
    is_headless,
    validate_cluster_addresses,
    validate_traffic,
)
from firedoor.adapters.manifests.validation.shapes import elements, is_number, number, objects, part, text

PROTOCOLS = ("SCTP", "TCP", "UDP")
TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
AFFINITIES = ("ClientIP", "None")
LONGEST_AFFINITY = 86400
PORT_REMEDY = "use a number from 1 to 65535"


def validate_service(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a Service: its type, its ports, its selector and its addresses."""
    spec = part(document, "spec")
    kind = text(spec.get("type")) or "ClusterIP"
    headless = is_headless(spec)
    problems = _validate_type(spec, kind, headless=headless)
    if not elements(spec.get("ports")) and not headless and kind != "ExternalName":
        problems.append(missing("spec.ports", remedy="list the ports, or write clusterIP: None for a headless Service"))
    problems += _validate_ports(spec.get("ports"), kind)
    problems += validate_labels(spec.get("selector"), "spec.selector")
    problems += _validate_affinity(spec) + validate_cluster_addresses(spec, kind, minor)
    return problems + validate_traffic({**document, "spec": kept(spec, minor)}, kind, minor)


def _validate_type(spec: dict[str, Any], kind: str, *, headless: bool) -> list[Problem]:
    """Return the problems of the type of a Service and of the fields that depend on it."""
    if kind not in TYPES:
        return [unsupported("spec.type", kind, TYPES)]
    if headless and kind in {"NodePort", "LoadBalancer"}:
        detail = f"may not be set to 'None' for {kind} services"
        return [invalid("spec.clusterIPs[0]", HEADLESS, detail, remedy="remove clusterIP, or the type")]
    if kind != "ExternalName":
        return []
    name = text(spec.get("externalName")).removesuffix(".")
    if not name:
        return [missing("spec.externalName", remedy="write the DNS name that the Service stands for")]
    return validate_name(name, "spec.externalName", dns_subdomain)


def _validate_affinity(spec: dict[str, Any]) -> list[Problem]:
    """Return the problems of whether and how long a client stays with one pod."""
    affinity = text(spec.get("sessionAffinity"))
    problems = validate_choice(affinity, "spec.sessionAffinity", AFFINITIES)
    seconds = part(spec, "sessionAffinityConfig", "clientIP").get("timeoutSeconds")
    if affinity == "ClientIP" and seconds is not None and not 0 < number(seconds) <= LONGEST_AFFINITY:
        detail = f"must be greater than 0 and less than {LONGEST_AFFINITY}"
        where = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        problems.append(invalid(where, number(seconds), detail, remedy="use a number of seconds up to a day"))
    return problems


def _validate_ports(value: Any, kind: str) -> list[Problem]:
    """Return the problems of the ports of a Service: several need names, and each is written once."""
    problems: list[Problem] = []
    names: set[str] = set()
    taken: set[tuple[str, int, str]] = set()
    for port, path in objects(value, "spec.ports"):
        problems += validate_port_name(port, path, names, several=len(elements(value)) > 1)
        problems += _validate_port(port, path, kind)
        protocol = text(port.get("protocol")) or "TCP"
        for field, where in (("nodePort", child(path, "nodePort")), ("port", path)):
            key = (protocol, number(port.get(field)), field)
            if key in taken and (key[1] != 0 or field == "port"):
                shown = key[1] if field == "nodePort" else {"port": key[1], "protocol": protocol}
                problems.append(duplicate(where, shown, remedy="write each pair of protocol and port once"))
            taken.add(key)
    return problems


def validate_port_name(port: dict[str, Any], path: str, seen: set[str], *, several: bool) -> list[Problem]:
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
    name, where = port.get("appProtocol"), child(path, "appProtocol")
    if isinstance(name, str):
        remedy = "write a name such as https, or kubernetes.io/h2c"
        problems += [invalid(where, name, error, remedy=remedy) for error in label_key(name)]
    if node != 0 and kind == "ClusterIP":
        detail = "may not be used when `type` is 'ClusterIP'"
        remedy = "remove nodePort, or write type: NodePort"
        problems.append(forbidden(child(path, "nodePort"), detail, remedy=remedy))
    return problems
