"""
Strategies for clusters with an Istio mesh: who is in it, and its policies.

The policies are such as the API server and Istio's own validation accept. They
select and name what the generated clusters hold, so that rules often match.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import yaml
from hypothesis import strategies as st

from tests.reference.manifests import items, objects, section, strings
from tests.reference.networkpolicy import Connection
from tests.strategies import clusters as network
from tests.strategies.policies import CIDRS, PORT_NUMBERS
from tests.strategies.selectors import LABEL_KEYS, LABEL_VALUES, NAMESPACES, Manifest, shaped

ROOT_NAMESPACE = "istio-system"
MESH_NAMESPACES = (*NAMESPACES, ROOT_NAMESPACE)
ACCOUNTS = ("default", "web")
ACTIONS = ("ALLOW", "ALLOW", "DENY", "DENY", "AUDIT", "CUSTOM")
MODES = ("UNSET", "DISABLE", "PERMISSIVE", "STRICT", "STRICT")
CREATED = ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")
INJECT, REVISION, DATAPLANE = "sidecar.istio.io/inject", "istio.io/rev", "istio.io/dataplane-mode"

Fields = dict[str, tuple[str, ...]]
"""The values from which each of some fields is drawn."""

PRINCIPALS = (
    "*",
    "cluster.local/ns/alpha/*",
    "*/sa/web",
    "*/sa/default",
    "cluster.local/*",
    "td.example/*",
    *(f"{domain}/ns/alpha/sa/default" for domain in ("td.example", "old.example", "*.example", "old*", "other.test")),
    "example.org/*",
    *(f"cluster.local/ns/{namespace}/sa/{account}" for namespace in MESH_NAMESPACES for account in ACCOUNTS),
)
NAMESPACE_PATTERNS = ("*", "al*", "*ta", "istio-*", *MESH_NAMESPACES)
ACCOUNT_NAMES = (*ACCOUNTS, *(f"{namespace}/{account}" for namespace in MESH_NAMESPACES for account in ACCOUNTS))
# Lenient spellings are for NetworkPolicy; a single address stands for itself here.
BLOCKS = (*(cidr for cidr in CIDRS if "::ffff:" not in cidr), "10.1.0.5", "203.0.113.1", "fd00:1::5", "192.168.0.10")
PORTS = tuple(str(port) for port in PORT_NUMBERS)
HTTP: Fields = {
    "hosts": ("example.test", "*.test"),
    "methods": ("GET", "POST"),
    "paths": ("/info*", "/data"),
}
CONDITIONS: Fields = {
    "source.ip": BLOCKS,
    "destination.port": PORTS,
    "remote.ip": BLOCKS,
    "destination.ip": BLOCKS,
    "connection.sni": ("example.test",),
    "request.headers[x-team]": ("red",),
}
IDENTITY_CONDITIONS: Fields = {
    "source.namespace": NAMESPACE_PATTERNS,
    "source.principal": PRINCIPALS,
    "source.serviceAccount": ACCOUNT_NAMES,
    "request.auth.claims[iss]": ("example.test",),
}


@cache
@st.composite
def mesh_clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate a cluster with policies of the mesh, in most of which something says which pods are in it."""
    manifests: list[Manifest] = deepcopy(draw(network.clusters()))
    add_mesh(draw, manifests)
    return draw(st.permutations(manifests))


def add_mesh(draw: st.DrawFn, manifests: list[Manifest]) -> None:
    """Add policies of the mesh to the objects of a cluster, and marks that say which pods are in it."""
    marked = draw(st.booleans())
    for manifest in manifests:
        pod = _pod_of(manifest)
        if pod is not None:
            _settle(draw, manifest, pod)
        if marked and (pod is not None or manifest["kind"] == "Namespace"):
            _mark(draw, manifest if pod is None else pod, draw(_pod_marks() if pod is not None else _namespace_marks()))
    if draw(st.sampled_from((False, False, True))):
        manifests.append(draw(settings()))
    manifests += [draw(authorization_policies(index)) for index in range(draw(st.sampled_from((2, 3, 1, 2, 3, 0))))]
    manifests += [draw(peer_authentications(index)) for index in range(draw(st.sampled_from((1, 2, 0))))]


@cache
@st.composite
def settings(draw: st.DrawFn) -> Manifest:
    """Generate the ConfigMap with the settings of the mesh."""
    domain = st.sampled_from(("td.example", "cluster.local", ""))
    aliases = st.lists(st.sampled_from(("old.example", "cluster.local", "*.org")), max_size=2, unique=True)
    fields = {"rootNamespace": st.sampled_from((*MESH_NAMESPACES, "")), "trustDomain": domain}
    mesh = draw(st.fixed_dictionaries({}, optional={**fields, "trustDomainAliases": aliases}))
    metadata = {"name": "istio", "namespace": draw(st.sampled_from((ROOT_NAMESPACE, ROOT_NAMESPACE, "alpha")))}
    text = yaml.safe_dump(mesh) if mesh else draw(st.sampled_from(("", "{}")))
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"mesh": text}}


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """
    Generate connections on and next to every boundary that policies of the network or the mesh draw.

    Most are by TCP and to a pod, since the mesh handles no other protocol and judges at the destination.
    """
    asked = network.interesting_connections([*cluster, _boundaries(cluster)])
    judged = asked.map(_judged)
    return asked | judged | judged


def _judged(connection: Connection) -> Connection:
    """Return the connection by TCP, the other way round if it leads out of the cluster."""
    ends = (connection.src, connection.dst)
    source, destination = reversed(ends) if isinstance(connection.dst, str) else ends
    return replace(connection, src=source, dst=destination, protocol="TCP")


@cache
@st.composite
def authorization_policies(draw: st.DrawFn, index: int) -> Manifest:
    """Generate an AuthorizationPolicy whose name, made from the index, collides with no other."""
    action = draw(st.sampled_from(ACTIONS))
    spec = draw(_scopes())
    # Without rules only ALLOW means anything, and nothing else is accepted.
    if action != "ALLOW" or draw(st.sampled_from((True,) * 5 + (False,))):
        spec["rules"] = draw(st.lists(_rules(identities=action != "CUSTOM"), min_size=1, max_size=2))
    else:
        spec |= draw(shaped(rules=st.just([])))
    spec |= {"action": action} if action != "ALLOW" else draw(shaped(action=st.just("ALLOW")))
    spec |= {"provider": {"name": "judge"}} if action == "CUSTOM" else {}
    metadata = draw(_metadata(f"authorization-{index}"))
    if draw(st.sampled_from((False,) * 9 + (True,))):
        metadata["annotations"] = {"istio.io/dry-run": draw(st.sampled_from(("true", "false")))}
    return _istio("AuthorizationPolicy", draw(st.sampled_from(("v1", "v1beta1"))), metadata, spec)


@cache
@st.composite
def peer_authentications(draw: st.DrawFn, index: int) -> Manifest:
    """Generate a PeerAuthentication; ports have modes of their own only where workloads are selected."""
    mutual = shaped(mode=st.sampled_from(MODES))
    strict = st.fixed_dictionaries({"mtls": st.just({"mode": "STRICT"})})
    several = st.fixed_dictionaries({"mtls": st.fixed_dictionaries({"mode": st.sampled_from(MODES)})})
    spec: Manifest = draw(shaped(mtls=mutual) | strict | several)
    spec |= draw(shaped() | shaped(selector=_workload_selectors()))
    selects = bool(section(section(spec, "selector"), "matchLabels"))
    if selects and draw(st.booleans()):
        keys: st.SearchStrategy[int | str] = st.sampled_from((*PORT_NUMBERS, *PORTS))
        spec["portLevelMtls"] = draw(st.dictionaries(keys, mutual, min_size=1, max_size=2).filter(_unambiguous))
    metadata = draw(_metadata(f"peers-{index}"))
    if draw(st.booleans()):
        metadata["creationTimestamp"] = draw(st.sampled_from(CREATED))
    return _istio("PeerAuthentication", draw(st.sampled_from(("v1", "v1beta1"))), metadata, spec)


def _unambiguous(settings: dict[Any, Manifest]) -> bool:
    """Whether no port is there both as a number and as a string."""
    return len({int(key) for key in settings}) == len(settings)


@cache
def _scopes() -> st.SearchStrategy[Manifest]:
    """Generate either a selector or a target, mostly neither."""
    target = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "waypoint"}
    targeted = st.fixed_dictionaries({"targetRefs": st.just([target])}) | st.fixed_dictionaries(
        {"targetRef": st.just(target)}
    )
    return st.one_of(*[shaped()] * 5, *[shaped(selector=_workload_selectors())] * 3, targeted)


@cache
def _workload_selectors() -> st.SearchStrategy[Manifest]:
    labels = st.dictionaries(st.sampled_from(LABEL_KEYS), st.sampled_from(LABEL_VALUES), max_size=2)
    return shaped(matchLabels=labels) | st.fixed_dictionaries({"matchLabels": labels})


@cache
@st.composite
def _rules(draw: st.DrawFn, *, identities: bool) -> Manifest:
    """Generate rules; those of ``CUSTOM`` policies may not ask for identities."""
    sources = st.lists(st.fixed_dictionaries({"source": _sources(identities=identities)}), min_size=1, max_size=2)
    operations = st.lists(st.fixed_dictionaries({"operation": _operations()}), min_size=1, max_size=2)
    conditions = st.lists(_conditions(identities=identities), max_size=2)
    rule: Manifest = draw(shaped(**{"from": sources, "to": operations, "when": conditions}))
    # Rules that ask for something are the rule.
    for field, asked in (("from", sources), ("to", operations), ("when", conditions)):
        if draw(st.booleans()):
            rule[field] = draw(asked)
    return rule


@cache
def _sources(*, identities: bool) -> st.SearchStrategy[Manifest]:
    addresses: Fields = {"ipBlocks": BLOCKS}
    clients: Fields = {"remoteIpBlocks": BLOCKS}
    sources = _some_of(addresses) | _some_of(addresses) | _some_of(addresses | clients)
    if not identities:
        return sources
    namespaces: Fields = {"namespaces": NAMESPACE_PATTERNS}
    principals: Fields = {"principals": PRINCIPALS}
    # Service accounts are not accepted beside namespaces or principals.
    accounts: Fields = {"serviceAccounts": ACCOUNT_NAMES}
    domains = ("cluster.local", "*.org", "td.example", "old.example")
    rare: Fields = {"requestPrincipals": ("*", "example.test/ana"), "trustDomains": domains}
    several = (namespaces, principals, accounts, namespaces | principals | addresses, accounts | addresses, rare)
    return st.one_of(sources, *map(_some_of, several))


@cache
def _operations() -> st.SearchStrategy[Manifest]:
    ports: Fields = {"ports": PORTS}
    return _some_of(ports) | _some_of(ports) | _some_of(HTTP) | _some_of(ports | HTTP)


@cache
@st.composite
def _conditions(draw: st.DrawFn, *, identities: bool) -> Manifest:
    known = CONDITIONS | (IDENTITY_CONDITIONS if identities else {})
    key = draw(st.sampled_from(sorted(known)))
    return {"key": key, **draw(_some_of({"values": known[key]}))}


def _some_of(fields: Fields) -> st.SearchStrategy[Manifest]:
    """Generate objects in which at least one of the fields, or of their opposites, has values."""
    choices: dict[str, st.SearchStrategy[list[str]]] = {}
    for name, values in fields.items():
        some = st.lists(st.sampled_from(values), min_size=1, max_size=2)
        choices |= {name: some, f"not{name[0].upper()}{name[1:]}": some}
    first = st.sampled_from(sorted(choices)).flatmap(lambda name: st.fixed_dictionaries({name: choices[name]}))
    return first | st.tuples(shaped(**choices), first).map(lambda drawn: {**drawn[0], **drawn[1]})


def _settle(draw: st.DrawFn, manifest: Manifest, pod: Manifest) -> None:
    """Give pods service accounts, and move some bare ones into the root namespace."""
    account = draw(st.sampled_from((None, *ACCOUNTS)))
    if account is not None or draw(st.booleans()):
        pod["spec"]["serviceAccountName"] = account
    bare = manifest is pod and not pod["metadata"].get("ownerReferences")
    if bare and draw(st.sampled_from((False,) * 5 + (True,))):
        pod["metadata"]["namespace"] = ROOT_NAMESPACE


def _mark(draw: st.DrawFn, marked: Manifest, marks: Manifest) -> None:
    """Add labels and annotations, and at times the proxy, to a pod, a template or a namespace."""
    metadata = section(marked, "metadata") or {}
    marked["metadata"] = metadata
    for field, added in marks.items():
        metadata[field] = section(metadata, field) | added
    if "spec" in marked and draw(st.sampled_from((False,) * 7 + (True,))):
        where = draw(st.sampled_from(("containers", "initContainers")))
        marked["spec"][where] = [*items(marked["spec"], where), {"name": "istio-proxy", "image": "auto"}]


@cache
def _pod_marks() -> st.SearchStrategy[Manifest]:
    wanted = st.sampled_from(("true", "true", "false"))
    labels = st.dictionaries(st.just(INJECT), wanted) | st.sampled_from(
        ({REVISION: "canary"}, {DATAPLANE: "ambient"}, {DATAPLANE: "none"})
    )
    annotated = st.fixed_dictionaries({"annotations": st.fixed_dictionaries({INJECT: wanted})})
    return st.builds(dict) | st.fixed_dictionaries({"labels": labels}) | annotated


@cache
def _namespace_marks() -> st.SearchStrategy[Manifest]:
    injected = {"istio-injection": "enabled"}
    return st.sampled_from(
        ({}, injected, injected, {"istio-injection": "disabled"}, {REVISION: "canary"}, {DATAPLANE: "ambient"})
    ).map(lambda labels: {"labels": labels})


def _pod_of(manifest: Manifest) -> Manifest | None:
    """Return the pod, or the template of pods, that a generated object is or holds."""
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "Pod":
        return manifest
    template: Manifest | None = spec.get("jobTemplate", {}).get("spec", spec).get("template")
    return template


def _metadata(name: str) -> st.SearchStrategy[Manifest]:
    """Generate metadata that most often names a namespace, and often that of the whole mesh."""
    fields = {"name": st.just(name)}
    some, root = st.sampled_from((*NAMESPACES, None)), st.just(ROOT_NAMESPACE)
    named = st.fixed_dictionaries({**fields, "namespace": root | root | some})
    return named | named | st.fixed_dictionaries(fields)


def _istio(kind: str, version: str, metadata: Manifest, spec: Manifest) -> Manifest:
    return {"apiVersion": f"security.istio.io/{version}", "kind": kind, "metadata": metadata, "spec": spec}


def _boundaries(cluster: list[Manifest]) -> Manifest:
    """Return a NetworkPolicy that names the blocks and ports of all policies of the mesh."""
    blocks, ports = set(), set()
    for policy in objects(cluster, "security.istio.io", "AuthorizationPolicy"):
        for rule in items(section(policy, "spec"), "rules"):
            sources = [section(entry, "source") for entry in items(rule, "from")]
            operations = [section(entry, "operation") for entry in items(rule, "to")]
            conditions = items(rule, "when")
            blocks |= {b for s in sources for f in ("ipBlocks", "notIpBlocks") for b in strings(s, f)}
            ports |= {p for o in operations for f in ("ports", "notPorts") for p in strings(o, f)}
            for field in ("values", "notValues"):
                blocks |= {b for c in conditions if c["key"] == "source.ip" for b in strings(c, field)}
                ports |= {p for c in conditions if c["key"] == "destination.port" for p in strings(c, field)}
    for policy in objects(cluster, "security.istio.io", "PeerAuthentication"):
        ports |= {str(port) for port in section(section(policy, "spec"), "portLevelMtls")}
    peers = [{"ipBlock": {"cidr": block}} for block in sorted(blocks)]
    rule = {"from": peers, "ports": [{"port": int(port)} for port in sorted(ports)]}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {}, "spec": {"ingress": [rule]}}
