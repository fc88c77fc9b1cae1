"""Snapshot: everything known of a cluster at one instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter

from msgspec import Struct

from firedoor.model.contents import ConfigMap, TokenSecret
from firedoor.model.gateways import ControllerClass, Gateway, ReferenceGrant, VirtualService
from firedoor.model.mesh_config import MeshConfig
from firedoor.model.monitors import Monitor, Scraper
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Gap
from firedoor.model.policies import PolicyObject
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount
from firedoor.model.server_calls import ServerCaller
from firedoor.model.services import EndpointSlice, GatewayRoute, IngressRoute, Service
from firedoor.model.volumes import PersistentVolume, PersistentVolumeClaim
from firedoor.model.workloads import Namespace, Node, Pod, Workload
from firedoor.model.zero_trust import ZeroTrustBaseline

_NAMESPACE = attrgetter("metadata.namespace")


class Origin(Struct, frozen=True, gc=False):
    """
    Where a snapshot came from.

    `kind` is ``manifests``, ``cluster`` or ``snapshot``; `captured_at` is RFC 3339
    and empty for manifests; `server_version` is the API server's git version. `meant_for`
    is the release whose API server manifests are meant for, empty where nobody said.
    """

    kind: str = "manifests"
    sources: tuple[str, ...] = ()
    captured_at: str = ""
    server_version: str = ""
    meant_for: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether a cluster listed all it has; files may leave out what is there, such as what it comes with."""
        return self.kind == "cluster" or bool(self.captured_at)


class Snapshot(Struct, frozen=True, gc=False):
    """The typed cluster at one instant, immutable, with the gaps in what is known of it."""

    origin: Origin = Origin()
    namespaces: tuple[Namespace, ...] = ()
    nodes: tuple[Node, ...] = ()
    pods: Sequence[Pod] = ()
    workloads: tuple[Workload, ...] = ()
    services: tuple[Service, ...] = ()
    endpoint_slices: tuple[EndpointSlice, ...] = ()
    ingress_routes: tuple[IngressRoute, ...] = ()
    gateway_routes: tuple[GatewayRoute, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    controller_classes: tuple[ControllerClass, ...] = ()
    virtual_services: tuple[VirtualService, ...] = ()
    reference_grants: tuple[ReferenceGrant, ...] = ()
    network_policies: tuple[NetworkPolicy, ...] = ()
    policy_objects: tuple[PolicyObject, ...] = ()
    roles: tuple[Role, ...] = ()
    role_bindings: tuple[RoleBinding, ...] = ()
    service_accounts: tuple[ServiceAccount, ...] = ()
    persistent_volumes: tuple[PersistentVolume, ...] = ()
    persistent_volume_claims: tuple[PersistentVolumeClaim, ...] = ()
    config_maps: tuple[ConfigMap, ...] = ()
    """Only those that hold what looks like a secret or names a host; they are read from manifests alone."""
    token_secrets: tuple[TokenSecret, ...] = ()
    """Only those that hold the token of a service account; they are read from manifests alone."""
    mesh_configs: tuple[MeshConfig, ...] = ()
    """The settings of meshes, without the ConfigMaps that hold them."""
    monitors: tuple[Monitor, ...] = ()
    scrapers: tuple[Scraper, ...] = ()
    server_callers: tuple[ServerCaller, ...] = ()
    """Only those that make the API server connect to a Service."""
    baselines: tuple[ZeroTrustBaseline, ...] = ()
    other_objects: dict[str, int] = {}
    """How many objects of kinds that do not matter here were seen, by kind."""
    gaps: tuple[Gap, ...] = ()
    has_pod_details: bool = True
    """Whether volumes, variables and security contexts of pods were kept; a gap says so where they were not."""

    @property
    def has_objects(self) -> bool:
        """Whether any object at all was read."""
        apart = {"origin", "gaps", "has_pod_details"}
        return any(getattr(self, each) for each in self.__struct_fields__ if each not in apart)

    def namespace_labels(self, of_pods: Iterable[str] | None = None) -> dict[str, dict[str, str]]:
        """
        Return the labels of every namespace that exists or that an object lives in.

        The API server labels each namespace with its name; manifests may leave
        that, or the whole Namespace object, out. `of_pods` are the namespaces of all
        pods, where the caller knows them: pods are many.
        """
        names = {each.metadata.name: each.metadata.labels for each in self.namespaces}
        others = (self.workloads, self.network_policies, self.services)
        lived_in = set(map(_NAMESPACE, chain(*others, self.pods if of_pods is None else ())))
        for name in lived_in.union(of_pods or ()):
            names.setdefault(name, {})
        return {name: {**labels, "kubernetes.io/metadata.name": name} for name, labels in sorted(names.items())}
