"""
Strategies for clusters that Calico protects: tiers, policies, sets, accounts and services.

They extend the clusters of the other strategies, NetworkPolicies included, in
shapes that an API server with Calico accepts.
"""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.reference.manifests import Manifest, items, objects, section, strings
from tests.reference.networkpolicy import Connection
from tests.strategies import clusters
from tests.strategies.calico_rules import NETS, SERVICE, SERVICE_NAMESPACES, rules
from tests.strategies.calico_selectors import (
    ACCOUNTS,
    account_selectors,
    endpoint_selectors,
    mostly,
    namespace_selectors,
)
from tests.strategies.policies import PORT_NAMES, PORT_NUMBERS, PROTOCOLS
from tests.strategies.selectors import LABEL_KEYS, LABEL_VALUES, NAMESPACES

VERSION = "projectcalico.org/v3"
TIERS = ("first", "second")
# The tiers of the cluster-wide policies take policies of Calico as well.
CLUSTER_TIERS = ("kube-admin", "kube-baseline")
# One is also the name of a Kubernetes policy, and two compare differently with and without what follows a name.
NAMES = ("a", "a-b", "b", "policy-0", "policy-0-b")
ORDERS = (0, 1, 1.5, 10, 1000)
POLICY_KINDS = ("NetworkPolicy", "GlobalNetworkPolicy")
STAGED_KINDS = ("StagedNetworkPolicy", "StagedGlobalNetworkPolicy")
TEMPLATES = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "ReplicationController", "Job", "CronJob")
POD_ADDRESSES = {"IPv4": ("10.1.0.4", "10.1.0.5", "10.1.0.6"), "IPv6": ("fd00:1::4", "fd00:1::5", "fd00:1::6")}


@cache
@st.composite
def calico_clusters(draw: st.DrawFn) -> list[Manifest]:
    """Generate the objects of one cluster, in any order; no two of a kind share their name."""
    manifests = draw(clusters.clusters())
    if draw(st.booleans()):
        manifests = [manifest for manifest in manifests if manifest["kind"] != "NetworkPolicy"]
    return draw(st.permutations(draw_calico(draw, manifests)))


def draw_calico(draw: st.DrawFn, manifests: list[Manifest]) -> list[Manifest]:
    """Return the objects of a cluster with tiers, policies and what these refer to, no two of a kind of one name."""
    manifests = manifests + draw(_tiers())
    tiers = tuple(sorted(manifest["metadata"]["name"] for manifest in manifests if manifest["kind"] == "Tier"))
    manifests = [_with_account(manifest, *draw(_account_fields())) for manifest in manifests]
    for _ in range(draw(st.sampled_from((1, 2, 3, 0)))):
        manifests.append(draw(_policies((*tiers, *CLUSTER_TIERS))))
    for index in range(draw(st.sampled_from((1, 2, 0)))):
        manifests.append(draw(_network_sets(index)))
    manifests += draw(st.lists(_accounts(), min_size=2, max_size=4))
    for namespace in draw(st.lists(st.sampled_from(SERVICE_NAMESPACES), min_size=1, unique=True)):
        manifests += draw(_services(namespace))
    return distinct(manifests)


def distinct(manifests: list[Manifest]) -> list[Manifest]:
    """Return the objects of which no two of a kind share their name: of those that do, the last."""
    unique = {(each["apiVersion"], each["kind"], _place(each), each["metadata"]["name"]): each for each in manifests}
    return list(unique.values())


def interesting_connections(cluster: list[Manifest]) -> st.SearchStrategy[Connection]:
    """Generate connections on and next to every boundary that the cluster's manifests draw."""
    return clusters.interesting_connections([*cluster, _boundaries(cluster)])


def rules_of(policy: Manifest) -> list[Manifest]:
    """Return the rules of a Calico policy in both directions."""
    spec = section(policy, "spec")
    return items(spec, "ingress") + items(spec, "egress")


def _place(manifest: Manifest) -> str:
    return manifest["metadata"].get("namespace") or "default"


@cache
@st.composite
def _tiers(draw: st.DrawFn) -> list[Manifest]:
    names = draw(st.lists(st.sampled_from(TIERS), unique=True))
    orders, actions = st.sampled_from((10, 10.0, 1000, 2_000_000)), st.sampled_from(("Deny", "Pass"))
    spec = st.fixed_dictionaries({}, optional={"order": orders, "defaultAction": actions})
    return [_object("Tier", name, draw(spec)) for name in names]


def _object(kind: str, name: str, spec: Manifest) -> Manifest:
    return {"apiVersion": VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}


@cache
def _account_fields() -> st.SearchStrategy[tuple[str, str | None]]:
    fields = st.sampled_from(("serviceAccountName", "serviceAccount"))
    return st.tuples(fields, st.sampled_from((None, *ACCOUNTS)))


def _with_account(manifest: Manifest, field: str, account: str | None) -> Manifest:
    """Return the manifest, whose pods run as a service account if it is one of pods."""
    if account is None or manifest["kind"] not in ("Pod", *TEMPLATES):
        return manifest
    copy = deepcopy(manifest)
    spec = copy["spec"]
    spec = spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec
    spec = spec if manifest["kind"] == "Pod" else spec["template"]["spec"]
    spec[field] = account
    return copy


@cache
@st.composite
def _policies(draw: st.DrawFn, tiers: tuple[str, ...]) -> Manifest:
    kind = draw(st.sampled_from(POLICY_KINDS * 4 + STAGED_KINDS))
    policy = _object(kind, draw(st.sampled_from(NAMES)), draw(_specs(kind, tiers)))
    namespaced = not kind.endswith("GlobalNetworkPolicy")
    if namespaced and draw(st.booleans()):
        policy["metadata"]["namespace"] = draw(st.sampled_from(NAMESPACES))
    if kind in STAGED_KINDS:
        policy["spec"]["stagedAction"] = "Set"
    return policy


@cache
@st.composite
def _specs(draw: st.DrawFn, kind: str, tiers: tuple[str, ...]) -> Manifest:
    spec = draw(_spec_fields(kind, tiers))
    return spec | draw(_host_fields(spec)) if kind.endswith("GlobalNetworkPolicy") else spec


@cache
def _spec_fields(kind: str, tiers: tuple[str, ...]) -> st.SearchStrategy[Manifest]:
    everything = st.just("all()")
    namespaced = not kind.endswith("GlobalNetworkPolicy")
    selectors = mostly(everything, endpoint_selectors())
    directions = (["Ingress", "Egress"], ["Egress", "Ingress"], ["Ingress"], ["Egress"])
    many: dict[str, st.SearchStrategy[Any]] = {
        "selector": selectors,
        "types": st.sampled_from(directions),
        "ingress": st.lists(rules("ingress", namespaced=namespaced), min_size=1, max_size=3),
        "egress": st.lists(rules("egress", namespaced=namespaced), min_size=1, max_size=3),
    }
    few: dict[str, st.SearchStrategy[Any]] = {
        "tier": st.sampled_from(("default", *tiers, *tiers)),
        "order": st.sampled_from(ORDERS),
    }
    more = {"serviceAccountSelector": account_selectors()}
    if not namespaced:
        more["namespaceSelector"] = namespace_selectors()
    usual, selective = st.fixed_dictionaries(many, optional=few), st.fixed_dictionaries(more, optional=many | few)
    return mostly(usual, mostly(selective, st.fixed_dictionaries({}, optional=many | few | more)))


def _host_fields(spec: Manifest) -> st.SearchStrategy[Manifest]:
    """Generate what makes a global policy one for hosts; before DNAT there is no egress."""
    fields: list[Manifest] = [{}] * 6 + [{"applyOnForward": True}, {"applyOnForward": True, "doNotTrack": True}]
    if not spec.get("egress") and "Egress" not in spec.get("types", []):
        fields.append({"applyOnForward": True, "preDNAT": True})
    return st.sampled_from(fields)


@cache
@st.composite
def _network_sets(draw: st.DrawFn, index: int) -> Manifest:
    kind = draw(st.sampled_from(("NetworkSet", "GlobalNetworkSet")))
    nets = st.lists(st.sampled_from((*NETS[4], *NETS[6])), max_size=2, unique=True)
    networks = _object(kind, f"networks-{index}", {"nets": draw(nets)})
    networks["metadata"] |= draw(st.fixed_dictionaries({}, optional={"labels": _some_labels()}))
    if kind == "NetworkSet" and draw(st.booleans()):
        networks["metadata"]["namespace"] = draw(st.sampled_from(NAMESPACES))
    return networks


@cache
def _some_labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(LABEL_KEYS), st.sampled_from(LABEL_VALUES), min_size=1, max_size=2)


@cache
def _accounts() -> st.SearchStrategy[Manifest]:
    metadata = st.fixed_dictionaries(
        {"name": st.sampled_from(ACCOUNTS), "namespace": st.sampled_from(NAMESPACES)},
        optional={"labels": _some_labels()},
    )
    return metadata.map(lambda drawn: {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": drawn})


@cache
@st.composite
def _services(draw: st.DrawFn, namespace: str) -> list[Manifest]:
    """Generate a Service, and sometimes an EndpointSlice of it."""
    metadata = {"name": SERVICE, "namespace": namespace}
    service = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": draw(_service_specs())}
    return [service, draw(_slices(namespace))] if draw(st.booleans()) else [service]


@cache
@st.composite
def _slices(draw: st.DrawFn, namespace: str) -> Manifest:
    """Generate an EndpointSlice of a Service, with addresses that pods may have."""
    family = draw(st.sampled_from(tuple(POD_ADDRESSES)))
    addresses = draw(st.lists(st.sampled_from(POD_ADDRESSES[family]), max_size=2, unique=True))
    protocol = {"protocol": st.sampled_from(PROTOCOLS)}
    port = st.fixed_dictionaries({"port": st.sampled_from((80, 443))}, optional=protocol)
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": f"{SERVICE}-1",
            "namespace": namespace,
            "labels": {"kubernetes.io/service-name": SERVICE},
        },
        "addressType": family,
        "endpoints": [{"addresses": [address]} for address in addresses],
        "ports": draw(st.lists(port, min_size=1, max_size=2)),
    }


@cache
def _service_specs() -> st.SearchStrategy[Manifest]:
    selector = st.dictionaries(st.sampled_from(("app", "tier")), st.sampled_from(("db", "web", "")), max_size=1)
    port = st.fixed_dictionaries(
        {"port": st.sampled_from(PORT_NUMBERS)},
        optional={
            "protocol": st.sampled_from(PROTOCOLS),
            "targetPort": st.sampled_from((*PORT_NUMBERS, *PORT_NAMES)),
        },
    )
    families = st.sampled_from((["IPv4"], ["IPv6"], ["IPv4", "IPv6"]))
    fields: dict[str, Any] = {"selector": selector, "ports": st.lists(port, min_size=1, max_size=2)}
    external = st.just({"type": "ExternalName", "externalName": "example.test"})
    with_selector = st.fixed_dictionaries(fields, optional={"ipFamilies": families})
    return with_selector | with_selector | with_selector | external


def _boundaries(cluster: list[Manifest]) -> Manifest:
    """Return the nets and ports of all Calico objects as one NetworkPolicy, whose boundaries are known."""
    nets, ports = [], []
    for kind in ("NetworkSet", "GlobalNetworkSet"):
        nets += [net for each in objects(cluster, "projectcalico.org", kind) for net in each["spec"]["nets"]]
    policies = [policy for kind in POLICY_KINDS for policy in objects(cluster, "projectcalico.org", kind)]
    for entity in (
        section(rule, side) for policy in policies for rule in rules_of(policy) for side in ("source", "destination")
    ):
        nets += strings(entity, "nets") + strings(entity, "notNets")
        ports += [port for field in ("ports", "notPorts") for port in entity.get(field, [])]
    for each in objects(cluster, "discovery.k8s.io", "EndpointSlice"):
        ports += [port["port"] for port in each["ports"]]
    numbers = [int(number) for port in ports for number in str(port).split(":") if number.isdigit()]
    rule = {
        "from": [{"ipBlock": {"cidr": net}} for net in nets],
        "ports": [{"port": number} for number in numbers],
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "boundaries"},
        "spec": {"ingress": [rule]},
    }
