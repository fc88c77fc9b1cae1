"""Which rules on values hold for which kind."""

from collections.abc import Callable
from typing import Any

from firedoor.adapters.manifests.validation.claims import validate_claim
from firedoor.adapters.manifests.validation.endpoints import validate_endpoint_slice, validate_endpoints
from firedoor.adapters.manifests.validation.ingress import validate_ingress, validate_ingress_class
from firedoor.adapters.manifests.validation.jobs import validate_cron_job, validate_job
from firedoor.adapters.manifests.validation.metadata import validate_metadata
from firedoor.adapters.manifests.validation.networkpolicy import validate_networkpolicy
from firedoor.adapters.manifests.validation.pods import validate_pod
from firedoor.adapters.manifests.validation.problems import Problem
from firedoor.adapters.manifests.validation.rbac import binding, role
from firedoor.adapters.manifests.validation.services import validate_service
from firedoor.adapters.manifests.validation.workloads import (
    validate_pod_template,
    validate_replication_controller,
    workload,
)

RBAC = "rbac.authorization.k8s.io/v1"

RULES: dict[tuple[str, str], Callable[[dict[str, Any], int], list[Problem]]] = {
    ("networking.k8s.io/v1", "NetworkPolicy"): validate_networkpolicy,
    ("networking.k8s.io/v1", "Ingress"): validate_ingress,
    ("networking.k8s.io/v1", "IngressClass"): validate_ingress_class,
    ("v1", "Pod"): validate_pod,
    ("v1", "PersistentVolumeClaim"): validate_claim,
    ("v1", "PodTemplate"): validate_pod_template,
    ("v1", "ReplicationController"): validate_replication_controller,
    **{("apps/v1", kind): workload(kind) for kind in ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet")},
    ("batch/v1", "Job"): validate_job,
    ("batch/v1", "CronJob"): validate_cron_job,
    ("v1", "Service"): validate_service,
    ("v1", "Endpoints"): validate_endpoints,
    ("discovery.k8s.io/v1", "EndpointSlice"): validate_endpoint_slice,
    **{(RBAC, kind): role(kind) for kind in ("Role", "ClusterRole")},
    **{(RBAC, kind): binding(kind) for kind in ("RoleBinding", "ClusterRoleBinding")},
}


def check_values(document: dict[str, Any], api_version: str, kind: str, minor: int) -> list[Problem]:
    """Return the values of a built-in kind that break a rule; parts of the wrong type are passed over."""
    problems = validate_metadata(document, kind, minor)
    rules = RULES.get((api_version, kind))
    return problems + rules(document, minor) if rules else problems
