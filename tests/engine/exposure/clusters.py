"""Clusters written line by line, and what they expose."""

from __future__ import annotations

from tests.loading import snapshot_of

from firedoor.engine.exposure import ChainFinder, openings
from firedoor.engine.reach.network import Network
from firedoor.model.exposure import Exposure, Opening

NODES = """
{apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: 10.244.0.0/24},
 status: {addresses: [{type: InternalIP, address: 10.0.0.1}]}}
---
{apiVersion: v1, kind: Node, metadata: {name: n2}, spec: {podCIDRs: [10.244.1.0/24]},
 status: {addresses: [{type: InternalIP, address: 10.0.0.2}]}}
"""


def pod(
    name: str, namespace: str = "shop", *, spec: str = "", labels: str = "", address: str = "", node: str = "n1"
) -> str:
    own = labels or f"app: {name}"
    status = f"podIP: {address}, phase: Running" if address else "phase: Running"
    inner = spec or "containers: [{name: c, image: app, ports: [{name: http, containerPort: 8080}]}]"
    return (
        f"{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, labels: {{{own}}}}}, "
        f"spec: {{nodeName: {node}, {inner}}}, status: {{{status}}}}}"
    )


def replica(name: str, number: int, namespace: str = "shop", labels: str = "") -> str:
    own = f"{labels or f'app: {name}'}, n: '{number}'"
    owner = f"{{kind: StatefulSet, name: {name}, controller: true, apiVersion: apps/v1, uid: u}}"
    metadata = f"name: {name}-{number}, namespace: {namespace}, labels: {{{own}}}, ownerReferences: [{owner}]"
    return f"{{apiVersion: v1, kind: Pod, metadata: {{{metadata}}}, spec: {{containers: [{{name: c, image: a}}]}}}}"


def service(name: str, spec: str, namespace: str = "shop") -> str:
    return f"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, namespace: {namespace}}}, spec: {{{spec}}}}}"


def policy(spec: str, name: str = "p", namespace: str = "shop") -> str:
    return (
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, "
        f"metadata: {{name: {name}, namespace: {namespace}}}, spec: {{{spec}}}}}"
    )


def network(*documents: str) -> Network:
    return Network(snapshot_of("\n---\n".join(documents)))


def exposed(*documents: str) -> tuple[Exposure, ...]:
    return ChainFinder(network(*documents)).exposures()


def only(*documents: str) -> Exposure:
    (found,) = exposed(*documents)
    return found


def notes(*documents: str) -> list[str]:
    finder = ChainFinder(network(*documents))
    finder.exposures()
    return finder.notes


def opened(*documents: str) -> tuple[Opening, ...]:
    return openings(network(*documents))
