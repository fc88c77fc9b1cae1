"""Small clusters written object by object, and what attack graphs say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace
from tests.loading import snapshot_of

from firedoor.engine.attack.building import Attack
from firedoor.engine.attack.graph import Means
from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.model.attack import AttackPaths, Change, Ranking, Standing
from firedoor.model.places import Gap, GapKind, Scope
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.attack_paths import AttackQuestion, attack_paths, rank

Document = Mapping[str, Any]

RBAC = "rbac.authorization.k8s.io"
ADMIN = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}


def meta(name: str) -> dict[str, Any]:
    """Return metadata; of ``namespace/name`` with the namespace."""
    namespace, _, own = name.rpartition("/")
    return {"name": own, "namespace": namespace} if namespace else {"name": own}


def pod(
    name: str,
    *,
    container: Document | None = None,
    port: int = 80,
    token: bool = False,
    labels: Document | None = None,
    owner: Document | None = None,
    **spec: Any,
) -> Document:
    """Return a pod; fields of its specification are arguments, none of which holds a token unless that is said."""
    metadata = {**meta(name), "labels": {"app": name.rpartition("/")[2], **(labels or {})}}
    if owner is not None:
        metadata["ownerReferences"] = [owner]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": pod_spec(container, port, token, spec)}


def pod_spec(container: Document | None, port: int, token: bool, spec: Document) -> dict[str, Any]:
    ports = {"ports": [{"containerPort": port}]} if port else {}
    main = {"name": "main", "image": "registry.example/x:1", **ports, **(container or {})}
    return {"automountServiceAccountToken": token, "containers": [main], **spec}


def deployment(name: str, *, replicas: int = 1, kind: str = "Deployment", token: bool = False, **spec: Any) -> Document:
    labels = {"app": name.rpartition("/")[2]}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(None, 80, token, spec)}
    inner = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": meta(name), "spec": inner}


def owned_by(kind: str, name: str) -> Document:
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "u", "controller": True}


def plain(kind: str, name: str, api: str = "v1", **fields: Any) -> Document:
    return {"apiVersion": api, "kind": kind, "metadata": meta(name), **fields}


def namespace(name: str, enforce: str = "") -> Document:
    labels = {"pod-security.kubernetes.io/enforce": enforce} if enforce else {}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def node(name: str, **labels: str) -> Document:
    found = {each.replace("__", "/").replace("_", "-"): value for each, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": found}}


def policy(name: str, app: str, **spec: Any) -> Document:
    selector = {"matchLabels": {"app": app}} if app else {}
    return plain("NetworkPolicy", name, "networking.k8s.io/v1", spec={"podSelector": selector, **spec})


def shut(name: str) -> Document:
    """Return a policy that isolates all pods of a namespace both ways."""
    return policy(f"{name}/shut", "", policyTypes=["Ingress", "Egress"])


def service(name: str, app: str, port: int = 80, **spec: Any) -> Document:
    return plain("Service", name, spec={"selector": {"app": app}, "ports": [{"port": port}], **spec})


def rule(verbs: str, resources: str, group: str = "", names: str = "") -> Document:
    found: dict[str, Any] = {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}
    return {**found, "resourceNames": names.split()} if names else found


def role(name: str, *rules: Document) -> Document:
    """Return a Role if the name has a namespace, else a ClusterRole."""
    kind = "Role" if "/" in name else "ClusterRole"
    return plain(kind, name, f"{RBAC}/v1", rules=list(rules))


def subject(text: str) -> Document:
    """Return a subject from ``sa:namespace/name``, ``user:name`` or ``group:name``."""
    kind, _, name = text.partition(":")
    if kind == "sa":
        return {"kind": "ServiceAccount", **meta(name)}
    return {"kind": kind.capitalize(), "apiGroup": RBAC, "name": name}


def binding(name: str, of: str, *subjects: str) -> Document:
    """Return a RoleBinding if the name has a namespace, else a ClusterRoleBinding; `of` is ``Kind:name`` or a name."""
    kind, _, role_name = of.rpartition(":")
    return plain(
        "RoleBinding" if "/" in name else "ClusterRoleBinding",
        name,
        f"{RBAC}/v1",
        roleRef={"apiGroup": RBAC, "kind": kind or "ClusterRole", "name": role_name},
        subjects=[subject(each) for each in subjects],
    )


def may(who: str, *rules: Document, name: str = "it", where: str = "") -> tuple[Document, Document]:
    """Return a ClusterRole and its binding: for the cluster, or with `where` in a namespace."""
    return role(name, *rules), binding(f"{where}/{name}" if where else name, name, who)


loaded = lru_cache(512)(snapshot_of)


def world(*documents: Document, version: str = "", is_refused: bool = False) -> Snapshot:
    """Return the snapshot of some objects, on an API server of some version, which takes them unless that is said."""
    snapshot = loaded("\n---\n".join(map(json.dumps, documents)))
    assert any(each.kind is GapKind.REJECTED for each in snapshot.gaps) is is_refused, snapshot.gaps
    return replace(snapshot, origin=replace(snapshot.origin, server_version=version))


def dark(snapshot: Snapshot, where: str, **ways: bool) -> Snapshot:
    """Return a snapshot in which it is not known what the policies of a namespace do."""
    gap = Gap(GapKind.INCOMPLETE, "cluster", "policies were not listed", "list them", scope=Scope(where, **ways))
    return replace(snapshot, gaps=(*snapshot.gaps, gap))


def attack(*documents: Document, version: str = "", possible: bool = False, any_port: bool = False) -> Attack:
    return Attack(Network(world(*documents, version=version)), possible=possible, any_port=any_port)


def leads(found: Attack, source: str) -> dict[str, set[str]]:
    """Return what is got to from a standing in one step, by technique; not itself."""
    result: dict[str, set[str]] = {}
    vertices, graph = found.graph.vertices, found.graph.graph
    pending = [(each, "") for each in found.graph.of_standing(lambda standing: str(standing) == source)]
    assert pending, source
    while pending:
        vertex, technique = pending.pop()
        for other in graph.successor_indices(vertex):
            each = vertices[other]
            if isinstance(each, Means):
                name = f"possibly {each.technique.id}" if each.is_possible else each.technique.id
                pending.append((other, technique or name))
            elif str(each) != source:
                result.setdefault(technique, set()).add(str(each))
    return result


def ask(snapshot: Snapshot, source: str, target: str, **question: Any) -> AttackPaths:
    return attack_paths(snapshot, PROFILES["spec"], AttackQuestion(**question), source, target)


def ranked(snapshot: Snapshot, **question: Any) -> Ranking:
    return rank(snapshot, PROFILES["spec"], AttackQuestion(**question))


def told(paths: AttackPaths) -> list[str]:
    """Return each path as one line: standings, and techniques between them."""
    lines = []
    for path in paths.paths:
        first = str(path.steps[0].source) if path.steps else ""
        lines.append(first + "".join(f" -{each.technique}-> {each.target}" for each in path.steps))
    return lines


def changes(some: tuple[Change, ...] | None) -> list[str] | None:
    """Return changes as ``kind name``, or ``kind namespace/name``."""
    return None if some is None else [change(each) for each in some]


def change(each: Change) -> str:
    where = f"{each.object.namespace}/" if each.object.namespace else ""
    return f"{each.kind} {where}{each.object.name}"


def standings(found: Attack) -> set[str]:
    return {str(each) for each in found.graph.vertices if isinstance(each, Standing)}
