"""Which API version serves which kind in which release, and what to write where it does not."""

import difflib
from functools import cache

from firedoor.adapters.manifests.validation.problems import Problem, ProblemKind, quoted
from firedoor.adapters.manifests.validation.releases import NEWEST_MINOR, OLDEST_WITH_SCHEMA
from firedoor.adapters.manifests.validation.schemas import load

# Kinds that an API version served until a release, for releases older than the oldest schemas:
# (apiVersion, kinds, last release that served them). From the deprecation guide of the API.
SERVED_UNTIL: tuple[tuple[str, str, int], ...] = (
    ("extensions/v1beta1", "DaemonSet Deployment NetworkPolicy PodSecurityPolicy ReplicaSet", 15),
    ("apps/v1beta1", "ControllerRevision Deployment StatefulSet", 15),
    ("apps/v1beta2", "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet", 15),
    ("extensions/v1beta1", "Ingress", 21),
    ("networking.k8s.io/v1beta1", "Ingress IngressClass", 21),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole ClusterRoleBinding Role RoleBinding", 21),
    ("rbac.authorization.k8s.io/v1alpha1", "ClusterRole ClusterRoleBinding Role RoleBinding", 22),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 21),
    ("apiregistration.k8s.io/v1beta1", "APIService", 21),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        21,
    ),
    ("coordination.k8s.io/v1beta1", "Lease", 21),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", 21),
    ("storage.k8s.io/v1beta1", "CSIDriver CSINode StorageClass VolumeAttachment", 21),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 21),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 24),
    ("batch/v1beta1", "CronJob", 24),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", 24),
    ("events.k8s.io/v1beta1", "Event", 24),
    ("node.k8s.io/v1beta1", "RuntimeClass", 24),
    ("policy/v1beta1", "PodDisruptionBudget PodSecurityPolicy", 24),
)

# Kinds whose stable version is younger than 1.20, the oldest release that can be asked for.
SERVED_SINCE: dict[tuple[str, str], int] = {
    ("batch/v1", "CronJob"): 21,
    ("discovery.k8s.io/v1", "EndpointSlice"): 21,
    ("policy/v1", "PodDisruptionBudget"): 21,
    ("autoscaling/v2", "HorizontalPodAutoscaler"): 23,
    ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema"): 23,
    ("flowcontrol.apiserver.k8s.io/v1beta2", "PriorityLevelConfiguration"): 23,
    ("storage.k8s.io/v1", "CSIStorageCapacity"): 24,
}

WITHOUT_SUCCESSOR = {
    "PodSecurityPolicy": "PodSecurityPolicy is gone: label the namespace for Pod Security Admission instead, "
    "such as pod-security.kubernetes.io/enforce: restricted",
}


@cache
def _ranges() -> dict[tuple[str, str], tuple[int, int]]:
    """Return the first and the last release that serve each (apiVersion, kind)."""
    found = {(api, kind): (0, last) for api, kinds, last in SERVED_UNTIL for kind in kinds.split()}
    for key, served in load().kinds.items():
        first = SERVED_SINCE.get(key, 0) if served.first == OLDEST_WITH_SCHEMA else served.first
        found[key] = (first, served.last)
    return found


@cache
def _groups() -> frozenset[str]:
    """Return the groups that the API server itself owns, so that no custom resource can be in them."""
    return frozenset(_group(api_version) for api_version, _ in _ranges())


def _group(api_version: str) -> str:
    """Return the group of an API version: empty for ``v1``."""
    return api_version.rpartition("/")[0]


def is_served(api_version: str, kind: str, minor: int) -> bool:
    """Return whether a release is known to serve a built-in kind in an API version."""
    first, last = _ranges().get((api_version, kind), (1, 0))
    return first <= minor <= last or (minor >= NEWEST_MINOR and last == NEWEST_MINOR)


def check_served(api_version: str, kind: str, minor: int) -> list[Problem]:
    """
    Return the problem of a built-in kind that the release does not serve in this API version.

    A kind of a group that is not the server's own may be a custom resource: it is not judged here.
    """
    if is_served(api_version, kind, minor) or not _is_certain(api_version, kind):
        return []
    message = f"no matches for kind {quoted(kind)} in version {quoted(api_version)}"
    return [Problem("apiVersion", message, _remedy(api_version, kind, minor), ProblemKind.NOT_SERVED)]


def _is_certain(api_version: str, kind: str) -> bool:
    """Return whether no custom resource can have this name, and it was meant to be a built-in kind."""
    if (api_version, kind) in _ranges():
        return True
    owned = _group(api_version) in _groups() or "." not in _group(api_version)
    return owned and bool(_homes(kind) or _similar(kind))


def _homes(kind: str, group: str = "") -> list[tuple[str, int, int]]:
    """Return where a kind is or was served: stable versions first, then the wanted group, then the newest."""
    homes = sorted((api, first, last) for (api, name), (first, last) in _ranges().items() if name == kind)
    homes.sort(key=lambda home: home[0], reverse=True)
    return sorted(homes, key=lambda home: ("alpha" in home[0], "beta" in home[0], _group(home[0]) != group))


def _similar(kind: str) -> str:
    """Return the built-in kind that a name is a misspelling of; empty when there is none."""
    names = sorted({name for _, name in _ranges()})
    by_case = {name.lower(): name for name in names}
    if kind.lower() in by_case:
        return by_case[kind.lower()]
    return next(iter(difflib.get_close_matches(kind, names, n=1, cutoff=0.85)), "")


def _remedy(api_version: str, kind: str, minor: int) -> str:
    """Return what to write instead of an API version that is not served."""
    if kind in WITHOUT_SUCCESSOR:
        return WITHOUT_SUCCESSOR[kind]
    homes = _homes(kind, _group(api_version))
    if not homes:
        meant = _similar(kind)
        current = _homes(meant)[0][0]
        return f"did you mean kind: {meant}? It is served as apiVersion: {current}"
    current = next((api for api, _, _ in homes if "alpha" not in api and is_served(api, kind, minor)), "")
    first, last = _ranges().get((api_version, kind), (0, 0))
    if current:
        until = f" ({api_version} was served until 1.{last})" if 0 < last < minor else ""
        return f"write apiVersion: {current}{until}"
    if first > minor:
        return f"{kind} is served from Kubernetes 1.{first} on; this release is 1.{minor}"
    return f"Kubernetes 1.{minor} does not serve {kind}; 1.{homes[0][2]} does, as apiVersion: {homes[0][0]}"
