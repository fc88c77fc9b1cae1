"""The rules on the volumes of a pod: each has a name of its own and one source."""

from collections.abc import Callable
from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_between, validate_choice
from firedoor.adapters.manifests.validation.claims import validate_claim_template
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain
from firedoor.adapters.manifests.validation.paths import validate_descending, validate_no_backsteps
from firedoor.adapters.manifests.validation.problems import Problem, child, duplicate, forbidden, invalid, missing
from firedoor.adapters.manifests.validation.projections import (
    validate_entries,
    validate_mode,
    validate_pod_files,
    validate_projected,
)
from firedoor.adapters.manifests.validation.quantities import read_quantity, validate_quantity
from firedoor.adapters.manifests.validation.shapes import elements, mapping, number, objects, part, text

PULL_POLICIES = ("Always", "IfNotPresent", "Never")
HOST_TYPES = (
    *("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate"),
    *("File", "FileOrCreate", "Socket"),
)
# In the order in which the server looks for them: it reports all after the first.
REQUIRED: dict[str, tuple[str, ...]] = {
    "emptyDir": (),
    "hostPath": ("path",),
    "gitRepo": ("repository",),
    "gcePersistentDisk": ("pdName",),
    "awsElasticBlockStore": ("volumeID",),
    "secret": ("secretName",),
    "nfs": ("server", "path"),
    "iscsi": ("targetPortal", "iqn"),
    "glusterfs": ("endpoints", "path"),
    "flocker": (),
    "persistentVolumeClaim": ("claimName",),
    "rbd": ("monitors", "image"),
    "cinder": ("volumeID",),
    "cephfs": ("monitors",),
    "quobyte": ("registry", "volume"),
    "downwardAPI": (),
    "fc": (),
    "flexVolume": ("driver",),
    "configMap": ("name",),
    "azureFile": ("secretName", "shareName"),
    "vsphereVolume": ("volumePath",),
    "photonPersistentDisk": ("pdID",),
    "portworxVolume": ("volumeID",),
    "azureDisk": ("diskName", "diskURI"),
    "storageos": (),
    "projected": (),
    "scaleIO": ("gateway", "system", "volumeName"),
    "csi": ("driver",),
    "ephemeral": ("volumeClaimTemplate",),
    "image": (),
}
"""The sources of volumes, and the fields that each cannot do without."""


def validate_volumes(
    value: Any, path: str, minor: int, pod: str | None, replaced: tuple[str, ...] = ()
) -> list[Problem]:
    """
    Return the problems of the volumes of a pod; the name of the pod is None in a template.

    Claims of a StatefulSet take the place of volumes with their names, which are not looked at.
    """
    problems, seen = [], set()
    made = {f"{pod}-{text(volume.get('name'))}" for volume, _ in objects(value, "") if pod and volume.get("ephemeral")}
    for volume, place in objects(value, path):
        name, where = text(volume.get("name")), child(place, "name")
        if name in replaced:
            continue
        found = _validate_source(volume, place, minor, is_pod=pod is not None)
        if not name:
            found.append(missing(where, remedy="give the volume a name"))
        else:
            found += validate_name(name, where, dns_label)
        if name in seen:
            found.append(duplicate(where, name, remedy="give each volume of the pod its own name"))
        if not found:
            seen.add(name)
        problems += found
        claim = text(part(volume, "persistentVolumeClaim").get("claimName"))
        if claim in made:
            detail = "must not reference a PVC that gets created for an ephemeral volume"
            where = child(place, "persistentVolumeClaim.claimName")
            problems.append(invalid(where, claim, detail, remedy="name another claim"))
        if pod and name and volume.get("ephemeral") is not None:
            errors = dns_subdomain(f"{pod}-{name}")
            details = [f'PVC name "{pod}-{name}": {error}' for error in errors]
            remedy = "shorten the name of the volume"
            problems += [invalid(child(place, "name"), name, detail, remedy=remedy) for detail in details]
    return problems


def _validate_source(volume: dict[str, Any], path: str, minor: int, *, is_pod: bool) -> list[Problem]:
    """Return the problems of the source of a volume; without any it is an empty directory."""
    found = [kind for kind in REQUIRED if volume.get(kind) is not None]
    problems = []
    for kind in found[1:]:
        remedy = f"give {kind} a volume of its own"
        problems.append(forbidden(child(path, kind), "may not specify more than 1 volume type", remedy=remedy))
    for kind in found[:1]:
        source, where = mapping(volume[kind]), child(path, kind)
        problems += [
            missing(child(where, field), remedy=f"set {field} of the {kind} volume")
            for field in REQUIRED[kind]
            if source.get(field) in (None, "", [])
        ]
        rules = RULES.get(kind)
        problems += rules(source, where) if rules else []
        if kind == "ephemeral" and source.get("volumeClaimTemplate") is not None:
            template = mapping(source["volumeClaimTemplate"])
            problems += validate_claim_template(template, child(where, "volumeClaimTemplate"), minor)
        if kind == "image" and is_pod and not text(source.get("reference")):
            problems.append(missing(child(where, "reference"), remedy="name the image"))
    return problems


def _empty_dir(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the size of an empty directory."""
    limit, where = source.get("sizeLimit"), child(path, "sizeLimit")
    if (read_quantity(limit) or 0) < 0:
        detail = "SizeLimit field must be a valid resource quantity"
        return [forbidden(where, detail, remedy="use zero or more")]
    return validate_quantity(limit, where)


def _host_path(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a path of the node."""
    if not text(source.get("path")):
        return []
    problems = validate_no_backsteps(text(source.get("path")), child(path, "path"))
    return problems + validate_choice(source.get("type"), child(path, "type"), HOST_TYPES)


def _nfs(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problem of an export whose path is not absolute."""
    value = text(source.get("path"))
    if value.startswith("/"):
        return []
    remedy = f"begin the path with a slash: /{value}"
    return [invalid(child(path, "path"), value, "must be an absolute path", remedy=remedy)]


def _files(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the files that come from a ConfigMap or a Secret."""
    problems = validate_mode(source, path, "defaultMode")
    return problems + validate_entries(source.get("items"), child(path, "items"))


def _downward(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of files with fields of the pod."""
    return validate_mode(source, path, "defaultMode") + validate_pod_files(source.get("items"), path)


def _git(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the folder of a repository."""
    return validate_descending(text(source.get("directory")), child(path, "directory"))


def _partition(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problem of the number of a partition."""
    return validate_between(source.get("partition"), child(path, "partition"), 0, 255)


def _csi(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a driver of volumes, and of the Secret that it gets."""
    driver, where = text(source.get("driver")), child(path, "driver")
    problems = validate_name(driver.lower(), where, dns_subdomain) if driver else []
    if len(driver) > 63:  # noqa: PLR2004 - as every DNS label
        problems.append(
            invalid(where, driver, "must have at most 63 bytes", remedy="name the driver as it is installed")
        )
    secret = source.get("nodePublishSecretRef")
    name = text(mapping(secret).get("name"))
    if secret is not None and not name:
        problems.append(missing(child(path, "nodePublishSecretRef.name"), remedy="name the Secret"))
    return problems + (validate_name(name, child(path, "name"), dns_subdomain) if name else [])


def _image(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problem of when an image is pulled."""
    return validate_choice(source.get("pullPolicy"), child(path, "pullPolicy"), PULL_POLICIES)


def _fibre(source: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of a volume of a storage network: it is named in one of two ways."""
    names, identifiers = elements(source.get("targetWWNs")), elements(source.get("wwids"))
    where, lun = child(path, "targetWWNs"), source.get("lun")
    if not names and not identifiers:
        return [missing(where, "must specify either targetWWNs or wwids, but not both", remedy="write one of the two")]
    problems = []
    if names and identifiers:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        problems.append(invalid(where, names, detail, remedy="keep one of the two"))
    if names and lun is None:
        detail = "lun is required if targetWWNs is specified"
        problems.append(missing(child(path, "lun"), detail, remedy="write the number of the unit"))
    return problems + (validate_between(number(lun), child(path, "lun"), 0, 255) if names else [])


RULES: dict[str, Callable[[dict[str, Any], str], list[Problem]]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git,
    "gcePersistentDisk": _partition,
    "awsElasticBlockStore": _partition,
    "secret": _files,
    "configMap": _files,
    "nfs": _nfs,
    "downwardAPI": _downward,
    "projected": validate_projected,
    "csi": _csi,
    "fc": _fibre,
    "image": _image,
}
