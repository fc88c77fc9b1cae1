"""The rules on the values of a pod, whether it stands alone or in the template of a workload."""

import re
from collections.abc import Iterator
from typing import Any

from firedoor.adapters.manifests.validation.labels import validate_labels
from firedoor.adapters.manifests.validation.metadata import validate_annotations, validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain, port_name, port_number
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    ProblemKind,
    child,
    duplicate,
    invalid,
    missing,
    quoted,
    unsupported,
)
from firedoor.adapters.manifests.validation.shapes import elements, mapping, number, objects, part, text

CONTAINER_LISTS = ("containers", "initContainers", "ephemeralContainers")
PROTOCOLS = ("SCTP", "TCP", "UDP")
RESTART_POLICIES = ("Always", "OnFailure", "Never")
PULL_POLICIES = ("Always", "IfNotPresent", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
QUANTITY = r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$"
PORT_REMEDY = "use a number from 1 to 65535"
PORT_NAME_REMEDY = "use at most 15 lower-case letters, digits and single hyphens, with at least one letter"


def validate_pod(document: dict[str, Any], _minor: int) -> list[Problem]:
    """Return the problems of the spec of a Pod."""
    return validate_pod_spec(document.get("spec"), "spec")


def validate_template(value: Any, path: str, volumes: tuple[str, ...] = ()) -> list[Problem]:
    """Return the problems of a pod template; the names of volumes that its workload adds are given."""
    metadata, where = part(value, "metadata"), child(path, "metadata")
    problems = validate_labels(metadata.get("labels"), child(where, "labels"))
    problems += validate_annotations(metadata.get("annotations"), child(where, "annotations"))
    return problems + validate_pod_spec(mapping(value).get("spec"), child(path, "spec"), volumes)


def validate_pod_spec(value: Any, path: str, volumes: tuple[str, ...] = ()) -> list[Problem]:
    """Return the problems of a pod spec: its containers, its ports on the node, and its named choices."""
    spec = mapping(value)
    problems = []
    if not elements(spec.get("containers")):
        remedy = "list at least one container with name and image"
        problems.append(missing(child(path, "containers"), remedy=remedy))
    known = {*volumes, *(text(volume.get("name")) for volume, _ in objects(spec.get("volumes"), ""))}
    for container, place in _containers(spec, path):
        problems += _validate_container(container, place, known)
    problems += _validate_names(spec, path) + _validate_host_ports(spec, path)
    for field, choices in (("restartPolicy", RESTART_POLICIES), ("dnsPolicy", DNS_POLICIES)):
        problems += _validate_choice(spec.get(field), child(path, field), choices)
    problems += validate_labels(spec.get("nodeSelector"), child(path, "nodeSelector"))
    for field, rule in (
        ("serviceAccountName", dns_subdomain),
        ("hostname", dns_label),
        ("subdomain", dns_label),
    ):
        if text(spec.get(field)):
            problems += validate_name(text(spec.get(field)), child(path, field), rule)
    return problems


def _containers(spec: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield every container of a pod spec with its path."""
    for field in CONTAINER_LISTS:
        yield from objects(spec.get(field), child(path, field))


def _validate_choice(value: Any, path: str, choices: tuple[str, ...]) -> list[Problem]:
    """Return the problem of a value that is set and none of its choices; empty is filled in by the server."""
    return [unsupported(path, value, choices)] if isinstance(value, str) and value and value not in choices else []


def _validate_names(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the names of containers, unique over all lists of a pod."""
    problems, seen = [], set()
    for container, place in _containers(spec, path):
        name, where = text(container.get("name")), child(place, "name")
        if not name:
            problems.append(missing(where, remedy="give the container a name"))
        elif name in seen:
            problems.append(duplicate(where, name, remedy="give each container of the pod its own name"))
        else:
            problems += validate_name(name, where, dns_label)
        seen.add(name)
    return problems


def _validate_container(container: dict[str, Any], path: str, volumes: set[str]) -> list[Problem]:
    """Return the problems of a container other than its name: image, ports, resources, mounts."""
    problems = []
    image, where = text(container.get("image")), child(path, "image")
    if not image:
        problems.append(missing(where, remedy="say which image to run, such as registry.example/app:1.2"))
    elif image != image.strip():
        detail = "must not have leading or trailing whitespace"
        problems.append(invalid(where, image, detail, remedy=f"write {quoted(image.strip())}"))
    problems += _validate_choice(container.get("imagePullPolicy"), child(path, "imagePullPolicy"), PULL_POLICIES)
    problems += _validate_ports(container.get("ports"), child(path, "ports"))
    for field in ("requests", "limits"):
        problems += _validate_quantities(part(container, "resources").get(field), child(path, f"resources.{field}"))
    for mount, place in objects(container.get("volumeMounts"), child(path, "volumeMounts")):
        name = text(mount.get("name"))
        if name and name not in volumes:
            message = f"{child(place, 'name')}: Not found: {quoted(name)}"
            remedy = f"add a volume named {name} to the pod, or correct the name"
            problems.append(Problem(child(place, "name"), message, remedy, ProblemKind.INVALID_VALUE))
    return problems


def _validate_quantities(value: Any, path: str) -> list[Problem]:
    """Return the problems of amounts of resources, such as ``500m`` or ``1Gi``."""
    detail = f"quantities must match the regular expression '{QUANTITY}'"
    remedy = "write a number with an optional unit: 500m, 2, 128Mi, 1Gi"
    return [
        invalid(child(path, name), amount, detail, remedy=remedy)
        for name, amount in sorted(mapping(value).items(), key=lambda entry: str(entry[0]))
        if isinstance(amount, str) and not re.fullmatch(QUANTITY, amount, re.ASCII)
    ]


def _validate_ports(value: Any, path: str) -> list[Problem]:
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
    return problems + _validate_choice(port.get("protocol"), child(path, "protocol"), PROTOCOLS)


def _validate_host_ports(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of ports on the node: taken twice, or not the container's on the host network."""
    problems, taken = [], set()
    for container, place in objects(spec.get("containers"), child(path, "containers")):
        for port, where in objects(container.get("ports"), child(place, "ports")):
            inner, outer = number(port.get("containerPort")), number(port.get("hostPort"))
            if spec.get("hostNetwork") is True and outer not in {0, inner}:
                detail = "must match `hostPort` when `hostNetwork` is true"
                remedy = f"write hostPort: {inner}, or leave hostPort out"
                problems.append(invalid(child(where, "containerPort"), inner, detail, remedy=remedy))
            key = f"{text(port.get('protocol')) or 'TCP'}/{text(port.get('hostIP'))}/{outer}"
            if outer != 0 and key in taken:
                remedy = "use each port of the node once"
                problems.append(duplicate(child(where, "hostPort"), key, remedy=remedy))
            taken.add(key)
    return problems
