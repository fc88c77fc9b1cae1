"""Small clusters for what is said of policies, as manifests."""

from __future__ import annotations

import msgspec
from tests.loading import snapshot_of

from firedoor.engine.reach.network import Network
from firedoor.engine.relations.effects import Effects
from firedoor.engine.relations.report import contributions
from firedoor.model.places import Gap, GapKind
from firedoor.model.relations import Contributed


def pod(name: str, spec: str = "", *, namespace: str = "shop", ip: str = "") -> str:
    status = f", status: {{podIP: {ip}, podIPs: [{{ip: {ip}}}]}}" if ip else ""
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, labels: {{app: {name}}}}}, "
        f"spec: {{containers: [{{name: main, image: registry.example/x:1, "
        f"ports: [{{containerPort: 80, name: http}}]}}], {spec}}}{status}}}"
    )


def node(name: str, address: str) -> str:
    return (
        f"{{apiVersion: v1, kind: Node, metadata: {{name: {name}}}, "
        f"status: {{addresses: [{{type: InternalIP, address: {address}}}]}}}}"
    )


def policy(name: str, app: str, body: str, *, namespace: str = "shop") -> str:
    selector = f"{{matchLabels: {{app: {app}}}}}" if app else "{}"
    return (
        f"{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: {name}, namespace: {namespace}}}, "
        f"spec: {{podSelector: {selector}, {body}}}}}"
    )


def cluster_policy(name: str, body: str, *, tier: str = "Admin", priority: int = 10) -> str:
    return (
        f"{{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {{name: {name}}}, "
        f"spec: {{tier: {tier}, priority: {priority}, subject: {{namespaces: {{}}}}, {body}}}}}"
    )


def allow(*apps: str, ports: str = "[{port: 80}]") -> str:
    """Return an ingress rule that lets pods of the namespace in."""
    peers = ", ".join(f"{{podSelector: {{matchLabels: {{app: {app}}}}}}}" for app in apps)
    return f"{{from: [{peers}], ports: {ports}}}"


def effects_of(*documents: str, gaps: tuple[Gap, ...] = ()) -> Effects:
    snapshot = snapshot_of("\n---\n".join(documents))
    assert all(gap.kind is not GapKind.REJECTED for gap in snapshot.gaps), snapshot.gaps
    return Effects(Network(msgspec.structs.replace(snapshot, gaps=gaps)))


def contributed(*documents: str, gaps: tuple[Gap, ...] = ()) -> dict[str, Contributed]:
    """Return what policies (by name) and rules (by name and path) contribute."""
    found = {}
    for each in contributions(effects_of(*documents, gaps=gaps), lambda _: True):
        found[each.policy.name] = each.contributes
        found |= {f"{each.policy.name} {rule.rule}": rule.contributes for rule in each.rules}
    return found
