"""
Which pods are in the Istio mesh, and under which identity they speak.

A pod is in the mesh when it carries the proxy, when the injector gives it one,
or when the node proxy of the ambient mode captures it. Manifests that say
nothing about any of this leave it to the installation; policies are written
for workloads in the mesh, so there every pod off the host network counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.endpoints import WORKLOADS, RefPod
from tests.reference.manifests import Manifest, items, labels_of, name_of, namespace_of, objects, section, string_map
from tests.reference.networkpolicy import namespace_labels

ROOT_NAMESPACE = "istio-system"
TRUST_DOMAIN = "cluster.local"
INJECT, INJECTION, REVISION, DATAPLANE = (
    "sidecar.istio.io/inject",
    "istio-injection",
    "istio.io/rev",
    "istio.io/dataplane-mode",
)
PROXY = "istio-proxy"


@dataclass(frozen=True, slots=True)
class Identity:
    """What the certificate of a workload in the mesh says about it."""

    namespace: str
    service_account: str
    trust_domain: str = TRUST_DOMAIN

    @property
    def principal(self) -> str:
        """Return the identity as policies write it, without the scheme."""
        return f"{self.trust_domain}/ns/{self.namespace}/sa/{self.service_account}"


def pod_object(cluster: list[Manifest], pod: RefPod) -> Manifest:
    """Return the Pod, or the template of the workload, that a pod was read from."""
    if pod.kind == "Pod":
        return _named(cluster, "", "Pod", pod.namespace, pod.name)
    name = pod.name.rpartition("-")[0] if pod.kind == "StatefulSet" else pod.name
    (group,) = [group for group, kind in WORKLOADS if kind == pod.kind]
    return _template(_named(cluster, group, pod.kind, pod.namespace, name))


def identity_of(cluster: list[Manifest], pod: RefPod) -> Identity:
    """Return the identity of a pod, were it in the mesh (``spec.serviceAccountName``)."""
    spec = section(pod_object(cluster, pod), "spec")
    return Identity(pod.namespace, spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def in_mesh(cluster: list[Manifest], pod: RefPod) -> bool:
    """Return whether the traffic of a pod passes through a proxy of the mesh; on the host network none does."""
    if pod.host_network:
        return False
    if not _mentions_mesh(cluster):
        return True
    manifest, namespace = pod_object(cluster, pod), namespace_labels(cluster, pod.namespace)
    return _carries_proxy(manifest) or _is_injected(manifest, namespace) or _is_captured(manifest, namespace)


def _is_injected(pod: Manifest, namespace: dict[str, str]) -> bool:
    """
    Whatever disables injection wins over whatever enables it, on the pod and on its namespace alike.

    Of the pod's label and the annotation that came before it, the label counts.
    """
    labels = labels_of(pod)
    wanted = labels.get(INJECT, string_map(section(pod, "metadata"), "annotations").get(INJECT))
    if wanted == "false" or namespace.get(INJECTION) == "disabled":
        return False
    enabled = wanted == "true" or namespace.get(INJECTION) == "enabled"
    return enabled or bool(labels.get(REVISION) or namespace.get(REVISION))


def _is_captured(pod: Manifest, namespace: dict[str, str]) -> bool:
    """The mode on the pod's own label goes before that on its namespace; ``none`` is how a pod stays out."""
    return labels_of(pod).get(DATAPLANE, namespace.get(DATAPLANE)) == "ambient"


def _carries_proxy(pod: Manifest) -> bool:
    spec = section(pod, "spec")
    containers = items(spec, "containers") + items(spec, "initContainers")
    return any(container.get("name") == PROXY for container in containers)


def _mentions_mesh(cluster: list[Manifest]) -> bool:
    """Whether anything in the manifests, even for a pod that is no endpoint any more, tells pods in the mesh apart."""
    if any(
        {INJECTION, REVISION, DATAPLANE} & set(labels_of(namespace)) for namespace in objects(cluster, "", "Namespace")
    ):
        return True
    return any(
        {INJECT, REVISION, DATAPLANE} & set(labels_of(pod))
        or INJECT in string_map(section(pod, "metadata"), "annotations")
        or _carries_proxy(pod)
        for pod in _all_pods(cluster)
    )


def _all_pods(cluster: list[Manifest]) -> Iterator[Manifest]:
    yield from objects(cluster, "", "Pod")
    for group, kind in WORKLOADS:
        yield from (_template(workload) for workload in objects(cluster, group, kind))


def _template(workload: Manifest) -> Manifest:
    spec = section(workload, "spec")
    if workload["kind"] == "CronJob":
        spec = section(section(spec, "jobTemplate"), "spec")
    return section(spec, "template")


def _named(cluster: list[Manifest], group: str, kind: str, namespace: str, name: str) -> Manifest:
    (found,) = [m for m in objects(cluster, group, kind) if (namespace_of(m), name_of(m)) == (namespace, name)]
    return found
