from __future__ import annotations

from typing import Any

import pytest

from firedoor.model.istio import Action, Condition, Mode, Operation, Source, TargetRef
from firedoor.model.metadata import ObjectMeta
from tests.model.istio_objects import only_rule, peers, policy

GATEWAYS = "gateway.networking.k8s.io"


@pytest.mark.parametrize("spec", [None, {}, {"rules": None}, {"rules": []}, {"selector": None}])
def test_a_policy_without_rules_allows_nothing(spec: Any) -> None:
    found = policy(spec)
    assert (found.action, found.rules, found.selector) == (Action.ALLOW, None, None)
    assert str(found.ref) == "AuthorizationPolicy shop/p"


@pytest.mark.parametrize("rule", [{}, {"from": []}, {"to": None, "when": []}])
def test_an_empty_rule_is_for_everything(rule: dict[str, Any]) -> None:
    found = only_rule(rule)
    assert (found.sources, found.operations, found.conditions) == ((), (), ())
    assert (found.requests, found.unsure, found.path) == ("", False, "spec.rules[0]")


@pytest.mark.parametrize("action", Action)
def test_each_action_is_read(action: Action) -> None:
    provider = {"provider": {"name": "authz"}} if action is Action.CUSTOM else {}
    found = policy({"action": action.value, "rules": [{}], **provider})
    assert found.action is action
    assert found.provider == ("authz" if provider else "")


def test_a_policy_is_for_workloads_or_for_targets() -> None:
    assert policy({"selector": {"matchLabels": {"app": "web", "b": None}}}).selector == {"app": "web"}
    assert policy({"selector": {}}).selector == {}
    gateway = {"group": GATEWAYS, "kind": "Gateway", "name": "g"}
    assert policy({"targetRef": gateway}).target_refs == (TargetRef(GATEWAYS, "Gateway", "g"),)
    others: list[dict[str, Any]] = [
        {"kind": "Service", "name": "s", "namespace": ""},
        {"group": "core", "kind": "Service", "name": "s"},
        {"group": "networking.istio.io", "kind": "ServiceEntry", "name": "e"},
        {"group": GATEWAYS, "kind": "GatewayClass", "name": "c"},
    ]
    targets = policy({"targetRefs": others}).target_refs
    assert [str(each) for each in targets] == ["Service s", "Service s", "ServiceEntry e", "GatewayClass c"]
    assert [each.group for each in targets] == ["", "core", "networking.istio.io", GATEWAYS]


@pytest.mark.parametrize(
    ("value", "is_dry"), [("true", True), ("1", True), ("T", True), ("false", False), ("yes", False)]
)
def test_a_policy_may_be_tried_out_only(value: str, is_dry: bool) -> None:
    assert policy({}, ObjectMeta("p", "shop", annotations={"istio.io/dry-run": value})).is_dry_run is is_dry
    assert not policy({}).is_dry_run


def test_every_list_of_a_source_is_read() -> None:
    lists = {
        "principals": ["cluster.local/ns/a/sa/b", "*"],
        "notPrincipals": ["*/sa/b"],
        "requestPrincipals": ["i/*"],
        "notRequestPrincipals": ["i/s"],
        "namespaces": ["a*b"],
        "notNamespaces": ["c"],
        "ipBlocks": ["10.0.0.0/8", "fe80::1%eth0", "10.1.2.3"],
        "notIpBlocks": ["10.1.0.0/16"],
        "remoteIpBlocks": ["fd00::/8"],
        "notRemoteIpBlocks": ["::1"],
        "trustDomains": ["*.local", "cluster.*", "*"],
        "notTrustDomains": ["td"],
    }
    (found,) = only_rule({"from": [{"source": lists}]}).sources
    assert found == Source(
        principals=("cluster.local/ns/a/sa/b", "*"),
        not_principals=("*/sa/b",),
        request_principals=("i/*",),
        not_request_principals=("i/s",),
        namespaces=("a*b",),
        not_namespaces=("c",),
        ip_blocks=("10.0.0.0/8", "fe80::1%eth0", "10.1.2.3"),
        not_ip_blocks=("10.1.0.0/16",),
        remote_ip_blocks=("fd00::/8",),
        not_remote_ip_blocks=("::1",),
        trust_domains=("*.local", "cluster.*", "*"),
        not_trust_domains=("td",),
    )


def test_a_service_account_without_a_namespace_is_in_that_of_the_policy() -> None:
    lists = {"serviceAccounts": ["web", "other/db"], "notServiceAccounts": ["a"]}
    (found,) = only_rule({"from": [{"source": lists}]}).sources
    assert found == Source(service_accounts=("shop/web", "other/db"), not_service_accounts=("shop/a",))
    condition = {"key": "source.serviceAccount", "values": ["web"], "notValues": ["other/db"]}
    assert only_rule({"when": [condition]}).conditions == (
        Condition("source.serviceAccount", ("shop/web",), ("other/db",)),
    )


def test_every_list_of_an_operation_is_read() -> None:
    lists = {
        "ports": ["80", "0", "0443"],
        "notPorts": ["65535"],
        "hosts": ["a.example"],
        "notHosts": ["*.b"],
        "methods": ["GET"],
        "notMethods": ["P*"],
        "paths": ["/a*", "/b/{*}/c/{**}/", "/{*}"],
        "notPaths": ["*/d"],
    }
    (found,) = only_rule({"to": [{"operation": lists}]}).operations
    assert found == Operation(
        ports=(80, 0, 443),
        not_ports=(65535,),
        hosts=("a.example",),
        not_hosts=("*.b",),
        methods=("GET",),
        not_methods=("P*",),
        paths=("/a*", "/b/{*}/c/{**}/", "/{*}"),
        not_paths=("*/d",),
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source.ip", "10.0.0.0/8"),
        ("remote.ip", "10.1.2.3"),
        ("source.namespace", "a"),
        ("source.principal", "*"),
        ("source.trustDomain", "a*"),
        ("destination.ip", "::1"),
        ("destination.port", "80"),
        ("connection.sni", "a.example"),
        ("request.headers[X]", "a"),
        ("request.auth.principal", "a"),
        ("request.auth.audiences", "a"),
        ("request.auth.presenter", "a"),
        ("request.auth.claims[iss]", "a"),
        ("request.auth.claims[a][b]", "a"),
        ("experimental.envoy.filters.a[b]", "[c]"),
    ],
)
def test_conditions_are_about_the_attributes_of_istio(key: str, value: str) -> None:
    found = only_rule({"when": [{"key": key, "values": [value]}, {"key": key, "notValues": [value]}]})
    assert found.conditions == (Condition(key, (value,)), Condition(key, (), (value,)))
    assert bool(found.requests) == key.startswith("request.")


def test_conditions_are_written_in_words() -> None:
    assert str(Condition("source.ip", ("a", "b"), ("c",))) == "source.ip is one of a, b and none of c"
    assert str(Condition("source.ip", (), ("c",))) == "source.ip is none of c"


def test_a_rule_names_the_fields_that_are_for_http_only() -> None:
    rule = {
        "from": [
            {"source": {"requestPrincipals": ["a"], "ipBlocks": ["::1"]}},
            {"source": {"notRequestPrincipals": ["b"]}},
        ],
        "to": [
            {"operation": {"ports": ["1"], "methods": ["GET"]}},
            {"operation": {"notPaths": ["/"], "methods": ["PUT"]}},
        ],
        "when": [{"key": "request.headers[X]", "values": ["a"]}],
    }
    found = only_rule(rule)
    assert found.requests == (
        "HTTP methods GET or methods PUT notPaths / and requestPrincipals a or notRequestPrincipals b"
        " and request.headers[X] is one of a"
    )
    assert [each.http for each in found.operations] == [("methods",), ("methods", "notPaths")]


def test_a_custom_policy_has_addresses_and_operations() -> None:
    rule = {"from": [{"source": {"ipBlocks": ["::1"]}}], "to": [{"operation": {"paths": ["/a"]}}]}
    found = only_rule(
        {**rule, "when": [{"key": "source.ip", "values": ["::1"]}]}, action="CUSTOM", provider={"name": "a"}
    )
    assert len(found.conditions) == 1


@pytest.mark.parametrize("mode", Mode)
def test_each_mode_of_mutual_tls_is_read(mode: Mode) -> None:
    found = peers({"mtls": {"mode": mode.value}})
    assert (found.mode, found.port_modes, found.mode_of(80)) == (mode, {}, mode)
    assert str(found.ref) == "PeerAuthentication shop/p"


@pytest.mark.parametrize("spec", [None, {}, {"mtls": None}, {"mtls": {}}, {"mtls": {"mode": None}}])
def test_no_mode_is_inherited(spec: Any) -> None:
    assert peers(spec).mode is Mode.UNSET


def test_ports_may_have_modes_of_their_own() -> None:
    selector = {"matchLabels": {"app": "web"}}
    ports = {"8080": {"mode": "DISABLE"}, 9090: {}, "1": None}
    found = peers({"selector": selector, "mtls": {"mode": "STRICT"}, "portLevelMtls": ports})
    assert found.port_modes == {8080: Mode.DISABLE, 9090: Mode.UNSET}
    assert [found.mode_of(port) for port in (8080, 9090, 1)] == [Mode.DISABLE, Mode.STRICT, Mode.STRICT]
    assert found.selector == {"app": "web"}
