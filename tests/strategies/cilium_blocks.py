"""Strategies for small clusters with Cilium in which rules name nothing but addresses, those of pods and nodes too."""

from __future__ import annotations

from functools import cache
from itertools import permutations

from hypothesis import strategies as st

from tests.reference.endpoints import RefPod, pods
from tests.reference.manifests import Manifest, strings
from tests.reference.networkpolicy import Connection
from tests.strategies.cilium_rules import BLOCKS, GROUPS, cidr_rules

NODE = "192.168.0.10"
ENDS = (NODE, "192.168.0.11", "10.1.0.4", "8.8.8.8", "2001:db8::1")
ALL_PODS = ["10.0.0.0/8", "fd00::/8"]
IPV4, IPV6 = ("10.1.0.4", "10.1.0.5", "10.1.0.9"), ("fd00:1::5", "fd00:2::5")


@cache
@st.composite
def clusters_of_blocks(draw: st.DrawFn) -> list[Manifest]:
    """Generate pods of one namespace, of one address family or both or of unknown address, and policies for all."""
    owners = draw(st.lists(_addresses(), min_size=2, max_size=3, unique=True))
    manifests = [_pod(f"pod-{index}", addresses) for index, addresses in enumerate(owners)]
    manifests += [
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": "n1"},
            "status": {"addresses": [{"type": draw(st.sampled_from(("InternalIP", "ExternalIP"))), "address": NODE}]},
        },
        {
            "apiVersion": "cilium.io/v2",
            "kind": "CiliumCIDRGroup",
            "metadata": {"name": GROUPS[0], "labels": {"app": "db"}},
            "spec": {
                "externalCIDRs": draw(st.just(ALL_PODS) | st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2))
            },
        },
    ]
    if draw(st.booleans()):
        manifests.append(draw(_network_policies()))
    return [*manifests, draw(_policies())]


def all_connections(cluster: list[Manifest]) -> list[Connection]:
    """Return a connection between all pods, and between these and addresses of a node and from outside."""
    inside = pods(cluster)
    taken = {str(address) for pod in inside for address in pod.addresses}
    outside = [each for each in ENDS if each not in taken]
    pairs: list[tuple[RefPod | str, RefPod | str]] = list(permutations(inside, 2))
    pairs += [pair for pod in inside for each in outside for pair in ((pod, each), (each, pod))]
    return [Connection(src, dst, "TCP", 80) for src, dst in pairs]


@cache
def _addresses() -> st.SearchStrategy[tuple[str, ...]]:
    v4, v6 = st.sampled_from(IPV4), st.sampled_from(IPV6)
    return st.tuples(v4) | st.tuples(v4, v6) | st.tuples(v6) | st.just(())


def _pod(name: str, addresses: tuple[str, ...]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"nodeName": "n9", "containers": [{"name": "c", "image": "c"}]},
        "status": {"podIPs": [{"ip": each} for each in addresses]},
    }


@cache
@st.composite
def _policies(draw: st.DrawFn) -> Manifest:
    """Generate rules of one direction, that allow and mostly also deny."""
    side, section = draw(st.sampled_from((("from", "ingress"), ("to", "egress"))))
    spec: Manifest = {"endpointSelector": {}, section: draw(_rules(side))}
    if draw(st.booleans()):
        spec[section + "Deny"] = draw(_rules(side))
        spec[section] += draw(st.sampled_from(([], [{f"{side}Entities": ["cluster"]}])))
    metadata = {"name": "cilium", "namespace": "default"}
    return {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": metadata, "spec": spec}


@cache
def _rules(side: str) -> st.SearchStrategy[list[Manifest]]:
    plain = st.fixed_dictionaries({f"{side}CIDR": st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=2)})
    sets = st.fixed_dictionaries({f"{side}CIDRSet": st.lists(cidr_rules(), min_size=1, max_size=2)})
    return st.lists(plain | sets | sets, min_size=1, max_size=2)


@cache
@st.composite
def _network_policies(draw: st.DrawFn) -> Manifest:
    """Generate a NetworkPolicy with blocks, for the same pods."""
    side, section = draw(st.sampled_from((("from", "ingress"), ("to", "egress"))))
    blocks = draw(st.lists(cidr_rules().filter(_is_block), min_size=1, max_size=2))
    spec = {"podSelector": {}, "policyTypes": [section.title()], section: [{side: [{"ipBlock": b} for b in blocks]}]}
    metadata = {"name": "blocks", "namespace": "default"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def _is_block(rule: Manifest) -> bool:
    """Return whether an element may be an ``ipBlock``, of which an exception is no whole."""
    sizes = [each.partition("/")[2] for each in (rule.get("cidr", ""), *strings(rule, "except"))]
    return "cidr" in rule and sizes[0] not in sizes[1:]
