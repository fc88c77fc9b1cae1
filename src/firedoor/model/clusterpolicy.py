"""
The cluster-wide policies of ``policy.networking.k8s.io`` in one shape.

ClusterNetworkPolicy (v1alpha2, v1beta1) has replaced AdminNetworkPolicy and
BaselineAdminNetworkPolicy (v1alpha1); all three are read into a `ClusterPolicy`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.labels import EVERYTHING, LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import NOWHERE, ObjectRef, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

HIGHEST_PRIORITY_VALUE = 1000
"""The highest ``spec.priority``, which is checked last in its tier."""

BASELINE_ADMIN_PRIORITY = HIGHEST_PRIORITY_VALUE + 1
"""Where a BaselineAdminNetworkPolicy, which has no priority, stands: after every policy of the Baseline tier."""


class Tier(StrEnum):
    """The tiers of cluster-wide policies: NetworkPolicy stands between them (``spec.tier``)."""

    ADMIN = "Admin"
    BASELINE = "Baseline"


class Action(StrEnum):
    """
    What a rule does with a connection that it is the first to match (``action``).

    ACCEPT (``Allow`` in v1alpha1) and DENY are final; PASS skips the rest of the tier.
    """

    ACCEPT = "Accept"
    DENY = "Deny"
    PASS = "Pass"  # noqa: S105 - an action, not a password


class PodsPeer(Struct, frozen=True, gc=False):
    """
    Pods by the labels of their namespace and their own (``namespaces``, ``pods``).

    No pod selector means all pods. Pods with host network are never meant, neither
    as subject nor as peer.
    """

    namespace_selector: LabelSelector = EVERYTHING
    pod_selector: LabelSelector | None = None

    def selects(self, namespace_labels: Mapping[str, str], labels: Mapping[str, str]) -> bool:
        """Return whether a pod with `labels` in a namespace with `namespace_labels` is meant."""
        pods = self.pod_selector
        return self.namespace_selector.matches(namespace_labels) and (pods is None or pods.matches(labels))

    def __str__(self) -> str:
        """Return the peer in words."""
        pods = "all pods" if self.pod_selector is None or self.pod_selector.is_empty else f"pods {self.pod_selector}"
        if self.namespace_selector.is_empty:
            return f"{pods} of all namespaces"
        return f"{pods} of namespaces {self.namespace_selector}"


class NodesPeer(Struct, frozen=True, gc=False):
    """The addresses of nodes, by the labels of the nodes (``nodes``, of egress rules only)."""

    selector: LabelSelector = EVERYTHING

    def __str__(self) -> str:
        """Return the peer in words."""
        return "all nodes" if self.selector.is_empty else f"nodes {self.selector}"


class NetworksPeer(Struct, frozen=True, gc=False):
    """Address blocks, of pods as well as of the outside (``networks``, of egress rules only)."""

    cidrs: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the blocks, separated by commas."""
        return ", ".join(self.cidrs)


class DomainsPeer(Struct, frozen=True, gc=False):
    """Domain names; a leading ``*.`` stands for one or more labels (``domainNames``, of egress rules only)."""

    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the names, separated by commas."""
        return ", ".join(self.names)


class UnknownPeer(Struct, frozen=True, gc=False):
    """A peer whose only field this version of the API does not have; see `ClusterRule.fails_closed`."""

    def __str__(self) -> str:
        """Return the peer in words."""
        return "peers of an unknown kind"


ClusterPeer = PodsPeer | NodesPeer | NetworksPeer | DomainsPeer | UnknownPeer


class ClusterPort(Struct, frozen=True, gc=False):
    """
    A destination port, a range of them, or a named port.

    A named port has no protocol: it means, pod by pod, the ports that the pod's
    containers declare by that name, whatever their protocols.
    """

    protocol: str = ""
    first: int = 0
    last: int | None = None
    """The last port of a range; None for a single port and for a named one."""
    name: str = ""

    def __str__(self) -> str:
        """Return ``TCP/80``, ``TCP/80-90`` or ``port http``."""
        if self.name:
            return f"port {self.name}"
        return f"{self.protocol}/{self.first}" + (f"-{self.last}" if self.last is not None else "")


class ClusterRule(Struct, frozen=True, gc=False):
    """One rule; the first rule of a policy that matches a connection decides about it."""

    action: Action
    peers: tuple[ClusterPeer, ...] = ()
    ports: tuple[ClusterPort, ...] | None = None
    """None for all traffic, whatever its protocol."""
    name: str = ""
    path: str = ""
    """The rule's place inside the object, as in ``spec.ingress[0]``."""
    unsure: bool = False
    """Whether a part of the rule is not evaluated: then it may match any connection of the subject, or none."""

    @property
    def fails_closed(self) -> bool:
        """
        Whether a peer is unknown, so that the whole rule fails closed as the API demands.

        An ACCEPT rule then matches nothing; a DENY or PASS rule denies everything.
        """
        return any(isinstance(peer, UnknownPeer) for peer in self.peers)


class ClusterPolicy(Struct, frozen=True, gc=False):
    """
    A cluster-wide policy; it isolates nothing by itself.

    Policies of a tier are checked by ascending priority. Which of two policies with
    the same priority in the same tier wins is left to the implementation.
    """

    kind: str
    metadata: ObjectMeta
    tier: Tier
    priority: int
    subject: PodsPeer
    ingress: tuple[ClusterRule, ...] = ()
    egress: tuple[ClusterRule, ...] = ()
    place: Place = NOWHERE

    @property
    def ref(self) -> ObjectRef:
        """The object's kind and name."""
        return ObjectRef(self.kind, "", self.metadata.name)

    def rules(self, direction: Direction) -> tuple[ClusterRule, ...]:
        """Return the rules for `direction`, in the order in which they are checked."""
        return self.ingress if direction is Direction.INGRESS else self.egress
