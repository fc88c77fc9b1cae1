from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.cilium import CidrGroup, CiliumPolicy
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Place
from tests.model.cilium_objects import CCNP, CNP, EVERYONE, GROUP, egress, ingress, only_rule, parse, policy

SECTIONS = ("ingress", "ingressDeny", "egress", "egressDeny")


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_with_a_rule_isolates_in_its_direction(section: str) -> None:
    rule = only_rule({**EVERYONE, section: [{}]})
    isolated = {each for each in Direction if rule.default_denies(each)}
    assert isolated == {Direction.INGRESS if section.startswith("ingress") else Direction.EGRESS}


@pytest.mark.parametrize(
    ("config", "isolated"),
    [
        ({}, set(Direction)),
        ({"ingress": None}, set(Direction)),
        ({"ingress": True, "egress": True}, set(Direction)),
        ({"ingress": False}, {Direction.EGRESS}),
        ({"ingress": False, "egress": False}, set()),
    ],
)
def test_a_rule_may_say_that_it_does_not_isolate(config: dict[str, Any], isolated: set[Direction]) -> None:
    rule = only_rule({**EVERYONE, "ingress": [{}], "egress": [{}], "enableDefaultDeny": config})
    assert {each for each in Direction if rule.default_denies(each)} == isolated


def test_a_direction_without_a_rule_is_not_isolated_even_on_demand() -> None:
    rule = only_rule({**EVERYONE, "ingress": [], "egress": [{}], "enableDefaultDeny": {"ingress": True}})
    assert not rule.default_deny_ingress
    assert rule.default_deny_egress


@pytest.mark.parametrize("direction", Direction)
def test_allow_and_deny_rules_are_told_apart(direction: Direction) -> None:
    rule = only_rule({**EVERYONE, direction: [{}, {}], f"{direction}Deny": [{}]})
    assert [each.path for each in rule.allows(direction)] == [f"spec.{direction}[0]", f"spec.{direction}[1]"]
    assert [each.path for each in rule.denies(direction)] == [f"spec.{direction}Deny[0]"]


def test_a_list_of_specifications_is_a_list_of_rules() -> None:
    found = policy([{**EVERYONE, "ingress": [{}]}, {**EVERYONE, "egress": [{}]}])
    assert [each.path for each in found.rules] == ["specs[0]", "specs[1]"]
    assert found.rules[1].egress[0].path == "specs[1].egress[0]"
    assert policy([]).rules == ()


def test_a_specification_may_stand_beside_a_list_of_them() -> None:
    found, faults = parse({**EVERYONE, "ingress": [{}]}, specs=[{**EVERYONE, "egress": [{}]}])
    assert faults == ()
    assert isinstance(found, CiliumPolicy)
    assert [each.path for each in found.rules] == ["spec", "specs[0]"]


def test_a_list_of_specifications_that_is_no_list_is_refused() -> None:
    found, (fault,) = parse({**EVERYONE, "ingress": [{}]}, specs={})
    assert found is None
    assert (fault.path, fault.rejects) == ("specs", True)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_rule_without_any_field_is_for_no_peer(section: str) -> None:
    rule = only_rule({**EVERYONE, section: [{}]})
    (found,) = getattr(rule, {"ingressDeny": "ingress_deny", "egressDeny": "egress_deny"}.get(section, section))
    assert (found.peers, found.ports, found.icmps, found.unsure) == ((), None, (), False)


@pytest.mark.parametrize("field", ["fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes"])
def test_an_empty_list_of_peers_is_for_no_peer(field: str) -> None:
    assert ingress(**{field: [], "toPorts": [{"ports": [{"port": "80"}]}]}).peers == ()
    assert ingress(**{field: []}).peers == ()


@pytest.mark.parametrize("field", ["toFQDNs", "toGroups", "toServices"])
def test_an_empty_list_of_other_peers_is_as_if_it_were_not_there(field: str) -> None:
    assert egress(**{field: [], "toPorts": [{"ports": [{"port": "80"}]}]}).peers is None
    assert egress(**{field: []}).peers == ()


def test_an_empty_list_beside_peers_of_another_kind_takes_them_away() -> None:
    assert ingress(fromEndpoints=[], fromEntities=["world"]).peers == ()
    assert len(egress(toGroups=[], toEntities=["world"]).peers or ()) == 1


@pytest.mark.parametrize("direction", Direction)
def test_ports_without_peers_are_for_any_peer(direction: Direction) -> None:
    rule = only_rule({**EVERYONE, direction: [{"toPorts": [{"ports": [{"port": "80"}]}]}]})
    assert rule.allows(direction)[0].peers is None


def test_icmp_without_peers_is_for_any_peer_and_no_port() -> None:
    rule = ingress(icmps=[{"fields": [{"type": 8}]}])
    assert (rule.peers, rule.ports, rule.icmps) == (None, (), ((4, 8),))


@pytest.mark.parametrize("mode", ["disabled", "required", "test-always-fail"])
def test_a_rule_says_which_authentication_it_demands(mode: str) -> None:
    assert ingress(authentication={"mode": mode}).authentication == mode
    assert ingress().authentication == ""


def test_remarks_decide_nothing() -> None:
    remarks = {"labels": [{"key": "a", "value": "b", "source": "c"}], "description": "d", "log": {"value": "e"}}
    assert only_rule({**EVERYONE, **remarks, "ingress": [{}]}) == only_rule({**EVERYONE, "ingress": [{}]})


@pytest.mark.parametrize(
    ("kind", "ref"),
    [(CNP, "CiliumNetworkPolicy shop/p"), (CCNP, "CiliumClusterwideNetworkPolicy p")],
)
def test_a_policy_knows_its_name(kind: str, ref: str) -> None:
    found = policy({**EVERYONE, "ingress": [{}]}, kind)
    assert str(found.ref) == ref
    assert (found.kind, found.place) == (kind, Place())


def test_a_node_selector_makes_a_rule_for_nodes() -> None:
    rule = only_rule({"nodeSelector": {"matchLabels": {"zone": "a"}}, "ingress": [{}]}, CCNP)
    assert rule.endpoint_selector is None
    assert rule.node_selector is not None
    assert rule.node_selector.selects_node({"zone": "a"}, {})
    assert not rule.node_selector.selects_node({}, {})


def test_a_group_of_addresses_is_a_list_of_blocks() -> None:
    group, faults = parse({"externalCIDRs": ["10.0.0.0/8", "fd00::/8"]}, GROUP)
    assert faults == ()
    assert isinstance(group, CidrGroup)
    assert group.cidrs == ("10.0.0.0/8", "fd00::/8")
    assert str(group.ref) == "CiliumCIDRGroup p"
    assert parse({"externalCIDRs": []}, GROUP)[1] == ()
