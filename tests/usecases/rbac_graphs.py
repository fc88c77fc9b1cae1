"""Graphs of RBAC from the little that a test cares about."""

from __future__ import annotations

from typing import Any

from firedoor.model.findings import Severity
from firedoor.model.rbac_graph import EdgeKind, RbacGraph
from firedoor.usecases.rbac_graph import rbac_graph
from firedoor.usecases.rbac_graph_choice import GraphQuestion
from tests.engine.rbac_risks.loading import account, binding, load, role, rule

DEFAULTS = "kubernetes.io/bootstrapping: rbac-defaults"
SECRETS = rule("get", "secrets")
PODS = rule("get", "configmaps")
WEB = """
apiVersion: apps/v1
kind: Deployment
metadata: {namespace: shop, name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: ci, containers: [{name: a, image: a}]}
"""
SHOP = (account("ci"), role(SECRETS, name="r", namespace="shop"), binding(role="Role/r", name="b", namespace="shop"))


def graph(*documents: str, whole: bool = False, **asked: Any) -> RbacGraph:
    return rbac_graph(load(*documents, whole=whole), GraphQuestion(**asked))


def ids(found: RbacGraph) -> list[str]:
    return [each.id for each in found.nodes]


def edges(found: RbacGraph, *kinds: EdgeKind) -> list[tuple[str, str]]:
    return [(each.source, each.target) for each in found.edges if each.kind in (kinds or tuple(EdgeKind))]


def risks(found: RbacGraph) -> dict[str, dict[str, Severity]]:
    return {node.id: {each.id: each.severity for each in node.risks} for node in found.nodes if node.risks}
