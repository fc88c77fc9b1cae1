"""Which peers Cilium rules find by address, by name, by Service and by node."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from tests.reference.cilium import DomainName, Verdict
from tests.reference.cilium_rules import name_matches
from tests.reference.cilium_samples import cidr_group, cilium_policy, endpoint_slice, service, verdict
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, host_pod, node, pod, policy

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
NAME = DomainName("www.example.test")
THERE = "192.168.0.11"
WEB = pod("web", "other", labels={"app": "web"}, status={"podIP": "10.0.0.1"})
DB = pod("db", nodeName="n1")
AGENT = host_pod("agent", nodeName="n2")
NODE = node("n2", THERE)


def only(*objects: Manifest, **rule: Any) -> list[Manifest]:
    """Return a cluster whose ``db`` may reach only what one rule matches."""
    return [DB, WEB, AGENT, NODE, *objects, cilium_policy(egress=[rule])]


def to_cidrs(form: str, *cidrs: str) -> list[Manifest]:
    """Return a cluster whose ``db`` may reach only some CIDRs, written in one of the ways there are."""
    match form:
        case "toCIDR":
            return only(toCIDR=list(cidrs))
        case "cidr":
            return only(toCIDRSet=[{"cidr": cidr} for cidr in cidrs])
        case "cidrGroupRef":
            return only(cidr_group("g", *cidrs), toCIDRSet=[{"cidrGroupRef": "g"}])
        case _:
            selector = {"matchLabels": {"app": "partner"}}
            return only(cidr_group("g", *cidrs, app="partner"), toCIDRSet=[{"cidrGroupSelector": selector}])


FORMS = ("toCIDR", "cidr", "cidrGroupRef", "cidrGroupSelector")


@pytest.mark.parametrize("form", FORMS)
def test_a_cidr_matches_from_its_first_to_its_last_address_and_no_name_surely(form: str) -> None:
    cluster = to_cidrs(form, "203.0.113.0/24", "2001:db8::/32")
    for address, expected in [
        ("203.0.112.255", DENIED),
        ("203.0.113.0", ACCEPTED),
        ("203.0.113.255", ACCEPTED),
        ("203.0.114.0", DENIED),
        ("2001:db8::1", ACCEPTED),
        ("2001:db9::1", DENIED),
        (NAME, UNKNOWN),
    ]:
        assert verdict(cluster, "default/db", address) is expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "10.0.0.0/8", "192.168.0.0/24"])
@pytest.mark.parametrize("mode", [set(), {"nodes"}, {"pods"}, {"nodes", "pods"}])
def test_a_cidr_matches_pods_and_nodes_only_where_cilium_is_told_to(form: str, cidr: str, mode: set[str]) -> None:
    cluster = to_cidrs(form, cidr)
    inside = {"pods": cidr != "192.168.0.0/24", "nodes": cidr != "10.0.0.0/8"}
    ask = partial(verdict, ipblock_matches_pods="pods" in mode, ipblock_matches_nodes="nodes" in mode)
    for kind, peer in (("pods", "other/web"), ("nodes", THERE), ("nodes", "default/agent")):
        expected = ACCEPTED if inside[kind] and kind in mode else DENIED
        assert ask(cluster, "default/db", peer) is expected


def test_a_pod_of_unknown_address_may_be_inside_a_cidr() -> None:
    lost = pod("lost", "other")
    for rule, expected in (
        ({"cidr": "10.0.0.0/8"}, UNKNOWN),
        ({"cidr": "::/0"}, UNKNOWN),
        ({"cidr": "0.0.0.0/0"}, ACCEPTED),
        ({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}, UNKNOWN),
        ({"cidr": "0.0.0.0/0", "except": ["0.0.0.0/0"]}, DENIED),
    ):
        cluster = only(lost, toCIDRSet=[rule])
        assert verdict(cluster, "default/db", "other/lost", ipblock_matches_pods=True) is expected
        assert verdict(cluster, "default/db", "other/lost") is DENIED


def test_an_exception_holds_for_all_addresses_of_a_pod() -> None:
    dual = pod("dual", "other", status={"podIPs": [{"ip": "10.0.0.9"}, {"ip": "2001:db8::9"}]})
    group = cidr_group("g", "10.0.0.0/24", "2001:db8::/64")
    for holes, expected in (
        ([], ACCEPTED),
        (["10.0.0.8/30"], DENIED),
        (["2001:db8::8/126"], DENIED),
        (["10.0.0.4/30"], ACCEPTED),
    ):
        cluster = only(group, dual, toCIDRSet=[{"cidrGroupRef": "g", "except": holes}])
        assert verdict(cluster, "default/db", "other/dual", ipblock_matches_pods=True) is expected


def test_what_stands_for_addresses_otherwise_finds_pods_as_cidrs_do() -> None:
    found = only(service("s"), endpoint_slice("s", "10.0.0.1"), toServices=[{"k8sService": {"serviceName": "s"}}])
    unsure = only(toGroups=[{"aws": {"securityGroupsIds": ["sg-1"]}}])
    outside = only(toEntities=["world"])
    for cluster, expected in ((found, ACCEPTED), (unsure, UNKNOWN), (outside, DENIED)):
        assert verdict(cluster, "default/db", "other/web", ipblock_matches_pods=True) is expected
        assert verdict(cluster, "default/db", "other/web") is DENIED


def test_a_cidr_denies_the_pods_that_it_matches() -> None:
    opened = cilium_policy(egress=[{"toEntities": ["cluster"]}])
    closed = cilium_policy("deny", egressDeny=[{"toCIDR": ["10.0.0.0/24"]}])
    assert verdict([DB, WEB, opened, closed], "default/db", "other/web") is ACCEPTED
    assert verdict([DB, WEB, opened, closed], "default/db", "other/web", ipblock_matches_pods=True) is DENIED


def test_a_node_of_unknown_address_may_be_inside_a_cidr() -> None:
    lost = host_pod("lost", nodeName="n9")
    part, whole = (only(lost, toCIDR=[cidr]) for cidr in ("192.168.0.0/24", "0.0.0.0/0"))
    cut = only(lost, toCIDRSet=[{"cidr": "0.0.0.0/0", "except": ["192.168.0.0/24"]}])
    assert verdict(part, "default/db", "default/lost", ipblock_matches_nodes=True) is UNKNOWN
    assert verdict(cut, "default/db", "default/lost", ipblock_matches_nodes=True) is UNKNOWN
    assert verdict(whole, "default/db", "default/lost", ipblock_matches_nodes=True) is ACCEPTED
    assert verdict(part, "default/db", "default/lost") is DENIED


def test_a_cidr_without_a_mask_is_one_address() -> None:
    cluster = only(toCIDR=[OUTSIDE])
    assert verdict(cluster, "default/db", OUTSIDE) is ACCEPTED
    assert verdict(cluster, "default/db", "198.51.100.8") is DENIED


@pytest.mark.parametrize("source", [{"cidr": "203.0.113.0/24"}, {"cidrGroupRef": "g"}])
def test_exceptions_are_cut_out_of_their_own_element_only(source: Manifest) -> None:
    holed = source | {"except": ["203.0.113.0/25"]}
    group = cidr_group("g", "203.0.113.0/24")
    assert verdict(only(group, toCIDRSet=[holed]), "default/db", "203.0.113.127") is DENIED
    assert verdict(only(group, toCIDRSet=[holed]), "default/db", "203.0.113.128") is ACCEPTED
    both = only(group, toCIDRSet=[holed, {"cidr": "203.0.113.5/32"}])
    assert verdict(both, "default/db", "203.0.113.5") is ACCEPTED


def test_a_group_that_is_not_there_or_not_meant_holds_nothing() -> None:
    group = cidr_group("g", f"{OUTSIDE}/32", app="partner")
    for rule in (
        {"cidrGroupRef": "other"},
        {"cidrGroupSelector": {"matchLabels": {"app": "other"}}},
        {"cidrGroupSelector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}},
    ):
        assert verdict(only(group, toCIDRSet=[rule]), "default/db", OUTSIDE) is DENIED
    assert verdict(only(group, toCIDRSet=[{"cidrGroupSelector": {}}]), "default/db", OUTSIDE) is ACCEPTED


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"matchLabels": {"cidrgroup:app": "partner"}}, ACCEPTED),
        ({"matchLabels": {"any:app": "partner"}}, ACCEPTED),
        ({"matchLabels": {"k8s:app": "partner"}}, DENIED),
        ({"matchLabels": {"io.cilium.policy.cidrgroupname/g": ""}}, ACCEPTED),
        ({"matchLabels": {"io.cilium.policy.cidrgroupname/h": ""}}, DENIED),
        ({"matchExpressions": [{"key": "k8s:app", "operator": "DoesNotExist"}]}, ACCEPTED),
        ({"matchExpressions": [{"key": "reserved:world", "operator": "Exists"}]}, ACCEPTED),
        ({"matchExpressions": [{"key": "world", "operator": "Exists"}]}, DENIED),
        ({"matchExpressions": [{"key": "any:world", "operator": "Exists"}]}, ACCEPTED),
    ],
)
def test_a_selector_of_groups_is_asked_about_all_labels_of_an_address(selector: Manifest, expected: Verdict) -> None:
    group = cidr_group("g", f"{OUTSIDE}/32", app="partner")
    assert verdict(only(group, toCIDRSet=[{"cidrGroupSelector": selector}]), "default/db", OUTSIDE) is expected


def test_an_address_of_no_group_has_no_labels_of_groups() -> None:
    group = cidr_group("g", "203.0.113.0/24", app="partner")
    other = [{"cidrGroupSelector": {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["partner"]}]}}]
    assert verdict(only(group, toCIDRSet=other), "default/db", OUTSIDE) is ACCEPTED
    assert verdict(only(group, toCIDRSet=other), "default/db", "203.0.113.7") is DENIED
    assert verdict(only(group, toCIDRSet=other), "default/db", "other/web") is DENIED


def test_groups_that_share_an_address_may_disagree_about_a_label() -> None:
    shared = cidr_group("g", f"{OUTSIDE}/32", app="partner"), cidr_group("h", "198.51.100.0/24", app="vendor", tier="a")
    one = [{"cidrGroupSelector": {"matchLabels": {"app": "partner"}}}]
    both = [{"cidrGroupSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}]
    mixed = [{"cidrGroupSelector": {"matchLabels": {"io.cilium.policy.cidrgroupname/g": "", "tier": "a"}}}]
    for rule, expected in ((one, UNKNOWN), (both, ACCEPTED), (mixed, ACCEPTED)):
        assert verdict(only(*shared, toCIDRSet=rule), "default/db", OUTSIDE) is expected


def test_a_group_of_a_cloud_provider_may_hold_whatever_a_cidr_may() -> None:
    cluster = only(toGroups=[{"aws": {"securityGroupsIds": ["sg-1"]}}])
    assert verdict(cluster, "default/db", OUTSIDE) is UNKNOWN
    assert verdict(cluster, "default/db", NAME) is UNKNOWN
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(cluster, "default/db", THERE) is DENIED
    assert verdict(cluster, "default/db", THERE, ipblock_matches_nodes=True) is UNKNOWN
    inward = [DB, cilium_policy(ingress=[{"fromGroups": [{"aws": {"region": "eu"}}]}])]
    assert verdict(inward, OUTSIDE, "default/db") is UNKNOWN


def test_a_doubtful_denial_and_a_sure_one() -> None:
    doubtful = cilium_policy("deny", egressDeny=[{"toCIDR": ["203.0.113.0/24"]}])
    opened = cilium_policy(egress=[{"toEntities": ["world"]}])
    assert verdict([DB, opened, doubtful], "default/db", NAME) is UNKNOWN
    sure = cilium_policy("sure", egressDeny=[{"toEntities": ["world"]}])
    assert verdict([DB, opened, doubtful, sure], "default/db", NAME) is DENIED
    assert verdict([DB, doubtful, cilium_policy(egress=[{}])], "default/db", NAME) is DENIED


def test_a_network_policy_is_asked_about_names_too() -> None:
    block = {"to": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}
    named = cilium_policy(egress=[{"toFQDNs": [{"matchName": NAME}]}])
    doubtful = policy(policyTypes=["Egress"], egress=[block])
    assert verdict([DB, doubtful], "default/db", NAME) is UNKNOWN
    assert verdict([DB, doubtful, named], "default/db", NAME) is ACCEPTED


@pytest.mark.parametrize(
    ("selector", "name", "expected"),
    [
        ({"matchName": "example.test"}, "example.test", True),
        ({"matchName": "Example.TEST."}, "example.test", True),
        ({"matchName": "example.test"}, "www.example.test", False),
        ({"matchPattern": "example.test"}, "example.test", True),
        ({"matchPattern": "*.example.test"}, "www.example.test", True),
        ({"matchPattern": "*.Example.test"}, "WWW.example.test.", True),
        ({"matchPattern": "*.example.test"}, "example.test", False),
        ({"matchPattern": "*.example.test"}, "a.b.example.test", False),
        ({"matchPattern": "*example.test"}, "example.test", True),
        ({"matchPattern": "*example.test"}, "myexample.test", True),
        ({"matchPattern": "*example.test"}, "www.example.test", False),
        ({"matchPattern": "a*c.test"}, "ac.test", True),
        ({"matchPattern": "a*c.test"}, "a-b_c.test", True),
        ({"matchPattern": "a*c.test"}, "a.c.test", False),
        ({"matchPattern": "**.example.test"}, "www.example.test", True),
        ({"matchPattern": "**.example.test"}, "a.b.example.test", True),
        ({"matchPattern": "**.example.test"}, "example.test", False),
        ({"matchPattern": "***.example.test"}, "a.b.example.test", True),
        ({"matchPattern": "www.**.test"}, "www.example.test", True),
        ({"matchPattern": "www.**.test"}, "www.a.b.test", False),
        ({"matchPattern": "*"}, "a.b.example.test", True),
        ({"matchPattern": "**."}, "a.b.example.test", True),
        ({"matchPattern": "w.w.test"}, "wxw.test", False),
        ({"matchName": "a.test", "matchPattern": "b.*"}, "b.test", True),
        ({}, "example.test", False),
    ],
)
def test_names_match_exactly_or_by_a_pattern(selector: Manifest, name: str, *, expected: bool) -> None:
    assert name_matches(selector, name) is expected


def test_a_rule_for_names_may_match_any_address_outside_but_no_pod_and_no_node() -> None:
    cluster = only(toFQDNs=[{"matchName": "example.test"}, {"matchPattern": "www.*.test"}])
    assert verdict(cluster, "default/db", NAME) is ACCEPTED
    assert verdict(cluster, "default/db", DomainName("other.test")) is DENIED
    assert verdict(cluster, "default/db", OUTSIDE) is UNKNOWN
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(cluster, "default/db", THERE, ipblock_matches_nodes=True) is DENIED


BY_NAME: Manifest = {"k8sService": {"serviceName": "web", "namespace": "other"}}
BY_LABEL: Manifest = {"k8sServiceSelector": {"selector": {"matchLabels": {"tier": "front"}}, "namespace": "other"}}
SELECTING = service("web", "other", {"tier": "front"}, selector={"app": "web"})
SELECTORLESS = service("web", "other", {"tier": "front"})


@pytest.mark.parametrize("entry", [BY_NAME, BY_LABEL])
def test_a_service_with_a_selector_stands_for_the_pods_it_selects(entry: Manifest) -> None:
    others = [pod("api", "other"), pod("web", labels={"app": "web"})]
    on_host = host_pod("edge", metadata={"labels": {"app": "web"}, "namespace": "other"}, nodeName="n2")
    cluster = only(SELECTING, *others, on_host, endpoint_slice("web", OUTSIDE, namespace="other"), toServices=[entry])
    assert verdict(cluster, "default/db", "other/web") is ACCEPTED
    for peer in ("other/api", "default/web", "other/edge", OUTSIDE, NAME, THERE):
        assert verdict(cluster, "default/db", peer, ipblock_matches_nodes=True) is DENIED


@pytest.mark.parametrize("entry", [BY_NAME, BY_LABEL])
def test_a_service_without_selector_stands_for_the_addresses_of_its_slices(entry: Manifest) -> None:
    slices = [
        endpoint_slice("web", OUTSIDE, "10.0.0.1", THERE, namespace="other"),
        endpoint_slice("web", "203.0.113.1", namespace="other", ready=False),
        endpoint_slice("web", "203.0.113.2"),
        endpoint_slice("api", "203.0.113.3", namespace="other"),
    ]
    cluster = only(SELECTORLESS, *slices, toServices=[entry])
    assert verdict(cluster, "default/db", OUTSIDE) is ACCEPTED
    assert verdict(cluster, "default/db", NAME) is UNKNOWN
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(cluster, "default/db", THERE) is DENIED
    assert verdict(cluster, "default/db", THERE, ipblock_matches_nodes=True) is ACCEPTED
    for address in ("203.0.113.1", "203.0.113.2", "203.0.113.3"):
        assert verdict(cluster, "default/db", address) is DENIED


def test_a_service_without_selector_and_slices_stands_for_nobody_knows_what() -> None:
    cluster = only(SELECTORLESS, toServices=[BY_NAME])
    assert verdict(cluster, "default/db", OUTSIDE) is UNKNOWN
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(cluster, "default/db", THERE) is DENIED
    empty = only(SELECTORLESS, endpoint_slice("web", namespace="other"), toServices=[BY_NAME])
    assert verdict(empty, "default/db", OUTSIDE) is DENIED


@pytest.mark.parametrize("others", [[], [service("web", "third", selector={"app": "web"})]])
def test_a_service_that_is_not_there_or_only_an_alias_stands_for_nothing(others: list[Manifest]) -> None:
    assert verdict(only(*others, toServices=[BY_NAME]), "default/db", OUTSIDE) is DENIED
    assert verdict(only(*others, toServices=[BY_NAME], toPorts=[]), "default/db", "other/web") is DENIED
    alias = service("web", "other", type="ExternalName", externalName=NAME)
    assert verdict(only(alias, toServices=[BY_NAME]), "default/db", OUTSIDE) is DENIED


@pytest.mark.parametrize(
    "entry",
    [
        {"k8sService": {"serviceName": "web"}},
        {"k8sServiceSelector": {"selector": {"matchLabels": {"tier": "front"}}}},
        {"k8sServiceSelector": {"selector": {"matchLabels": {"any:tier": "front"}}, "namespace": ""}},
        {"k8sServiceSelector": {"selector": {}}, "k8sService": {"serviceName": "other"}},
    ],
)
def test_a_service_may_be_asked_for_in_every_namespace(entry: Manifest) -> None:
    assert verdict(only(SELECTING, toServices=[entry]), "default/db", "other/web") is ACCEPTED


def test_services_and_ports_must_both_match() -> None:
    rule = {"toServices": [BY_NAME], "toPorts": [{"ports": [{"port": "80"}]}]}
    assert verdict(only(SELECTING, **rule), "default/db", "other/web", 80) is ACCEPTED
    assert verdict(only(SELECTING, **rule), "default/db", "other/web", 81) is DENIED


def test_a_rule_with_ports_whose_services_lead_to_nothing_is_for_anyone() -> None:
    rule = {"toServices": [BY_NAME], "toPorts": [{"ports": [{"port": "80"}]}]}
    alias = service("web", "other", type="ExternalName", externalName=NAME)
    nothing = endpoint_slice("web", namespace="other")
    for others in ([], [alias], [SELECTORLESS, nothing]):
        for peer in ("other/web", OUTSIDE, THERE):
            assert verdict(only(*others, **rule), "default/db", peer, 80) is ACCEPTED
            assert verdict(only(*others, **rule), "default/db", peer, 81) is DENIED
    for others in ([SELECTORLESS, endpoint_slice("web", OUTSIDE, namespace="other")], [SELECTING]):
        assert verdict(only(*others, **rule), "default/db", THERE, 80) is DENIED
    assert verdict(only(SELECTORLESS, **rule), "default/db", "other/web", 80) is UNKNOWN


EDGE = NODE | {"metadata": {"name": "n2", "labels": {"role": "edge"}}}


@pytest.mark.parametrize(
    ("selector", "known", "unknown"),
    [
        ({}, ACCEPTED, ACCEPTED),
        ({"matchLabels": {"role": "edge"}}, ACCEPTED, UNKNOWN),
        ({"matchLabels": {"node:role": "edge"}}, ACCEPTED, UNKNOWN),
        ({"matchLabels": {"k8s:role": "edge"}}, DENIED, DENIED),
        ({"matchLabels": {"reserved:remote-node": "", "role": "edge"}}, ACCEPTED, UNKNOWN),
        ({"matchLabels": {"k8s:io.cilium.k8s.policy.cluster": "elsewhere"}}, DENIED, DENIED),
        ({"matchLabels": {"role": "core"}}, DENIED, UNKNOWN),
        ({"matchExpressions": [{"key": "role", "operator": "NotIn", "values": ["edge"]}]}, DENIED, UNKNOWN),
    ],
)
def test_nodes_are_selected_by_the_labels_of_their_objects(
    selector: Manifest, known: Verdict, unknown: Verdict
) -> None:
    lost = host_pod("lost", nodeName="n9")
    cluster = [DB, WEB, AGENT, EDGE, lost, cilium_policy(egress=[{"toNodes": [selector]}])]
    assert verdict(cluster, "default/db", THERE) is known
    assert verdict(cluster, "default/db", "default/agent") is known
    assert verdict(cluster, "default/db", "default/lost") is unknown
    assert verdict(cluster, "default/db", "other/web") is DENIED
    assert verdict(cluster, "default/db", OUTSIDE) is DENIED


def test_the_own_node_is_none_of_the_other_nodes() -> None:
    near = [pod("db", nodeName="n2"), AGENT, EDGE, cilium_policy(egress=[{"toNodes": [{}]}])]
    assert verdict(near, "default/db", THERE) is DENIED
    assert verdict(near, "default/db", "default/agent") is DENIED


def test_a_pod_that_is_nowhere_yet_may_share_a_node_with_another() -> None:
    pods = [pod("db"), AGENT, host_pod("nowhere"), EDGE]
    cluster = [*pods, cilium_policy(ingress=[{"fromNodes": [{"matchLabels": {"role": "core"}}]}])]
    assert verdict(cluster, THERE, "default/db") is UNKNOWN
    assert verdict(cluster, "default/nowhere", "default/db") is UNKNOWN
    settled = [DB, EDGE, cilium_policy(ingress=[{"fromNodes": [{"matchLabels": {"role": "edge"}}]}])]
    assert verdict(settled, THERE, "default/db") is ACCEPTED
