"""
The rules on the values of workloads: the selector, the template it must match, and how pods restart.

The pods of a StatefulSet are held to the rules of pods as well: the server takes such a StatefulSet,
and then rejects every pod of it.
"""

from collections.abc import Callable
from typing import Any

from firedoor.adapters.manifests.validation.choices import validate_choice, validate_counts
from firedoor.adapters.manifests.validation.claims import validate_claim_spec
from firedoor.adapters.manifests.validation.labels import selects, validate_labels, validate_selector
from firedoor.adapters.manifests.validation.metadata import validate_name
from firedoor.adapters.manifests.validation.names import dns_label
from firedoor.adapters.manifests.validation.pods import validate_template
from firedoor.adapters.manifests.validation.problems import (
    Problem,
    child,
    forbidden,
    invalid,
    missing,
    shown,
    unsupported,
)
from firedoor.adapters.manifests.validation.releases import (
    CLAIM_TEMPLATES_SINCE,
    SERVICE_NAMES_OF_STATEFULSETS_SINCE,
)
from firedoor.adapters.manifests.validation.shapes import mapping, number, objects, part, text, text_map
from firedoor.adapters.manifests.validation.strategies import validate_strategy

DEFAULT_DEADLINE = 600
POD_MANAGEMENT = ("OrderedReady", "Parallel")
RETENTION = ("Retain", "Delete")
COUNTS = {
    "Deployment": ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"),
    "ReplicaSet": ("replicas", "minReadySeconds"),
    "DaemonSet": ("minReadySeconds", "revisionHistoryLimit"),
    "StatefulSet": ("replicas", "minReadySeconds"),
}
MISMATCH = "`selector` does not match template `labels`"
# The server's words for an empty selector: those of a ReplicaSet were copied from the Deployment.
EMPTY_SELECTOR = {
    "Deployment": "empty selector is invalid for deployment",
    "ReplicaSet": "empty selector is invalid for deployment",
    "DaemonSet": "empty selector is invalid for daemonset",
    "StatefulSet": "empty selector is invalid for statefulset",
}


def workload(kind: str) -> Callable[[dict[str, Any], int], list[Problem]]:
    """Return the rules of a kind of apps/v1 whose pods run for ever."""

    def validate(document: dict[str, Any], minor: int) -> list[Problem]:
        spec, template = part(document, "spec"), "spec.template"
        problems = validate_counts(spec, "spec", COUNTS[kind]) + _validate_selector(spec, kind, minor)
        names = [text(part(each, "metadata").get("name")) for each, _ in objects(spec.get("volumeClaimTemplates"), "")]
        claims = tuple(names) if kind == "StatefulSet" else None
        problems += validate_template(spec.get("template"), template, minor, claims)
        problems += _validate_endless(spec.get("template"), template, kind) + validate_strategy(kind, spec)
        if kind == "Deployment":
            problems += _validate_deadline(spec)
        return problems + (_validate_stateful(spec, minor) if kind == "StatefulSet" else [])

    return validate


def _validate_deadline(spec: dict[str, Any]) -> list[Problem]:
    """Return the problem of a Deployment that is given up before its pods could be ready."""
    value, path = spec.get("progressDeadlineSeconds"), "spec.progressDeadlineSeconds"
    deadline = DEFAULT_DEADLINE if value is None else number(value)
    if deadline > number(spec.get("minReadySeconds")):
        return []
    remedy = "raise progressDeadlineSeconds, or lower minReadySeconds"
    return [invalid(path, deadline, "must be greater than minReadySeconds", remedy=remedy)]


def _validate_stateful(spec: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of what only a StatefulSet has: the order, the claims and the Service of its pods."""
    policy, where = text(spec.get("podManagementPolicy")), "spec.podManagementPolicy"
    problems = []
    if policy and policy not in POD_MANAGEMENT:
        detail = "must be 'OrderedReady' or 'Parallel'"
        problems.append(invalid(where, policy, detail, remedy="use OrderedReady or Parallel"))
    problems += validate_counts(part(spec, "ordinals"), "spec.ordinals", ("start",))
    retention, where = part(spec, "persistentVolumeClaimRetentionPolicy"), "spec.persistentVolumeClaimRetentionPolicy"
    for field in ("whenDeleted", "whenScaled"):
        problems += validate_choice(retention.get(field), child(where, field), RETENTION)
    name = text(spec.get("serviceName"))
    if name and minor >= SERVICE_NAMES_OF_STATEFULSETS_SINCE:
        problems += validate_name(name, "spec.serviceName", dns_label)
    for claim, path in objects(spec.get("volumeClaimTemplates"), "spec.volumeClaimTemplates"):
        name, where = text(part(claim, "metadata").get("name")), child(path, "metadata.name")
        # The claim becomes a volume of each pod, where the server finds the name.
        problems += validate_name(name, where, dns_label) if name else [missing(where, remedy="name the claim")]
        if minor >= CLAIM_TEMPLATES_SINCE:
            problems += validate_claim_spec(part(claim, "spec"), child(path, "spec"), minor)
    return problems


def _validate_selector(spec: dict[str, Any], kind: str, minor: int) -> list[Problem]:
    """Return the problems of the selector of a workload, which must match its own template."""
    selector = spec.get("selector")
    remedy = "repeat the labels of the template: selector.matchLabels must be among template.metadata.labels"
    if selector is None and kind != "DaemonSet":
        return [missing("spec.selector", remedy=remedy)]
    problems = validate_selector(selector, "spec.selector", minor)
    if selector is not None and not any(mapping(selector).get(field) for field in ("matchLabels", "matchExpressions")):
        problems.append(invalid("spec.selector", selector, EMPTY_SELECTOR[kind], remedy=remedy))
        return problems
    labels = text_map(part(spec, "template", "metadata").get("labels"))
    if selector is None or selects(selector, labels) is False:
        problems.append(
            invalid("spec.template.metadata.labels", labels, MISMATCH, remedy=_label_remedy(selector, labels))
        )
    return problems


def _label_remedy(selector: Any, labels: dict[str, str]) -> str:
    """Return which labels the template lacks for its selector to match it."""
    lacking = [
        f"{key}: {shown(value)}"
        for key, value in sorted(text_map(mapping(selector).get("matchLabels")).items())
        if labels.get(key) != value
    ]
    if lacking:
        return f"add to the labels of the template: {', '.join(lacking)}; or correct spec.selector"
    return "set spec.selector so that it matches the labels of the template"


def _validate_endless(template: Any, path: str, kind: str) -> list[Problem]:
    """Return the problems of pods that are to stop, in a workload that keeps them running."""
    spec, problems = part(template, "spec"), []
    policy = text(spec.get("restartPolicy"))
    if policy in {"OnFailure", "Never"}:
        remedy = "remove restartPolicy, or use a Job for pods that finish"
        problems.append(unsupported(child(path, "spec.restartPolicy"), policy, ("Always",), remedy=remedy))
    if spec.get("activeDeadlineSeconds") is not None:
        owner = "ReplicaSet" if kind == "Deployment" else kind
        detail = f"activeDeadlineSeconds in {owner} is not Supported"
        remedy = "remove activeDeadlineSeconds"
        problems.append(forbidden(child(path, "spec.activeDeadlineSeconds"), detail, remedy=remedy))
    return problems


def validate_replication_controller(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a ReplicationController; its selector defaults to the template's labels."""
    spec = part(document, "spec")
    problems = validate_counts(spec, "spec", ("replicas", "minReadySeconds"))
    labels = text_map(part(spec, "template", "metadata").get("labels"))
    selector = text_map(spec.get("selector")) or labels
    if not selector:
        problems.append(missing("spec.selector", remedy="give the template labels; the selector follows them"))
    if spec.get("template") is None:
        return [*problems, missing("spec.template", remedy="describe the pods under template")]
    if any(labels.get(key) != value for key, value in selector.items()):
        remedy = _label_remedy({"matchLabels": selector}, labels)
        problems.append(invalid("spec.template.metadata.labels", labels, MISMATCH, remedy=remedy))
    problems += validate_labels(spec.get("selector"), "spec.selector")
    problems += validate_template(spec.get("template"), "spec.template", minor)
    return problems + _validate_endless(spec.get("template"), "spec.template", "ReplicationController")


def validate_pod_template(document: dict[str, Any], minor: int) -> list[Problem]:
    """Return the problems of a PodTemplate."""
    return validate_template(document.get("template"), "template", minor)
