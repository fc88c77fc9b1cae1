"""The rules on the ports of containers, in the container and on the node."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.names import port_name, port_number
from firedoor.adapters.manifests.validation.problems import Problem, child, duplicate, invalid, missing
from firedoor.adapters.manifests.validation.shapes import number, objects, text

PROTOCOLS = ("SCTP", "TCP", "UDP")
PORT_REMEDY = "use a number from 1 to 65535"
PORT_NAME_REMEDY = "use at most 15 lower-case letters, digits and single hyphens, with at least one letter"


def validate_ports(value: Any, path: str) -> list[Problem]:
    """Return the problems of the ports of a container; their names are unique within it."""
    problems, seen = [], set()
    for port, place in objects(value, path):
        name, where = text(port.get("name")), child(place, "name")
        errors = port_name(name) if name else []
        problems += [invalid(where, name, error, remedy=PORT_NAME_REMEDY) for error in errors]
        if name in seen:
            problems.append(duplicate(where, name, remedy="give each port of the container its own name"))
        elif name and not errors:
            seen.add(name)
        problems += _validate_port(port, place)
    return problems


def _validate_port(port: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the numbers and the protocol of a container port."""
    problems = []
    inner, outer = number(port.get("containerPort")), number(port.get("hostPort"))
    where = child(path, "containerPort")
    if inner == 0:
        problems.append(missing(where, remedy="write the port that the container listens on"))
    else:
        problems += [invalid(where, inner, error, remedy=PORT_REMEDY) for error in port_number(inner)]
    if outer != 0:
        where = child(path, "hostPort")
        problems += [invalid(where, outer, error, remedy=PORT_REMEDY) for error in port_number(outer)]
    return problems + validate_choice(port.get("protocol"), child(path, "protocol"), PROTOCOLS)


def validate_host_ports(spec: dict[str, Any], path: str, *, is_pod: bool) -> list[Problem]:
    """
    Return the problems of ports on the node: taken twice, or not the container's on the host network.

    Containers share them; init containers run one after the other. On the host network the server
    fills in the ports of a pod, and leaves those of a template to the pods that are made of it.
    """
    problems = []
    on_host = spec.get("hostNetwork") is True
    taken: set[str] = set()
    for container, place in objects(spec.get("containers"), child(path, "containers")):
        problems += _validate_taken(container, place, taken, fills_in=on_host and is_pod)
        for port, where in objects(container.get("ports"), child(place, "ports")):
            inner, outer = number(port.get("containerPort")), number(port.get("hostPort"))
            if on_host and outer not in {0, inner}:
                detail = "must match `containerPort` when `hostNetwork` is true"
                remedy = f"write hostPort: {inner}, or leave hostPort out"
                problems.append(invalid(child(where, "hostPort"), outer, detail, remedy=remedy))
    for container, place in objects(spec.get("initContainers"), child(path, "initContainers")):
        problems += _validate_taken(container, place, set(), fills_in=on_host and is_pod)
    return problems


def _validate_taken(container: dict[str, Any], path: str, taken: set[str], *, fills_in: bool) -> list[Problem]:
    """Return the problems of ports on the node that others have already, and add those of the container."""
    problems = []
    for port, where in objects(container.get("ports"), child(path, "ports")):
        outer = number(port.get("hostPort")) or (number(port.get("containerPort")) if fills_in else 0)
        key = f"{text(port.get('protocol')) or 'TCP'}/{text(port.get('hostIP'))}/{outer}"
        if outer != 0 and key in taken:
            problems.append(duplicate(child(where, "hostPort"), key, remedy="use each port of the node once"))
        taken.add(key)
    return problems
