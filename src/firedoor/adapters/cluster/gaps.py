"""What the server did not let us see, in words: what is missing, what hangs on it, and how to get it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from firedoor.model.places import Gap, GapKind, ObjectRef, Scope
from firedoor.model.policies import DECIDING_KINDS

if TYPE_CHECKING:
    from firedoor.adapters.cluster.discovery import Resource
    from firedoor.adapters.cluster.transport import Refusal

NETWORK_POLICY = ("networking.k8s.io", "NetworkPolicy")

_MISSING = {
    "Namespace": "the labels of namespaces are unknown",
    "Node": "the addresses of nodes are unknown",
    "Pod": (
        "running pods and their addresses are missing from the picture: "
        "workloads are judged by their templates, and pods without a workload not at all"
    ),
    "ReplicaSet": "pods are not told to belong to their Deployment",
    "Job": "pods are not told to belong to their CronJob",
    "Service": "what services lead to is unknown",
    "EndpointSlice": "the backends of services without a selector are unknown",
    "Ingress": "what is reachable from outside through ingress controllers is unknown",
    "IngressClass": "which controller serves an Ingress is told from the name of its class only",
    "Gateway": "which routes are attached to gateways is unknown",
    "GatewayClass": "which controller serves a Gateway is unknown",
    "ReferenceGrant": "routes to services of other namespaces count as refused",
    "Role": "who may do what is known only in part",
    "ClusterRole": "who may do what is known only in part",
    "RoleBinding": "who may do what is known only in part",
    "ClusterRoleBinding": "who may do what is known only in part",
    "ServiceAccount": "service accounts that no pod uses are missing from the picture",
    "PersistentVolume": "which claims lead to a path on a node is unknown",
    "PersistentVolumeClaim": "which pods use a volume that lies on a node is unknown",
    **dict.fromkeys(
        ("ServiceMonitor", "PodMonitor", "Prometheus", "PrometheusAgent"),
        "policies generated from manifests do not let Prometheus in everywhere",
    ),
    **dict.fromkeys(
        ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"),
        "policies generated from manifests do not let the API server in everywhere",
    ),
    "ZeroTrustBaseline": "exceptions that they hold are not applied",
    "Tier": "verdicts on pods with policies in tiers that are not known are unknown",
}
_REFERRED = frozenset(
    {
        *(
            (group, kind)
            for group in ("projectcalico.org", "crd.projectcalico.org")
            for kind in ("NetworkSet", "GlobalNetworkSet", "HostEndpoint")
        ),
        ("cilium.io", "CiliumCIDRGroup"),
    }
)
"""Kinds that hold addresses for policies of any namespace to select."""
_ADDRESSES_MISSING = "verdicts are unknown, because policies may select the addresses in such objects"
_POLICIES_MISSING = "verdicts on the pods concerned are unknown, because such policies may decide them"


def not_listed(resource: Resource, namespace: str, refusal: Refusal) -> Gap:
    """Return the gap that a list leaves which the server refused, in one namespace or in all."""
    where = f"in namespace {namespace}" if namespace else "in the whole cluster" if resource.is_namespaced else ""
    what = f"{_full_kind(resource)} objects {where}".rstrip()
    return Gap(
        GapKind.FORBIDDEN if refusal.code == HTTPStatus.FORBIDDEN else GapKind.UNREADABLE,
        resource.path(namespace),
        f"{what} cannot be listed ({_answer(refusal)}): {_consequence(resource)}",
        _rule(resource, namespace) if refusal.code == HTTPStatus.FORBIDDEN else "try again when the server serves them",
        scope=deciding_scope(resource, namespace),
    )


def listed_in_part(resource: Resource, namespaces: list[str], refusal: Refusal) -> Gap:
    """Return the gap of a kind that could be listed in `namespaces` only, which may not be all there are."""
    return Gap(
        GapKind.FORBIDDEN,
        resource.path(),
        f"{_full_kind(resource)} objects cannot be listed in the whole cluster ({_answer(refusal)}): "
        f"only those of {_names(namespaces)} are in the picture",
        _rule(resource, ""),
    )


def namespaces_unknown(source: str, resource: Resource, scope: Scope | None, refusal: Refusal) -> Gap:
    """Return the gap of Namespace objects that cannot be read; `scope` is what hangs on their labels."""
    effect = "policies that select namespaces by label cannot be decided" if scope else "no policy asks for them"
    return Gap(
        GapKind.FORBIDDEN if refusal.code == HTTPStatus.FORBIDDEN else GapKind.UNREADABLE,
        source,
        f"Namespace objects cannot be read ({_answer(refusal)}): their labels are unknown; {effect}",
        _rule(resource, ""),
        scope=scope,
    )


def accounts_unknown(resource: Resource, namespace: str, scope: Scope, refusal: Refusal) -> Gap:
    """Return the gap of ServiceAccounts that cannot be read although policies select by their labels."""
    where = f"in namespace {namespace}" if namespace else "in the whole cluster"
    return Gap(
        GapKind.FORBIDDEN if refusal.code == HTTPStatus.FORBIDDEN else GapKind.UNREADABLE,
        resource.path(namespace),
        f"ServiceAccount objects {where} cannot be listed ({_answer(refusal)}): their labels are unknown; policies of "
        "Calico that select by them cannot be decided",
        _rule(resource, namespace),
        scope=scope,
    )


def settings_unknown(path: str, refusal: Refusal) -> Gap:
    """Return the gap of the settings of a mesh that cannot be read."""
    rule = 'apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["get"]'
    return Gap(
        GapKind.FORBIDDEN if refusal.code == HTTPStatus.FORBIDDEN else GapKind.UNREADABLE,
        path,
        f"the ConfigMap with the settings of the mesh cannot be read ({_answer(refusal)}): root namespace and trust "
        "domain are taken to be the defaults",
        f"grant, with a Role in namespace istio-system: {rule}",
    )


def undiscovered(path: str, group: str, refusal: Refusal) -> Gap:
    """Return the gap of an API group whose kinds the server does not tell; ``/apis`` means all groups."""
    decides = path == "/apis" or any(of == group for of, _ in DECIDING_KINDS)
    whose = f"API group {group}" if group else "its API groups" if path == "/apis" else "the core API"
    return Gap(
        GapKind.FORBIDDEN if refusal.code == HTTPStatus.FORBIDDEN else GapKind.UNREADABLE,
        path,
        f"the server does not tell the kinds of {whose} ({_answer(refusal)}): "
        + (_POLICIES_MISSING if decides else "objects of those kinds may be missing from the picture"),
        "bind the ClusterRole system:discovery; for a custom API, see that its own server is running",
        # NetworkPolicy has no part in this: built-in kinds are asked for by name all the same.
        scope=Scope() if decides else None,
    )


def malformed(resource: Resource, source: str, ref: ObjectRef | None, namespace: str, why: str) -> Gap:
    """Return the gap of one object of a list that is not of the form the API has."""
    scope = deciding_scope(resource, namespace)
    effect = f"; {_consequence(resource)}" if scope else ""
    return Gap(
        GapKind.UNREADABLE,
        source,
        f"this {_full_kind(resource)} cannot be read: {' '.join(why.split())}{effect}",
        "compare it with `kubectl explain`, and apply it again",
        ref,
        scope,
    )


def deciding_scope(resource: Resource, namespace: str) -> Scope | None:
    """Return the pods that objects of the kind decide about; None for kinds that decide nothing."""
    key = (resource.group, resource.kind)
    if key in _REFERRED:
        return Scope()
    if key == NETWORK_POLICY:
        return Scope(namespace)
    if key in DECIDING_KINDS:
        ingress, egress = DECIDING_KINDS[key]
        return Scope(namespace, ingress, egress)
    return None


def _consequence(resource: Resource) -> str:
    if (resource.group, resource.kind) in _REFERRED:
        return _ADDRESSES_MISSING
    if deciding_scope(resource, ""):
        return _POLICIES_MISSING
    return _MISSING.get(resource.kind, "they are missing from the picture")


def _rule(resource: Resource, namespace: str) -> str:
    role = f"a Role in namespace {namespace}" if namespace else "a ClusterRole"
    rule = f'apiGroups: ["{resource.group}"], resources: ["{resource.plural}"], verbs: ["get", "list"]'
    return f"grant, with {role}: {rule}"


def _full_kind(resource: Resource) -> str:
    """Return the kind, with its group where that is not Kubernetes' own."""
    ours = resource.group.endswith(".k8s.io") or "." not in resource.group
    return resource.kind if ours else f"{resource.kind}.{resource.group}"


def _answer(refusal: Refusal) -> str:
    name = "forbidden" if refusal.code == HTTPStatus.FORBIDDEN else refusal.status.message or "no reason given"
    return f"{refusal.code} {' '.join(name.split())}"


def _names(namespaces: list[str]) -> str:
    most = 5
    shown = ", ".join(namespaces[:most])
    more = len(namespaces) - most
    return f"namespace{'s' if len(namespaces) > 1 else ''} {shown}" + (f" and {more} more" if more > 0 else "")
