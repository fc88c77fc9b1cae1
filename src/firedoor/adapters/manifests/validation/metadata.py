"""The rules on ``metadata`` that every object shares, and the syntax of names for each kind."""

from typing import Any

from firedoor.adapters.manifests.validation.labels import label_key, validate_labels
from firedoor.adapters.manifests.validation.names import (
    NameRule,
    as_prefix,
    dns_1035_label,
    dns_label,
    dns_subdomain,
    path_segment,
)
from firedoor.adapters.manifests.validation.problems import Problem, ProblemKind, child, invalid, missing
from firedoor.adapters.manifests.validation.releases import (
    LABEL_NAMES_OF_STATEFULSETS_SINCE,
    RELAXED_SERVICE_NAMES_SINCE,
)
from firedoor.adapters.manifests.validation.shapes import objects, part, text, text_map, texts

ANNOTATIONS_LIMIT = 256 * 1024
CRON_JOB_NAME_LENGTH = 52

SUBDOMAIN_KINDS = (
    "ConfigMap CronJob DaemonSet Deployment Endpoints EndpointSlice HorizontalPodAutoscaler Ingress "
    "IngressClass Job LimitRange NetworkPolicy Node PersistentVolume PersistentVolumeClaim Pod "
    "PodDisruptionBudget PodTemplate PriorityClass ReplicaSet ReplicationController ResourceQuota Secret "
    "ServiceAccount StatefulSet StorageClass"
)
NAME_RULES: dict[str, NameRule] = {
    **dict.fromkeys(SUBDOMAIN_KINDS.split(), dns_subdomain),
    "Namespace": dns_label,
    "Service": dns_1035_label,
    **dict.fromkeys(("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"), path_segment),
}
NAME_REMEDIES: dict[NameRule, str] = {
    dns_subdomain: "use lower-case letters, digits, '-' and '.'; begin and end with a letter or a digit",
    dns_label: "use at most 63 lower-case letters, digits and '-'; begin and end with a letter or digit",
    dns_1035_label: "use at most 63 lower-case letters, digits and '-', beginning with a letter",
    path_segment: "remove the character: the name becomes a part of a URL",
}


def name_rule(kind: str, minor: int) -> NameRule | None:
    """Return the rule for the name of a kind in a release; None for a kind with rules of its own."""
    if kind == "StatefulSet" and minor >= LABEL_NAMES_OF_STATEFULSETS_SINCE:
        return dns_label
    if kind == "Service" and minor >= RELAXED_SERVICE_NAMES_SINCE:
        return dns_label
    return NAME_RULES.get(kind)


def validate_metadata(document: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the metadata of an object that is to be created."""
    metadata = part(document, "metadata")
    problems = _validate_name(metadata, kind, name_rule(kind, minor))
    namespace = text(metadata.get("namespace"))
    if namespace:
        problems += validate_name(namespace, "metadata.namespace", dns_label)
    problems += validate_labels(metadata.get("labels"), "metadata.labels")
    problems += validate_annotations(metadata.get("annotations"), "metadata.annotations")
    problems += _validate_owners(metadata)
    for finalizer, _ in texts(metadata.get("finalizers"), ""):
        remedy = "write a finalizer like example.com/name"
        problems += [invalid("metadata.finalizers", finalizer, error, remedy=remedy) for error in label_key(finalizer)]
    return problems


def validate_name(name: str, path: str, rule: NameRule) -> list[Problem]:
    """Return the problems of a name under a rule."""
    return [invalid(path, name, error, remedy=NAME_REMEDIES[rule]) for error in rule(name)]


def _validate_name(metadata: dict[str, Any], kind: str, rule: NameRule | None) -> list[Problem]:
    """Return the problems of ``name`` and ``generateName``, one of which must be set."""
    name, prefix = text(metadata.get("name")), text(metadata.get("generateName"))
    if not name and not prefix:
        remedy = "give the object a name under metadata"
        return [missing("metadata.name", "name or generateName is required", remedy=remedy)]
    if rule is None:
        return []
    problems = validate_name(name, "metadata.name", rule) if name else []
    remedy = NAME_REMEDIES[rule]
    errors = as_prefix(rule)(prefix) if prefix else []
    problems += [invalid("metadata.generateName", prefix, error, remedy=remedy) for error in errors]
    if kind == "CronJob" and len(name) > CRON_JOB_NAME_LENGTH:
        detail = f"must be no more than {CRON_JOB_NAME_LENGTH} characters"
        remedy = "shorten the name: the names of its jobs get eleven characters more"
        problems.append(invalid("metadata.name", name, detail, remedy=remedy))
    return problems


def validate_annotations(value: Any, path: str) -> list[Problem]:
    """Return the problems of annotations: keys like those of labels, and a limit on the whole."""
    annotations = text_map(value)
    remedy = "write a key like example.com/name"
    problems = [
        invalid(path, key, error, remedy=remedy) for key in sorted(annotations) for error in label_key(key.lower())
    ]
    size = sum(len((key + entry).encode(errors="surrogatepass")) for key, entry in annotations.items())
    if size > ANNOTATIONS_LIMIT:
        message = f"{path}: Too long: may not be more than {ANNOTATIONS_LIMIT} bytes"
        problems.append(Problem(path, message, "move the text into a ConfigMap", ProblemKind.INVALID_VALUE))
    return problems


def _validate_owners(metadata: dict[str, Any]) -> list[Problem]:
    """Return the problems of owner references, each of which names one object completely."""
    path = "metadata.ownerReferences"
    return [
        invalid(child(path, field), "", detail, remedy=f"set {field} of the owner, or remove the reference")
        for owner, _ in objects(metadata.get("ownerReferences"), path)
        for field, detail in (
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        )
        if not text(owner.get(field))
    ]
