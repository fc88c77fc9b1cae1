"""How large a cluster is, and which of the three mixes it has."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PODS_PER_NODE = 30
PODS_PER_NAMESPACE = 20
PODS_PER_POLICY = 5
MOST_PODS_PER_NODE = 240
MOST_NODES = 32_768


class Variant(StrEnum):
    """What is unusual about a cluster."""

    ORDINARY = "ordinary"
    """Replicas and selectors as most clusters have them."""
    ONES = "ones"
    """Every workload has one replica, so that hardly any pod is like another."""
    WIDE = "wide"
    """Three policies in ten have a peer selector of their own that reaches across the whole cluster."""


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers of objects; pods include those of DaemonSets and of the infrastructure."""

    pods: int
    policies: int
    namespaces: int
    nodes: int
    cluster_policies: int = 0
    bindings: int = 0
    variant: Variant = Variant.ORDINARY

    @classmethod
    def of(cls, pods: int, variant: Variant = Variant.ORDINARY) -> Size:
        """Return the usual proportions: 30 pods a node, 20 a namespace, one policy for 5."""
        return cls(
            pods,
            max(4, pods // PODS_PER_POLICY),
            max(4, pods // PODS_PER_NAMESPACE),
            max(2, -(-pods // PODS_PER_NODE)),
            variant=variant,
        )

    def check(self) -> None:
        """Raise ``ValueError`` for numbers that no cluster can have."""
        if (
            min(self.pods, self.policies, self.namespaces, self.nodes) < 1
            or min(self.cluster_policies, self.bindings) < 0
        ):
            raise ValueError("pods, policies, namespaces and nodes must be at least 1")
        if self.nodes > MOST_NODES:
            raise ValueError(f"at most {MOST_NODES} nodes have a range of pod addresses")
        if self.pods > self.nodes * MOST_PODS_PER_NODE:
            raise ValueError(f"{self.pods} pods need at least {-(-self.pods // MOST_PODS_PER_NODE)} nodes")
