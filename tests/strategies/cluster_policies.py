"""
Strategies for the policies of ``policy.networking.k8s.io`` that the API server accepts, and clusters with them.

The priorities are few, so that they tie often. What these custom resources
hold as null is dropped, so that no list and no map may hold a null.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.strategies.clusters import clusters
from tests.strategies.policies import CIDRS, PORT_NAMES, PORT_NUMBERS, PROTOCOLS
from tests.strategies.selectors import Manifest, labels, namespace_selectors, selectors, shaped

GROUP = "policy.networking.k8s.io"
PRIORITIES = (10, 10, 10, 0, 1000)
DOMAIN_PATTERNS = (
    "example.com",
    "*.example.com",
    "api.example.com",
    "*.api.example.com",
    "Other.Example.",
)
NETWORKS = tuple(cidr for cidr in CIDRS if "." not in cidr or ":" not in cidr)
"""CIDRs of one notation: this API takes no IPv4 block in IPv6 form."""

CNP, ANP, BANP = "ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"
ACCEPTING = {CNP: "Accept", ANP: "Allow", BANP: "Allow"}
FUTURE_PEERS: tuple[Manifest, ...] = ({"serviceAccounts": {"matchLabels": {"app": "web"}}},)


@cache
@st.composite
def clusters_with_cluster_policies(draw: st.DrawFn, *, future: bool = False) -> list[Manifest]:
    """
    Generate the objects of one cluster with some of these policies, and with labels on its nodes.

    Half of the clusters have no NetworkPolicies, which hide the Baseline tier.
    """
    manifests = draw(clusters())
    if draw(st.booleans()):
        manifests = [manifest for manifest in manifests if manifest["kind"] != "NetworkPolicy"]
    add_cluster_policies(draw, manifests, future=future)
    return draw(st.permutations(manifests))


def add_cluster_policies(draw: st.DrawFn, manifests: list[Manifest], *, future: bool) -> None:
    """Add some of these policies to the objects of a cluster, and labels to its nodes."""
    for node in manifests:
        if node["kind"] == "Node":
            node["metadata"] = node["metadata"] | draw(shaped(labels=labels()))
    manifests += draw(cluster_policies(future=future))


@cache
@st.composite
def cluster_policies(draw: st.DrawFn, *, future: bool = False) -> list[Manifest]:
    """
    Generate policies of all three kinds, of which a cluster has at most one BaselineAdminNetworkPolicy.

    With ``future``, some peers set a field that no known version of the API has.
    """
    kinds = [draw(st.sampled_from((CNP, ANP, CNP))) for _ in range(draw(st.sampled_from((2, 3, 1))))]
    kinds += [BANP] * draw(st.sampled_from((0, 0, 1)))
    names = ["default" if kind == BANP else f"guard-{index}" for index, kind in enumerate(kinds)]
    return [draw(_policies(kind, name, future=future)) for kind, name in zip(kinds, names, strict=True)]


@st.composite
def _policies(draw: st.DrawFn, kind: str, name: str, *, future: bool) -> Manifest:
    spec: Manifest = {"subject": draw(_subjects(kind))}
    if kind != BANP:
        spec["priority"] = draw(st.sampled_from(PRIORITIES))
    if kind == CNP:
        spec["tier"] = draw(st.sampled_from(("Admin", "Baseline")))
    for field in draw(st.sampled_from((("egress",), ("ingress", "egress"), ("ingress",)))):
        spec[field] = draw(_rules(kind, "from" if field == "ingress" else "to", future=future))
    spec = draw(shaped(ingress=st.just([]), egress=st.just([]))) | spec
    version = f"{GROUP}/{'v1alpha2' if kind == CNP else 'v1alpha1'}"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}


@cache
def _rules(kind: str, peers_field: str, *, future: bool) -> st.SearchStrategy[list[Manifest]]:
    return st.lists(_rule(kind, peers_field, future=future), min_size=1, max_size=3)


@cache
@st.composite
def _rule(draw: st.DrawFn, kind: str, peers_field: str, *, future: bool) -> Manifest:
    """Generate a rule; names of ports are for pods only, and names of domains for what is accepted."""
    accept = ACCEPTING[kind]
    action = draw(st.sampled_from((accept, "Deny") if kind == BANP else (accept, "Deny", "Pass")))
    by_pods = peers_field == "from" or draw(st.sampled_from((True, False, False)))
    first = _pod_peers(kind) if by_pods else _place_peers(domains=action == accept and kind != BANP)
    more = first | _pod_peers(kind)
    if future:
        more |= st.sampled_from(FUTURE_PEERS)
    rule = {"action": action, peers_field: [draw(first), *draw(st.lists(more, max_size=1))]}
    entries = _protocols(named=by_pods) if kind == CNP else _ports(named=by_pods)
    field = "protocols" if kind == CNP else "ports"
    return rule | draw(shaped(**{field: st.lists(entries, min_size=1, max_size=2), "name": st.just("some rule")}))


@cache
def _subjects(kind: str) -> st.SearchStrategy[Manifest]:
    """Generate subjects, of which half are everyone: a policy that selects nobody says nothing."""
    return st.booleans().flatmap(lambda some: _pod_peers(kind) if some else st.just({"namespaces": {}}))


@cache
def _pod_peers(kind: str) -> st.SearchStrategy[Manifest]:
    """Generate what selects pods; the younger kind may leave a namespace selector out, for all namespaces."""
    by_namespaces = _one_of_two("namespaces", _namespace_selectors(), "pods")
    pods, namespaces = {"podSelector": _selectors()}, {"namespaceSelector": _namespace_selectors()}
    by_both = (
        st.fixed_dictionaries(pods, optional=namespaces) if kind == CNP else st.fixed_dictionaries(pods | namespaces)
    )
    return by_namespaces | _one_of_two("pods", by_both, "namespaces")


@cache
def _place_peers(*, domains: bool) -> st.SearchStrategy[Manifest]:
    networks = st.lists(st.sampled_from(NETWORKS), min_size=1, max_size=3, unique=True)
    places = _one_of_two("nodes", _selectors(), "networks") | _one_of_two("networks", networks, "nodes")
    if not domains:
        return places
    patterns = st.lists(st.sampled_from(DOMAIN_PATTERNS), min_size=1, max_size=2, unique=True)
    return places | _one_of_two("domainNames", patterns, "networks")


def _one_of_two(field: str, value: st.SearchStrategy[Any], other: str) -> st.SearchStrategy[Manifest]:
    """Generate an object that sets one field, whether or not another is written as null."""
    return st.fixed_dictionaries({field: value}, optional={other: st.none()})


@cache
def _protocols(*, named: bool) -> st.SearchStrategy[Manifest]:
    """Generate entries of ``protocols``; one of the API's protocols must say something of the port."""
    number = st.sampled_from(PORT_NUMBERS).map(lambda port: {"number": port})
    ports = number | _ranges().map(lambda ends: {"range": ends})
    by_port = st.sampled_from(PROTOCOLS).flatmap(
        lambda protocol: st.fixed_dictionaries({protocol.lower(): st.fixed_dictionaries({"destinationPort": ports})})
    )
    by_name = st.fixed_dictionaries({"destinationNamedPort": st.sampled_from(PORT_NAMES)})
    return by_port | by_name if named else by_port


@cache
def _ports(*, named: bool) -> st.SearchStrategy[Manifest]:
    """Generate entries of ``ports``, the form of the older kinds."""
    protocol = shaped(protocol=st.sampled_from(PROTOCOLS))
    numbers = st.fixed_dictionaries({"port": st.sampled_from(PORT_NUMBERS)})
    by_number = st.builds(lambda port, how: {"portNumber": port | how}, numbers, protocol)
    by_range = st.builds(lambda ends, how: {"portRange": ends | how}, _ranges(), protocol)
    by_name = st.fixed_dictionaries({"namedPort": st.sampled_from(PORT_NAMES)})
    return by_number | by_range | by_name if named else by_number | by_range


@cache
def _ranges() -> st.SearchStrategy[Manifest]:
    pairs = [(first, last) for first in PORT_NUMBERS for last in PORT_NUMBERS if first < last]
    return st.sampled_from(pairs).map(lambda ends: {"start": ends[0], "end": ends[1]})


@cache
def _selectors() -> st.SearchStrategy[Manifest]:
    everything: st.SearchStrategy[Manifest] = st.just({})
    return everything | selectors().map(_without_null_labels)


@cache
def _namespace_selectors() -> st.SearchStrategy[Manifest]:
    everything: st.SearchStrategy[Manifest] = st.just({})
    return everything | namespace_selectors().map(_without_null_labels)


def _without_null_labels(selector: Manifest) -> Manifest:
    if selector.get("matchLabels") is None:
        return selector
    kept = {key: value for key, value in selector["matchLabels"].items() if value is not None}
    return selector | {"matchLabels": kept}
