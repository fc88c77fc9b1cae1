"""Whom the entities of Cilium rules stand for: the cluster, its nodes, the API server, the world."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.cilium import DomainName, Verdict
from tests.reference.cilium_labels import reserved
from tests.reference.cilium_rules import entity_matches
from tests.reference.cilium_samples import cilium_policy, endpoint_slice, verdict
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, node, pod, policy

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
HERE, THERE, THERE_TOO = "192.168.0.10", "192.168.0.11", "192.0.2.99"
WORLD_V6 = "2001:db8::1"
NAME = DomainName("example.test")
WEB, DB = pod("web", "other"), pod("db", nodeName="n1")
NODES = [node("n1", HERE), node("n2", THERE)]
AGENTS = [host_pod("here", nodeName="n1"), host_pod("there", nodeName="n2"), host_pod("anywhere")]
API_SERVER = endpoint_slice("kubernetes", THERE)
EVERYTHING = [WEB, DB, *NODES, *AGENTS, API_SERVER]
NOT_PODS = ("default/here", "default/there", HERE, THERE)


def to(*entities: str, objects: Any = EVERYTHING, **more: Any) -> list[Manifest]:
    """Return a cluster whose pods in ``default`` may reach only some entities."""
    return [*objects, cilium_policy(egress=[{"toEntities": list(entities), **more}])]


@pytest.mark.parametrize(
    ("entity", "reached"),
    [
        ("all", {"other/web", OUTSIDE, WORLD_V6, NAME, *NOT_PODS}),
        ("cluster", {"other/web", *NOT_PODS}),
        ("world", {OUTSIDE, WORLD_V6, NAME}),
        ("world-ipv4", {OUTSIDE}),
        ("world-ipv6", {WORLD_V6}),
        ("host", {"default/here", HERE}),
        ("remote-node", {"default/there", THERE}),
        ("kube-apiserver", {"default/there", THERE}),
        ("ingress", set()),
        ("health", set()),
        ("init", set()),
        ("unmanaged", set()),
        ("none", set()),
    ],
)
def test_an_entity_stands_for_peers_of_its_kind(entity: str, reached: set[str]) -> None:
    for peer in ("other/web", OUTSIDE, WORLD_V6, NAME, *NOT_PODS):
        if peer is NAME and entity in ("world-ipv4", "world-ipv6"):
            continue
        assert verdict(to(entity), "default/db", peer) is (ACCEPTED if peer in reached else DENIED), peer


def test_several_entities_are_alternatives() -> None:
    cluster = to("host", "world")
    assert verdict(cluster, "default/db", HERE) is ACCEPTED
    assert verdict(cluster, "default/db", OUTSIDE) is ACCEPTED
    assert verdict(cluster, "default/db", THERE) is DENIED


def test_the_entities_that_are_no_pods_and_no_nodes_are_part_of_the_cluster() -> None:
    for name in ("health", "host", "ingress", "init", "kube-apiserver", "remote-node", "unmanaged"):
        assert entity_matches(name, reserved(name))
        assert entity_matches("cluster", reserved(name))
    assert not entity_matches("cluster", reserved("world", "world-ipv4"))


def test_an_entity_that_no_api_server_accepts_is_an_error() -> None:
    with pytest.raises(ValueError, match="everyone"):
        entity_matches("everyone", reserved("world"))


def test_a_name_may_be_of_either_ip_version() -> None:
    assert verdict(to("world-ipv4"), "default/db", NAME) is UNKNOWN
    assert verdict(to("world-ipv6"), "default/db", NAME) is UNKNOWN
    assert verdict(to("world-ipv4", "world-ipv6"), "default/db", NAME) is ACCEPTED


@pytest.mark.parametrize("peer", ["default/anywhere", "default/here", HERE])
def test_a_node_is_the_host_or_a_remote_node_and_nobody_tells_which(peer: str) -> None:
    objects = [pod("db"), *EVERYTHING[2:]]
    assert verdict(to("host", objects=objects), "default/db", peer) is UNKNOWN
    assert verdict(to("remote-node", objects=objects), "default/db", peer) is UNKNOWN
    assert verdict(to("host", "remote-node", objects=objects), "default/db", peer) is ACCEPTED
    assert verdict(to("cluster", objects=objects), "default/db", peer) is ACCEPTED
    assert verdict(to("world", objects=objects), "default/db", peer) is DENIED


def test_an_external_address_of_a_node_is_an_address_of_it() -> None:
    objects = [WEB, DB, node("n2", THERE), API_SERVER]
    assert verdict(to("remote-node", objects=objects), "default/db", THERE_TOO) is ACCEPTED
    assert verdict(to("world", objects=objects), "default/db", THERE_TOO) is DENIED


def from_nobody(*objects: Manifest, **spec: Any) -> list[Manifest]:
    return [*objects, cilium_policy(**{"ingress": [{}], **spec})]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (HERE, ACCEPTED),
        ("default/here", ACCEPTED),
        (THERE, DENIED),
        ("default/there", DENIED),
        ("default/anywhere", UNKNOWN),
        (OUTSIDE, DENIED),
        ("other/web", DENIED),
    ],
)
def test_a_pod_always_accepts_its_own_node(source: str, expected: Verdict) -> None:
    assert verdict(from_nobody(*EVERYTHING), source, "default/db") is expected
    assert verdict([*EVERYTHING, policy()], source, "default/db") is expected
    assert verdict(from_nobody(*EVERYTHING), "default/db", source) is ACCEPTED


def test_a_pod_has_no_privilege_towards_its_own_node() -> None:
    cluster = [*EVERYTHING, cilium_policy(egress=[{}])]
    assert verdict(cluster, "default/db", HERE) is DENIED
    assert verdict(cluster, "default/db", "default/here") is DENIED


@pytest.mark.parametrize("objects", [EVERYTHING, [*EVERYTHING, policy(ingress=[{}])]])
def test_a_denying_rule_beats_even_the_own_node(objects: list[Manifest]) -> None:
    cluster = from_nobody(*objects, ingressDeny=[{"fromEntities": ["host"]}])
    assert verdict(cluster, HERE, "default/db") is DENIED
    assert verdict(cluster, "default/here", "default/db") is DENIED


def test_the_own_node_and_a_rule_for_the_others_leave_no_doubt() -> None:
    cluster = from_nobody(pod("db"), *AGENTS, API_SERVER, ingress=[{"fromEntities": ["remote-node"]}])
    assert verdict(cluster, "default/anywhere", "default/db") is ACCEPTED
    assert verdict([*cluster, policy()], "default/anywhere", "default/db") is ACCEPTED
    denied = from_nobody(pod("db"), *AGENTS, API_SERVER, ingressDeny=[{"fromEntities": ["remote-node"]}])
    assert verdict(denied, "default/anywhere", "default/db") is UNKNOWN
    both = [*denied, cilium_policy("host", ingressDeny=[{"fromEntities": ["host"]}])]
    assert verdict(both, "default/anywhere", "default/db") is DENIED


@pytest.mark.parametrize(
    ("objects", "node_is", "outside_is", "name_is"),
    [
        ([*NODES, endpoint_slice("kubernetes", THERE)], DENIED, DENIED, DENIED),
        ([*NODES, endpoint_slice("kubernetes", HERE)], ACCEPTED, DENIED, DENIED),
        ([*NODES, endpoint_slice("kubernetes", HERE, OUTSIDE)], ACCEPTED, ACCEPTED, UNKNOWN),
        ([*NODES, endpoint_slice("kubernetes", OUTSIDE)], DENIED, ACCEPTED, UNKNOWN),
        ([*NODES, endpoint_slice("kubernetes")], DENIED, DENIED, DENIED),
        ([*NODES, endpoint_slice("kubernetes", HERE, ready=False)], DENIED, DENIED, DENIED),
        (
            [*NODES, endpoint_slice("kubernetes", HERE, ready=False, serving=True, terminating=True)],
            ACCEPTED,
            DENIED,
            DENIED,
        ),
        ([*NODES, endpoint_slice("kubernetes", HERE) | {"addressType": "FQDN"}], DENIED, DENIED, DENIED),
        ([*NODES, endpoint_slice("kubernetes", HERE, namespace="other")], UNKNOWN, DENIED, DENIED),
        ([*NODES, endpoint_slice("api", HERE)], UNKNOWN, DENIED, DENIED),
        (NODES, UNKNOWN, DENIED, DENIED),
    ],
)
def test_the_api_server_is_where_the_slices_of_its_service_say(
    objects: list[Manifest], node_is: Verdict, outside_is: Verdict, name_is: Verdict
) -> None:
    cluster = to("kube-apiserver", objects=[WEB, DB, *AGENTS[:1], *objects])
    assert verdict(cluster, "default/db", HERE) is node_is
    assert verdict(cluster, "default/db", "default/here") is node_is
    assert verdict(cluster, "default/db", OUTSIDE) is outside_is
    assert verdict(cluster, "default/db", NAME) is name_is
    assert verdict(cluster, "default/db", "other/web") is DENIED


def test_without_slices_and_nodes_anything_but_a_pod_may_be_the_api_server() -> None:
    cluster = to("kube-apiserver", objects=[WEB, DB, *AGENTS])
    for peer in (OUTSIDE, NAME, "default/here", "default/there"):
        assert verdict(cluster, "default/db", peer) is UNKNOWN
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(to("kube-apiserver", "world", objects=[DB]), "default/db", OUTSIDE) is ACCEPTED


def test_a_node_of_unknown_address_may_be_the_api_server() -> None:
    cluster = to("kube-apiserver", objects=[DB, host_pod("there", nodeName="n9"), API_SERVER])
    assert verdict(cluster, "default/db", "default/there") is UNKNOWN
    empty = to("kube-apiserver", objects=[DB, host_pod("there", nodeName="n9"), endpoint_slice("kubernetes")])
    assert verdict(empty, "default/db", "default/there") is DENIED


def test_an_api_server_outside_is_part_of_both_the_cluster_and_the_world() -> None:
    objects = [DB, endpoint_slice("kubernetes", OUTSIDE)]
    assert verdict(to("cluster", objects=objects), "default/db", OUTSIDE) is ACCEPTED
    assert verdict(to("world", objects=objects), "default/db", OUTSIDE) is ACCEPTED
    assert verdict(to("cluster", objects=[DB]), "default/db", OUTSIDE) is UNKNOWN
