"""A small shop, edges between its workloads, and reviews of it."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network
from firedoor.engine.review.judging import review_network
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind
from firedoor.model.review import DAY, Item, ItemKind, NetworkReview

NOW = 20_000 * DAY
PODS = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: monitoring}
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: db, image: db, ports: [{name: sql, containerPort: 5432}]}]}
status: {podIP: 10.1.0.9}
---
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec: {containers: [{name: web, image: web}]}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop, labels: {app: api}}
spec: {containers: [{name: api, image: api}]}
---
apiVersion: v1
kind: Pod
metadata: {name: bare, namespace: shop}
spec: {containers: [{name: bare, image: bare}]}
---
apiVersion: v1
kind: Pod
metadata: {name: prometheus, namespace: monitoring, labels: {app: prometheus, pod-template-hash: x}}
spec: {containers: [{name: prometheus, image: prometheus}]}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: monitoring, labels: {app: agent}}
spec: {hostNetwork: true, nodeName: node-1, containers: [{name: agent, image: agent}]}
---
"""


def policy(spec: str, name: str = "db", namespace: str = "shop") -> str:
    """Return a NetworkPolicy."""
    return (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, "
        f"metadata: {{name: {name}, namespace: {namespace}}}, spec: {spec}}}\n---\n"
    )


def network(*policies: str) -> Network:
    """Return the network of the shop with some policies."""
    return Network(snapshot_of(PODS + "".join(policies)))


def pod(name: str, namespace: str = "shop", owner: str = "Pod") -> FlowPeer:
    """Return a workload as flows have it."""
    return FlowPeer(PeerKind.WORKLOAD, namespace, owner, name)


def outside(address: str, name: str = "") -> FlowPeer:
    """Return an address as flows have it."""
    return FlowPeer(PeerKind.EXTERNAL, name=name, address=address)


def edge(
    source: FlowPeer,
    destination: FlowPeer,
    port: int = 5432,
    *,
    protocol: str = "TCP",
    verdict: FlowVerdict = FlowVerdict.ALLOWED,
    count: int = 1,
    first: int = NOW - 30 * DAY,
    last: int = NOW,
) -> FlowEdge:
    """Return connections of the last thirty days."""
    return FlowEdge(source, destination, protocol, port, verdict, count, first, last)


def reviewed(judged: Network, *edges: FlowEdge, namespace: str = "") -> NetworkReview:
    """Return the review by the last thirty days."""
    return review_network(judged, edges, NOW, 30, namespace)


def kinds(found: NetworkReview) -> list[tuple[ItemKind, str]]:
    """Return what the items are about."""
    return [(each.kind, each.path) for each in found.items]


def only(found: NetworkReview) -> Item:
    """Return the only item."""
    (item,) = found.items
    return item
