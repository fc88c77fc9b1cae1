"""The rules on where the volumes of a pod appear in a container, as folders or as devices."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.paths import validate_descending, validate_no_backsteps
from firedoor.adapters.manifests.validation.problems import Problem, child, forbidden, invalid, missing, not_found
from firedoor.adapters.manifests.validation.shapes import objects, part, text

PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
READ_ONLY = ("Disabled", "Enabled", "IfPossible")
UNIQUE = "must be unique"

Volumes = dict[str, bool]
"""The names of the volumes of a pod, and whether each can be used as a device."""


def validate_mounts(container: dict[str, Any], path: str, volumes: Volumes) -> list[Problem]:
    """Return the problems of the mounts of a container."""
    where, problems = child(path, "volumeMounts"), []
    devices = list(objects(container.get("volumeDevices"), ""))
    seen: set[str] = set()
    for mount, place in objects(container.get("volumeMounts"), where):
        problems += _validate_name(text(mount.get("name")), child(place, "name"), volumes)
        target, at = text(mount.get("mountPath")), child(place, "mountPath")
        if not target:
            problems.append(missing(at, remedy="say where the volume appears in the container"))
        if target in seen:
            problems.append(invalid(at, target, UNIQUE, remedy="mount each volume at a path of its own"))
        seen.add(target)
        for field, other, kind in (("name", "name", ""), ("mountPath", "devicePath", " as a path")):
            value = text(mount.get(field))
            if any(text(device.get(other)) == value for device, _ in devices):
                detail = f"must not already exist{kind} in volumeDevices"
                problems.append(invalid(child(place, field), value, detail, remedy="use it in one of the two lists"))
        problems += _validate_part(mount, place) + _validate_sharing(mount, place, container)
    return problems


def _validate_name(name: str, path: str, volumes: Volumes) -> list[Problem]:
    """Return the problem of a volume that the pod does not have."""
    if not name:
        return [missing(path, remedy="name a volume of the pod")]
    if name in volumes:
        return []
    return [not_found(path, name, remedy=f"add a volume named {name} to the pod, or correct the name")]


def _validate_part(mount: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a part of a volume; the server reports them without the index of the mount."""
    below, expression = text(mount.get("subPath")), text(mount.get("subPathExpr"))
    problems = validate_descending(below, child(path, "subPath"))
    if below and expression:
        detail = "subPathExpr and subPath are mutually exclusive"
        problems.append(invalid(child(path, "subPathExpr"), expression, detail, remedy="keep one of the two"))
    return problems + validate_descending(expression, child(path, "subPathExpr"))


def _validate_sharing(mount: dict[str, Any], path: str, container: dict[str, Any]) -> list[Problem]:
    """Return the problems of how mounts spread between the node and the container."""
    propagation, where = mount.get("mountPropagation"), child(path, "mountPropagation")
    problems = validate_choice(propagation, where, PROPAGATIONS, may_be_empty=False)
    if propagation == "Bidirectional" and part(container, "securityContext").get("privileged") is not True:
        detail = "Bidirectional mount propagation is available only to privileged containers"
        problems.append(forbidden(where, detail, remedy="use HostToContainer, or make the container privileged"))
    recursive, where = mount.get("recursiveReadOnly"), child(path, "recursiveReadOnly")
    problems += validate_choice(recursive, where, READ_ONLY, may_be_empty=False)
    if recursive in {"Enabled", "IfPossible"}:
        if mount.get("readOnly") is not True:
            detail = "may only be specified when readOnly is true"
            problems.append(forbidden(where, detail, remedy="write readOnly: true"))
        if propagation not in {None, "None"}:
            detail = "may only be specified when mountPropagation is None or not specified"
            problems.append(forbidden(where, detail, remedy="remove mountPropagation"))
    return problems


def validate_devices(container: dict[str, Any], path: str, volumes: Volumes) -> list[Problem]:
    """Return the problems of the devices of a container, which come from claims."""
    problems = []
    mounts = list(objects(container.get("volumeMounts"), ""))
    names: set[str] = set()
    targets: set[str] = set()
    for device, place in objects(container.get("volumeDevices"), child(path, "volumeDevices")):
        name, target = text(device.get("name")), text(device.get("devicePath"))
        where, at = child(place, "name"), child(place, "devicePath")
        problems += _validate_name(name, where, volumes)
        if volumes.get(name) is False:
            detail = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
            problems.append(invalid(where, name, detail, remedy="mount the volume, or use a claim"))
        if not target:
            problems.append(missing(at, remedy="say where the device appears in the container"))
        elif validate_no_backsteps(target, at):
            problems.append(invalid(at, target, "can not contain backsteps ('..')", remedy="write the path without .."))
        for value, seen, place_of in ((name, names, where), (target, targets, at)):
            if value and value in seen:
                problems.append(invalid(place_of, value, UNIQUE, remedy="use each name and each path once"))
            seen.add(value)
        for value, field, kind, place_of in ((name, "name", "", where), (target, "mountPath", " as a path", at)):
            if any(text(mount.get(field)) == value for mount, _ in mounts):
                detail = f"must not already exist{kind} in volumeMounts"
                problems.append(invalid(place_of, value, detail, remedy="use it in one of the two lists"))
    return problems
