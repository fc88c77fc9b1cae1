"""What the selectors of Calico rules look at: pods, and sets of networks that hold an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.calico_matches import blocks_of, holds
from tests.reference.endpoints import WORKLOADS, RefPod
from tests.reference.manifests import (
    Manifest,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    strings,
)
from tests.reference.networkpolicy import Endpoint, Match, namespace_labels

GROUPS = ("projectcalico.org", "crd.projectcalico.org")
NAMESPACE = "projectcalico.org/namespace"
ORCHESTRATOR = "projectcalico.org/orchestrator"
SERVICE_ACCOUNT = "projectcalico.org/serviceaccount"
NAME = "projectcalico.org/name"


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    One thing with labels: a pod, a NetworkSet or, outside of any namespace, a GlobalNetworkSet.

    ``account_labels`` are those of the service account, which only a pod has.
    """

    labels: dict[str, str]
    namespace: str | None
    namespace_labels: dict[str, str] | None
    account_labels: dict[str, str]


def calico_objects(cluster: list[Manifest], kind: str) -> Iterator[Manifest]:
    """Yield the objects of a Calico kind, as the API or as the storage writes their group."""
    for group in GROUPS:
        yield from objects(cluster, group, kind)


def pod_candidate(cluster: list[Manifest], pod: RefPod) -> Candidate:
    """
    Return a pod with the labels that Calico adds to its own, whatever it calls itself.

    Those of its namespace and of its service account are inherited, and a label of
    its own goes before them.
    """
    account = service_account(cluster, pod)
    added = {NAMESPACE: pod.namespace, ORCHESTRATOR: "k8s", SERVICE_ACCOUNT: account}
    inherited = _prefixed("pcns.", calico_namespace_labels(cluster, pod.namespace)) | _prefixed(
        "pcsa.", account_labels(cluster, pod.namespace, account)
    )
    return Candidate(
        labels=inherited | pod.labels | added,
        namespace=pod.namespace,
        namespace_labels=calico_namespace_labels(cluster, pod.namespace),
        account_labels=account_labels(cluster, pod.namespace, account),
    )


def candidates(cluster: list[Manifest], end: Endpoint, family: int) -> list[tuple[Candidate, Match]]:
    """
    Return what stands for an end of a connection of an IP version, each with whether it does.

    A pod stands for itself, unless it is on the host network, where it has no
    endpoint of its own. A set stands for every address in its ``spec.nets``,
    those of pods and nodes included.
    """
    found = []
    if isinstance(end, RefPod) and not end.host_network:
        found.append((pod_candidate(cluster, end), Match.YES))
    for kind in ("NetworkSet", "GlobalNetworkSet"):
        for networks in calico_objects(cluster, kind):
            nets = strings(section(networks, "spec"), "nets")
            found.append((_set_candidate(cluster, networks), holds(blocks_of(nets, family), end)))
    return found


def calico_namespace_labels(cluster: list[Manifest], namespace: str) -> dict[str, str]:
    """Return the labels of a namespace, with the name that Calico adds to them."""
    return namespace_labels(cluster, namespace) | {NAME: namespace}


def account_labels(cluster: list[Manifest], namespace: str, name: str) -> dict[str, str]:
    """Return the labels of a service account, with the name that Calico adds to them."""
    labels: dict[str, str] = {}
    for account in objects(cluster, "", "ServiceAccount"):
        if (namespace_of(account), name_of(account)) == (namespace, name):
            labels = labels_of(account)
    return labels | {NAME: name}


def service_account(cluster: list[Manifest], pod: RefPod) -> str:
    """Return the service account a pod runs as: ``default`` unless its ``spec`` names one."""
    spec = _pod_spec(cluster, pod)
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _pod_spec(cluster: list[Manifest], pod: RefPod) -> Manifest:
    """Return the ``spec`` that a pod was read from, its own or that of a template."""
    name = pod.name.rpartition("-")[0] if pod.kind == "StatefulSet" else pod.name
    for group, kind in (("", "Pod"), *WORKLOADS):
        for holder in objects(cluster, group, kind) if kind == pod.kind else ():
            if (namespace_of(holder), name_of(holder)) == (pod.namespace, name):
                return _spec_in(holder)
    return {}


def _spec_in(holder: Manifest) -> Manifest:
    spec = section(holder, "spec")
    if holder["kind"] == "CronJob":
        spec = section(section(spec, "jobTemplate"), "spec")
    return spec if holder["kind"] == "Pod" else section(section(spec, "template"), "spec")


def _set_candidate(cluster: list[Manifest], networks: Manifest) -> Candidate:
    if networks["kind"] == "GlobalNetworkSet":
        return Candidate(labels_of(networks), None, None, {})
    namespace = namespace_of(networks)
    inherited = _prefixed("pcns.", calico_namespace_labels(cluster, namespace))
    labels = inherited | labels_of(networks) | {NAMESPACE: namespace}
    return Candidate(labels, namespace, calico_namespace_labels(cluster, namespace), {})


def _prefixed(prefix: str, labels: dict[str, str]) -> dict[str, str]:
    return {prefix + key: value for key, value in labels.items()}
