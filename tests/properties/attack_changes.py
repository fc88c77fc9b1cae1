"""The changes of a cut, made to the manifests themselves."""

from __future__ import annotations

import copy
from collections.abc import Iterable

from firedoor.model.attack import Change, ChangeKind
from firedoor.model.places import ObjectRef
from tests.reference.attack import Scene
from tests.reference.manifests import Manifest, items, name_of, namespace_of, objects, section
from tests.reference.networkpolicy import policy_types
from tests.reference.rbac import bindings, namespace_in

SHUT = {ChangeKind.INGRESS: "Ingress", ChangeKind.EGRESS: "Egress"}
LABEL = "shut-by-test-{}"


def every_change(scene: Scene) -> list[Change]:
    """Return all changes that can be made to a cluster."""
    found = [Change(ChangeKind.BINDING, _binding_ref(each)) for each in bindings(scene.cluster)]
    for _, namespace, kind, name, *_ in scene.parts:
        ref = ObjectRef(kind, namespace, name)
        kinds = (ChangeKind.INGRESS, ChangeKind.EGRESS, ChangeKind.POD_SPEC, ChangeKind.TOKEN)
        found += [Change(each, ref) for each in kinds]
    for kind, changed in (("Service", ChangeKind.EXPOSURE), ("PersistentVolume", ChangeKind.VOLUME)):
        found += [Change(changed, _ref(each)) for each in objects(scene.cluster, "", kind)]
    found += [Change(ChangeKind.POD_SECURITY, ObjectRef("Namespace", "", each)) for each in scene.namespaces]
    return list(dict.fromkeys(found))


def changed(scene: Scene, changes: Iterable[Change]) -> Scene:
    """Return the scene after all of the changes."""
    cluster = copy.deepcopy(scene.cluster)
    wanted = sorted(changes)
    if any(each.kind in SHUT for each in wanted):
        cluster = [part for each in cluster for part in _by_direction(each)]
        cluster += [_shutting(namespace, way) for namespace in scene.namespaces for way in SHUT.values()]
    for each in wanted:
        cluster = _after(cluster, each)
    return Scene(cluster, scene.options, scene.version)


def _after(cluster: list[Manifest], change: Change) -> list[Manifest]:
    match change.kind:
        case ChangeKind.BINDING:
            return [each for each in cluster if each not in bindings(cluster) or _binding_ref(each) != change.object]
        case ChangeKind.VOLUME:
            return [each for each in cluster if _ref(each) != change.object]
        case ChangeKind.EXPOSURE:
            for each in _meant(cluster, change):
                each["spec"]["type"] = "ClusterIP"
        case ChangeKind.POD_SECURITY:
            for each in _meant(cluster, change):
                each["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "restricted"
        case _:
            for metadata, spec in _pods(cluster, change.object):
                _change_pod(metadata, spec, change.kind)
    return cluster


def _change_pod(metadata: Manifest, spec: Manifest, kind: ChangeKind) -> None:
    if kind is ChangeKind.TOKEN:
        spec["automountServiceAccountToken"] = False
    elif kind in SHUT:
        metadata["labels"] = {**section(metadata, "labels"), LABEL.format(SHUT[kind]): ""}
    else:
        for field in ("hostPID", "hostNetwork", "volumes"):
            spec.pop(field, None)
        for container in [*items(spec, "containers"), *items(spec, "initContainers")]:
            container.pop("securityContext", None)
            container.pop("volumeMounts", None)


def _pods(cluster: list[Manifest], workload: ObjectRef) -> Iterable[tuple[Manifest, Manifest]]:
    """Yield metadata and specification of the pods of a workload, and of its template."""
    for each in cluster:
        owners = items(section(each, "metadata"), "ownerReferences")
        is_owned = namespace_of(each) == workload.namespace and any(
            (owner["kind"], owner["name"]) == (workload.kind, workload.name) for owner in owners
        )
        if _ref(each) != workload and not is_owned:
            continue
        pod = each
        if each["kind"] != "Pod":
            outer = each["spec"]["jobTemplate"]["spec"] if each["kind"] == "CronJob" else each["spec"]
            pod = outer["template"]
        yield pod["metadata"], pod["spec"]


def _by_direction(manifest: Manifest) -> list[Manifest]:
    """Return a policy as one for each direction, which leave out the pods that are shut there; else the object."""
    if manifest["kind"] != "NetworkPolicy":
        return [manifest]
    found = []
    for way in policy_types(manifest):
        policy = copy.deepcopy(manifest)
        policy["metadata"]["name"] += f"-{way.lower()}"
        others = {"key": LABEL.format(way), "operator": "DoesNotExist"}
        selector = {**section(policy["spec"], "podSelector"), "matchExpressions": [others]}
        rules = {way.lower(): policy["spec"].get(way.lower())}
        policy["spec"] = {"podSelector": selector, "policyTypes": [way], **rules}
        found.append(policy)
    return found


def _shutting(namespace: str, way: str) -> Manifest:
    """Return a policy that accepts nothing."""
    spec = {"podSelector": {"matchLabels": {LABEL.format(way): ""}}, "policyTypes": [way]}
    metadata = {"name": f"shut-{way.lower()}", "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _meant(cluster: list[Manifest], change: Change) -> list[Manifest]:
    return [each for each in cluster if _ref(each) == change.object]


def _ref(manifest: Manifest) -> ObjectRef:
    return ObjectRef(manifest["kind"], section(manifest, "metadata").get("namespace") or "", name_of(manifest))


def _binding_ref(binding: Manifest) -> ObjectRef:
    return ObjectRef(binding["kind"], namespace_in(binding), name_of(binding))
