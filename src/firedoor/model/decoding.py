"""
Kubernetes objects, as parsed documents or as JSON bytes, into the structures of the model.

Pure: the adapters bring the bytes and say where they stood. Fields that the model
does not need are never built, so that a list of many pods decodes at the speed of
the parser. The contents of Secrets are not decoded at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct, field

from firedoor.model.contents import ConfigMap, TokenSecret, config_map, token_secret
from firedoor.model.gateway_parsing import GATEWAY_KINDS, gateway_object
from firedoor.model.gateways import ControllerClass, Gateway, ReferenceGrant, VirtualService
from firedoor.model.launching import reduce_launch
from firedoor.model.mesh_config import MeshConfig
from firedoor.model.metadata import ObjectMeta
from firedoor.model.monitors import MONITOR_KINDS, Monitor, Scraper, monitor_object
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.places import Place
from firedoor.model.policies import PolicyObject, is_policy_kind
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, RoleRef, ServiceAccount, Subject
from firedoor.model.routes import ROUTE_KINDS, gateway_route, ingress_route
from firedoor.model.server_calls import SERVER_CALL_KINDS, ServerCaller, server_caller
from firedoor.model.services import EndpointSlice, GatewayRoute, IngressRoute, Service
from firedoor.model.tokens import rename_api_access
from firedoor.model.volumes import PersistentVolume, PersistentVolumeClaim
from firedoor.model.workloads import Namespace, Node, Pod, PodTemplate, Workload
from firedoor.model.zero_trust import BASELINE, GROUP, ZeroTrustBaseline, zero_trust_baseline

ModelObject = (
    Namespace
    | Node
    | Pod
    | Workload
    | Service
    | EndpointSlice
    | IngressRoute
    | GatewayRoute
    | Gateway
    | ControllerClass
    | VirtualService
    | ReferenceGrant
    | NetworkPolicy
    | PolicyObject
    | Role
    | RoleBinding
    | ServiceAccount
    | PersistentVolume
    | PersistentVolumeClaim
    | ConfigMap
    | TokenSecret
    | MeshConfig
    | Monitor
    | Scraper
    | ServerCaller
    | ZeroTrustBaseline
)


class _WorkloadSpec(Struct, gc=False, rename="camel"):
    template: PodTemplate = PodTemplate()
    replicas: int | None = None
    ordinals: dict[str, int] = {}


class _Condition(Struct, gc=False):
    type: str = ""
    status: str = ""


class _WorkloadStatus(Struct, gc=False):
    conditions: tuple[_Condition, ...] = ()


class _WorkloadWire(Struct, gc=False):
    metadata: ObjectMeta = ObjectMeta()
    spec: _WorkloadSpec = field(default_factory=_WorkloadSpec)
    status: _WorkloadStatus = field(default_factory=_WorkloadStatus)


class _JobTemplate(Struct, gc=False):
    spec: _WorkloadSpec = field(default_factory=_WorkloadSpec)


class _CronJobSpec(Struct, gc=False, rename="camel"):
    job_template: _JobTemplate = field(default_factory=_JobTemplate)


class _CronJobWire(Struct, gc=False):
    metadata: ObjectMeta = ObjectMeta()
    spec: _CronJobSpec = field(default_factory=_CronJobSpec)


class _Aggregation(Struct, gc=False, rename="camel"):
    cluster_role_selectors: tuple[dict[str, Any], ...] = ()


class _RoleWire(Struct, gc=False, rename="camel"):
    metadata: ObjectMeta = ObjectMeta()
    rules: tuple[PolicyRule, ...] = ()
    aggregation_rule: _Aggregation = field(default_factory=_Aggregation)


class _BindingWire(Struct, gc=False, rename="camel"):
    metadata: ObjectMeta = ObjectMeta()
    role_ref: RoleRef = RoleRef()
    subjects: tuple[Subject, ...] = ()


def _workload(kind: str, wire: _WorkloadWire, place: Place) -> Workload:
    reduce_launch(wire.spec.template.spec.all_containers)
    finished = kind == "Job" and any(
        each.type in {"Complete", "Failed"} and each.status == "True" for each in wire.status.conditions
    )
    ordinal = wire.spec.ordinals.get("start", 0)
    return Workload(kind, wire.metadata, wire.spec.template, wire.spec.replicas, ordinal, finished, place)


def _cron_job(kind: str, wire: _CronJobWire, place: Place) -> Workload:
    template = wire.spec.job_template.spec.template
    reduce_launch(template.spec.all_containers)
    return Workload(kind, wire.metadata, template, place=place)


def _role(kind: str, wire: _RoleWire, place: Place) -> Role:
    return Role(kind, wire.metadata, wire.rules, wire.aggregation_rule.cluster_role_selectors, place)


def _binding(kind: str, wire: _BindingWire, place: Place) -> RoleBinding:
    return RoleBinding(kind, wire.metadata, wire.role_ref, wire.subjects, place)


def _as_it_is(_kind: str, wire: Any, place: Place) -> Any:
    msgspec.structs.force_setattr(wire, "place", place)
    return wire


def _pod(_kind: str, wire: Pod, place: Place) -> Pod:
    rename_api_access(wire.spec)
    reduce_launch(wire.spec.all_containers)
    msgspec.structs.force_setattr(wire, "place", place)
    return wire


class KindDecoder(Struct, frozen=True, gc=False):
    """How objects of one kind become a model object: the wire type, and what to make of it."""

    wire: Any
    finish: Callable[[str, Any, Place], Any] = _as_it_is
    is_namespaced: bool = True


_WORKLOAD = KindDecoder(_WorkloadWire, _workload)

DECODERS: dict[tuple[str, str], KindDecoder] = {
    ("", "Namespace"): KindDecoder(Namespace, is_namespaced=False),
    ("", "Node"): KindDecoder(Node, is_namespaced=False),
    ("", "PersistentVolume"): KindDecoder(PersistentVolume, is_namespaced=False),
    ("", "PersistentVolumeClaim"): KindDecoder(PersistentVolumeClaim),
    ("", "Pod"): KindDecoder(Pod, _pod),
    ("", "ReplicationController"): _WORKLOAD,
    ("", "Service"): KindDecoder(Service),
    ("", "ServiceAccount"): KindDecoder(ServiceAccount),
    ("apps", "Deployment"): _WORKLOAD,
    ("apps", "ReplicaSet"): _WORKLOAD,
    ("apps", "StatefulSet"): _WORKLOAD,
    ("apps", "DaemonSet"): _WORKLOAD,
    ("batch", "Job"): _WORKLOAD,
    ("batch", "CronJob"): KindDecoder(_CronJobWire, _cron_job),
    ("discovery.k8s.io", "EndpointSlice"): KindDecoder(EndpointSlice),
    ("networking.k8s.io", "NetworkPolicy"): KindDecoder(NetworkPolicy),
    ("rbac.authorization.k8s.io", "Role"): KindDecoder(_RoleWire, _role),
    ("rbac.authorization.k8s.io", "ClusterRole"): KindDecoder(_RoleWire, _role, is_namespaced=False),
    ("rbac.authorization.k8s.io", "RoleBinding"): KindDecoder(_BindingWire, _binding),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): KindDecoder(_BindingWire, _binding, is_namespaced=False),
}
"""Decoders of the kinds with a structure of their own, by API group and kind."""

_WHOLE: dict[tuple[str, str], Callable[..., ConfigMap | TokenSecret | ZeroTrustBaseline | None]] = {
    ("", "ConfigMap"): config_map,
    ("", "Secret"): token_secret,
    (GROUP, BASELINE): zero_trust_baseline,
}
"""
Kinds of which the whole document is looked at.

ConfigMaps and Secrets are read from manifests only: to list them in a cluster is to read what they hold.
"""

CLUSTER_SCOPED = frozenset(
    {
        "ClusterNetworkPolicy",
        "AdminNetworkPolicy",
        "BaselineAdminNetworkPolicy",
        "GlobalNetworkPolicy",
        "GlobalNetworkSet",
        "StagedGlobalNetworkPolicy",
        "HostEndpoint",
        "Tier",
        "Profile",
        "CiliumClusterwideNetworkPolicy",
        "CiliumCIDRGroup",
        "ClusterGroup",
        "ClusterUserDefinedNetwork",
    }
)


def api_group(api_version: str) -> str:
    """Return the group of an ``apiVersion``; empty for the core group."""
    return api_version.rpartition("/")[0]


def has_pod_template(document: dict[str, Any]) -> bool:
    """Return whether a custom resource makes pods: ``spec.template.spec.containers`` is a list."""
    spec: Any = document.get("spec")
    for key in ("template", "spec"):
        spec = spec.get(key) if isinstance(spec, dict) else None
    return isinstance(spec, dict) and isinstance(spec.get("containers"), list)


def decode(document: dict[str, Any], place: Place, namespace: str) -> ModelObject | None:
    """
    Return the model object of a parsed document; None for a kind that does not matter here.

    `namespace` is given to namespaced objects that name none. Raises
    ``msgspec.ValidationError`` when a field has a type that the API does not have.
    """
    kind, api_version = str(document.get("kind", "")), str(document.get("apiVersion", ""))
    group = api_group(api_version)
    decoder = DECODERS.get((group, kind))
    if decoder is not None:
        return finish(decoder, kind, msgspec.convert(document, decoder.wire), place, namespace)
    if (group, kind) == ("networking.k8s.io", "Ingress"):
        return ingress_route(document, _metadata(document, namespace), place)
    if (group, kind) in _WHOLE:
        return _WHOLE[group, kind](document, _metadata(document, namespace), place)
    if (group, kind) in ROUTE_KINDS:
        return gateway_route(kind, document, _metadata(document, namespace), place)
    if (group, kind) in GATEWAY_KINDS:
        scope = namespace if GATEWAY_KINDS[group, kind] else ""
        return gateway_object(group, kind, document, _metadata(document, scope), place)
    if (group, kind) in MONITOR_KINDS:
        return monitor_object(kind, document, _metadata(document, namespace), place)
    if (group, kind) in SERVER_CALL_KINDS:
        return server_caller(kind, document, _metadata(document, ""), place)
    if is_policy_kind(group, kind):
        scope = "" if kind in CLUSTER_SCOPED and group != "crd.antrea.io" else namespace
        metadata = _metadata(document, scope)
        return PolicyObject(api_version, kind, metadata, document.get("spec"), place, document.get("specs"))
    if has_pod_template(document):
        return finish(_WORKLOAD, kind, msgspec.convert(document, _WorkloadWire), place, namespace)
    return None


def decode_json(raw: bytes | msgspec.Raw, group: str, kind: str, place: Place, namespace: str) -> ModelObject | None:
    """
    Return the model object of JSON bytes of a kind in `DECODERS`, without building the rest of it.

    Returns None when the bytes hold a form that only the general way reads (a null
    where the API would put nothing). Raises ``KeyError`` for other kinds.
    """
    decoder = DECODERS[group, kind]
    try:
        wire = msgspec.json.decode(raw, type=decoder.wire)
    except msgspec.ValidationError:
        return None
    return finish(decoder, kind, wire, place, namespace)


def finish(decoder: KindDecoder, kind: str, wire: Any, place: Place, namespace: str) -> ModelObject:
    """Return the model object of a decoded wire object, in the namespace it belongs to."""
    metadata: ObjectMeta = wire.metadata
    if decoder.is_namespaced and not metadata.namespace:
        _set_namespace(wire, namespace)
    elif not decoder.is_namespaced and metadata.namespace:
        _set_namespace(wire, "")
    result: ModelObject = decoder.finish(kind, wire, place)
    return result


def _set_namespace(wire: Struct, namespace: str) -> None:
    metadata: ObjectMeta = wire.metadata  # type: ignore[attr-defined]
    msgspec.structs.force_setattr(wire, "metadata", msgspec.structs.replace(metadata, namespace=namespace))


def _metadata(document: dict[str, Any], namespace: str) -> ObjectMeta:
    metadata = msgspec.convert(document.get("metadata") or {}, ObjectMeta)
    if namespace and metadata.namespace:
        return metadata
    return msgspec.structs.replace(metadata, namespace=namespace)
