"""Policies of Calico, parsed: defaults, names, refusals; and any object whatever."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.calico import CalicoPolicy, CalicoRule
from firedoor.model.calico_parsing import parse_calico
from firedoor.model.calico_selectors import All, Equal, Has
from firedoor.model.faults import Fault
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import Direction
from firedoor.model.policies import PolicyObject
from tests.model.calico_objects import API, HERE, STORED, doubted, ingress, parse, policy, refused

GLOBAL = "GlobalNetworkPolicy"
ALLOW = {"action": "Allow"}
KINDS = (
    "NetworkPolicy",
    GLOBAL,
    "StagedNetworkPolicy",
    "StagedGlobalNetworkPolicy",
    "StagedKubernetesNetworkPolicy",
    "Tier",
    "NetworkSet",
    "GlobalNetworkSet",
    "HostEndpoint",
)


@pytest.mark.parametrize("spec", [None, {}, {"types": [], "selector": "", "tier": None, "order": None}])
def test_a_policy_that_says_nothing_denies_all_ingress_to_everything(spec: Any) -> None:
    found = policy(spec)
    assert found == CalicoPolicy("NetworkPolicy", ObjectMeta("p", "shop"), HERE)
    assert (found.selector, found.tier, found.order) == (All(), "default", None)
    assert (found.decides_ingress, found.decides_egress) == (True, False)


def test_a_global_policy_keeps_all_it_says() -> None:
    spec = {
        "tier": "security",
        "order": 10,
        "selector": "app == 'web'",
        "namespaceSelector": "has(prod)",
        "serviceAccountSelector": "has(trusted)",
        "types": ["Egress", "Ingress"],
        "ingress": [ALLOW],
        "egress": [{"action": "Pass"}],
        "doNotTrack": True,
        "applyOnForward": True,
        "preDNAT": False,
        "performanceHints": ["AssumeNeededOnEveryNode"],
    }
    assert policy(spec, GLOBAL) == CalicoPolicy(
        kind=GLOBAL,
        metadata=ObjectMeta("p"),
        place=HERE,
        tier="security",
        order=10.0,
        selector=Equal("app", "web"),
        namespace_selector=Has("prod"),
        service_account_selector=Has("trusted"),
        decides_ingress=True,
        decides_egress=True,
        ingress=(CalicoRule("Allow", path="spec.ingress[0]"),),
        egress=(CalicoRule("Pass", path="spec.egress[0]"),),
        do_not_track=True,
        apply_on_forward=True,
    )


@pytest.mark.parametrize(
    ("spec", "decides"),
    [
        ({"ingress": [ALLOW]}, (True, False)),
        ({"egress": [ALLOW]}, (False, True)),
        ({"ingress": [ALLOW], "egress": [ALLOW]}, (True, True)),
        ({"egress": []}, (True, False)),
        ({"types": ["Egress"], "ingress": [ALLOW]}, (False, True)),
        ({"types": ["Ingress", "Egress"]}, (True, True)),
    ],
)
def test_types_follow_from_the_rules_unless_they_are_given(spec: dict[str, Any], decides: tuple[bool, bool]) -> None:
    found = policy(spec)
    assert tuple(found.decides(direction) for direction in Direction) == decides


@pytest.mark.parametrize(
    ("spec", "path", "reason"),
    [
        ([], "spec", "found a list, expected an object"),
        ({"order": "1"}, "spec.order", "found the text '1', expected a number"),
        ({"order": True}, "spec.order", "found true, expected a number"),
        ({"order": 10**400}, "spec.order", "found a number that is too large, expected a number"),
        ({"order": float("inf")}, "spec.order", "expected a number"),
        ({"order": float("nan")}, "spec.order", "expected a number"),
        ({"tier": "My Tier"}, "spec.tier", "found the text 'My Tier', expected the name of an object"),
        ({"tier": 3}, "spec.tier", "found the number 3, expected a text"),
        ({"selector": "app == web"}, "spec.selector", "is not a selector expression: found 'web' at character 8"),
        ({"selector": "a == 'global()'"}, "spec.selector", "found global(), which this field does not take"),
        ({"serviceAccountSelector": "global()"}, "spec.serviceAccountSelector", "found global()"),
        ({"serviceAccountSelector": {}}, "spec.serviceAccountSelector", "found an object, expected a text"),
        ({"types": ["ingress"]}, "spec.types[0]", "found the text 'ingress', expected Ingress or Egress"),
        ({"types": ["Egress", "Egress"]}, "spec.types", "found a type twice, expected each once"),
        ({"types": "Egress"}, "spec.types", "found the text 'Egress', expected a list"),
        ({"performanceHints": ["Fast"]}, "spec.performanceHints[0]", "expected AssumeNeededOnEveryNode"),
    ],
)
def test_what_the_api_refuses_in_a_policy_is_told(spec: Any, path: str, reason: str) -> None:
    fault = refused(spec)
    assert fault.path == path
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("spec", "path", "reason"),
    [
        ({"namespaceSelector": "global()"}, "spec.namespaceSelector", "found global(), which this field does not take"),
        ({"doNotTrack": "yes"}, "spec.doNotTrack", "found the text 'yes', expected true or false"),
        ({"doNotTrack": True}, "spec.applyOnForward", "found doNotTrack without applyOnForward"),
        ({"preDNAT": True}, "spec.applyOnForward", "found preDNAT without applyOnForward"),
        (
            {"preDNAT": True, "doNotTrack": True, "applyOnForward": True},
            "spec.preDNAT",
            "found preDNAT and doNotTrack, expected one of them",
        ),
        (
            {"preDNAT": True, "applyOnForward": True, "egress": [ALLOW]},
            "spec.egress",
            "found egress rules in a preDNAT policy, expected none",
        ),
        (
            {"preDNAT": True, "applyOnForward": True, "types": ["Egress"]},
            "spec.types",
            "found Egress in a preDNAT policy, expected Ingress only",
        ),
    ],
)
def test_what_the_api_refuses_in_a_global_policy_is_told(spec: dict[str, Any], path: str, reason: str) -> None:
    assert refused(spec, GLOBAL).path == path
    assert reason in refused(spec, GLOBAL).reason
    assert policy({"preDNAT": True, "applyOnForward": True, "ingress": [ALLOW]}, GLOBAL).pre_dnat


@pytest.mark.parametrize("field", ["namespaceSelector", "preDNAT", "stagedAction", "podSelector"])
def test_a_field_that_the_api_does_not_have_makes_the_policy_unsure(field: str) -> None:
    found, fault = doubted({field: "x", "ingress": [ALLOW]})
    assert found.unsure
    assert found.namespace_selector is None
    assert not found.ingress[0].unsure
    assert fault.path == f"spec.{field}"
    assert fault.reason == f"the API has no field {field!r} here"


@pytest.mark.parametrize("name", ["p", "security.p", "knp.default.a.b.c", "ossg.default.a", "1-a.b", ""])
def test_a_policy_has_at_most_one_dot_in_its_name(name: str) -> None:
    assert policy({}, metadata=ObjectMeta(name, "shop")).metadata.name == name


@pytest.mark.parametrize(
    ("kind", "name"), [("NetworkPolicy", "a.b.c"), ("NetworkPolicy", "A"), (GLOBAL, "knp.default.a")]
)
def test_other_names_of_policies_are_refused(kind: str, name: str) -> None:
    fault = refused({}, kind, metadata=ObjectMeta(name))
    assert fault.path == "metadata.name"
    assert fault.reason == f"found the text {name!r}, expected the name of a policy"


def test_the_tier_of_a_policy_is_the_one_it_names_whatever_its_own_name() -> None:
    assert policy({"tier": "security"}, metadata=ObjectMeta("p", "shop")).tier == "security"
    assert policy({}, metadata=ObjectMeta("security.p", "shop")).tier == "default"


@pytest.mark.parametrize(
    ("api", "expected"),
    [
        ("projectcalico.org/v1", "projectcalico.org/v3"),
        ("crd.projectcalico.org/v3", "crd.projectcalico.org/v1"),
        ("v1", "projectcalico.org/v3 or crd.projectcalico.org/v1"),
    ],
)
def test_other_versions_of_the_api_are_refused(api: str, expected: str) -> None:
    assert refused({}, api=api) == Fault("apiVersion", f"found the text {api!r}, expected {expected}")


def test_a_kind_without_a_meaning_here_is_not_refused() -> None:
    found, (fault,) = parse({}, "Profile")
    assert found is None
    assert (fault.path, fault.rejects) == ("kind", False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    re.findall(
        r"\w+",
        """
        action protocol notProtocol ipVersion icmp notICMP type code source destination http methods paths
        exact prefix metadata annotations nets notNets selector notSelector namespaceSelector ports notPorts
        serviceAccounts names services name namespace domains tier order ingress egress types
        serviceAccountSelector performanceHints doNotTrack preDNAT applyOnForward stagedAction podSelector
        policyTypes defaultAction allowedEgressDomains node interfaceName expectedIPs matchLabels from to
        """,
    )
)
WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """
        Allow Pass TCP ICMP UDP 6 80 80:90 http 10.0.0.0/8 10.0.0.1 ::/0 2001:db8::/32 all() global() a=='b'
        has(a)&& Ingress Egress Set Delete security a.b /path Deny
        """,
    )
)
NEARLY = st.recursive(
    JSON | WORDS | st.sampled_from([4, 6, 8, 80, True, None]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)


@given(spec=JSON | NEARLY, kind=st.sampled_from(KINDS), api=st.sampled_from([API, STORED]))
def test_anything_may_stand_in_a_specification(spec: Any, kind: str, api: str) -> None:
    found, faults = parse(spec, kind, api)
    assert (found is None) is any(fault.rejects for fault in faults)
    assert all(str(fault).startswith(("spec: ", "spec.")) and fault.reason for fault in faults)
    assert parse(spec, kind, api)[1] == faults


@given(st.text(), st.text(), st.text(), JSON)
def test_any_object_may_be_given(api: str, kind: str, name: str, spec: Any) -> None:
    found, faults = parse_calico(PolicyObject(api, kind, ObjectMeta(name), spec))
    assert found is None
    assert faults


@given(st.lists(st.fixed_dictionaries({"action": st.sampled_from(["Allow", "Deny", "Pass", "Log"])}), max_size=4))
def test_rules_keep_their_order_and_know_their_place(rules: list[dict[str, Any]]) -> None:
    found = policy({"ingress": rules, "types": ["Ingress"]}).rules(Direction.INGRESS)
    assert [each.action for each in found] == [each["action"] for each in rules]
    assert [each.path for each in found] == [f"spec.ingress[{index}]" for index in range(len(rules))]


def test_numbers_of_any_length_may_stand_in_a_specification() -> None:
    huge = 10**5000
    assert refused({"order": huge}).reason == "found a number that is too large, expected a number"
    assert refused(ingress(protocol=huge)).path == "spec.ingress[0].protocol"
    assert refused(ingress(protocol="TCP", source={"ports": [huge]})).path == "spec.ingress[0].source.ports[0]"


def test_the_fault_of_a_rule_is_not_one_of_the_policy() -> None:
    found, faults = parse({"weight": 1, **ingress(source={"zone": 1})})
    assert isinstance(found, CalicoPolicy)
    assert found.unsure
    assert found.ingress[0].unsure
    assert [fault.path for fault in faults] == ["spec.weight", "spec.ingress[0].source.zone"]
