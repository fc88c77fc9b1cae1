"""What the fields of an AuthorizationPolicy's rules match, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.istio_samples import allow, authorization, custom, deny, mesh_verdict, peer_authentication
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Verdict
from tests.reference.samples import OUTSIDE, host_pod, pod

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN

DB = pod("db")
SHOP = pod("web", "shop", serviceAccountName="buyer", status={"podIP": "10.0.0.7"})
PODS = [DB, SHOP, host_pod("agent", nodeName="n2"), pod("db2", nodeName="n1")]
BUYER = "cluster.local/ns/shop/sa/buyer"


def allowed(source: Manifest, src: str = "shop/web", *more: Manifest) -> Verdict:
    return mesh_verdict([*PODS, *more, allow(source)], src, "default/db")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("principals", BUYER),
        ("principals", "cluster.local/ns/shop/*"),
        ("principals", "*/sa/buyer"),
        ("principals", "*"),
        ("namespaces", "shop"),
        ("namespaces", "sh*"),
        ("namespaces", "*op"),
        ("namespaces", "*"),
        ("serviceAccounts", "shop/buyer"),
        ("trustDomains", "cluster.local"),
        ("trustDomains", "*.local"),
    ],
)
def test_an_identity_is_matched_exactly_by_prefix_by_suffix_or_for_presence(field: str, value: str) -> None:
    negative = "not" + field[0].upper() + field[1:]
    assert allowed({field: [value]}) is ACCEPTED
    assert allowed({negative: [value]}) is DENIED
    assert allowed({field: ["none", value]}) is ACCEPTED
    assert allowed({negative: ["none", value]}) is DENIED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("principals", "cluster.local/ns/shop/sa/buy"),
        ("principals", "spiffe://" + BUYER),
        ("principals", "cluster.local/ns/shop"),
        ("namespaces", "shop2"),
        ("namespaces", "s*p"),
        ("serviceAccounts", "buyer"),
        ("serviceAccounts", "default/buyer"),
        ("serviceAccounts", "shop/default"),
        ("trustDomains", "example.org"),
    ],
)
def test_another_identity_is_not_matched(field: str, value: str) -> None:
    negative = "not" + field[0].upper() + field[1:]
    assert allowed({field: [value]}) is DENIED
    assert allowed({negative: [value]}) is ACCEPTED


def test_a_service_account_without_namespace_is_one_of_the_policys_namespace() -> None:
    cluster = [*PODS, pod("web", serviceAccountName="buyer"), allow({"serviceAccounts": ["buyer"]})]
    assert mesh_verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert mesh_verdict(cluster, "shop/web", "default/db") is DENIED


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        ({}, "default"),
        ({"serviceAccountName": None}, "default"),
        ({"serviceAccountName": ""}, "default"),
        ({"serviceAccount": "old"}, "old"),
        ({"serviceAccountName": "new", "serviceAccount": "old"}, "new"),
    ],
)
def test_a_pod_runs_as_the_service_account_it_names_or_else_the_default_one(spec: Any, account: str) -> None:
    cluster = [*PODS, pod("web", **spec), allow({"principals": [f"cluster.local/ns/default/sa/{account}"]})]
    assert mesh_verdict(cluster, "default/web", "default/db") is ACCEPTED


@pytest.mark.parametrize("field", ["Principals", "Namespaces", "ServiceAccounts", "TrustDomains"])
@pytest.mark.parametrize("src", [OUTSIDE, "default/agent"])
def test_a_source_outside_the_mesh_has_no_identity(field: str, src: str) -> None:
    cluster = [host_pod("agent", nodeName="n2"), pod("db", nodeName="n1")]
    values = ["default/default"] if field == "ServiceAccounts" else ["*"]
    positively, negatively = allow({field[0].lower() + field[1:]: values}), allow({f"not{field}": values})
    assert mesh_verdict([*cluster, positively], src, "default/db") is DENIED
    assert mesh_verdict([*cluster, negatively], src, "default/db") is ACCEPTED


def test_without_mutual_tls_at_the_destination_nobody_has_an_identity() -> None:
    disabled = peer_authentication(mtls={"mode": "DISABLE"})
    assert allowed({"principals": ["*"]}, "shop/web", disabled) is DENIED
    assert allowed({"notNamespaces": ["shop"]}, "shop/web", disabled) is ACCEPTED


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("10.0.0.7", ACCEPTED),
        ("10.0.0.0/8", ACCEPTED),
        ("10.0.0.7/8", ACCEPTED),
        ("::ffff:10.0.0.0/104", ACCEPTED),
        ("0.0.0.0/0", ACCEPTED),
        ("10.0.0.8", DENIED),
        ("11.0.0.0/8", DENIED),
        ("::/0", DENIED),
    ],
)
def test_a_block_matches_the_address_of_a_source_pod(block: str, expected: Verdict) -> None:
    opposite = {ACCEPTED: DENIED, DENIED: ACCEPTED}[expected]
    assert allowed({"ipBlocks": [block]}) is expected
    assert allowed({"notIpBlocks": [block]}) is opposite
    assert allowed({"ipBlocks": ["192.0.2.1", block]}) is expected


def test_a_block_matches_external_addresses() -> None:
    assert allowed({"ipBlocks": [OUTSIDE]}, OUTSIDE) is ACCEPTED
    assert allowed({"ipBlocks": ["10.0.0.0/8"]}, OUTSIDE) is DENIED
    assert allowed({"notIpBlocks": ["10.0.0.0/8"]}, OUTSIDE) is ACCEPTED


@pytest.mark.parametrize(
    ("block", "positive", "negative"),
    [("0.0.0.0/0", ACCEPTED, DENIED), ("10.0.0.0/8", UNKNOWN, UNKNOWN), ("::/0", UNKNOWN, UNKNOWN)],
)
def test_a_block_may_match_a_pod_of_unknown_address(block: str, positive: Verdict, negative: Verdict) -> None:
    assert allowed({"ipBlocks": [block]}, "default/db2") is positive
    assert allowed({"notIpBlocks": [block]}, "default/db2") is negative


DUAL = pod("dual", status={"podIP": "10.0.0.9", "podIPs": [{"ip": "10.0.0.9"}, {"ip": "fd00::9"}]})


@pytest.mark.parametrize("block", ["10.0.0.0/8", "fd00::/8"])
def test_which_of_its_two_addresses_a_source_uses_is_unknown(block: str) -> None:
    cluster = [DB, DUAL]
    assert mesh_verdict([*cluster, allow({"ipBlocks": [block]})], "default/dual", "default/db") is UNKNOWN
    assert mesh_verdict([*cluster, allow({"notIpBlocks": [block]})], "default/dual", "default/db") is UNKNOWN
    assert mesh_verdict([*cluster, deny({"ipBlocks": [block]})], "default/dual", "default/db") is UNKNOWN
    each = authorization(rules=[{"from": [{"source": {"ipBlocks": [b]}}]} for b in ("10.0.0.0/8", "fd00::/8")])
    assert mesh_verdict([*cluster, each], "default/dual", "default/db") is ACCEPTED
    both = deny({"ipBlocks": ["10.0.0.0/8", "fd00::/8"]})
    assert mesh_verdict([*cluster, both], "default/dual", "default/db") is DENIED


@pytest.mark.parametrize("field", ["remoteIpBlocks", "notRemoteIpBlocks"])
def test_the_original_client_is_unknown(field: str) -> None:
    assert allowed({field: ["0.0.0.0/0"]}) is UNKNOWN
    assert allowed({field: ["0.0.0.0/0"]}, OUTSIDE) is UNKNOWN
    assert allowed({field: []}) is ACCEPTED


def test_the_fields_of_a_source_must_all_match_and_any_source_suffices() -> None:
    here, there = {"namespaces": ["shop"]}, {"ipBlocks": ["192.0.2.0/24"]}
    assert allowed(here | there) is DENIED
    either = authorization(rules=[{"from": [{"source": here}, {"source": there}]}])
    assert mesh_verdict([*PODS, either], "shop/web", "default/db") is ACCEPTED


def test_a_value_must_match_and_no_negative_one_may() -> None:
    assert allowed({"namespaces": ["*"], "notNamespaces": ["shop"]}) is DENIED
    assert allowed({"namespaces": ["*"], "notNamespaces": ["other"]}) is ACCEPTED


@pytest.mark.parametrize(
    ("operation", "ports"),
    [
        ({"ports": ["80"]}, {80}),
        ({"ports": ["80", "81"]}, {80, 81}),
        ({"notPorts": ["80"]}, {81, 82}),
        ({"ports": ["80", "81"], "notPorts": ["81"]}, {80}),
        ({"ports": []}, {80, 81, 82}),
    ],
)
def test_ports_decide_for_connections(operation: Manifest, ports: set[int]) -> None:
    allowing, denying = [*PODS, allow(None, operation)], [*PODS, deny(None, operation)]
    asked = (80, 81, 82)
    assert {p for p in asked if mesh_verdict(allowing, OUTSIDE, "default/db", p) is ACCEPTED} == ports
    assert {p for p in asked if mesh_verdict(denying, OUTSIDE, "default/db", p) is DENIED} == ports


def test_a_rule_needs_a_source_an_operation_and_every_condition() -> None:
    conditions = [{"key": "source.namespace", "values": ["shop"]}, {"key": "destination.port", "notValues": ["81"]}]
    cluster = [*PODS, allow({"namespaces": ["*"]}, {"ports": ["80", "81"]}, when=conditions)]
    assert mesh_verdict(cluster, "shop/web", "default/db", 80) is ACCEPTED
    assert mesh_verdict(cluster, "shop/web", "default/db", 81) is DENIED
    assert mesh_verdict(cluster, "shop/web", "default/db", 82) is DENIED
    assert mesh_verdict(cluster, "default/db2", "default/db", 80) is DENIED


REQUESTS: list[Manifest] = [
    {"to": [{"operation": {field: ["x"]}}]}
    for field in ("hosts", "notHosts", "methods", "notMethods", "paths", "notPaths")
]
REQUESTS += [{"from": [{"source": {field: ["*"]}}]} for field in ("requestPrincipals", "notRequestPrincipals")]
REQUESTS += [
    {"when": [{"key": "request.headers[x]", "values": ["y"]}]},
    {"when": [{"key": "request.auth.claims[iss]", "notValues": ["y"]}]},
]


@pytest.mark.parametrize("rule", REQUESTS, ids=str)
def test_what_is_asked_of_requests_lets_connections_pass_and_keeps_none_away(rule: Manifest) -> None:
    assert mesh_verdict([*PODS, authorization(rules=[rule])], OUTSIDE, "default/db") is ACCEPTED
    assert mesh_verdict([*PODS, authorization(rules=[rule], action="DENY")], OUTSIDE, "default/db") is ACCEPTED
    assert mesh_verdict([*PODS, custom(**rule)], OUTSIDE, "default/db") is ACCEPTED


def test_an_operation_for_some_requests_still_needs_its_port() -> None:
    cluster = [*PODS, allow(None, {"methods": ["GET"], "ports": ["80"]})]
    assert mesh_verdict(cluster, OUTSIDE, "default/db", 80) is ACCEPTED
    assert mesh_verdict(cluster, OUTSIDE, "default/db", 81) is DENIED


def test_an_operation_that_asks_nothing_of_requests_denies_beside_one_that_does() -> None:
    rule = {"to": [{"operation": {"methods": ["GET"]}}, {"operation": {"ports": ["80"]}}]}
    cluster = [*PODS, authorization(action="DENY", rules=[rule])]
    assert mesh_verdict(cluster, OUTSIDE, "default/db", 80) is DENIED
    assert mesh_verdict(cluster, OUTSIDE, "default/db", 81) is ACCEPTED


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source.ip", "10.0.0.0/8"),
        ("source.namespace", "shop"),
        ("source.principal", BUYER),
        ("source.serviceAccount", "shop/buyer"),
        ("destination.port", "80"),
    ],
)
def test_a_condition_means_what_the_field_of_that_name_means(key: str, value: str) -> None:
    positive, negative = allow(when=[{"key": key, "values": [value]}]), allow(when=[{"key": key, "notValues": [value]}])
    assert mesh_verdict([*PODS, positive], "shop/web", "default/db") is ACCEPTED
    assert mesh_verdict([*PODS, negative], "shop/web", "default/db") is DENIED
    assert mesh_verdict([*PODS, positive], OUTSIDE, "default/db", 81) is DENIED
    assert mesh_verdict([*PODS, negative], OUTSIDE, "default/db", 81) is ACCEPTED


@pytest.mark.parametrize("key", ["remote.ip", "destination.ip", "connection.sni", "experimental.envoy.filters.a[b]"])
@pytest.mark.parametrize("field", ["values", "notValues"])
def test_any_other_condition_may_hold(key: str, field: str) -> None:
    assert mesh_verdict([*PODS, allow(when=[{"key": key, field: ["x"]}])], "shop/web", "default/db") is UNKNOWN
    assert mesh_verdict([*PODS, deny(when=[{"key": key, field: ["x"]}])], "shop/web", "default/db") is UNKNOWN
