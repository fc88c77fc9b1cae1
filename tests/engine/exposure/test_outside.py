from __future__ import annotations

import pytest
from tests.engine.exposure.clusters import NODES, exposed, only, pod, policy, service

from firedoor.model.exposure import Exposure
from firedoor.model.verdicts import Verdict

WEB = pod("web", address="10.244.0.5")
EVERYONE = ("0.0.0.0-255.255.255.255",)


def lb(local: bool) -> str:
    how = "Local" if local else "Cluster"
    port = "ports: [{port: 80, targetPort: 8080}]"
    return service("web", f"type: LoadBalancer, externalTrafficPolicy: {how}, selector: {{app: web}}, {port}")


def admits(cidr: str) -> str:
    return policy(f"podSelector: {{}}, ingress: [{{from: [{{ipBlock: {{cidr: {cidr}}}}}]}}]")


def with_policy(cidr: str, *, local: bool, nodes: str = NODES) -> Exposure:
    return only(WEB, *([nodes] if nodes else []), lb(local), admits(cidr))


@pytest.mark.parametrize("local", [True, False])
def test_everyone_admitted_is_accepted_both_ways(local: bool) -> None:
    found = with_policy("0.0.0.0/0", local=local)
    assert (found.verdict, found.arrival.accepted, found.arrival.because) == (Verdict.ACCEPTED, EVERYONE, ())


def test_local_keeps_the_clients_address_so_that_its_block_decides() -> None:
    found = with_policy("203.0.113.0/24", local=True)
    assert (found.verdict, found.arrival.accepted) == (Verdict.ACCEPTED, ("203.0.113.0-203.0.113.255",))
    assert (found.arrival.unknown, found.arrival.because) == ((), ())


def test_cluster_may_hide_the_client_behind_a_node_that_is_not_admitted() -> None:
    found = with_policy("203.0.113.0/24", local=False)
    assert (found.verdict, found.arrival.accepted, found.arrival.unknown) == (Verdict.UNKNOWN, (), EVERYONE)
    (because,) = found.arrival.because
    assert "clients' addresses are accepted only from 203.0.113.0-203.0.113.255" in because
    assert "nodes' are accepted or not, depending on the node" in because


def test_the_network_of_the_nodes_is_what_snat_needs_and_clients_have_not() -> None:
    local, cluster = (with_policy("10.0.0.0/24", local=each) for each in (True, False))
    # Some addresses of the block are no nodes': from them Local accepts.
    assert (local.verdict, local.arrival.accepted) == (Verdict.ACCEPTED, ("10.0.0.0-10.0.0.255",))
    assert (cluster.verdict, cluster.arrival.accepted) == (Verdict.ACCEPTED, ("10.0.0.0-10.0.0.255",))
    assert cluster.arrival.unknown == ("0.0.0.0-9.255.255.255", "10.0.1.0-255.255.255.255")
    assert "nodes' are accepted" in cluster.arrival.because[0]


def test_addresses_of_nodes_and_pods_alone_are_not_outside() -> None:
    for cidr in ("10.0.0.1/32", "10.244.0.0/23", "10.244.0.5/32"):
        found = with_policy(cidr, local=True)
        assert (found.verdict, found.arrival.accepted) == (Verdict.DENIED, ())
        assert found.arrival.because == ("the policies of the pod accept no address outside on this port",)


def test_nobody_admitted_is_denied_only_where_the_clients_address_is_kept() -> None:
    deny = policy("podSelector: {}, ingress: []")
    local, cluster = (only(WEB, NODES, lb(each), deny) for each in (True, False))
    assert local.verdict is Verdict.DENIED
    # A node reaches its own pods whatever policies say, and SNAT may make a client look like that node.
    assert cluster.verdict is Verdict.UNKNOWN
    assert "clients' addresses are denied" in cluster.arrival.because[0]


@pytest.mark.parametrize("nodes", ["", NODES.split("---")[1]])
def test_without_the_nodes_the_address_after_snat_may_be_any(nodes: str) -> None:
    assert with_policy("10.0.0.0/24", local=False, nodes=nodes).verdict is Verdict.UNKNOWN
    assert with_policy("0.0.0.0/0", local=False, nodes=nodes).verdict is Verdict.ACCEPTED


def test_only_the_admitted_port_is_open() -> None:
    narrow = policy("podSelector: {}, ingress: [{ports: [{port: 8443}]}]")
    assert only(WEB, NODES, lb(local=True), narrow).verdict is Verdict.DENIED


def test_many_ranges_are_told_in_part() -> None:
    blocks = ", ".join(f"{{ipBlock: {{cidr: 192.0.2.{each}/32}}}}" for each in (1, 3, 5, 7, 9))
    some = policy(f"podSelector: {{}}, ingress: [{{from: [{blocks}]}}]")
    assert "and 2 more ranges," in only(WEB, NODES, lb(local=False), some).arrival.because[0]


def test_neighbouring_ranges_are_one() -> None:
    blocks = "{ipBlock: {cidr: 203.0.113.0/25}}, {ipBlock: {cidr: 203.0.113.128/25}}"
    some = policy(f"podSelector: {{}}, ingress: [{{from: [{blocks}]}}]")
    assert only(WEB, lb(local=True), some).arrival.accepted == ("203.0.113.0-203.0.113.255",)


def test_gaps_make_the_answer_unknown() -> None:
    unread = """
    {apiVersion: crd.antrea.io/v1beta1, kind: NetworkPolicy, metadata: {name: x, namespace: shop}, spec: {}}
    """
    found = only(WEB, NODES, lb(local=True), unread)
    assert (found.verdict, found.arrival.unknown) == (Verdict.UNKNOWN, EVERYONE)
    assert "see the gaps" in found.arrival.because[0]


def test_both_families_are_told_apart() -> None:
    both = "{name: web, namespace: shop, labels: {app: web}}"
    dual = (
        f"{{apiVersion: v1, kind: Pod, metadata: {both}, spec: {{nodeName: n1, containers: [{{name: c, image: a}}]}}, "
        "status: {phase: Running, podIPs: [{ip: 10.244.0.5}, {ip: 'fd00::5'}]}}"
    )
    four = admits("0.0.0.0/0")
    found = only(dual, NODES, lb(local=True), four)
    assert found.arrival.accepted == EVERYONE
    assert only(dual, NODES, lb(local=True)).arrival.accepted == (
        *EVERYONE,
        "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    )
    # A pod of one family alone is asked about that one.
    single = pod("single", labels="app: web", address="10.244.0.6")
    found_of = {str(each.backend): each.arrival.accepted for each in exposed(single, dual, lb(local=True))}
    assert found_of["shop/single"] == EVERYONE
    assert len(found_of["shop/web"]) == 2


UNSURE = """
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: c},
 spec: {tier: Admin, priority: 5, subject: {namespaces: {}},
        ingress: [{action: Deny, from: [{namespaces: {}}], later: field}]}}
"""


def test_a_rule_that_is_not_understood_leaves_the_answer_open() -> None:
    local, cluster = (only(WEB, NODES, lb(each), UNSURE) for each in (True, False))
    assert (local.verdict, local.arrival.unknown) == (Verdict.UNKNOWN, EVERYONE)
    assert local.arrival.because == ("what the policies of the pod say of some addresses is unknown",)
    assert "clients' addresses are unknown" in cluster.arrival.because[0]


def test_nodes_of_another_family_are_not_what_a_pod_sees() -> None:
    six = """
    {apiVersion: v1, kind: Node, metadata: {name: n1}, status: {addresses: [{type: InternalIP, address: 'fd00::1'},
     {type: InternalIP, address: 10.0.0.1}]}}
    """
    assert only(WEB, six, lb(local=False), admits("0.0.0.0/0")).verdict is Verdict.ACCEPTED


def test_addresses_that_are_none_are_no_part_of_the_inside() -> None:
    node = """
    {apiVersion: v1, kind: Node, metadata: {name: n1}, spec: {podCIDR: banana, podCIDRs: [1.2.3.4/99]},
     status: {addresses: [{type: ExternalIP, address: zzz}]}}
    """
    broken = pod("web", address="nope")
    assert only(broken, node, lb(local=True), admits("0.0.0.0/0")).arrival.accepted == EVERYONE
