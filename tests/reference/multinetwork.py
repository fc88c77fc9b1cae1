"""
The reference semantics of ``k8s.cni.cncf.io`` MultiNetworkPolicy, for one connection over a secondary network.

The API repeats that of NetworkPolicy. A policy says in an annotation which
networks it is for, and on each of them it means what a NetworkPolicy with the
same fields means on the pod network. Only pods attached to the network take
part, with the addresses they have on it: rules are enforced by address, so
that blocks match pods, and by an agent of their own, so that it does not matter
what the implementation of the pod network enforces. Nodes have no place there,
nor any privilege.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from tests.reference.addresses import Address, parse_address
from tests.reference.endpoints import RefPod, pods
from tests.reference.istio_pods import pod_object
from tests.reference.manifests import Manifest, namespace_of, objects, section, string_map
from tests.reference.networkpolicy import Connection, Direction, Endpoint, Options, Verdict, agreed, decide_direction

__all__ = ["attached", "decide", "decide_on"]

NETWORKS, STATUS, POLICY_FOR = (
    "k8s.v1.cni.cncf.io/networks",
    "k8s.v1.cni.cncf.io/network-status",
    "k8s.v1.cni.cncf.io/policy-for",
)


def attached(cluster: list[Manifest], network: str) -> list[RefPod]:
    """Return the pods on a network, named ``namespace/name``, with the addresses they have there."""
    return [
        replace(pod, addresses=tuple(_addresses(cluster, pod, network)))
        for pod in pods(cluster)
        if network in _networks(cluster, pod)
    ]


def decide(cluster: list[Manifest], network: str, connection: Connection, options: Options) -> Verdict:
    """
    Return whether a connection over the network is accepted, which takes the consent of both ends.

    Nothing reaches a pod that is not on the network, and it reaches nothing there.
    """
    return agreed(decide_on(cluster, network, connection, direction, options) for direction in Direction)


def decide_on(
    cluster: list[Manifest], network: str, connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """Return what the policies of one end say about a connection over the network."""
    source, destination = (_on_network(cluster, network, end) for end in (connection.src, connection.dst))
    if source is None or destination is None:
        return Verdict.DENIED
    policies = [
        policy | {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
        for policy in objects(cluster, "k8s.cni.cncf.io", "MultiNetworkPolicy")
        if network in _policy_networks(policy)
    ]
    namespaces = list(objects(cluster, "", "Namespace"))
    there = replace(connection, src=source, dst=destination)
    own = replace(options, ipblock_matches_pods=True, enforced=True)
    return decide_direction([*namespaces, *policies], there, direction, own)


def _on_network(cluster: list[Manifest], network: str, end: Endpoint) -> Endpoint | None:
    """Return an end as it is on the network, none for a pod that is not on it."""
    if isinstance(end, str):
        return end
    wanted = (end.namespace, end.kind, end.name)
    return next((pod for pod in attached(cluster, network) if (pod.namespace, pod.kind, pod.name) == wanted), None)


def _policy_networks(policy: Manifest) -> set[str]:
    """A name without a namespace is one of the policy's own; without the annotation a policy is for no network."""
    names = _annotation(policy, POLICY_FOR).replace(" ", "").split(",")
    return {_qualified(name, namespace_of(policy)) for name in names if name}


def _networks(cluster: list[Manifest], pod: RefPod) -> set[str]:
    """
    Return the networks that a pod asks for, either as a list of names or as JSON.

    A pod on the host network has no interfaces of its own to attach. One whose
    annotation cannot be read is not started.
    """
    text = _annotation(pod_object(cluster, pod), NETWORKS)
    if pod.host_network:
        return set()
    if any(mark in text for mark in '[{"'):
        selected = _parsed(text)
        return {_qualified(s["name"], s.get("namespace") or pod.namespace) for s in selected}
    names = [item.strip().partition("@")[0].strip() for item in text.split(",")]
    return {_qualified(name, pod.namespace) for name in names if name}


def _addresses(cluster: list[Manifest], pod: RefPod, network: str) -> Iterator[Address]:
    """Yield the addresses of all interfaces on the network; the default network is the pod network."""
    for status in _parsed(_annotation(pod_object(cluster, pod), STATUS)):
        if not status.get("default") and _qualified(status["name"], pod.namespace) == network:
            yield from (parse_address(text) for text in status.get("ips") or [])


def _parsed(text: str) -> list[Manifest]:
    try:
        found: list[Manifest] = json.loads(text or "[]")
    except ValueError:
        return []
    return found


def _qualified(name: str, namespace: str) -> str:
    return name if "/" in name else f"{namespace}/{name}"


def _annotation(manifest: Manifest, name: str) -> str:
    return string_map(section(manifest, "metadata"), "annotations").get(name, "")
