"""Whom the peers of cluster-wide policies find, corner by corner, written down by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.clusternetworkpolicy import Verdict
from tests.reference.cnp_samples import (
    DEFAULT_NAMESPACE,
    EVERYONE,
    anp,
    arriving,
    banp,
    baseline,
    cnp,
    labelled,
    labelled_node,
    rule,
    verdict,
)
from tests.reference.domains import DomainName, name_matches
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, pod, policy

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
WHOLE = ["0.0.0.0/0", "::/0"]

WEB = pod("web", labels={"app": "web"}, nodeName="n1", status={"podIP": "10.0.0.1"})
DB = pod("db", labels={"app": "db"}, nodeName="n2", status={"podIP": "10.0.0.2"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]
NAME = DomainName("api.example.com")


def denied_to(dst: str, *peers: Manifest, objects: Any = ()) -> Verdict:
    """Return what ``web`` gets where one Deny rule names the peers."""
    return verdict([*PODS, *objects, cnp(rule("Deny", *peers))], "default/web", dst)


def accepted_to(dst: str, *peers: Manifest, objects: Any = ()) -> Verdict:
    """Return what ``web`` gets where one Accept rule names the peers and everything else is denied."""
    return verdict([*PODS, *objects, cnp(rule("Accept", *peers), ALL_ELSE)], "default/web", dst)


ALL_ELSE = rule("Deny", {"networks": WHOLE}, EVERYONE)


@pytest.mark.parametrize("kind", [cnp, anp, baseline, banp])
def test_ingress_rules_find_the_source(kind: Callable[..., Manifest]) -> None:
    guarded = kind(ingress=[arriving(rule("Deny", labelled("web")))])
    assert verdict([*PODS, guarded], "other/web", "default/db") is DENIED
    assert verdict([*PODS, guarded], "default/db", "default/web") is ACCEPTED
    assert verdict([*PODS, guarded], OUTSIDE, "default/db") is ACCEPTED


@pytest.mark.parametrize(
    ("peer", "here", "there"),
    [
        (EVERYONE, DENIED, DENIED),
        (DEFAULT_NAMESPACE, DENIED, ACCEPTED),
        (labelled("web"), ACCEPTED, DENIED),
        ({"pods": {"podSelector": {}}}, DENIED, DENIED),
        ({"pods": {"podSelector": {"matchLabels": {"app": "db"}}}, "namespaces": None}, DENIED, ACCEPTED),
        ({"pods": {"namespaceSelector": DEFAULT_NAMESPACE["namespaces"], "podSelector": {}}}, DENIED, ACCEPTED),
        (
            {"pods": {"namespaceSelector": DEFAULT_NAMESPACE["namespaces"], **labelled("web")["pods"]}},
            ACCEPTED,
            DENIED,
        ),
    ],
)
def test_peers_of_pods_match_both_the_namespace_and_the_pod(peer: Manifest, here: Verdict, there: Verdict) -> None:
    assert denied_to("default/db", peer) is here
    assert denied_to("other/web", peer) is there
    assert denied_to(OUTSIDE, peer) is ACCEPTED
    assert denied_to(NAME, peer) is ACCEPTED


def test_any_of_several_peers_suffices() -> None:
    assert denied_to("default/db", labelled("none"), labelled("db")) is DENIED
    assert denied_to("default/db", {"networks": ["192.0.2.0/24"]}, labelled("db")) is DENIED
    assert denied_to("default/db", {"networks": ["192.0.2.0/24"]}, labelled("none")) is ACCEPTED


@pytest.mark.parametrize("peer", [EVERYONE, {"pods": {"podSelector": {}}}])
def test_pods_on_the_host_network_are_no_peers_of_selectors(peer: Manifest) -> None:
    agent = host_pod("agent", nodeName="n3")
    assert denied_to("default/agent", peer, objects=[agent]) is ACCEPTED
    guarded = cnp(ingress=[arriving(rule("Deny", peer))])
    assert verdict([*PODS, agent, guarded], "default/agent", "default/db") is ACCEPTED


PLACES: dict[str, Any] = {
    "v4": {"podIP": "10.1.0.1"},
    "v6": {"podIP": "fd00::1"},
    "dual": {"podIP": "10.1.0.1", "podIPs": [{"ip": "10.1.0.1"}, {"ip": "fd00::1"}]},
    "unknown": None,
}


@pytest.mark.parametrize(
    ("place", "networks", "expected"),
    [
        ("v4", ["10.0.0.0/8"], DENIED),
        ("v4", ["192.0.2.0/24", "10.1.0.1/32"], DENIED),
        ("v4", ["10.1.0.2/32", "::/0"], ACCEPTED),
        ("v6", ["0.0.0.0/0"], ACCEPTED),
        ("v6", ["fd00::/8"], DENIED),
        ("dual", ["0.0.0.0/0"], UNKNOWN),
        ("dual", ["fd00::/8"], UNKNOWN),
        ("dual", ["10.1.0.0/16", "fd00::/8"], DENIED),
        ("dual", ["10.2.0.0/16", "fd01::/16"], ACCEPTED),
        ("unknown", ["0.0.0.0/0"], DENIED),
        ("unknown", ["10.0.0.0/8"], UNKNOWN),
        ("unknown", ["::/0"], UNKNOWN),
    ],
)
def test_networks_match_pods_by_their_addresses(place: str, networks: list[str], expected: Verdict) -> None:
    target = pod("target", "other", status=PLACES[place])
    assert denied_to("other/target", {"networks": networks}, objects=[target]) is expected


def test_networks_in_several_peers_of_a_rule_add_up() -> None:
    target = pod("target", "other", status=PLACES["dual"])
    peers = [{"networks": ["10.0.0.0/8"]}, {"networks": ["fd00::/8"]}]
    assert denied_to("other/target", *peers, objects=[target]) is DENIED


@pytest.mark.parametrize(
    ("address", "expected"),
    [("198.51.100.7", DENIED), ("198.51.101.0", ACCEPTED), ("::ffff:198.51.100.7", DENIED), ("2001:db8::1", ACCEPTED)],
)
def test_networks_match_addresses_outside(address: str, expected: Verdict) -> None:
    assert denied_to(address, {"networks": ["198.51.100.9/24"]}) is expected


def test_networks_match_nodes_and_the_pods_on_their_network() -> None:
    objects = [labelled_node("n3", {}, "192.168.0.3"), host_pod("agent", nodeName="n3"), host_pod("lost")]
    inside, outside = {"networks": ["192.168.0.0/24"]}, {"networks": ["192.168.1.0/24"]}
    for dst in ("192.168.0.3", "default/agent"):
        assert denied_to(dst, inside, objects=objects) is DENIED
        assert denied_to(dst, outside, objects=objects) is ACCEPTED
    assert denied_to("default/lost", inside, objects=objects) is UNKNOWN


@pytest.mark.parametrize(
    ("selector", "edge", "plain", "lost"),
    [
        ({}, DENIED, DENIED, DENIED),
        ({"matchLabels": {"zone": "edge"}}, DENIED, ACCEPTED, UNKNOWN),
        ({"matchExpressions": [{"key": "zone", "operator": "DoesNotExist"}]}, ACCEPTED, DENIED, UNKNOWN),
        ({"matchLabels": {"zone": None}, "matchExpressions": None}, DENIED, DENIED, DENIED),
    ],
)
def test_nodes_match_addresses_of_nodes_and_the_pods_on_their_network(
    selector: Manifest, edge: Verdict, plain: Verdict, lost: Verdict
) -> None:
    objects = [
        labelled_node("n3", {"zone": "edge"}, "192.168.0.3", "203.0.113.3"),
        labelled_node("n4", None, "192.168.0.4", "203.0.113.4"),
        host_pod("on-edge", nodeName="n3"),
        host_pod("on-plain", nodeName="n4"),
        host_pod("elsewhere", nodeName="n9"),
        host_pod("lost"),
        pod("guest", nodeName="n3"),
    ]
    expected = {
        **dict.fromkeys(("192.168.0.3", "203.0.113.3", "default/on-edge"), edge),
        **dict.fromkeys(("192.168.0.4", "203.0.113.4", "default/on-plain"), plain),
        **dict.fromkeys(("default/elsewhere", "default/lost"), lost),
        **dict.fromkeys((OUTSIDE, "default/guest", NAME), ACCEPTED),
    }
    found = {dst: denied_to(dst, {"nodes": selector}, objects=objects) for dst in expected}
    assert found == expected


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("kubernetes.io", "kubernetes.io", True),
        ("kubernetes.io", "www.kubernetes.io", False),
        ("kubernetes.io", "my-kubernetes.io", False),
        ("*.kubernetes.io", "www.kubernetes.io", True),
        ("*.kubernetes.io", "latest.blog.kubernetes.io", True),
        ("*.kubernetes.io", "kubernetes.io", False),
        ("*.kubernetes.io", ".kubernetes.io", False),
        ("*.kubernetes.io", "my-kubernetes.io", False),
        ("*.Kubernetes.io.", "WWW.kubernetes.IO", True),
        ("kubernetes.io", "kubernetes.io.", True),
    ],
)
def test_patterns_of_domain_names(pattern: str, name: str, *, expected: bool) -> None:
    assert name_matches(pattern, DomainName(name)) is expected


@pytest.mark.parametrize("kind", [cnp, anp])
def test_domain_names_accept_names_and_perhaps_addresses(kind: Callable[..., Manifest]) -> None:
    action = "Accept" if kind is cnp else "Allow"
    nodes = [labelled_node("n3", {}, "192.168.0.3", "203.0.113.3")]
    peer = {"domainNames": ["other.example", "*.example.com"]}
    cluster = [*PODS, *nodes, kind(rule(action, peer), ALL_ELSE)]
    expected = {
        NAME: ACCEPTED,
        DomainName("example.com"): DENIED,
        OUTSIDE: UNKNOWN,
        "192.168.0.3": DENIED,
        "203.0.113.3": DENIED,
        "default/db": DENIED,
    }
    assert {dst: verdict(cluster, "default/web", dst) for dst in expected} == expected


def test_a_domain_name_that_may_be_an_address_is_hidden_by_what_surely_matches_before() -> None:
    deny = rule("Deny", {"networks": [f"{OUTSIDE}/32"]})
    cluster = [*PODS, cnp(deny, rule("Accept", {"domainNames": ["*.example.com"]}), ALL_ELSE)]
    assert verdict(cluster, "default/web", OUTSIDE) is DENIED


@pytest.mark.parametrize("action", ["Deny", "Pass"])
def test_domain_names_outside_of_accept_rules_may_or_may_not_work(action: str) -> None:
    cluster = [*PODS, cnp(rule(action, {"domainNames": ["*.example.com"]}), rule("Accept", {"networks": WHOLE}))]
    closed = policy(policyTypes=["Egress"])
    assert verdict([*cluster, closed], "default/web", NAME) is UNKNOWN
    assert verdict([*cluster, closed], "default/web", DomainName("example.com")) is ACCEPTED
    assert verdict([*cluster, closed], "default/web", "default/db") is ACCEPTED


@pytest.mark.parametrize(
    ("peers", "expected"),
    [
        ([{"networks": WHOLE}], DENIED),
        ([{"networks": ["0.0.0.0/0"]}, {"networks": ["::/0"]}], DENIED),
        ([{"networks": ["0.0.0.0/0"]}], UNKNOWN),
        ([{"networks": ["198.51.100.0/24"]}], UNKNOWN),
        ([{"nodes": {}}], ACCEPTED),
        ([EVERYONE], ACCEPTED),
    ],
)
def test_a_name_is_surely_inside_of_all_addresses_only(peers: list[Manifest], expected: Verdict) -> None:
    assert denied_to(NAME, *peers) is expected


@pytest.mark.parametrize(
    ("egress", "expected"),
    [
        ({}, ACCEPTED),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]}, ACCEPTED),
        ({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}, UNKNOWN),
        (
            {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}, {"ipBlock": {"cidr": "::/0"}}]},
            UNKNOWN,
        ),
        ({"to": [{"podSelector": {}}, {"namespaceSelector": {}}]}, DENIED),
        ({"ports": [{"port": 81}]}, DENIED),
        ({"ports": [{"port": "http"}]}, DENIED),
    ],
)
def test_network_policies_judge_names_by_the_blocks_of_a_rule(egress: Manifest, expected: Verdict) -> None:
    assert verdict([*PODS, policy(policyTypes=["Egress"], egress=[egress])], "default/web", NAME) is expected


FUTURE: Manifest = {"serviceAccounts": {}}


@pytest.mark.parametrize(
    ("build", "action"),
    [(build, action) for build in (cnp, anp, baseline) for action in ("Deny", "Pass")] + [(banp, "Deny")],
)
def test_a_peer_of_a_later_version_makes_a_rule_deny_everything(build: Callable[..., Manifest], action: str) -> None:
    port = {"ports": [{"portNumber": {"protocol": "UDP", "port": 9}}]}
    closed = build(rule(action, FUTURE, labelled("none"), **port))
    for dst in ("default/db", OUTSIDE, NAME):
        assert verdict([*PODS, closed], "default/web", dst) is DENIED


@pytest.mark.parametrize("peers", [[FUTURE], [FUTURE, EVERYONE], [{}], [None]])
def test_a_peer_of_a_later_version_makes_an_accepting_rule_match_nothing(peers: list[Any]) -> None:
    assert accepted_to("default/db", *peers) is DENIED
    assert accepted_to("default/db", EVERYONE) is ACCEPTED


def test_fields_of_egress_are_unknown_to_ingress_and_domains_to_the_baseline_kind() -> None:
    inward = cnp(ingress=[arriving(rule("Deny", {"networks": ["192.0.2.0/24"]}))])
    assert verdict([*PODS, inward], "default/web", "default/db") is DENIED
    named = {"domainNames": ["example.com"]}
    assert verdict([*PODS, banp(rule("Deny", named))], "default/web", "default/db") is DENIED
    assert verdict([*PODS, cnp(rule("Deny", named))], "default/web", "default/db") is ACCEPTED


UNKNOWN_INGRESS_PEER = {"action": "Deny", "from": [{"realms": ["x"]}]}


@pytest.mark.parametrize(("node", "expected"), [("n2", ACCEPTED), ("n1", DENIED), (None, UNKNOWN)])
def test_the_own_node_of_a_pod_is_exempt_in_every_tier(node: str | None, expected: Verdict) -> None:
    agent = host_pod("agent", **({"nodeName": node} if node else {}))
    for kind in (cnp, anp, baseline, banp):
        cluster = [*PODS, agent, kind(ingress=[UNKNOWN_INGRESS_PEER])]
        assert verdict(cluster, "default/agent", "default/db") is expected


def test_the_exemption_is_for_ingress_and_for_the_internal_address_of_the_own_node() -> None:
    nodes = [labelled_node("n1", {}, "192.168.0.1"), labelled_node("n2", {}, "192.168.0.2", "203.0.113.2")]
    cluster = [*PODS, *nodes, cnp(rule("Deny", {"networks": ["0.0.0.0/0"]}), ingress=[UNKNOWN_INGRESS_PEER])]
    assert verdict(cluster, "192.168.0.2", "default/db") is ACCEPTED
    assert verdict(cluster, "203.0.113.2", "default/db") is DENIED
    assert verdict(cluster, "192.168.0.1", "default/db") is DENIED
    assert verdict(cluster, "default/db", "192.168.0.2") is DENIED
