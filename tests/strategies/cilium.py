"""
Strategies for clusters with Cilium, for connections worth asking about in them, and for its options.

The policies are such as the API server and Cilium's own validation accept. They
select and name what the generated clusters hold, so that rules often match.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cache

from hypothesis import strategies as st

from tests.reference.domains import DomainName
from tests.reference.endpoints import pods
from tests.reference.manifests import Manifest, items, objects, section, strings
from tests.reference.networkpolicy import Connection
from tests.strategies import clusters as network
from tests.strategies.cilium_rules import (
    ACCOUNTS,
    BLOCKS,
    GROUPS,
    NAMES,
    NODE_LABEL,
    ROLES,
    SERVICES,
    label_maps,
    specs,
)
from tests.strategies.policies import PROTOCOLS
from tests.strategies.selectors import NAMESPACES, shaped
from tests.strategies.workloads import NODE_ADDRESSES

KINDS = ("CiliumNetworkPolicy", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
OUTSIDE = ("8.8.8.8", "203.0.113.0", "203.0.113.128")
SERVICE_OF_SLICE = "kubernetes.io/service-name"


@cache
@st.composite
def clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate the objects of one cluster, NetworkPolicies and those of Cilium among them, in any order."""
    manifests: list[Manifest] = deepcopy(draw(network.clusters()))
    if draw(st.booleans()):
        manifests = [each for each in manifests if each["kind"] != "NetworkPolicy"]
    add_cilium(draw, manifests)
    return draw(st.permutations(manifests))


def add_cilium(draw: st.DrawFn, manifests: list[Manifest]) -> None:
    """Add policies and what these refer to to the objects of a cluster, and labels and accounts to these."""
    for manifest in manifests:
        _add_labels_and_accounts(draw, manifest)
    manifests += [draw(policies(index)) for index in range(draw(st.sampled_from((1, 2, 3, 0))))]
    manifests += [draw(_groups(name)) for name in GROUPS[:2] if draw(st.booleans())]
    for name in SERVICES[:2]:
        manifests += draw(_services(name)) if draw(st.booleans()) else []
    manifests += draw(_api_servers())


@cache
@st.composite
def policies(draw: st.DrawFn, index: int) -> Manifest:
    """Generate a policy of either kind whose name, made from the index, collides with no other."""
    kind = draw(st.sampled_from(KINDS))
    clusterwide = kind == "CiliumClusterwideNetworkPolicy"
    metadata: Manifest = {"name": f"cilium-{index}"}
    if not clusterwide and draw(st.booleans()):
        metadata["namespace"] = draw(st.sampled_from((None, *NAMESPACES)))
    rule = specs(clusterwide=clusterwide)
    if clusterwide:
        for_nodes: st.SearchStrategy[Manifest] = st.just({"nodeSelector": {}, "ingress": [{}], "egress": [{}]})
        rule = st.one_of(*[rule] * 9, for_nodes)
    several = st.lists(rule, min_size=1, max_size=2)
    shape = draw(st.sampled_from(("spec", "spec", "spec", "specs", "both")))
    found: Manifest = {} if shape == "specs" else {"spec": draw(rule)}
    found |= {} if shape == "spec" else {"specs": draw(several)}
    return {"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata, **found}


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """
    Generate connections on and next to every boundary that the cluster's manifests draw, and some to names.

    At least one end is a pod, where there is one: nothing judges two external ends.
    """
    everything = [*cluster, _boundaries(cluster)]
    between = network.interesting_connections(everything)
    sources = pods(cluster)
    if not sources:
        return between
    to_names = st.builds(
        Connection,
        st.sampled_from(sources),
        st.sampled_from(NAMES).map(DomainName),
        st.sampled_from(PROTOCOLS),
        st.sampled_from(network.boundary_ports(everything)),
    )
    return st.one_of(*[between] * 7, to_names)


def external_addresses(cluster: list[Manifest]) -> list[str]:
    """Return the addresses on and next to the edge of every CIDR, those in slices, and those of nodes."""
    return network.external_addresses([*cluster, _boundaries(cluster)])


def boundary_ports(cluster: list[Manifest]) -> list[int]:
    """Return the ports that policies and containers name, with their neighbours."""
    return network.boundary_ports([*cluster, _boundaries(cluster)])


def rules(cluster: list[Manifest]) -> Iterator[tuple[str, Manifest]]:
    """Yield every rule element of Cilium's policies, with the name of the section it is in."""
    for kind in sorted(set(KINDS)):
        for policy in objects(cluster, "cilium.io", kind):
            for spec in (section(policy, "spec"), *items(policy, "specs")):
                for name in ("ingress", "ingressDeny", "egress", "egressDeny"):
                    yield from ((name, element) for element in items(spec, name))


def _boundaries(cluster: list[Manifest]) -> Manifest:
    """Return a NetworkPolicy that nobody is to apply, with the CIDRs and ports of all rules of Cilium."""
    blocks = [{"ipBlock": {"cidr": cidr}} for cidr in _cidrs(cluster)]
    numbers = [{"port": number} for number in _numbers(cluster) if number > 0]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "boundaries"},
        "spec": {"podSelector": {}, "ingress": [{"from": blocks, "ports": numbers}]},
    }


def _cidrs(cluster: list[Manifest]) -> Iterator[str]:
    for _, rule in rules(cluster):
        yield from (*strings(rule, "fromCIDR"), *strings(rule, "toCIDR"))
        for each in items(rule, "fromCIDRSet") + items(rule, "toCIDRSet"):
            yield from (cidr for cidr in (each.get("cidr"), *strings(each, "except")) if cidr)
    for group in objects(cluster, "cilium.io", "CiliumCIDRGroup"):
        yield from strings(section(group, "spec"), "externalCIDRs")
    for each in objects(cluster, "discovery.k8s.io", "EndpointSlice"):
        for endpoint in items(each, "endpoints"):
            yield from (f"{address}/32" for address in strings(endpoint, "addresses"))


def _numbers(cluster: list[Manifest]) -> Iterator[int]:
    for _, rule in rules(cluster):
        for entry in items(rule, "toPorts"):
            for port in items(entry, "ports"):
                found = (str(port["port"]), str(port.get("endPort") or 0))
                yield from (int(text) for text in found if text.isdecimal())


@cache
@st.composite
def _groups(draw: st.DrawFn, name: str) -> Manifest:
    cidrs = draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2, unique=True))
    metadata = {"name": name, **draw(shaped(labels=label_maps()))}
    spec = {"externalCIDRs": cidrs}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumCIDRGroup", "metadata": metadata, "spec": spec}


@cache
@st.composite
def _services(draw: st.DrawFn, name: str) -> list[Manifest]:
    """Generate a Service, one without selector mostly with a slice of addresses."""
    namespace = draw(st.sampled_from(NAMESPACES))
    metadata = {"name": name, "namespace": namespace, **draw(shaped(labels=label_maps()))}
    service: Manifest = {"apiVersion": "v1", "kind": "Service", "metadata": metadata}
    selector = draw(st.none() | label_maps())
    service["spec"] = {"selector": selector, "ports": [{"port": 80}]}
    if not selector and draw(st.sampled_from((False, False, False, True))):
        return [service | {"spec": {"type": "ExternalName", "externalName": "example.test"}}]
    sliced = draw(st.booleans()) if selector else draw(st.sampled_from((True, True, False)))
    return [service, draw(_slices(name, namespace))] if sliced else [service]


@cache
def _api_servers() -> st.SearchStrategy[list[Manifest]]:
    """Generate the slice of the Service that every cluster has, which manifests often leave out."""
    return st.just([]) | _slices("kubernetes", "default").map(lambda each: [each])


@cache
@st.composite
def _slices(draw: st.DrawFn, service: str, namespace: str) -> Manifest:
    """Generate an EndpointSlice with addresses of nodes, of pods and from outside."""
    known = st.sampled_from((*(addresses[0] for addresses in NODE_ADDRESSES.values()), "10.1.0.5", *OUTSIDE))
    conditions = shaped(ready=st.booleans(), serving=st.booleans(), terminating=st.booleans())
    endpoints = [
        {"addresses": [address], **draw(shaped(conditions=conditions))}
        for address in draw(st.lists(known, max_size=2, unique=True))
    ]
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {"name": f"{service}-1", "namespace": namespace, "labels": {SERVICE_OF_SLICE: service}},
        "endpoints": endpoints,
        "ports": [{"port": 80}],
    }


def _add_labels_and_accounts(draw: st.DrawFn, manifest: Manifest) -> None:
    """Give nodes a label to be selected by, and pods a service account to run as."""
    if manifest["kind"] == "Node":
        role = draw(st.sampled_from((None, *ROLES)))
        manifest["metadata"]["labels"] = {} if role is None else {NODE_LABEL: role}
    spec = _pod_spec(manifest)
    account = draw(st.sampled_from((None, "", *ACCOUNTS))) if spec is not None else None
    if spec is not None and account is not None:
        spec["serviceAccountName"] = account


def _pod_spec(manifest: Manifest) -> Manifest | None:
    """Return the specification of a Pod, or of the template in a workload."""
    spec: Manifest = manifest.get("spec") or {}
    if manifest["kind"] == "Pod":
        return spec
    if manifest["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    template: Manifest | None = spec.get("template")
    return None if template is None else template["spec"]
