"""NetworkPolicy of ``networking.k8s.io/v1``, in the shape of the API."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, field

from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place

if TYPE_CHECKING:
    from collections.abc import Mapping


class Direction(StrEnum):
    """The direction of a rule, seen from the pod that the policy selects."""

    INGRESS = "ingress"
    EGRESS = "egress"


class IPBlock(Struct, frozen=True, gc=False, rename="camel"):
    """A CIDR less some of its parts (``IPBlock``)."""

    cidr: str = ""
    excepts: tuple[str, ...] = field(name="except", default=())

    def __str__(self) -> str:
        """Return ``cidr`` or ``cidr except a, b``."""
        return f"{self.cidr} except {', '.join(self.excepts)}" if self.excepts else self.cidr


class NetworkPolicyPeer(Struct, frozen=True, gc=False, rename="camel"):
    """
    The other end of a rule (``NetworkPolicyPeer``).

    A pod selector alone means the policy's own namespace, a namespace selector
    alone means all pods of those namespaces, both together mean both at once.
    """

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None

    def __str__(self) -> str:
        """Return the peer in words."""
        if self.ip_block is not None:
            return str(self.ip_block)
        pods = "all pods" if self.pod_selector is None or self.pod_selector.is_empty else f"pods {self.pod_selector}"
        if self.namespace_selector is None:
            return f"{pods} of the same namespace"
        if self.namespace_selector.is_empty:
            return f"{pods} of all namespaces"
        return f"{pods} of namespaces {self.namespace_selector}"


class NetworkPolicyPort(Struct, frozen=True, gc=False, rename="camel"):
    """A port, a range of ports, or all ports of a protocol (``NetworkPolicyPort``)."""

    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None

    def __str__(self) -> str:
        """Return ``TCP/80``, ``TCP/80-90``, ``TCP/http`` or ``TCP``."""
        if self.port is None:
            return self.protocol
        return f"{self.protocol}/{self.port}" + (f"-{self.end_port}" if self.end_port is not None else "")


class IngressRule(Struct, frozen=True, gc=False, rename="camel"):
    """Who may connect to the selected pods (``NetworkPolicyIngressRule``)."""

    peers: tuple[NetworkPolicyPeer, ...] = field(name="from", default=())
    ports: tuple[NetworkPolicyPort, ...] = ()


class EgressRule(Struct, frozen=True, gc=False, rename="camel"):
    """Whom the selected pods may connect to (``NetworkPolicyEgressRule``)."""

    peers: tuple[NetworkPolicyPeer, ...] = field(name="to", default=())
    ports: tuple[NetworkPolicyPort, ...] = ()


class NetworkPolicySpec(Struct, frozen=True, gc=False, rename="camel"):
    """The specification; an absent pod selector selects every pod of the namespace."""

    pod_selector: LabelSelector = EVERYTHING
    policy_types: tuple[str, ...] = ()
    ingress: tuple[IngressRule, ...] = ()
    egress: tuple[EgressRule, ...] = ()


_TYPES = {Direction.INGRESS: "Ingress", Direction.EGRESS: "Egress"}
"""How ``policyTypes`` writes the directions."""


class NetworkPolicy(Struct, frozen=True, gc=False, rename="camel"):
    """A network policy: isolates the pods it selects, and allows what its rules list."""

    metadata: ObjectMeta = ObjectMeta()
    spec: NetworkPolicySpec = NetworkPolicySpec()
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef("NetworkPolicy", self.metadata.namespace, self.metadata.name)

    @property
    def name(self) -> str:
        """``namespace/name``."""
        return f"{self.metadata.namespace}/{self.metadata.name}"

    def isolates(self, direction: Direction) -> bool:
        """
        Return whether the selected pods are isolated in `direction`.

        ``policyTypes`` says so; left empty it means ingress always, and egress only
        when there is at least one egress rule (API defaulting).
        """
        if self.spec.policy_types:
            return _TYPES[direction] in self.spec.policy_types
        return direction is Direction.INGRESS or bool(self.spec.egress)

    def rules(self, direction: Direction) -> tuple[IngressRule | EgressRule, ...]:
        """Return the rules that count in `direction`; none where the policy does not isolate in it."""
        if not self.isolates(direction):
            return ()
        return self.spec.ingress if direction is Direction.INGRESS else self.spec.egress

    def selects(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Return whether the policy applies to a pod with `labels` in `namespace`."""
        return namespace == self.metadata.namespace and self.spec.pod_selector.matches(labels)
