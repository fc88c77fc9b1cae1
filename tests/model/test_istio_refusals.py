"""What the schemas of the custom resources and the webhook of Istio refuse."""

from __future__ import annotations

from typing import Any

import pytest

from tests.model.istio_objects import AUTHENTICATION, parse, refused

GATEWAY = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "g"}
CUSTOM = {"action": "CUSTOM", "provider": {"name": "a"}}
PORTS = {"8080": {"mode": "STRICT"}}
WEB = {"matchLabels": {"app": "web"}}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ([], "spec"),
        ("a", "spec"),
        ({"action": "allow"}, "spec.action"),
        ({"action": ""}, "spec.action"),
        ({"action": 0}, "spec.action"),
        ({"action": "DENY"}, "spec.rules"),
        ({"action": "DENY", "rules": []}, "spec.rules"),
        ({**CUSTOM, "rules": []}, "spec.rules"),
        ({"action": "CUSTOM", "rules": [{}]}, "spec.provider"),
        ({"action": "CUSTOM", "rules": [{}], "provider": {"name": ""}}, "spec.provider"),
        ({"provider": {"name": "a"}}, "spec.provider"),
        ({"rules": {}}, "spec.rules"),
        ({"rules": [None]}, "spec.rules[0]"),
        ({"rules": [{}] * 513}, "spec.rules"),
        ({"selector": []}, "spec.selector"),
        ({"selector": {"matchLabels": {"a": 1}}}, "spec.selector.matchLabels[a]"),
        ({"selector": {"matchLabels": {"a*": "b"}}}, "spec.selector.matchLabels[a*]"),
        ({"selector": {"matchLabels": {"": "b"}}}, "spec.selector.matchLabels[]"),
        ({"selector": {"matchLabels": {"a": "*"}}}, "spec.selector.matchLabels[a]"),
        ({"selector": {"matchLabels": {"a": "b" * 64}}}, "spec.selector.matchLabels[a]"),
        ({"selector": {}, "targetRef": GATEWAY}, "spec"),
        ({"targetRefs": [], "targetRef": GATEWAY}, "spec"),
        ({"targetRefs": [GATEWAY] * 17}, "spec.targetRefs"),
        ({"targetRefs": [1]}, "spec.targetRefs[0]"),
        ({"targetRefs": [{**GATEWAY, "namespace": "a"}]}, "spec.targetRefs[0].namespace"),
        ({"targetRefs": [{**GATEWAY, "name": ""}]}, "spec.targetRefs[0].name"),
        ({"targetRefs": [{**GATEWAY, "name": "a" * 254}]}, "spec.targetRefs[0].name"),
        ({"targetRefs": [{**GATEWAY, "group": "apps"}]}, "spec.targetRefs[0]"),
        ({"targetRef": {**GATEWAY, "kind": "Service"}}, "spec.targetRef"),
        ({"targetRef": {"kind": "Pod", "name": "a"}}, "spec.targetRef"),
        ({"targetRef": {"kind": "Service"}}, "spec.targetRef.name"),
        ({"targetRef": {"name": "a"}}, "spec.targetRef.kind"),
    ],
)
def test_a_policy_has_a_target_and_an_action(spec: Any, path: str) -> None:
    assert refused(spec) == path


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"from": {}}, "from"),
        ({"from": [{}]}, "from[0].source"),
        ({"from": [{"source": None}]}, "from[0].source"),
        ({"from": [{"source": {}}]}, "from[0].source"),
        ({"from": [{"source": {"principals": []}}]}, "from[0].source"),
        ({"from": [{"source": {"namespaces": ["a"]}}] * 513}, "from"),
        ({"to": [{}]}, "to[0].operation"),
        ({"to": [{"operation": {}}]}, "to[0].operation"),
        ({"to": [{"operation": {"ports": ["80", 443]}}]}, "to[0].operation.ports[1]"),
        ({"to": [{"operation": {"ports": [""]}}]}, "to[0].operation.ports[0]"),
        ({"to": [{"operation": {"ports": ["http"]}}]}, "to[0].operation.ports[0]"),
        ({"to": [{"operation": {"notPorts": ["65536"]}}]}, "to[0].operation.notPorts[0]"),
        ({"to": [{"operation": {"ports": ["9" * 5000]}}]}, "to[0].operation.ports[0]"),
        ({"to": [{"operation": {"ports": ["٨٠"]}}]}, "to[0].operation.ports[0]"),
        ({"to": [{"operation": {"hosts": [""]}}]}, "to[0].operation.hosts[0]"),
        ({"to": [{"operation": {"methods": [""]}}]}, "to[0].operation.methods[0]"),
        ({"to": [{"operation": {"paths": [""]}}]}, "to[0].operation.paths[0]"),
        ({"to": [{"operation": {"paths": ["/{a}"]}}]}, "to[0].operation.paths[0]"),
        ({"to": [{"operation": {"paths": ["/a}"]}}]}, "to[0].operation.paths[0]"),
        ({"to": [{"operation": {"paths": ["/{*}.txt"]}}]}, "to[0].operation.paths[0]"),
        ({"to": [{"operation": {"paths": ["/*/{*}"]}}]}, "to[0].operation.paths[0]"),
        ({"to": [{"operation": {"notPaths": ["/{**}/a/{*}"]}}]}, "to[0].operation.notPaths[0]"),
        ({"to": [{"operation": {"paths": ["/{**}/{**}"]}}]}, "to[0].operation.paths[0]"),
        ({"when": [{}]}, "when[0].key"),
        ({"when": [{"key": "", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": 1, "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "source.ip"}]}, "when[0]"),
        ({"when": [{"key": "source.ip", "values": []}]}, "when[0]"),
        ({"when": [{"key": "source.ip", "values": ["a"]}]}, "when[0].values[0]"),
        ({"when": [{"key": "source.principal", "notValues": [""]}]}, "when[0].notValues[0]"),
        ({"when": [{"key": "source.pod", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "destination.namespace", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "destination.labels[a]", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "destination.user", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "request.headers", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "request.headers[]", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "destination.port", "values": ["a"]}]}, "when[0].values[0]"),
        ({"when": [{"key": "source.trustDomain", "values": ["a*b"]}]}, "when[0].values[0]"),
        ({"when": [{"key": "source.serviceAccount", "values": ["*"]}]}, "when[0].values[0]"),
    ],
)
def test_rules_are_what_istio_takes(rule: dict[str, Any], path: str) -> None:
    assert refused({"rules": [{}, rule]}) == f"spec.rules[1].{path}"


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ({"principals": [""]}, "principals[0]"),
        ({"principals": "a"}, "principals"),
        ({"requestPrincipals": [""]}, "requestPrincipals[0]"),
        ({"notNamespaces": [""]}, "notNamespaces[0]"),
        ({"ipBlocks": ["10.0.0.0/33"]}, "ipBlocks[0]"),
        ({"ipBlocks": ["10.0.0.0/"]}, "ipBlocks[0]"),
        ({"ipBlocks": ["010.0.0.1"]}, "ipBlocks[0]"),
        ({"ipBlocks": ["10.0.0.1%eth0"]}, "ipBlocks[0]"),
        ({"ipBlocks": ["fe80::1%"]}, "ipBlocks[0]"),
        ({"notIpBlocks": ["a"]}, "notIpBlocks[0]"),
        ({"remoteIpBlocks": [""]}, "remoteIpBlocks[0]"),
        ({"serviceAccounts": [""]}, "serviceAccounts[0]"),
        ({"serviceAccounts": ["a/b/c"]}, "serviceAccounts[0]"),
        ({"serviceAccounts": ["/a"]}, "serviceAccounts[0]"),
        ({"serviceAccounts": ["a/*"]}, "serviceAccounts[0]"),
        ({"notServiceAccounts": ["a" * 321]}, "notServiceAccounts[0]"),
        ({"serviceAccounts": ["a"] * 17}, "serviceAccounts"),
        ({"serviceAccounts": ["a"], "principals": ["b"]}, ""),
        ({"serviceAccounts": ["a"], "notNamespaces": ["b"]}, ""),
        ({"notServiceAccounts": ["a"], "namespaces": []}, ""),
        ({"trustDomains": ["a*b"]}, "trustDomains[0]"),
        ({"trustDomains": ["*a*"]}, "trustDomains[0]"),
        ({"notTrustDomains": ["a/b"]}, "notTrustDomains[0]"),
    ],
)
def test_sources_are_what_istio_takes(source: dict[str, Any], path: str) -> None:
    found = refused({"rules": [{"from": [{"source": source}]}]})
    assert found.removeprefix("spec.rules[0].from[0].source").removeprefix(".") == path


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"from": [{"source": {"namespaces": ["a"]}}]}, "from[0].source.namespaces"),
        ({"from": [{"source": {"notPrincipals": ["a"]}}]}, "from[0].source.notPrincipals"),
        ({"from": [{"source": {"serviceAccounts": ["a"]}}]}, "from[0].source.serviceAccounts"),
        ({"from": [{"source": {"requestPrincipals": ["a"]}}]}, "from[0].source.requestPrincipals"),
        ({"when": [{"key": "source.namespace", "values": ["a"]}]}, "when[0].key"),
        ({"when": [{"key": "request.auth.claims[a]", "values": ["a"]}]}, "when[0].key"),
    ],
)
def test_rules_of_a_custom_policy_know_no_identities(rule: dict[str, Any], path: str) -> None:
    assert refused({**CUSTOM, "rules": [rule]}) == f"spec.rules[0].{path}"


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ([], "spec"),
        ({"mtls": []}, "spec.mtls"),
        ({"mtls": {"mode": "strict"}}, "spec.mtls.mode"),
        ({"mtls": {"mode": 3}}, "spec.mtls.mode"),
        ({"selector": WEB, "portLevelMtls": {}}, "spec.portLevelMtls"),
        ({"selector": WEB, "portLevelMtls": {"80": None}}, "spec.portLevelMtls"),
        ({"selector": WEB, "portLevelMtls": {"http": {}}}, "spec.portLevelMtls[http]"),
        ({"selector": WEB, "portLevelMtls": {"0": {}}}, "spec.portLevelMtls[0]"),
        ({"selector": WEB, "portLevelMtls": {"65536": {}}}, "spec.portLevelMtls[65536]"),
        ({"selector": WEB, "portLevelMtls": {"80": 1}}, "spec.portLevelMtls[80]"),
        ({"selector": WEB, "portLevelMtls": {"80": {"mode": "ON"}}}, "spec.portLevelMtls[80].mode"),
        ({"portLevelMtls": PORTS}, "spec.portLevelMtls"),
        ({"selector": {}, "portLevelMtls": PORTS}, "spec.portLevelMtls"),
    ],
)
def test_a_peer_authentication_has_modes(spec: Any, path: str) -> None:
    assert refused(spec, AUTHENTICATION) == path


def test_a_refused_policy_says_all_that_is_wrong() -> None:
    _, faults = parse({"action": "ALLOW", "rules": [{"from": [{}]}, {"to": [{}]}]})
    assert [each.path for each in faults] == ["spec.rules[0].from[0].source", "spec.rules[1].to[0].operation"]
