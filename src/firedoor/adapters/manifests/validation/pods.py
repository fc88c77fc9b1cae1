"""The rules on the values of a pod, whether it stands alone or in the template of a workload."""

from typing import Any

from firedoor.adapters.manifests.validation.affinity import validate_affinity
from firedoor.adapters.manifests.validation.choices import validate_between, validate_choice
from firedoor.adapters.manifests.validation.container_ports import validate_host_ports
from firedoor.adapters.manifests.validation.containers import Around, all_containers, validate_containers
from firedoor.adapters.manifests.validation.dropped import kept
from firedoor.adapters.manifests.validation.labels import label_key, validate_labels
from firedoor.adapters.manifests.validation.metadata import validate_annotations, validate_name
from firedoor.adapters.manifests.validation.names import dns_subdomain
from firedoor.adapters.manifests.validation.pod_dns import validate_hostname, validate_pod_dns
from firedoor.adapters.manifests.validation.problems import Problem, child, duplicate, forbidden, invalid, missing
from firedoor.adapters.manifests.validation.resources import validate_amounts
from firedoor.adapters.manifests.validation.scheduling import validate_spread, validate_tolerations
from firedoor.adapters.manifests.validation.security import LARGEST_ID, validate_pod_security
from firedoor.adapters.manifests.validation.shapes import elements, mapping, objects, part, text
from firedoor.adapters.manifests.validation.volumes import validate_volumes

RESTART_POLICIES = ("Always", "OnFailure", "Never")
DNS_POLICIES = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
PREEMPTION_POLICIES = ("PreemptLowerPriority", "Never")
DNS_FIELDS = ("dnsPolicy", "dnsConfig", "hostAliases")
SYSTEMS = ("linux", "windows")
DEVICE_SOURCES = ("persistentVolumeClaim", "ephemeral")


def validate_pod(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of the spec of a Pod."""
    metadata, spec = part(document, "metadata"), part(document, "spec")
    problems = validate_pod_spec(spec, "spec", minor, pod=text(metadata.get("name")))
    if elements(spec.get("ephemeralContainers")) and not metadata.get("uid"):
        remedy = "remove them: they are added to a pod that runs (kubectl debug)"
        problems.append(forbidden("spec.ephemeralContainers", "cannot be set on create", remedy=remedy))
    if text(spec.get("nodeName")) and elements(spec.get("schedulingGates")):
        detail = "cannot be set until all schedulingGates have been cleared"
        problems.append(forbidden("spec.nodeName", detail, remedy="remove nodeName, or schedulingGates"))
    return problems


def validate_template(value: Any, path: str, minor: int, claims: tuple[str, ...] | None = None) -> list[Problem]:
    """Return the problems of a pod template; a StatefulSet gives the names of the claims that it adds."""
    metadata, where = part(value, "metadata"), child(path, "metadata")
    problems = validate_labels(metadata.get("labels"), child(where, "labels"))
    problems += validate_annotations(metadata.get("annotations"), child(where, "annotations"))
    spec, where = mapping(value).get("spec"), child(path, "spec")
    if elements(mapping(spec).get("ephemeralContainers")):
        detail = "ephemeral containers not allowed in pod template"
        problems.append(forbidden(child(where, "ephemeralContainers"), detail, remedy="remove them"))
    return problems + validate_pod_spec(spec, where, minor, claims=claims)


def validate_pod_spec(
    value: Any, path: str, minor: int, *, pod: str | None = None, claims: tuple[str, ...] | None = None
) -> list[Problem]:
    """Return the problems of a pod spec; the name of the pod is None in a template."""
    spec = kept(mapping(value), minor)
    problems = []
    if not elements(spec.get("containers")):
        remedy = "list at least one container with name and image"
        problems.append(missing(child(path, "containers"), remedy=remedy))
    around = Around(spec, _volumes(spec, claims or ()), minor, is_pod=pod is not None)
    problems += validate_volumes(spec.get("volumes"), child(path, "volumes"), minor, pod, replaced=claims or ())
    problems += validate_containers(around, path)
    problems += validate_host_ports(spec, path, is_pod=around.is_pod)
    problems += validate_pod_security(spec, path, minor) + _validate_user_namespace(spec, path)
    problems += _validate_scheduling(spec, path, minor)
    if any(field in spec for field in DNS_FIELDS):
        problems += validate_pod_dns(spec, path, minor)
    problems += validate_hostname(spec, path, is_set_by_workload=claims is not None)
    return problems + _validate_choices(spec, path) + _validate_names(spec, path) + _validate_gates(spec, path)


def _validate_scheduling(spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of where a pod may run; most pods say nothing of it."""
    problems = []
    if "affinity" in spec:
        problems += validate_affinity(part(spec, "affinity"), child(path, "affinity"), minor)
    if "tolerations" in spec:
        problems += validate_tolerations(spec["tolerations"], child(path, "tolerations"))
    if (field := "topologySpreadConstraints") in spec:
        problems += validate_spread(spec[field], child(path, field), minor)
    return problems


def _volumes(spec: dict[str, Any], claims: tuple[str, ...]) -> dict[str, bool]:
    """Return the names of the volumes of a pod, and whether each can be used as a device."""
    own = {
        text(volume.get("name")): any(volume.get(kind) is not None for kind in DEVICE_SOURCES)
        for volume, _ in objects(spec.get("volumes"), "")
    }
    return own | dict.fromkeys(claims, True)


def _validate_user_namespace(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of what a pod with users of its own cannot share with the node."""
    if spec.get("hostUsers") is not False:
        return []
    detail, remedy = "when `hostUsers` is false", "remove it, or hostUsers: false"
    problems = [
        forbidden(child(path, field), detail, remedy=remedy)
        for field in ("hostNetwork", "hostPID", "hostIPC")
        if spec.get(field) is True
    ]
    return problems + [
        forbidden(child(place, "volumeDevices"), detail, remedy=remedy)
        for container, place in all_containers(spec, path)
        if elements(container.get("volumeDevices"))
    ]


def _validate_choices(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of fields with few possible values."""
    problems = []
    for field, choices in (("restartPolicy", RESTART_POLICIES), ("dnsPolicy", DNS_POLICIES)):
        problems += validate_choice(spec.get(field), child(path, field), choices)
    where = child(path, "preemptionPolicy")
    if spec.get("preemptionPolicy") == "":
        problems.append(missing(where, remedy=f"use one of {', '.join(PREEMPTION_POLICIES)}"))
    problems += validate_choice(spec.get("preemptionPolicy"), where, PREEMPTION_POLICIES)
    if spec.get("os") is not None:
        name, where = text(part(spec, "os").get("name")), child(path, "os.name")
        problems += [] if name else [missing(where, remedy="write name: linux, or windows")]
        problems += validate_choice(name, where, SYSTEMS)
    deadline = spec.get("activeDeadlineSeconds")
    return problems + validate_between(deadline, child(path, "activeDeadlineSeconds"), 1, LARGEST_ID)


def _validate_names(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of labels of nodes, and of names of other objects."""
    problems = validate_labels(spec.get("nodeSelector"), child(path, "nodeSelector"))
    for field in ("serviceAccountName", "nodeName", "priorityClassName"):
        if text(spec.get(field)):
            problems += validate_name(text(spec.get(field)), child(path, field), dns_subdomain)
    if isinstance(spec.get("runtimeClassName"), str):
        problems += validate_name(text(spec["runtimeClassName"]), child(path, "runtimeClassName"), dns_subdomain)
    return problems + validate_amounts(spec.get("overhead"), child(path, "overhead"))


def _validate_gates(spec: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of what a pod waits for before it is scheduled, and before it is ready."""
    problems = []
    remedy = "write a name such as example.com/ready"
    for gate, place in objects(spec.get("readinessGates"), child(path, "readinessGates")):
        kind, where = text(gate.get("conditionType")), child(place, "conditionType")
        problems += [invalid(where, kind, error, remedy=remedy) for error in label_key(kind)]
    seen: set[str] = set()
    for gate, place in objects(spec.get("schedulingGates"), child(path, "schedulingGates")):
        name = text(gate.get("name"))
        problems += [invalid(place, name, error, remedy=remedy) for error in label_key(name)]
        problems += [duplicate(place, name, remedy="name each gate once")] if name in seen else []
        seen.add(name)
    return problems
