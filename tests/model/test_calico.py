from __future__ import annotations

import pytest

from firedoor.model.calico import (
    ANY_END,
    BUILT_IN_TIERS,
    CalicoPolicy,
    CalicoRule,
    EntityRule,
    HTTPPath,
    ICMPMatch,
    NetworkSet,
    PortMatch,
    ServiceAccountMatch,
    ServiceMatch,
    Tier,
)
from firedoor.model.calico_selectors import All, Has
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction

ALLOW, DENY = CalicoRule("Allow"), CalicoRule("Deny")


def policy(
    name: str = "p", namespace: str = "", order: float | None = None, kind: str = "NetworkPolicy"
) -> CalicoPolicy:
    return CalicoPolicy(kind, ObjectMeta(name, namespace), order=order)


def test_policies_are_sorted_by_order_then_name_then_namespace_then_kind() -> None:
    last, named = policy("a"), policy("b", order=2.0)
    sooner = policy("z", order=-1.5)
    there, here = policy("c", "there", 2.0), policy("c", "here", 2.0)
    staged = policy("c", "here", 2.0, "StagedNetworkPolicy")
    mixed = [last, there, staged, named, here, sooner]
    assert sorted(mixed, key=lambda each: each.rank) == [sooner, named, here, staged, there, last]


def test_tiers_are_sorted_by_order_then_name_and_those_without_order_come_last() -> None:
    tiers = [Tier("a"), Tier("late", 20_000_000.0), Tier("b", 1_000.0), *BUILT_IN_TIERS]
    names = [each.name for each in sorted(tiers, key=lambda each: each.rank)]
    assert names == ["b", "kube-admin", "default", "kube-baseline", "late", "a"]


def test_the_built_in_tiers_are_those_of_calico() -> None:
    assert [(each.name, each.order, each.default_action) for each in BUILT_IN_TIERS] == [
        ("kube-admin", 1000, "Pass"),
        ("default", 1_000_000, "Deny"),
        ("kube-baseline", 10_000_000, "Pass"),
    ]


def test_rules_count_only_in_the_directions_that_the_policy_decides() -> None:
    one_way = CalicoPolicy("NetworkPolicy", ObjectMeta("p", "shop"), ingress=(ALLOW,), egress=(DENY,))
    both_ways = CalicoPolicy("NetworkPolicy", ObjectMeta("p"), decides_egress=True, ingress=(ALLOW,), egress=(DENY,))
    assert one_way.decides(Direction.INGRESS)
    assert not one_way.decides(Direction.EGRESS)
    assert (one_way.rules(Direction.INGRESS), one_way.rules(Direction.EGRESS)) == ((ALLOW,), ())
    assert both_ways.rules(Direction.EGRESS) == (DENY,)


def test_a_policy_is_named_with_its_namespace() -> None:
    assert (policy("p", "shop").name, policy("p").name) == ("shop/p", "p")
    assert str(policy("p", "shop").ref) == "NetworkPolicy shop/p"


def test_policies_before_connection_tracking_or_address_translation_concern_no_pods() -> None:
    metadata = ObjectMeta("p")
    assert not CalicoPolicy("GlobalNetworkPolicy", metadata).hosts_only
    assert CalicoPolicy("GlobalNetworkPolicy", metadata, do_not_track=True).hosts_only
    assert CalicoPolicy("GlobalNetworkPolicy", metadata, pre_dnat=True).hosts_only


@pytest.mark.parametrize(
    ("end", "selects"),
    [
        (ANY_END, False),
        (EntityRule(nets=("10.0.0.0/8",), ports=(PortMatch(80, 80),)), False),
        (EntityRule(services=ServiceMatch("web", "shop")), False),
        (EntityRule(service_accounts=ServiceAccountMatch()), False),
        (EntityRule(selector=All()), True),
        (EntityRule(not_selector=Has("a")), True),
        (EntityRule(namespace_selector=All()), True),
        (EntityRule(service_accounts=ServiceAccountMatch(("robot",))), True),
        (EntityRule(service_accounts=ServiceAccountMatch(selector=All())), True),
    ],
)
def test_an_end_with_a_selector_of_any_kind_selects_endpoints(end: EntityRule, selects: bool) -> None:
    assert end.selects_endpoints is selects


def test_parts_of_rules_are_written_as_the_api_writes_them() -> None:
    assert [str(port) for port in (PortMatch(80, 80), PortMatch(80, 90), PortMatch(name="http"))] == [
        "80",
        "80:90",
        "http",
    ]
    assert [str(path) for path in (HTTPPath("/a"), HTTPPath(prefix="/a"))] == ["/a", "/a*"]


def test_a_rule_says_whether_it_looks_at_icmp_messages() -> None:
    assert not ALLOW.has_icmp
    assert CalicoRule("Allow", icmp=ICMPMatch(8)).has_icmp
    assert CalicoRule("Allow", not_icmp=ICMPMatch()).has_icmp


def test_a_set_of_networks_has_the_namespace_and_labels_of_its_object() -> None:
    found = NetworkSet(ObjectMeta("office", "shop", {"kind": "office"}))
    assert (found.namespace, found.labels) == ("shop", {"kind": "office"})
