"""The kinds of every policy API that may decide about a connection, and how far each one reaches."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from firedoor.model.metadata import ObjectMeta
from firedoor.model.places import NOWHERE, ObjectRef, Place


class PolicyObject(Struct, frozen=True, gc=False):
    """An object of a policy API other than NetworkPolicy, its specification kept as the API gives it."""

    api_version: str
    kind: str
    metadata: ObjectMeta
    spec: Any = None
    place: Place = NOWHERE
    specs: Any = None
    """Further specifications, in a list, for the APIs that have them."""

    @property
    def group(self) -> str:
        """The API group."""
        return self.api_version.rpartition("/")[0]

    @property
    def ref(self) -> ObjectRef:
        """The object's kind, namespace and name."""
        return ObjectRef(self.kind, self.metadata.namespace, self.metadata.name)


DECIDING_KINDS: dict[tuple[str, str], tuple[bool, bool]] = {
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"): (True, True),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"): (True, True),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"): (True, True),
    ("projectcalico.org", "NetworkPolicy"): (True, True),
    ("projectcalico.org", "GlobalNetworkPolicy"): (True, True),
    ("crd.projectcalico.org", "NetworkPolicy"): (True, True),
    ("crd.projectcalico.org", "GlobalNetworkPolicy"): (True, True),
    ("cilium.io", "CiliumNetworkPolicy"): (True, True),
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): (True, True),
    ("crd.antrea.io", "ClusterNetworkPolicy"): (True, True),
    ("crd.antrea.io", "NetworkPolicy"): (True, True),
    ("k8s.ovn.org", "EgressFirewall"): (False, True),
    ("security.istio.io", "AuthorizationPolicy"): (True, False),
    ("security.istio.io", "PeerAuthentication"): (True, False),
    ("policy.linkerd.io", "AuthorizationPolicy"): (True, False),
    ("policy.linkerd.io", "ServerAuthorization"): (True, False),
    ("kuma.io", "MeshTrafficPermission"): (True, False),
}
"""``(group, kind)`` to ``(decides ingress, decides egress)`` for kinds that accept or deny connections."""

SUPPORTING_KINDS = frozenset(
    {
        ("projectcalico.org", "Tier"),
        ("projectcalico.org", "NetworkSet"),
        ("projectcalico.org", "GlobalNetworkSet"),
        ("projectcalico.org", "HostEndpoint"),
        ("projectcalico.org", "Profile"),
        ("projectcalico.org", "StagedNetworkPolicy"),
        ("projectcalico.org", "StagedGlobalNetworkPolicy"),
        ("projectcalico.org", "StagedKubernetesNetworkPolicy"),
        ("crd.projectcalico.org", "Tier"),
        ("crd.projectcalico.org", "NetworkSet"),
        ("crd.projectcalico.org", "GlobalNetworkSet"),
        ("crd.projectcalico.org", "HostEndpoint"),
        ("crd.projectcalico.org", "StagedNetworkPolicy"),
        ("crd.projectcalico.org", "StagedGlobalNetworkPolicy"),
        ("crd.projectcalico.org", "StagedKubernetesNetworkPolicy"),
        ("cilium.io", "CiliumCIDRGroup"),
        ("crd.antrea.io", "Tier"),
        ("crd.antrea.io", "ClusterGroup"),
        ("crd.antrea.io", "Group"),
        ("k8s.cni.cncf.io", "MultiNetworkPolicy"),
        ("k8s.cni.cncf.io", "NetworkAttachmentDefinition"),
        ("k8s.ovn.org", "UserDefinedNetwork"),
        ("k8s.ovn.org", "ClusterUserDefinedNetwork"),
        ("security.istio.io", "RequestAuthentication"),
    }
)
"""Kinds that policies refer to, that are never enforced, or that concern secondary networks only."""


def is_policy_kind(group: str, kind: str) -> bool:
    """Return whether objects of the kind belong to a policy API."""
    return (group, kind) in DECIDING_KINDS or (group, kind) in SUPPORTING_KINDS


def sounds_like_policy(kind: str) -> bool:
    """Return whether a kind that nobody knows has a name as network policies have."""
    return kind.endswith(("NetworkPolicy", "AuthorizationPolicy", "TrafficPermission", "EgressFirewall"))
