"""What a MultiNetworkPolicy means on a secondary network, written down by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference.manifests import Manifest
from tests.reference.multinetwork import NETWORKS, POLICY_FOR, STATUS, attached, decide
from tests.reference.networkpolicy import Connection, Options, Verdict
from tests.reference.samples import (
    OUTSIDE,
    end,
    host_pod,
    namespace_object,
    node,
    pod,
    policy,
    serving,
    workload,
)

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
NET = "default/net"


def on(name: str, networks: str, *addresses: str, namespace: str | None = None, **more: Any) -> Manifest:
    """Return a pod attached to networks, with its addresses on ``default/net``."""
    status = [
        {"name": "cbr0", "interface": "eth0", "ips": ["10.9.9.9"], "default": True},
        {"name": NET, "interface": "net1", "ips": list(addresses)},
    ]
    annotations = {NETWORKS: networks, STATUS: json.dumps(status)}
    return pod(name, namespace, metadata={"annotations": annotations}, **more)


def multi(networks: str | None = "net", namespace: str | None = None, **spec: Any) -> Manifest:
    annotations = {} if networks is None else {POLICY_FOR: networks}
    made = policy(namespace, **spec)
    made["metadata"]["annotations"] = annotations
    return made | {"apiVersion": "k8s.cni.cncf.io/v1beta1", "kind": "MultiNetworkPolicy"}


def verdict(
    cluster: list[Manifest], src: str, dst: str, network: str = NET, port: int = 80, **options: bool
) -> Verdict:
    connection = Connection(end(cluster, src), end(cluster, dst), "TCP", port)
    return decide(cluster, network, connection, Options(**options))


def names(cluster: list[Manifest], network: str) -> list[str]:
    return [f"{found.namespace}/{found.name}" for found in attached(cluster, network)]


WEB, DB = on("web", "net", "192.0.2.1", labels={"app": "web"}), on("db", "net", "192.0.2.2", labels={"app": "db"})
OTHER = on("web", NET, "192.0.2.3", namespace="other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("net", ["a/net"]),
        ("b/net", ["b/net"]),
        ("net@net1", ["a/net"]),
        (" net , b/two@eth7 ", ["a/net", "b/two"]),
        ('[{"name": "net"}]', ["a/net"]),
        ('[{"name": "net", "namespace": "b", "interface": "x"}, {"name": "two"}]', ["b/net", "a/two"]),
        ('[{"name": "net", "namespace": ""}]', ["a/net"]),
        ("", []),
        ("[{", []),
    ],
)
def test_a_pod_is_attached_to_the_networks_its_annotation_names(text: str, networks: list[str]) -> None:
    cluster = [on("web", text, namespace="a")]
    known = ("a/net", "b/net", "a/two", "b/two")
    assert [network for network in known if attached(cluster, network)] == sorted(networks, key=known.index)


def test_a_pod_without_annotation_or_on_the_host_network_is_attached_to_nothing() -> None:
    agent = host_pod("agent", metadata={"annotations": {NETWORKS: "net"}})
    assert names([pod("plain"), agent, WEB], NET) == ["default/web"]


def test_the_pods_of_a_template_are_attached_by_its_annotation() -> None:
    stateful = workload("StatefulSet", "apps/v1", replicas=2)
    stateful["spec"]["template"]["metadata"]["annotations"] = {NETWORKS: "net"}
    assert names([stateful], NET) == ["default/app-0", "default/app-1"]


def test_the_addresses_of_a_pod_are_those_of_its_interfaces_on_the_network() -> None:
    status = [
        {"name": NET, "interface": "net1", "ips": ["192.0.2.1", "2001:db8::1"]},
        {"name": "net", "interface": "net2", "ips": ["192.0.2.9"]},
        {"name": "other/net", "interface": "net3", "ips": ["192.0.2.77"]},
        {"name": NET, "interface": "eth0", "ips": ["192.0.2.88"], "default": True},
        {"name": NET, "interface": "net4"},
    ]
    annotations = {NETWORKS: "net,net", STATUS: json.dumps(status)}
    (found,) = attached([pod("web", metadata={"annotations": annotations}, status={"podIP": "10.0.0.1"})], NET)
    assert [str(address) for address in found.addresses] == ["192.0.2.1", "2001:db8::1", "192.0.2.9"]


@pytest.mark.parametrize("status", [{}, {STATUS: ""}, {STATUS: "[{"}])
def test_without_a_status_the_addresses_are_unknown(status: Any) -> None:
    (found,) = attached([pod("web", metadata={"annotations": {NETWORKS: "net", **status}})], NET)
    assert found.addresses == ()


def test_without_policies_everyone_on_the_network_is_accepted() -> None:
    assert verdict(PODS, "other/web", "default/db") is ACCEPTED
    assert verdict(PODS, OUTSIDE, "default/db") is ACCEPTED
    assert verdict(PODS, "default/db", OUTSIDE) is ACCEPTED


def test_who_is_not_on_the_network_takes_no_part() -> None:
    cluster = [*PODS, pod("plain")]
    assert verdict(cluster, "default/plain", "default/db") is DENIED
    assert verdict(cluster, "default/db", "default/plain") is DENIED
    assert verdict(cluster, "default/web", "default/db", network="other/net") is DENIED


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("net", DENIED),
        (NET, DENIED),
        ("two, net", DENIED),
        ("two,default/net", DENIED),
        ("two", ACCEPTED),
        ("other/net", ACCEPTED),
        ("", ACCEPTED),
        (None, ACCEPTED),
    ],
)
def test_a_policy_is_for_the_networks_its_annotation_names(networks: str | None, expected: Verdict) -> None:
    assert verdict([*PODS, multi(networks)], "default/web", "default/db") is expected


def test_a_policy_is_for_pods_of_its_own_namespace_even_on_a_network_of_another() -> None:
    closed = multi(NET, "other")
    assert verdict([*PODS, closed], "default/db", "other/web") is DENIED
    assert verdict([*PODS, closed], "other/web", "default/db") is ACCEPTED
    assert verdict([*PODS, multi("net", "other")], "default/db", "other/web") is ACCEPTED


def test_a_policy_restricts_no_other_network() -> None:
    cluster = [on("web", "net,two"), on("db", "net,two"), multi("net")]
    assert verdict(cluster, "default/web", "default/db") is DENIED
    assert verdict(cluster, "default/web", "default/db", network="default/two") is ACCEPTED


def test_a_network_policy_does_not_restrict_a_secondary_network() -> None:
    assert verdict([*PODS, policy()], "default/web", "default/db") is ACCEPTED
    assert verdict([*PODS, multi() | {"apiVersion": "example.test/v1"}], "default/web", "default/db") is ACCEPTED


@pytest.mark.parametrize("version", ["v1beta1", "v1beta2"])
def test_both_versions_of_the_api_mean_the_same(version: str) -> None:
    closed = multi() | {"apiVersion": f"k8s.cni.cncf.io/{version}"}
    assert verdict([*PODS, closed], "default/web", "default/db") is DENIED


def test_both_ends_must_accept() -> None:
    cluster = [*PODS, multi(podSelector={"matchLabels": {"app": "db"}}, policyTypes=["Egress"])]
    assert verdict(cluster, "default/db", "default/web") is DENIED
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED


def test_selectors_find_pods_and_namespaces_as_in_a_network_policy() -> None:
    team = {"namespaceSelector": {"matchLabels": {"team": "red"}}}
    cluster = [*PODS, namespace_object("other", team="red"), multi(ingress=[{"from": [team]}])]
    assert verdict(cluster, "other/web", "default/db") is ACCEPTED
    assert verdict(cluster, "default/web", "default/db") is DENIED
    web = [*PODS, multi(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}])]
    assert verdict(web, "default/web", "default/db") is ACCEPTED
    assert verdict(web, "other/web", "default/db") is DENIED
    assert verdict(web, OUTSIDE, "default/db") is DENIED


@pytest.mark.parametrize("option", [False, True])
def test_blocks_match_pods_by_their_addresses_on_the_network(option: bool) -> None:
    cluster = [*PODS, multi(ingress=[{"from": [{"ipBlock": {"cidr": "192.0.2.0/31"}}]}])]
    assert verdict(cluster, "default/web", "default/db", ipblock_matches_pods=option) is ACCEPTED
    assert verdict(cluster, "other/web", "default/db", ipblock_matches_pods=option) is DENIED
    primary = [*PODS, multi(ingress=[{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}])]
    assert verdict(primary, "default/web", "default/db", ipblock_matches_pods=option) is DENIED


@pytest.mark.parametrize(("cidr", "expected"), [("0.0.0.0/0", ACCEPTED), ("192.0.2.0/24", UNKNOWN)])
def test_a_block_may_match_a_pod_of_unknown_address(cidr: str, expected: Verdict) -> None:
    cluster = [on("web", "net"), DB, multi(ingress=[{"from": [{"ipBlock": {"cidr": cidr}}]}])]
    assert verdict(cluster, "default/web", "default/db") is expected


def test_ports_match_as_in_a_network_policy() -> None:
    db = on("db", "net", "192.0.2.2", containers=[serving("http", 8080)])
    cluster = [WEB, db, multi(ingress=[{"ports": [{"port": "http"}, {"port": 90, "endPort": 95}]}])]
    reached = [
        port
        for port in (80, 89, 90, 95, 96, 8080)
        if verdict(cluster, "default/web", "default/db", port=port) is ACCEPTED
    ]
    assert reached == [90, 95, 8080]


def test_a_node_has_no_privilege_on_a_secondary_network() -> None:
    db = on("db", "net", "192.0.2.2", nodeName="n1")
    cluster = [node("n1", "192.168.0.10"), db, host_pod("agent", nodeName="n1"), multi()]
    assert verdict(cluster, "192.168.0.10", "default/db") is DENIED
    assert verdict(cluster, "default/agent", "default/db") is DENIED


def test_a_pod_always_reaches_itself() -> None:
    assert verdict([DB, multi(policyTypes=["Ingress", "Egress"])], "default/db", "default/db") is ACCEPTED


def test_policies_are_enforced_whatever_the_pod_network_does() -> None:
    assert verdict([*PODS, multi()], "default/web", "default/db", enforced=False) is DENIED
