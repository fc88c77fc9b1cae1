"""
Strategies for roles and bindings that an API server accepts, for users, and for requests.

The words are few, and each is a trap for somebody who guesses what it means. Whole
rules, subjects and requests are picked from lists of all that the words make, which
is faster than to put each together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from hypothesis import strategies as st

from tests.reference.manifests import Manifest, items, name_of, objects
from tests.reference.rbac import (
    ACCOUNT,
    GROUP,
    MASTERS,
    Request,
    User,
    account_user,
    bindings,
    namespace_in,
    role_of,
    rules_of,
    user,
)
from tests.reference.rbac_escalation import atoms

Words = tuple[str, ...]
NAMESPACES = ("alpha", "beta")
ROLE_NAMES = ("first", "second", "third")
ACCOUNTS = ("default", "robot")
LABELS = ("to-admin", "to-view")
GUARDED = ("roles", "clusterroles", "rolebindings", "clusterrolebindings")
URLS = ("/healthz", "/healthz/*", "/healthz*", "/healthz/**", "/*", "*", "/heal", "/healthz/*/x")
PATHS = ("/healthz", "/healthz/", "/healthz/etcd", "/healthz/*", "/health", "/")
PEOPLE = ("jane", "system:anonymous", f"{ACCOUNT}alpha:robot", "system:serviceaccounts")
CROWDS = (
    "team",
    "jane",
    MASTERS,
    "system:authenticated",
    "system:unauthenticated",
    "system:serviceaccounts",
    "system:serviceaccounts:alpha",
    "system:serviceaccounts:beta",
)


def _about(verbs: list[Words], groups: list[Words], resources: list[Words], names: list[Words]) -> list[Manifest]:
    """Return all rules about resources that can be made of these; no names stand for none, or for an empty list."""
    found: list[Manifest] = []
    for number, (verb, group, resource, name) in enumerate(product(verbs, groups, resources, names)):
        rule = {"verbs": list(verb), "apiGroups": list(group), "resources": list(resource)}
        blank: Manifest = ({}, {"resourceNames": []}, {"resourceNames": None})[number % 3]
        found.append({**rule, "resourceNames": list(name)} if name else {**rule, **blank})
    return found


RESOURCE_RULES = _about(
    [("get",), ("get", "list"), ("*",), ("create",), ("Get", "list"), ("create", "*")],
    [("",), ("",), ("*",), ("apps",), ("apps", "")],
    [
        ("pods",),
        ("*",),
        ("pods", "secrets"),
        ("pods/log",),
        ("pods", "pods/log"),
        ("*/log",),
        ("pods/*",),
        ("*/*",),
        ("*",),
        ("secrets", "log"),
        ("pods/status", "*/status"),
    ],
    [(), (), (), ("a",), ("a", "b"), ("",), ("*",)],
)
GUARDING_RULES = _about(
    [("create",), ("create", "update", "patch"), ("*",), ("create", "bind"), ("create", "escalate"), ("bind",)],
    [(GROUP,), (GROUP,), (GROUP,), ("*",), ("", "apps")],
    [("*",), GUARDED, GUARDED[:2], GUARDED[2:], ("clusterroles", "clusterrolebindings"), ("roles", "rolebindings")],
    [(), (), (), (), ("first",), ("second", "missing"), ("",)],
)
_BY_NAME = {"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["first", ""]}
WRITERS: list[list[Manifest]] = [
    [{"verbs": verbs, "apiGroups": [GROUP], "resources": list(GUARDED)}, *more]
    for verbs in (["create", "update", "patch"], ["create"], ["create", "get"])
    for more in (
        [],
        RESOURCE_RULES[:1],
        [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
        [{"verbs": ["bind"], **_BY_NAME}],
        [{"verbs": ["escalate"], **_BY_NAME}],
    )
]
URL_RULES: list[Manifest] = [
    {"verbs": list(verbs), "nonResourceURLs": list(urls)}
    for verbs in (("get",), ("*",), ("get", "create"), ("GET",))
    for urls in (*((each,) for each in URLS), ("/healthz", "/healthz/*"), ("/", "/heal*"))
]
REQUESTS = [
    *map(
        Request,
        *zip(
            *product(
                ("get", "list", "create", "delete"),
                ("pods", "secrets", "log"),
                ("", "log", "status"),
                ("", "apps", "batch"),
                ("", "a", "c"),
                ("", *NAMESPACES),
            ),
            strict=True,
        ),
    ),
    *(
        Request(verb, resource, "", GROUP, name, namespace)
        for verb, resource in product(("create", "bind", "escalate"), GUARDED)
        for name, namespace in product(("", "first"), ("", "alpha"))
    ),
    *(Request(verb, path=path) for verb in ("get", "create") for path in PATHS),
]


def _few(of: st.SearchStrategy[Manifest]) -> st.SearchStrategy[list[Manifest]]:
    """Generate one, two, or seldom none of them."""
    return st.one_of(*(st.lists(of, min_size=number, max_size=number) for number in (1, 2, 1, 2, 1, 2, 1, 2, 0)))


resource_rules = st.sampled_from(RESOURCE_RULES)
url_rules = st.sampled_from(URL_RULES)
guarding_rules = st.sampled_from(GUARDING_RULES)
any_rules = resource_rules | url_rules | guarding_rules
_few_usual = _few(resource_rules | resource_rules | url_rules)
_few_usual_inside = _few(resource_rules)
_few_guarded = _few(guarding_rules | any_rules)
_few_guarded_inside = _few(guarding_rules | resource_rules)


def _selectors() -> Iterator[Manifest]:
    """Yield what an aggregation rule selects: by one label, by an expression, or everything."""
    for label in LABELS:
        yield {"matchLabels": {label: "true"}}
        yield {"matchLabels": {label: None}}
        for operator, values in (("Exists", []), ("DoesNotExist", None), ("In", ["true"]), ("NotIn", ["true", ""])):
            yield {"matchExpressions": [{"key": label, "operator": operator, "values": values}]}
    yield {"matchLabels": dict.fromkeys(LABELS, "true")}
    yield from ({}, {"matchLabels": None, "matchExpressions": []})


AGGREGATIONS = [[first] for first in _selectors()] + [
    [first, second] for first, second in product(_selectors(), repeat=2)
]
LABELLED = [
    {key: value for key, value in zip(LABELS, values, strict=True) if value != "-"}
    for values in product(("true", "-", "true", None, "false"), repeat=2)
]


def written(kind: str, name: str, namespace: str = "", **fields: Any) -> Manifest:
    """Return an object of the group of roles and bindings."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": metadata, **fields}


@st.composite
def _cluster_role(draw: st.DrawFn, name: str, about: st.SearchStrategy[list[Manifest]]) -> Manifest:
    role = written("ClusterRole", name, rules=draw(about))
    role["metadata"]["labels"] = draw(st.sampled_from(LABELLED))
    if draw(st.sampled_from((False, False, True))):
        role["aggregationRule"] = {"clusterRoleSelectors": draw(st.sampled_from(AGGREGATIONS))}
    return role


@cache
def _subjects(*, in_namespace: bool) -> list[Manifest]:
    """Return all subjects; only one of a RoleBinding may leave the namespace of a service account out."""
    found: list[Manifest] = [{"kind": "User", "name": name} for name in PEOPLE]
    found += [{"kind": "Group", "name": name} for name in CROWDS]
    for name in ACCOUNTS:
        found += [{"kind": "ServiceAccount", "name": name, "namespace": home} for home in NAMESPACES]
        if in_namespace:
            found += [{"kind": "ServiceAccount", "name": name, **home} for home in ({}, {"namespace": None})]
    return found


def subjects(*, in_namespace: bool) -> st.SearchStrategy[Manifest]:
    """Generate subjects of a binding, in a namespace or for the whole cluster."""
    return st.sampled_from(_subjects(in_namespace=in_namespace))


_few_subjects = {in_namespace: _few(subjects(in_namespace=in_namespace)) for in_namespace in (False, True)}


@st.composite
def new_bindings(draw: st.DrawFn, known: tuple[Manifest, ...] = (), name: str = "new") -> Manifest:
    """Generate a binding to one of the roles that are known; now and then, to one that is not there."""
    namespace = draw(st.sampled_from(("", *NAMESPACES)))
    roles = [(each["kind"], name_of(each)) for each in known if namespace_in(each) in {"", namespace}]
    kinds = ("ClusterRole", "Role") if namespace else ("ClusterRole",)
    roles = 2 * roles + [(kind, "missing") for kind in kinds] if roles else list(product(kinds, ROLE_NAMES))
    kind, bound = draw(st.sampled_from(roles))
    who = draw(_few_subjects[bool(namespace)])
    role = {"apiGroup": GROUP, "kind": kind, "name": bound}
    return written("RoleBinding" if namespace else "ClusterRoleBinding", name, namespace, roleRef=role, subjects=who)


@st.composite
def new_roles(draw: st.DrawFn) -> Manifest:
    """Generate a role, which the cluster may have already in another form."""
    name, namespace = draw(st.sampled_from(ROLE_NAMES)), draw(st.sampled_from(("", *NAMESPACES)))
    if not namespace:
        return draw(_cluster_role(name, _few_guarded))
    return written("Role", name, namespace, rules=draw(_few_guarded_inside))


@st.composite
def clusters(draw: st.DrawFn, *, is_guarded: bool = False) -> list[Manifest]:
    """
    Generate roles, bindings and service accounts, in any order.

    With `is_guarded`, many rules are about roles and bindings themselves, and somebody may write some of these.
    """
    about, inside = (_few_guarded, _few_guarded_inside) if is_guarded else (_few_usual, _few_usual_inside)
    found = [draw(_cluster_role(name, about)) for name in draw(st.sampled_from(_FIRSTS))]
    for namespace in NAMESPACES:
        for name in draw(st.sampled_from((ROLE_NAMES[:1], (), ROLE_NAMES[:2]))):
            found += [written("Role", name, namespace, rules=draw(inside))]
    known = tuple(found)
    found += [draw(new_bindings(known, f"binding-{number}")) for number in range(draw(st.sampled_from((2, 3, 4, 1))))]
    if is_guarded:
        writer = {"apiGroup": GROUP, "kind": "ClusterRole", "name": "writer"}
        found.append(written("ClusterRole", "writer", rules=draw(st.sampled_from(WRITERS))))
        found.append(written("ClusterRoleBinding", "writers", roleRef=writer, subjects=draw(_few_subjects[False])))
    homes = st.sampled_from(tuple(product(NAMESPACES, ACCOUNTS)))
    for namespace, name in draw(st.lists(homes, max_size=2, unique=True)):
        metadata = {"namespace": namespace, "name": name}
        found.append({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    return found if draw(st.booleans()) else found[::-1]


_FIRSTS = (ROLE_NAMES, ROLE_NAMES[:2], ROLE_NAMES[:1])


def requests(cluster: list[Manifest]) -> st.SearchStrategy[Request]:
    """Generate requests that some binding of the cluster may permit, and ones that differ from these in a word."""
    meant = list(dict.fromkeys(_meant(cluster)))
    if not meant:
        return st.sampled_from(REQUESTS)
    near = st.builds(
        lambda request, change: replace(request, **change), st.sampled_from(meant), st.sampled_from(_CHANGES)
    )
    return st.sampled_from(meant) | st.sampled_from(meant) | near | st.sampled_from(REQUESTS)


_CHANGES: list[dict[str, str]] = [
    *({"verb": verb} for verb in ("get", "list", "create", "delete", "*", "Get", "GET")),
    *({"subresource": subresource} for subresource in ("", "log", "status", "*")),
    *({"group": group} for group in ("", "apps", "batch", "*")),
    *({"name": name} for name in ("", "a", "b", "c", "*")),
    *({"namespace": namespace} for namespace in ("", *NAMESPACES, "empty")),
]


def _meant(cluster: list[Manifest]) -> Iterator[Request]:
    """Yield a request for each part of each rule that a binding gives."""
    for binding in bindings(cluster):
        role = role_of(cluster, binding)
        for atom in atoms(rules_of(cluster, role) if role else []):
            verb = atom["verbs"][0].replace("*", "delete")
            if "nonResourceURLs" in atom:
                yield Request(verb, path=atom["nonResourceURLs"][0].replace("*", "etcd"))
                continue
            resource, _, subresource = atom["resources"][0].partition("/")
            (name,) = atom.get("resourceNames") or [""]
            group, named = atom["apiGroups"][0].replace("*", "batch"), resource.replace("*", "pods")
            for namespace in {namespace_in(binding), "alpha"} - {""}:
                yield Request(verb, named, subresource.replace("*", "log"), group, name, namespace)


def users(cluster: list[Manifest]) -> list[User]:
    """Return everybody whom the cluster's objects speak of, in every way they do, and some whom they do not."""
    found = [*_named(cluster), *map(account_user, objects(cluster, "", "ServiceAccount"))]
    found += [user("system:anonymous"), user("stranger"), user("root", MASTERS)]
    return list(dict.fromkeys(found))


def _named(cluster: list[Manifest]) -> Iterator[User]:
    for binding in bindings(cluster):
        for subject in items(binding, "subjects"):
            name = subject["name"]
            if subject["kind"] == "ServiceAccount":
                yield user(f"{ACCOUNT}{subject.get('namespace') or namespace_in(binding)}:{name}")
            elif subject["kind"] == "Group":
                yield User("member", (name,))
            else:
                yield user(name, "team")


@st.composite
def rules_and_wanted(draw: st.DrawFn) -> tuple[list[Manifest], list[Manifest]]:
    """Generate rules that somebody holds, and some that he wants, of which many are parts of those or like them."""
    held, wanted = draw(st.lists(any_rules, max_size=3)), draw(st.lists(any_rules, max_size=2))
    parts = atoms(held)
    if not parts or not draw(st.integers(0, 3)):
        return held, wanted
    like = [
        {**part, **draw(st.sampled_from(_LIKE_PATHS if "nonResourceURLs" in part else _LIKE_RESOURCES))}
        for part in draw(st.lists(st.sampled_from(parts), min_size=1, max_size=3))
    ]
    return held, [*wanted[:1], *like] if draw(st.booleans()) else like


_LIKE_PATHS: list[Manifest] = [{}, {"verbs": ["get"]}, *({"nonResourceURLs": [url]} for url in URLS)]
_LIKE_RESOURCES: list[Manifest] = [
    {},
    *({"verbs": [verb]} for verb in ("get", "*")),
    *({"apiGroups": [group]} for group in ("", "*")),
    *(
        {"resources": [resource]}
        for resource in ("pods/log", "pods/log", "pods/log", "pods", "*/log", "pods/*", "*/*", "*")
    ),
    *({"resourceNames": names} for names in (["a"], ["a", "b"], [""], [])),
]
