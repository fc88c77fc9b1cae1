"""Resources as people write them to kubectl, into what the API server calls them."""

from __future__ import annotations

import difflib
import re
from functools import cache

from msgspec import Struct

from firedoor.errors import UsageError
from firedoor.model.access import AccessRequest

# Plural, then short names; the singular follows from the kind. Namespaced resources of each group, then the others.
_NAMESPACED = {
    "": "bindings configmaps,cm endpoints,ep events,ev limitranges,limits persistentvolumeclaims,pvc pods,po "
    "podtemplates replicationcontrollers,rc resourcequotas,quota secrets serviceaccounts,sa services,svc",
    "authentication.k8s.io": "serviceaccounts",
    "apps": "controllerrevisions daemonsets,ds deployments,deploy replicasets,rs statefulsets,sts",
    "authorization.k8s.io": "localsubjectaccessreviews",
    "autoscaling": "horizontalpodautoscalers,hpa",
    "batch": "cronjobs,cj jobs",
    "certificates.k8s.io": "podcertificaterequests",
    "coordination.k8s.io": "leases leasecandidates",
    "discovery.k8s.io": "endpointslices",
    "events.k8s.io": "events,ev",
    "networking.k8s.io": "ingresses,ing networkpolicies,netpol",
    "policy": "poddisruptionbudgets,pdb",
    "rbac.authorization.k8s.io": "rolebindings roles",
    "resource.k8s.io": "resourceclaims resourceclaimtemplates",
    "scheduling.k8s.io": "podgroups workloads",
    "storage.k8s.io": "csistoragecapacities",
}
_CLUSTER_SCOPED = {
    # Users and groups are no objects, but what the verbs `impersonate` and `impersonate:MODE` (in the group of
    # authentication, with nodes and service accounts) are about, as signers are for `approve` and `sign`.
    "": "componentstatuses,cs groups namespaces,ns nodes,no persistentvolumes,pv users",
    "admissionregistration.k8s.io": "mutatingadmissionpolicies mutatingadmissionpolicybindings "
    "mutatingwebhookconfigurations validatingadmissionpolicies validatingadmissionpolicybindings "
    "validatingwebhookconfigurations",
    "apiextensions.k8s.io": "customresourcedefinitions,crd,crds",
    "apiregistration.k8s.io": "apiservices",
    "authentication.k8s.io": "groups nodes selfsubjectreviews tokenreviews uids userextras users",
    "authorization.k8s.io": "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews",
    "certificates.k8s.io": "certificatesigningrequests,csr clustertrustbundles signers",
    "flowcontrol.apiserver.k8s.io": "flowschemas prioritylevelconfigurations",
    "internal.apiserver.k8s.io": "storageversions",
    "networking.k8s.io": "ingressclasses ipaddresses,ip servicecidrs",
    "node.k8s.io": "runtimeclasses",
    "rbac.authorization.k8s.io": "clusterrolebindings clusterroles",
    "resource.k8s.io": "deviceclasses devicetaintrules resourceslices",
    "scheduling.k8s.io": "priorityclasses,pc",
    "storage.k8s.io": "csidrivers csinodes storageclasses,sc volumeattachments volumeattributesclasses,vac",
    "storagemigration.k8s.io": "storageversionmigrations",
}
_SUBRESOURCES = (
    "approval attach binding checkpoint configz driver ephemeralcontainers eviction exec finalize healthz log metrics "
    "pods portforward proxy resize scale spec stats status token"
)
_SAME_IN_BOTH = {"endpoints"}
_VERSION = re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?\.")
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
"""The verbs of requests for objects, in the order in which people list them."""
_SPECIAL_VERBS = ("*", "approve", "attest", "bind", "escalate", "impersonate", "sign", "use")
_URL_VERBS = ("*", "get", "head", "post", "put", "patch", "delete", "options")


class Resource(Struct, frozen=True):
    """A resource of the API by its plural name."""

    group: str
    plural: str
    is_namespaced: bool


def asked_request(verb: str, resource: str, name: str, namespace: str) -> tuple[AccessRequest, tuple[str, ...]]:
    """
    Return the request that kubectl's words mean, and remarks on how they were taken.

    `resource` is ``RESOURCE[/SUBRESOURCE][.GROUP]`` with the plural, the singular or a short
    name of a built-in kind, or the path of a URL. A resource that is not known is taken as it
    is written. An empty `namespace` means all of them. Requests for cluster-scoped resources
    carry no namespace, except those for one Namespace, which carry its name.
    """
    if resource.startswith("/"):
        notes = _verb_notes(verb, _URL_VERBS)
        if namespace:
            notes += (f"a URL is in no namespace, so that {namespace} is not part of the request",)
        return AccessRequest(verb, path=resource), notes
    said, sub, group = _split(resource)
    # Verbs with a mode, as in impersonate:user-info, are many and grow.
    notes = () if ":" in verb else _verb_notes(verb, (*VERBS, *_SPECIAL_VERBS))
    known = _find(said, group)
    if known is None:
        plural, group = said, group if group is not None else "*" if said == "*" else ""
        notes += () if said == "*" else (_unknown(said, group),)
    else:
        plural, group = known.plural, known.group
        if sub and sub not in _SUBRESOURCES.split() and plural != "userextras":
            notes += (f"{sub} is taken as a subresource, and none of that name is known; a name stands apart: NAME",)
        if not known.is_namespaced:
            carried = name if (group, plural) == ("", "namespaces") else ""
            if namespace not in {"", carried}:
                notes += (f"{plural} are cluster-scoped, so that {namespace} is not part of the request",)
            namespace = carried
    return AccessRequest(verb, plural, sub, group, name, namespace), notes


def is_about_all(request: AccessRequest) -> bool:
    """Return whether a request is about all namespaces, while it could be permitted in one of them."""
    if not request.is_for_resource or request.namespace or is_cluster_scoped(request.group, request.resource):
        return False
    return not is_without_namespace(request.verb, request.group, request.resource)


def is_without_namespace(verb: str, group: str, resource: str) -> bool:
    """Return whether a request is for Namespaces as a collection: only one for a single Namespace carries its name."""
    return (group, resource) == ("", "namespaces") and verb in {"list", "watch", "create", "deletecollection"}


def is_cluster_scoped(group: str, resource: str) -> bool:
    """Return whether requests for a resource, or for a subresource of it, are known to carry no namespace."""
    found = _find(resource.partition("/")[0], group)
    return found is not None and not found.is_namespaced and (found.group, found.plural) != ("", "namespaces")


def _split(text: str) -> tuple[str, str, str | None]:
    """Return resource, subresource and group (None where none is given)."""
    resource, slash, sub = text.partition("/")
    resource, dot, group = resource.partition(".")
    if not dot:
        sub, dot, group = sub.partition(".")
    if not resource or (slash and not sub) or (dot and not group) or "/" in group or "/" in sub:
        raise UsageError(
            f"{text!r} is no resource",
            remedy="write it as in pods, pods/log, deployments.apps or deployments/scale.apps; a URL begins with /",
        )
    return resource, sub, _VERSION.sub("", group, count=1) if dot else None


def _find(said: str, group: str | None) -> Resource | None:
    found = _names().get(said.lower(), ())
    return next((each for each in found if group in {None, each.group}), None)


@cache
def _names() -> dict[str, tuple[Resource, ...]]:
    """Return the resources that each plural, singular and short name stands for, the core group first."""
    names: dict[str, tuple[Resource, ...]] = {}
    for table, is_namespaced in ((_NAMESPACED, True), (_CLUSTER_SCOPED, False)):
        for group, texts in table.items():
            for text in texts.split():
                plural, *short = text.split(",")
                resource = Resource(group, plural, is_namespaced)
                for name in dict.fromkeys((plural, _singular(plural), *short)):
                    names[name] = (*names.get(name, ()), resource)
    return names


def _singular(plural: str) -> str:
    if plural in _SAME_IN_BOTH:
        return plural
    for many, one in (("policies", "policy"), ("capacities", "capacity"), ("sses", "ss"), ("statuses", "status")):
        if plural.endswith(many):
            return plural.removesuffix(many) + one
    return plural.removesuffix("s")


def _unknown(said: str, group: str) -> str:
    names = _names()
    near = difflib.get_close_matches(said.lower(), names, 1)
    hint = f" (did you mean {names[near[0]][0].plural}?)" if near and said.lower() not in names else ""
    where = f"group {group}" if group else "the core group; write RESOURCE.GROUP for another"
    return f"{said} is no built-in resource{hint}: taken as it is written, in {where}"


def _verb_notes(verb: str, known: tuple[str, ...]) -> tuple[str, ...]:
    if verb in known:
        return ()
    near = difflib.get_close_matches(verb.lower(), known, 1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return (f"{verb} is no verb that the API server asks about{hint}",)
