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

import yaml

from tests.reference.endpoints import WORKLOADS, RefPod
from tests.reference.manifests import (
    Manifest,
    items,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    string_map,
    strings,
)
from tests.reference.networkpolicy import namespace_labels

DEFAULT_ROOT = "istio-system"
DEFAULT_DOMAIN = "cluster.local"
INJECT, INJECTION, REVISION, DATAPLANE = (
    "sidecar.istio.io/inject",
    "istio-injection",
    "istio.io/rev",
    "istio.io/dataplane-mode",
)
PROXY = "istio-proxy"
PARTS = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """What the certificate of a workload in the mesh says about it."""

    namespace: str
    service_account: str
    trust_domains: tuple[str, ...] = (DEFAULT_DOMAIN,)
    """That of the certificate, and behind it those that policies may write for it."""

    @property
    def principal(self) -> str:
        """Return the identity as policies write it, without the scheme."""
        return f"{self.trust_domains[0]}/ns/{self.namespace}/sa/{self.service_account}"


def mesh_settings(cluster: list[Manifest]) -> Manifest:
    """Return the settings of the mesh: those in the ConfigMap of the default root namespace, or of another."""
    found = {
        namespace_of(each): yaml.safe_load(string_map(each, "data")["mesh"]) or {}
        for each in objects(cluster, "", "ConfigMap")
        if name_of(each) == "istio" and "mesh" in string_map(each, "data")
    }
    chosen: Manifest = found.get(DEFAULT_ROOT) or next((found[name] for name in sorted(found)), {})
    return chosen


def root_namespace(cluster: list[Manifest]) -> str:
    """Return the namespace whose policies are for all others (``rootNamespace``)."""
    return str(mesh_settings(cluster).get("rootNamespace") or DEFAULT_ROOT)


def trust_domains(cluster: list[Manifest]) -> tuple[str, ...]:
    """Return the trust domain of the mesh, and behind it its aliases (``trustDomain``, ``trustDomainAliases``)."""
    settings = mesh_settings(cluster)
    return (settings.get("trustDomain") or DEFAULT_DOMAIN, *strings(settings, "trustDomainAliases"))


def same_principals(written: str, domains: tuple[str, ...]) -> set[str]:
    """
    Return the principals that one in a policy stands for.

    One that names a trust domain of the mesh, or the default one, is for all of them,
    unless it names it by its end.
    """
    parts = written.split("/")
    if len(parts) != PARTS or parts[0] == "*":
        return {written}
    named = parts[0]
    if named != DEFAULT_DOMAIN and not any(_is_like(named, each) or _is_like(each, named) for each in domains):
        return {written}
    kept = {each for each in domains if named.startswith("*") and each.endswith(named[1:])}
    return {written if each in kept else "/".join([each, *parts[1:]]) for each in domains}


def _is_like(text: str, pattern: str) -> bool:
    """A pattern is a text, with a star for what precedes or follows."""
    starts = pattern.endswith("*") and text.startswith(pattern[:-1])
    return text == pattern or starts or (pattern.startswith("*") and text.endswith(pattern[1:]))


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
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    return Identity(pod.namespace, account, trust_domains(cluster))


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
