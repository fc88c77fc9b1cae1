"""What firedoor does not evaluate of Calico's policies makes verdicts unknown, and the words of explanations."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    EGRESS,
    UNKNOWN,
    asked,
    kubernetes,
    namespaced,
    network,
    on_db,
    policy,
    why,
)

ALLOW_ALL = "{action: Allow}"


def test_a_rule_with_an_unknown_field_may_match() -> None:
    found = network(on_db(f"{{action: Deny, speed: 9}}, {ALLOW_ALL}"))
    assert asked(found, "web", "db") is UNKNOWN
    assert asked(found, "db", "web") is ACCEPTED
    (told, other) = why(found, "web", "db")
    assert "denies all ports from anyone may match: part of the rule is not evaluated" in told
    assert other.endswith("allows all ports from anyone")


def test_a_rule_with_an_unknown_field_does_not_matter_where_the_outcome_is_the_same() -> None:
    assert asked(network(on_db(f"{{action: Allow, speed: 9}}, {ALLOW_ALL}")), "web", "db") is ACCEPTED
    assert asked(network(on_db(f"{ALLOW_ALL}, {{action: Deny, speed: 9}}")), "web", "db") is ACCEPTED
    assert asked(network(on_db("{action: Log, speed: 9}, {action: Deny}")), "web", "db") is DENIED


def test_domains_of_a_rule_leave_it_open() -> None:
    rule = "{action: Allow, destination: {domains: [example.com]}}"
    assert asked(network(policy(f"egress: [{rule}]")), "web", "10.9.9.9") is UNKNOWN


def test_a_policy_with_an_unknown_field_may_apply_to_any_pod_in_its_reach() -> None:
    found = network(policy("speed: 9, selector: app == 'db', ingress: [{action: Deny}]"))
    assert (asked(found, "web", "db"), asked(found, "db", "job")) == (UNKNOWN, UNKNOWN)
    own = network(namespaced("speed: 9, selector: app == 'db', ingress: [{action: Deny}]"))
    assert (asked(own, "web", "db"), asked(own, "db", "job")) == (UNKNOWN, ACCEPTED)


def test_a_tier_with_an_unknown_field_leaves_all_pods_unknown_where_it_has_policies() -> None:
    own = policy("order: 1, speed: 9", "own", "Tier")
    assert (
        asked(network(own, policy("tier: own, selector: app == 'db', ingress: [{action: Deny}]")), "db", "web")
        is UNKNOWN
    )
    assert asked(network(own, on_db("{action: Deny}")), "web", "db") is DENIED
    default = policy("order: 1000000, speed: 9", "default", "Tier")
    assert asked(network(default, kubernetes("podSelector: {}")), "web", "db") is UNKNOWN
    assert asked(network(default), "web", "db") is ACCEPTED


def test_a_refused_policy_is_left_out_and_told() -> None:
    found = network(policy("ingress: [{action: Deny, protocol: TCPP}]"))
    assert asked(found, "web", "db") is ACCEPTED
    assert "the cluster is judged without it" in found.snapshot.gaps[0].reason


WORDS = [
    ("action: Deny", "denies all ports from anyone"),
    ("action: Deny, protocol: TCP", "denies TCP from anyone"),
    ("action: Deny, notProtocol: UDP", "denies all but UDP from anyone"),
    ("action: Deny, protocol: TCP, destination: {ports: [80, '90:99', sql]}", "denies TCP 80, 90:99, sql from anyone"),
    (
        "action: Deny, protocol: TCP, destination: {notPorts: [81, sql]}",
        "denies TCP other than 81, sql from anyone",
    ),
    ("action: Deny, source: {nets: [10.0.0.0/8]}", "denies all ports from addresses 10.0.0.0/8"),
    ("action: Deny, source: {notNets: [10.9.0.0/16]}", "denies all ports from addresses outside 10.9.0.0/16"),
    ("action: Deny, source: {selector: has(app)}", "denies all ports from selector has(app)"),
    ("action: Deny, source: {notSelector: has(x)}", "denies all ports from selector !(has(x))"),
    ("action: Deny, source: {namespaceSelector: has(team)}", "denies all ports from namespaces has(team)"),
    ("action: Deny, source: {serviceAccounts: {names: [default]}}", "denies all ports from service accounts default"),
    (
        "action: Deny, source: {serviceAccounts: {selector: all()}, selector: has(app)}",
        "denies all ports from selector has(app) and service accounts all()",
    ),
    (
        "action: Deny, destination: {selector: has(app)}",
        "denies all ports from anyone, for pods selector has(app)",
    ),
]


@pytest.mark.parametrize(("rule", "expected"), WORDS)
def test_a_rule_in_words(rule: str, expected: str) -> None:
    (told,) = why(network(on_db(f"{{{rule}}}")), "web", "db")
    assert told.partition("spec.ingress[0] ")[2] == expected


def test_an_egress_rule_in_words() -> None:
    rule = "{action: Deny, source: {selector: has(app)}, destination: {nets: [10.0.0.0/8]}}"
    (told,) = why(network(policy(f"egress: [{rule}]")), "web", "db", direction=EGRESS)
    assert told == (
        "GlobalNetworkPolicy guard spec.egress[0] denies all ports to addresses 10.0.0.0/8, for pods selector has(app)"
    )


def test_policies_of_a_namespace_are_named_with_it() -> None:
    (told,) = why(network(namespaced("ingress: [{action: Deny}]")), "web", "db")
    assert told.startswith("NetworkPolicy shop/guard spec.ingress[0] denies")


def test_the_end_of_a_tier_names_every_policy_that_applies() -> None:
    rules = "{action: Allow, protocol: UDP}, {action: Deny, protocol: SCTP}"
    found = network(policy("types: [Ingress]", "a"), policy(f"ingress: [{rules}]", "b"))
    assert why(found, "web", "db") == [
        "GlobalNetworkPolicy a applies to the pod for ingress, lists no rule, and tier default denies the rest",
        (
            "GlobalNetworkPolicy b applies to the pod for ingress, none of its 2 rules matches, "
            "and tier default denies the rest"
        ),
    ]


@pytest.mark.parametrize(
    ("http", "expected"),
    [
        ("{methods: [GET, HEAD]}", "HTTP GET or HEAD"),
        ("{methods: [GET], paths: [{exact: /a}, {prefix: /b}]}", "HTTP GET /a or /b*"),
        ("{}", "HTTP"),
    ],
)
def test_what_a_rule_asks_of_requests_is_told(http: str, expected: str) -> None:
    found = network(on_db(f"{{action: Allow, protocol: TCP, http: {http}}}"))
    assert asked(found, "web", "db") is ACCEPTED
    (told,) = why(found, "web", "db")
    assert told.endswith(f"allows TCP from anyone, as far as requests are {expected}")
