"""
Strategies for clusters whose pods are attached to secondary networks, and for policies on those.

The addresses on a secondary network are drawn from the same small range as
those of the pod network, so that the same blocks draw boundaries there.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.reference.endpoints import RefPod
from tests.reference.manifests import namespace_of, objects
from tests.reference.multinetwork import NETWORKS, POLICY_FOR, STATUS, attached
from tests.reference.networkpolicy import Connection
from tests.strategies import clusters as network
from tests.strategies.policies import CIDRS, PROTOCOLS, policies
from tests.strategies.selectors import Manifest

NETWORK_NAMES = ("default/storage", "alpha/storage", "default/video")
NETWORK_POLICY = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
MARKED = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job", "CronJob")

Pair = tuple[RefPod | str, RefPod | str]


@cache
@st.composite
def multinetwork_clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate a cluster in which many pods are attached to networks and policies restrict some of those."""
    manifests: list[Manifest] = deepcopy(draw(network.clusters()))
    for offset, manifest in enumerate(manifests):
        if manifest["kind"] == "Pod" or manifest["kind"] in MARKED:
            _attach(draw, manifest, offset)
    manifests += [_definition(name) for name in draw(st.lists(st.sampled_from(NETWORK_NAMES), unique=True))]
    manifests += [draw(multi_network_policies(index)) for index in range(draw(st.sampled_from((2, 3, 1, 0))))]
    return draw(st.permutations(manifests))


@cache
@st.composite
def multi_network_policies(draw: st.DrawFn, index: int) -> Manifest:
    """Generate a policy with the fields of a NetworkPolicy, most often for one network or for several."""
    policy: Manifest = _without_null_elements(draw(policies(index)))
    spec = policy.get("spec")
    # The schema demands a selector. Few pods are attached at all: what selects none of them is dull.
    if spec is not None and (spec.get("podSelector") is None or draw(st.booleans())):
        spec["podSelector"] = {}
    if draw(st.booleans()):
        policy["spec"] = {"podSelector": {}, **draw(_specs_by_address())}
    metadata = policy["metadata"] | draw(_policy_annotations())
    version = draw(st.sampled_from(("v1beta1", "v1beta2")))
    return policy | {"apiVersion": f"k8s.cni.cncf.io/{version}", "kind": "MultiNetworkPolicy", "metadata": metadata}


@cache
def _specs_by_address() -> st.SearchStrategy[Manifest]:
    """Generate specs that tell pods apart by nothing but their addresses on the network."""
    peers = st.lists(
        st.fixed_dictionaries({"ipBlock": st.fixed_dictionaries({"cidr": st.sampled_from(CIDRS)})}),
        min_size=1,
        max_size=2,
    )
    return st.fixed_dictionaries({"ingress": st.tuples(st.fixed_dictionaries({"from": peers})).map(list)})


@cache
def _policy_annotations() -> st.SearchStrategy[Manifest]:
    names = st.lists(st.sampled_from((*NETWORK_NAMES, "storage", "video")), min_size=1, max_size=4)
    texts = st.tuples(st.sampled_from((",", ", ")), names).map(lambda drawn: drawn[0].join(drawn[1]))
    some = st.fixed_dictionaries({"annotations": st.fixed_dictionaries({POLICY_FOR: texts})})
    none = st.sampled_from(({}, {"annotations": None}, {"annotations": {POLICY_FOR: ""}}))
    return st.one_of(*[some] * 7, none)


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[tuple[str, Connection]]:
    """
    Generate a network, and a connection over it on or next to a boundary that its policies draw.

    Where no pod is attached to any network, two external ends are left to ask about.
    """
    boundaries = [*cluster, *(policy | NETWORK_POLICY for policy in _policies(cluster))]
    ports = st.sampled_from(network.boundary_ports(boundaries))
    outside = network.external_addresses(boundaries)
    kinds: list[list[tuple[str, Pair]]] = [[], [], []]
    for name in NETWORK_NAMES:
        for kind, pairs in zip(kinds, _pairs(attached(cluster, name), outside), strict=True):
            kind += [(name, pair) for pair in pairs]
    between, inward, outward = kinds
    known = [kind for kind in (between, between, inward, outward) if kind]
    alone: list[tuple[str, Pair]] = [(NETWORK_NAMES[0], (outside[0], outside[1]))]
    asked = st.tuples(
        st.one_of([st.sampled_from(kind) for kind in known or [alone]]), st.sampled_from(("TCP", *PROTOCOLS)), ports
    )
    return asked.map(lambda drawn: (drawn[0][0], Connection(*drawn[0][1], protocol=drawn[1], port=drawn[2])))


def _pairs(there: list[RefPod], outside: list[str]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Return the pairs of two pods of a network, those with a pod as destination only, and as source only."""
    taken = {str(address) for pod in there for address in pod.addresses}
    free = [address for address in outside if address not in taken]
    between: list[Pair] = [(a, b) for a in there for b in there if a != b]
    inward: list[Pair] = [(a, b) for a in free for b in there]
    return between or [(a, a) for a in there], inward, [(b, a) for a, b in inward]


def _policies(cluster: list[Manifest]) -> list[Manifest]:
    return list(objects(cluster, "k8s.cni.cncf.io", "MultiNetworkPolicy"))


def _attach(draw: st.DrawFn, manifest: Manifest, offset: int) -> None:
    """Attach a pod, or the pods of a template, to some networks; what is live may know its addresses there."""
    names = draw(_some_networks())
    if not names:
        return
    namespace = namespace_of(manifest)
    annotations = {NETWORKS: draw(st.sampled_from((_listed, _as_json)))(names, namespace)}
    live = manifest["kind"] == "Pod"
    if live and draw(st.booleans()):
        annotations[STATUS] = json.dumps(draw(_statuses(tuple(names), offset)))
    pod = manifest if live else _template(manifest)
    metadata = pod.get("metadata") or {}
    pod["metadata"] = metadata | {"annotations": annotations}


@cache
def _some_networks() -> st.SearchStrategy[list[str]]:
    """Generate networks to be on, most often the first; twice on one is two interfaces."""
    first = st.sampled_from(NETWORK_NAMES)
    return st.just([NETWORK_NAMES[0]]).map(list) | st.lists(first, max_size=3) | st.lists(first, min_size=1, max_size=2)


def _template(workload: Manifest) -> Manifest:
    spec = workload["spec"]
    template: Manifest = spec.get("jobTemplate", {}).get("spec", spec)["template"]
    return template


def _listed(names: list[str], namespace: str) -> str:
    """Write networks as a list of names, those of the pod's own namespace without it."""
    return ", ".join(f"{name.removeprefix(f'{namespace}/')}@net{n}" for n, name in enumerate(names))


def _as_json(names: list[str], namespace: str) -> str:
    split = [name.partition("/") for name in names]
    return json.dumps([{"name": n, **({} if ns == namespace else {"namespace": ns})} for ns, _, n in split])


@cache
@st.composite
def _statuses(draw: st.DrawFn, names: tuple[str, ...], offset: int) -> list[Manifest]:
    """Generate the addresses of the interfaces: none, one family, or both, and that of the default network."""
    found: list[Manifest] = [{"name": "cbr0", "interface": "eth0", "ips": ["10.1.0.200"], "default": True}]
    for index, name in enumerate(names):
        known = (f"10.1.0.{3 + offset + 40 * index}", f"fd00:1::{3 + offset + 40 * index}")
        addresses = draw(st.sampled_from(((), known[:1], known[1:], known)))
        found.append({"name": name, "interface": f"net{index}", **({"ips": list(addresses)} if addresses else {})})
    return found


def _definition(name: str) -> Manifest:
    namespace, _, short = name.partition("/")
    metadata = {"name": short, "namespace": namespace}
    config = json.dumps({"cniVersion": "0.3.1", "type": "macvlan"})
    return {
        "apiVersion": "k8s.cni.cncf.io/v1",
        "kind": "NetworkAttachmentDefinition",
        "metadata": metadata,
        "spec": {"config": config},
    }


def _without_null_elements(value: Any) -> Any:
    """Drop what the schema of a custom resource rejects: nulls in lists, and as values of labels."""
    if isinstance(value, list):
        return [_without_null_elements(element) for element in value if element is not None]
    if isinstance(value, dict):
        cleaned = {key: _without_null_elements(field) for key, field in value.items()}
        labels = cleaned.get("matchLabels")
        return cleaned | (
            {"matchLabels": {k: v for k, v in labels.items() if v is not None}} if isinstance(labels, dict) else {}
        )
    return value
