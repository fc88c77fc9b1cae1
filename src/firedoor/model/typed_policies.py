"""The policy objects of a snapshot as each API's own structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from firedoor.model.calico import CalicoPolicy, HostEndpoint, NetworkSet, StagedKubernetesPolicy, Tier
from firedoor.model.calico_parsing import parse_calico
from firedoor.model.cilium import CidrGroup, CiliumPolicy
from firedoor.model.cilium_parsing import parse_cilium
from firedoor.model.clusterpolicy import ClusterPolicy
from firedoor.model.clusterpolicy_parsing import parse_cluster_policy
from firedoor.model.istio import AuthorizationPolicy, PeerAuthentication
from firedoor.model.istio_parsing import parse_istio
from firedoor.model.multinetwork import MultiNetworkPolicy, parse_multi_network_policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from firedoor.model.faults import Fault
    from firedoor.model.policies import PolicyObject
    from firedoor.model.snapshot import Snapshot

    Parser = Callable[[PolicyObject], tuple[Any, tuple[Fault, ...]]]


class TypedPolicies(Struct, frozen=True, gc=False):
    """All valid policy objects, and what they refer to, in the order of the snapshot; staged ones apart."""

    cluster: tuple[ClusterPolicy, ...] = ()
    calico: tuple[CalicoPolicy, ...] = ()
    tiers: tuple[Tier, ...] = ()
    network_sets: tuple[NetworkSet, ...] = ()
    host_endpoints: tuple[HostEndpoint, ...] = ()
    staged: tuple[CalicoPolicy, ...] = ()
    staged_kubernetes: tuple[StagedKubernetesPolicy, ...] = ()
    cilium: tuple[CiliumPolicy, ...] = ()
    cidr_groups: tuple[CidrGroup, ...] = ()
    authorizations: tuple[AuthorizationPolicy, ...] = ()
    peer_authentications: tuple[PeerAuthentication, ...] = ()
    multi_network: tuple[MultiNetworkPolicy, ...] = ()

    @property
    def of_mesh(self) -> TypedPolicies:
        """Those that a service mesh enforces, whatever the network does."""
        return TypedPolicies(authorizations=self.authorizations, peer_authentications=self.peer_authentications)


_FIELDS: dict[type, str] = {
    ClusterPolicy: "cluster",
    Tier: "tiers",
    NetworkSet: "network_sets",
    HostEndpoint: "host_endpoints",
    StagedKubernetesPolicy: "staged_kubernetes",
    CiliumPolicy: "cilium",
    CidrGroup: "cidr_groups",
    AuthorizationPolicy: "authorizations",
    PeerAuthentication: "peer_authentications",
    MultiNetworkPolicy: "multi_network",
}

_CALICO_KINDS = (
    "NetworkPolicy",
    "GlobalNetworkPolicy",
    "Tier",
    "NetworkSet",
    "GlobalNetworkSet",
    "HostEndpoint",
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
)

_PARSERS: dict[tuple[str, str], Parser] = {
    **{
        ("policy.networking.k8s.io", kind): parse_cluster_policy
        for kind in ("ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
    },
    **{
        (group, kind): parse_calico
        for group in ("projectcalico.org", "crd.projectcalico.org")
        for kind in _CALICO_KINDS
    },
    **{
        ("cilium.io", kind): parse_cilium
        for kind in ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup")
    },
    **{("security.istio.io", kind): parse_istio for kind in ("AuthorizationPolicy", "PeerAuthentication")},
    ("k8s.cni.cncf.io", "MultiNetworkPolicy"): parse_multi_network_policy,
}


def parser_of(policy: PolicyObject) -> Parser | None:
    """Return what reads objects of the kind; None where none does."""
    return _PARSERS.get((policy.group, policy.kind))


def typed_policies(snapshot: Snapshot) -> TypedPolicies:
    """Return the policy objects of a snapshot that the API servers accept; what is wrong with others is a gap."""
    return read_policies(snapshot)[0]


def read_policies(snapshot: Snapshot) -> tuple[TypedPolicies, list[tuple[PolicyObject, Fault]]]:
    """Return the same, and every fault with the object that it is in."""
    found: dict[str, list[Any]] = {name: [] for name in TypedPolicies.__struct_fields__}
    faults: list[tuple[PolicyObject, Fault]] = []
    for policy in snapshot.policy_objects:
        parse = parser_of(policy)
        if parse is None:
            continue
        parsed, own = parse(policy)
        faults += ((policy, fault) for fault in own)
        if isinstance(parsed, CalicoPolicy):
            found["staged" if parsed.staged else "calico"].append(parsed)
        elif parsed is not None:
            found[_FIELDS[type(parsed)]].append(parsed)
    return TypedPolicies(**{name: tuple(each) for name, each in found.items()}), faults
