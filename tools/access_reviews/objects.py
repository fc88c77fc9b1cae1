"""Generated service accounts, roles and bindings, of all the shapes that the API accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.access_reviews.vocabulary import (
    ACCOUNTS,
    BOOTSTRAP_ROLES,
    GROUPS,
    NAMESPACES,
    OBJECT_NAMES,
    OTHER_SUBRESOURCES,
    RBAC,
    RESOURCES,
    SUBRESOURCES,
    URL_PATTERNS,
    USERS,
    VERBS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.access_reviews.chance import Chance

Manifest = dict[str, Any]

CLUSTER_ROLES = 44
ROLES_EACH = 12
CLUSTER_BINDINGS = 26
BINDINGS_EACH = 20
LABELS = ("to-wide", "to-narrow", "to-loop")


def objects(chance: Chance) -> list[Manifest]:
    """Return namespaces, accounts, roles and bindings, in an order in which they can be created."""
    return [*_places(), *_roles(chance), *_aggregating(), *_bindings(chance), *_corners()]


def written(kind: str, name: str, namespace: str = "", **fields: Any) -> Manifest:
    """Return an object of the RBAC group; `labels` go into its metadata."""
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    if "labels" in fields:
        metadata["labels"] = fields.pop("labels")
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, **fields}


def reference(kind: str, name: str) -> Manifest:
    """Return a ``roleRef``."""
    return {"apiGroup": RBAC, "kind": kind, "name": name}


def subject(kind: str, name: str, namespace: str = "") -> Manifest:
    """Return a subject of a binding."""
    if kind != "ServiceAccount":
        return {"apiGroup": RBAC, "kind": kind, "name": name}
    return {"kind": kind, "name": name, **({"namespace": namespace} if namespace else {})}


def resource_rule(chance: Chance) -> Manifest:
    """Return a rule about resources."""
    group, resource = chance.choice(RESOURCES)
    shapes = [resource, resource, resource, f"{resource}/*", "*/*", f"*/{chance.choice(OTHER_SUBRESOURCES)}"]
    shapes += [f"{resource}/{each}" for each in SUBRESOURCES.get(resource, ("status",))]
    resources = chance.some(shapes, 2)
    if chance.percent(8):
        resources = ["*"]
    groups = ["*"] if chance.percent(10) else [group]
    if chance.percent(20):
        groups.append(chance.choice(RESOURCES)[0])
    verbs = chance.some(VERBS, 4)
    if chance.percent(10):
        verbs = ["*"]
    elif chance.percent(10):
        verbs.append(chance.choice(["GET", "List", "ge*", ""]))
    found: Manifest = {"verbs": verbs, "apiGroups": groups, "resources": resources}
    if chance.percent(25):
        found["resourceNames"] = chance.some(OBJECT_NAMES, 2)
    return found


def url_rule(chance: Chance) -> Manifest:
    """Return a rule about paths."""
    verbs = ["*"] if chance.percent(15) else chance.some(("get", "post", "head", "GET"), 2)
    urls = ["*"] if chance.percent(5) else chance.some(URL_PATTERNS, 3)
    return {"verbs": verbs, "nonResourceURLs": urls}


def _places() -> Iterator[Manifest]:
    for namespace in NAMESPACES:
        yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        for name in ACCOUNTS:
            yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def _roles(chance: Chance) -> Iterator[Manifest]:
    for number in range(CLUSTER_ROLES):
        rules = [resource_rule(chance) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
        if chance.percent(40):
            rules.append(url_rule(chance))
        labels = {each: "true" for each in LABELS if chance.percent(15)}
        yield written("ClusterRole", f"cluster-role-{number}", labels=labels, rules=rules)
    for namespace in NAMESPACES:
        for number in range(ROLES_EACH):
            rules = [resource_rule(chance) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
            yield written("Role", f"role-{number}", namespace, rules=rules)
    # One name for both kinds: which is meant, the kind in a roleRef says.
    yield written("ClusterRole", "twin", rules=[{"verbs": ["get"], "apiGroups": [""], "resources": ["secrets"]}])
    yield written("Role", "twin", "alpha", rules=[{"verbs": ["list"], "apiGroups": [""], "resources": ["configmaps"]}])


def _aggregating() -> Iterator[Manifest]:
    """Yield ClusterRoles that get the rules of others: one of two, chains, a loop, and one that gets into ``view``."""

    def by(*selectors: Manifest) -> Manifest:
        return {"clusterRoleSelectors": list(selectors)}

    chained = {"matchExpressions": [{"key": "to-narrow", "operator": "In", "values": ["true", "also"]}]}
    without = {"matchExpressions": [{"key": key, "operator": "DoesNotExist"} for key in (*LABELS, "chain")]}
    ours = {"matchLabels": {"made-by": "test"}}
    overwritten = [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}]
    wide = by({"matchLabels": {"to-wide": "true"}}, chained)
    yield written("ClusterRole", "wide", aggregationRule=wide, labels={"chain": "wide"}, rules=[])
    yield written("ClusterRole", "narrow", aggregationRule=by(chained), labels={"chain": "narrow"}, rules=overwritten)
    yield written("ClusterRole", "chain", aggregationRule=by({"matchLabels": {"chain": "narrow"}}), rules=[])
    yield written("ClusterRole", "nobody", aggregationRule=by({"matchLabels": {"to-wide": "never"}}), rules=[])
    loop = by({"matchLabels": {"to-loop": "true"}})
    yield written("ClusterRole", "loop-1", aggregationRule=loop, labels={"to-loop": "true"}, rules=[])
    yield written("ClusterRole", "loop-2", aggregationRule=loop, labels={"to-loop": "true"}, rules=[])
    both = by({**ours, **without})
    yield written("ClusterRole", "selected-by-both", aggregationRule=both, rules=[])
    part = [{"verbs": ["get", "list"], "apiGroups": ["example.org"], "resources": ["widgets"]}]
    yield written("ClusterRole", "part-of-ours", labels={"made-by": "test"}, rules=part)
    into_view = {"rbac.authorization.k8s.io/aggregate-to-view": "true"}
    yield written("ClusterRole", "part-of-view", labels=into_view, rules=part)


def _bindings(chance: Chance) -> Iterator[Manifest]:
    cluster = [*(f"cluster-role-{number}" for number in range(CLUSTER_ROLES)), "twin"]
    cluster += ["wide", "narrow", "chain", "loop-1", "loop-2", "selected-by-both", "nobody"]
    for number in range(CLUSTER_BINDINGS):
        name = chance.choice(cluster)
        if chance.percent(15):
            name = chance.choice(BOOTSTRAP_ROLES)
        elif chance.percent(10):
            name = "no-such-role"
        yield _binding(chance, f"cluster-binding-{number}", "", reference("ClusterRole", name))
    for namespace in NAMESPACES:
        for number in range(BINDINGS_EACH):
            if chance.percent(40):
                role = reference("Role", chance.choice([*(f"role-{each}" for each in range(ROLES_EACH)), "twin"]))
            elif chance.percent(30):
                role = reference("ClusterRole", chance.choice(BOOTSTRAP_ROLES))
            else:
                role = reference("ClusterRole", chance.choice([*cluster, "role-1", "no-such-role"]))
            yield _binding(chance, f"binding-{number}", namespace, role)


def _corners() -> Iterator[Manifest]:
    """Yield a binding in each namespace with subjects that are easily mistaken for others."""
    for number, namespace in enumerate(NAMESPACES):
        subjects = [
            subject("User", "Alice"),
            subject("User", f"system:serviceaccount:{NAMESPACES[0]}:robot"),
            subject("ServiceAccount", "builder"),
            subject("Group", "Devs"),
        ]
        role = reference("ClusterRole", f"cluster-role-{number}")
        yield written("RoleBinding", "corner", namespace, roleRef=role, subjects=subjects[number : number + 1])


def _binding(chance: Chance, name: str, namespace: str, role: Manifest) -> Manifest:
    subjects = [_subject(chance, namespace) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    return written(kind, name, namespace, roleRef=role, subjects=subjects)


def _subject(chance: Chance, namespace: str) -> Manifest:
    home = chance.choice(NAMESPACES)
    # All that everybody is in stays rare, or there would be nothing left to deny.
    everybody = f"system:serviceaccounts{chance.choice(('', ':alpha', ':beta'))}"
    return chance.choice(
        [
            subject("User", chance.choice(USERS)),
            subject("User", f"system:serviceaccount:{home}:{chance.choice(ACCOUNTS)}"),
            subject("Group", chance.choice(GROUPS)),
            subject("Group", everybody if chance.percent(40) else "system:unauthenticated"),
            subject("ServiceAccount", chance.choice(ACCOUNTS), home),
            subject("ServiceAccount", chance.choice(ACCOUNTS), "" if namespace else home),
        ]
    )
