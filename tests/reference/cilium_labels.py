"""
The labels by which Cilium knows a pod, and the selectors that policies write over them.

A label has a source. Those of a pod come from Kubernetes (``k8s``), and Cilium
adds some that tell its namespace, service account and cluster; whatever is no
pod has labels of the source ``reserved``. A selector's key may name a source
before a colon; without one, or with ``any``, every source will do.

Which labels of pods Cilium takes note of can be configured (``labels`` in its
ConfigMap). Here it is all of them; by default it leaves out a few that tell
replicas apart, such as ``pod-template-hash``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.endpoints import WORKLOADS, RefPod
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section, string_map, strings
from tests.reference.networkpolicy import namespace_labels

ANY, KUBERNETES, NODE, RESERVED = "any", "k8s", "node", "reserved"
NAMESPACE = "io.kubernetes.pod.namespace"
LABEL_OF_NAMESPACE = "io.cilium.k8s.namespace.labels."
SERVICE_ACCOUNT = "io.cilium.k8s.policy.serviceaccount"
CLUSTER = "io.cilium.k8s.policy.cluster"
CLUSTER_NAME = "default"

Labels = dict[tuple[str, str], str]
"""Values of labels by source and key."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a selector asks of one key; a pair in ``matchLabels`` is an ``In`` with one value."""

    source: str
    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Labels) -> bool:
        """Return whether labels meet the requirement; ``NotIn`` and ``DoesNotExist`` also hold without the key."""
        found = {value for (source, key), value in labels.items() if key == self.key and self.source in (ANY, source)}
        match self.operator:
            case "In":
                return not found.isdisjoint(self.values)
            case "NotIn":
                return found.isdisjoint(self.values)
            case "Exists":
                return bool(found)
            case "DoesNotExist":
                return not found
            case operator:
                raise ValueError(f"no API server accepts the selector operator {operator!r}")

    @property
    def is_about_namespaces(self) -> bool:
        """Whether it asks for the namespace of a pod, by name or by a label of that namespace."""
        named = self.key == NAMESPACE or self.key.startswith(LABEL_OF_NAMESPACE)
        return named and self.source in (ANY, KUBERNETES)


def reserved(*names: str) -> Labels:
    """Return the labels of something that is no pod."""
    return {(RESERVED, name): "" for name in names}


def pod_labels(cluster: list[Manifest], pod: RefPod) -> Labels:
    """Return the labels of a pod; those that Cilium adds replace any of the same key."""
    of_namespace = {LABEL_OF_NAMESPACE + key: value for key, value in namespace_labels(cluster, pod.namespace).items()}
    added = {NAMESPACE: pod.namespace, SERVICE_ACCOUNT: _service_account(cluster, pod), CLUSTER: CLUSTER_NAME}
    return {(KUBERNETES, key): value for key, value in (pod.labels | of_namespace | added).items()}


def subject_matches(selector: Manifest, namespace: str | None, labels: Labels) -> bool:
    """
    Return whether an ``endpointSelector`` matches a pod.

    One of a CiliumNetworkPolicy stays inside the namespace of its policy, and
    what its ``matchLabels`` say about that under the source ``k8s`` is replaced.
    """
    if namespace is None:
        return all(requirement.holds(labels) for requirement in requirements(selector))
    here = {f"{KUBERNETES}:{NAMESPACE}": namespace}
    inside = selector | {"matchLabels": string_map(selector, "matchLabels") | here}
    return all(requirement.holds(labels) for requirement in requirements(inside))


def peer_matches(selector: Manifest, namespace: str | None, labels: Labels) -> bool:
    """
    Return whether an element of ``fromEndpoints`` or ``toEndpoints`` matches a peer.

    One that names a reserved label is taken as it is. Any other finds only pods:
    those of the namespace it asks for, else those of the policy's namespace, else,
    in a cluster-wide policy, those of every namespace. To exclude namespaces is
    to ask for all others.
    """
    wanted = list(requirements(selector))
    if not any(requirement.source == RESERVED for requirement in wanted):
        wanted.extend(_implied_namespace(wanted, namespace))
    return all(requirement.holds(labels) for requirement in wanted)


def matches_plainly(selector: Manifest, labels: dict[str, str]) -> bool:
    """Return whether a selector matches an object that is no endpoint: what its keys say of sources means nothing."""
    found = {(KUBERNETES, key): value for key, value in labels.items()}
    return all(replace(requirement, source=ANY).holds(found) for requirement in requirements(selector))


def requirements(selector: Manifest, source: str = ANY) -> Iterator[Requirement]:
    """Yield all that a selector asks for; an empty one asks for nothing. Keys without a source have the given one."""
    for key, value in string_map(selector, "matchLabels").items():
        yield Requirement(*_source_and_key(key, source), "In", (value,))
    for each in items(selector, "matchExpressions"):
        yield Requirement(*_source_and_key(each["key"], source), each["operator"], tuple(strings(each, "values")))


def _implied_namespace(wanted: list[Requirement], namespace: str | None) -> list[Requirement]:
    operators = {requirement.operator for requirement in wanted if requirement.is_about_namespaces}
    if operators & {"In", "Exists"}:
        return []
    if operators or namespace is None:
        return [Requirement(KUBERNETES, NAMESPACE, "Exists")]
    return [Requirement(KUBERNETES, NAMESPACE, "In", (namespace,))]


def _source_and_key(text: str, default: str) -> tuple[str, str]:
    source, colon, key = text.partition(":")
    return (source or default, key) if colon else (default, text)


def _service_account(cluster: list[Manifest], pod: RefPod) -> str:
    """The admission controller gives ``default`` to a pod that names none (``spec.serviceAccountName``)."""
    name = pod.name.rpartition("-")[0] if pod.kind == "StatefulSet" else pod.name
    for group, kind in (("", "Pod"), *WORKLOADS):
        for holder in objects(cluster, group, kind) if kind == pod.kind else ():
            if (namespace_of(holder), name_of(holder)) == (pod.namespace, name):
                spec = _pod_spec(holder)
                return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")
    raise ValueError(f"the cluster has no {pod.kind} {pod.namespace}/{name}")


def _pod_spec(holder: Manifest) -> Manifest:
    spec = section(holder, "spec")
    if holder["kind"] == "Pod":
        return spec
    if holder["kind"] == "CronJob":
        spec = section(section(spec, "jobTemplate"), "spec")
    return section(section(spec, "template"), "spec")
