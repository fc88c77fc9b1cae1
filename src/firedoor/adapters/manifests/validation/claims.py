"""The rules on claims of volumes: how they are accessed, how large they are, and what they are filled from."""

from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice
from firedoor.adapters.manifests.validation.labels import validate_labels, validate_selector
from firedoor.adapters.manifests.validation.metadata import validate_annotations, validate_name
from firedoor.adapters.manifests.validation.names import dns_label, dns_subdomain
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    forbidden,
    invalid,
    missing,
    unsupported,
)
from firedoor.adapters.manifests.validation.quantities import printed, read_quantity, validate_quantity, written
from firedoor.adapters.manifests.validation.shapes import mapping, part, text, texts

MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
CLAIM = "PersistentVolumeClaim"
METADATA = ("annotations", "labels")


def validate_claim(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of the spec of a PersistentVolumeClaim."""
    return validate_claim_spec(part(document, "spec"), "spec", minor)


def validate_claim_template(template: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of the claim that is made for one pod; it has no name of its own."""
    metadata, where = part(template, "metadata"), child(path, "metadata")
    problems = validate_annotations(metadata.get("annotations"), child(where, "annotations"))
    problems += validate_labels(metadata.get("labels"), child(where, "labels"))
    problems += [
        forbidden(child(where, field), "cannot be set", remedy=f"remove {field}")
        for field in sorted(metadata)
        if field not in METADATA and metadata[field] not in (None, "", 0, [], {})
    ]
    return problems + validate_claim_spec(part(template, "spec"), child(path, "spec"), minor)


def validate_claim_spec(spec: dict[str, Any], path: str, minor: int) -> list[Problem]:
    """Return the problems of a claim, wherever it stands."""
    problems = _validate_modes(spec.get("accessModes"), child(path, "accessModes"))
    if spec.get("selector") is not None:
        problems += validate_selector(spec["selector"], child(path, "selector"), minor)
    problems += _validate_amounts(part(spec, "resources"), child(path, "resources"))
    name = text(spec.get("storageClassName"))
    problems += validate_name(name, child(path, "storageClassName"), dns_subdomain) if name else []
    where = child(path, "volumeMode")
    problems += validate_choice(spec.get("volumeMode"), where, VOLUME_MODES, may_be_empty=False)
    for field in ("dataSource", "dataSourceRef"):
        if spec.get(field) is not None:
            problems += _validate_origin(mapping(spec[field]), child(path, field))
    return problems


def _validate_modes(value: Any, path: str) -> list[Problem]:
    """Return the problems of how a volume is accessed."""
    modes = [mode for mode, _ in texts(value, path)]
    if not modes:
        remedy = "write accessModes: [ReadWriteOnce], or another"
        return [missing(path, "at least 1 access mode is required", remedy=remedy)]
    problems = [unsupported(path, mode, MODES) for mode in modes if mode not in MODES]
    if "ReadWriteOncePod" in modes and set(modes) & set(MODES) != {"ReadWriteOncePod"}:
        detail = "may not use ReadWriteOncePod with other access modes"
        problems.append(forbidden(path, detail, remedy="keep ReadWriteOncePod alone, or remove it"))
    return problems


def _validate_amounts(resources: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of the size of a claim."""
    problems = []
    for kind in ("requests", "limits"):
        for name, amount in sorted(part(resources, kind).items()):
            if written(amount) is not None and read_quantity(amount) is None:
                problems += validate_quantity(amount, child(path, f"{kind}.{name}"))
    requests, where = part(resources, "requests"), f"{path}[storage]"
    if "storage" not in requests:
        return [*problems, missing(where, remedy="write resources: {requests: {storage: 1Gi}}, or another size")]
    size = read_quantity(requests["storage"])
    if requests["storage"] is None or (size is not None and size <= 0):
        size_text = printed(requests["storage"])
        problems.append(invalid(where, size_text, "must be greater than zero", remedy="ask for a size such as 1Gi"))
    return problems


def _validate_origin(origin: dict[str, Any], path: str) -> list[Problem]:
    """Return the problems of what a new volume is filled from."""
    problems = [
        missing(child(path, field), remedy=f"write the {field} of the object")
        for field in ("name", "kind")
        if not text(origin.get(field))
    ]
    group, kind = text(origin.get("apiGroup")), text(origin.get("kind"))
    if not group and kind != CLAIM:
        detail = f"must be '{CLAIM}' when referencing the default apiGroup"
        problems.append(invalid(path, kind, detail, remedy="write the apiGroup of the kind"))
    problems += validate_name(group, child(path, "apiGroup"), dns_subdomain) if group else []
    namespace = text(origin.get("namespace"))
    return problems + (validate_name(namespace, child(path, "namespace"), dns_label) if namespace else [])
