"""A small cluster with Cilium, for the examples, which add policies to it."""

from __future__ import annotations

from typing import Any

import yaml
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.explain import explain_direction
from firedoor.engine.reach.network import Network
from firedoor.model.networkpolicy import Direction
from firedoor.model.verdicts import Verdict

CLUSTER = """
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: shop}}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
---
{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {pool: a}},
 status: {addresses: [{type: InternalIP, address: 192.168.0.1}, {type: ExternalIP, address: 203.0.113.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2, labels: {pool: b}},
 status: {addresses: [{type: InternalIP, address: 192.168.0.2}, {type: ExternalIP, address: 203.0.113.1}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop, labels: {app: db}}, status: {podIP: 10.0.0.1},
 spec: {nodeName: n1, serviceAccountName: keeper, containers: [
   {name: a, image: a, ports: [{name: sql, containerPort: 5432}, {name: sql, containerPort: 53, protocol: UDP}]}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.2},
 spec: {nodeName: n2, containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: other, labels: {app: web}}, status: {podIP: 10.0.0.3},
 spec: {containers: [{name: a, image: a}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: near, namespace: shop},
 spec: {nodeName: n1, hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: shop},
 spec: {nodeName: n2, hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: lost, namespace: shop},
 spec: {nodeName: n9, hostNetwork: true, containers: []}}
---
{apiVersion: v1, kind: Pod, metadata: {name: stray, namespace: shop}, spec: {hostNetwork: true, containers: []}}
"""
API_SERVER = """
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4,
 metadata: {name: kubernetes, namespace: default, labels: {kubernetes.io/service-name: kubernetes}},
 endpoints: [{addresses: [192.168.0.2]}, {addresses: [203.0.113.9], conditions: {ready: false}}]}
"""
ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
HERE, THERE, SHARED, OUTSIDE = "192.168.0.1", "192.168.0.2", "203.0.113.1", "198.51.100.7"
NEAR, FAR, LOST, STRAY = "shop/near", "shop/far", "shop/lost", "shop/stray"
DB, WEB, OTHER = "shop/db", "shop/web", "other/web"
ALL = "shop/all"


def cnp(name: str = "guard", namespace: str = "shop", specs: Any = None, **spec: Any) -> str:
    """Return a CiliumNetworkPolicy for all pods of its namespace, unless it has a selector of its own."""
    return _policy("CiliumNetworkPolicy", {"name": name, "namespace": namespace}, spec, specs)


def ccnp(name: str = "guard", **spec: Any) -> str:
    """Return a CiliumClusterwideNetworkPolicy for all pods, unless it has a selector of its own."""
    return _policy("CiliumClusterwideNetworkPolicy", {"name": name}, spec, None)


def ports(*entries: dict[str, Any], **l7: Any) -> list[dict[str, Any]]:
    """Return ``toPorts`` with one element of these ports."""
    return [{"ports": list(entries), **l7}]


def network_of(*texts: str, cni: str = "cilium") -> Network:
    """Return the network of the cluster with more objects."""
    return Network(snapshot_of("\n---\n".join((CLUSTER, *texts))), PROFILES[cni])


def end_of(network: Network, end: str) -> int | str:
    """Return the position of a pod; an address or a name is itself."""
    found = [number for number, member in enumerate(network.members) if member.full_name == end]
    return found[0] if found else end


def verdict(network: Network, source: str, destination: str, port: int = 80, protocol: str = "TCP") -> Verdict:
    """Return the verdict, and check that the explanations say the same of each direction and give reasons."""
    ends = end_of(network, source), end_of(network, destination)
    found = network.verdict(*ends, protocol, port)
    halves = [explain_direction(network, direction, *ends, protocol, port) for direction in Direction]
    assert all(half.because for half in halves)
    told = {half.verdict for half in halves}
    assert found is (DENIED if DENIED in told else UNKNOWN if UNKNOWN in told else ACCEPTED)
    return found


def reasons(network: Network, direction: Direction, source: str, destination: str, port: int = 80) -> list[str]:
    """Return what an explanation says of one direction."""
    ends = end_of(network, source), end_of(network, destination)
    return [each.detail for each in explain_direction(network, direction, *ends, "TCP", port).because]


def _policy(kind: str, metadata: dict[str, Any], spec: dict[str, Any], specs: Any) -> str:
    found = {"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata}
    if specs is None or spec:
        found["spec"] = spec if "nodeSelector" in spec else {"endpointSelector": {}, **spec}
    if specs is not None:
        found["specs"] = specs
    return yaml.safe_dump(found)
