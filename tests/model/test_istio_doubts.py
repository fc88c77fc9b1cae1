"""What Istio's policies hold without a known effect, and that no input whatever makes the parser fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firedoor.model.faults import Fault
from firedoor.model.istio import AuthorizationPolicy, PeerAuthentication
from tests.model.istio_objects import AUTHENTICATION, AUTHORIZATION, parse
from tests.model.mangling import JSON, mangled

SOURCE: dict[str, Any] = {"namespaces": ["a"]}


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"x": 1}, "x"),
        ({"from": [{"source": SOURCE, "x": 1}]}, "from[0].x"),
        ({"from": [{"source": {**SOURCE, "x": 1}}]}, "from[0].source.x"),
        ({"from": [{"source": {"clusters": ["a"]}}]}, "from[0].source.clusters"),
        ({"to": [{"operation": {"queries": ["a"]}}]}, "to[0].operation.queries"),
        ({"when": [{"key": "source.ip", "values": ["::1"], "x": 1}]}, "when[0].x"),
    ],
)
def test_a_part_of_a_rule_without_a_known_effect_makes_the_rule_unsure(rule: dict[str, Any], path: str) -> None:
    parsed, (fault,) = parse({"rules": [rule, {}]})
    assert isinstance(parsed, AuthorizationPolicy)
    assert parsed.rules is not None
    assert (fault.path, fault.rejects) == (f"spec.rules[0].{path}", False)
    assert [each.unsure for each in parsed.rules] == [True, False]
    assert not parsed.unsure


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"x": 1}, "spec.x"),
        ({"selector": {"matchExpressions": []}}, "spec.selector.matchExpressions"),
        ({"targetRef": {"kind": "Service", "name": "a", "x": 1}}, "spec.targetRef.x"),
        ({"action": "CUSTOM", "provider": {"name": "a", "x": 1}}, "spec.provider.x"),
    ],
)
def test_a_doubt_about_the_target_makes_the_whole_policy_unsure(fields: dict[str, Any], path: str) -> None:
    parsed, (fault,) = parse({"rules": [{}], **fields})
    assert isinstance(parsed, AuthorizationPolicy)
    assert (fault.path, fault.rejects, parsed.unsure) == (path, False, True)
    assert parsed.rules is not None
    assert not parsed.rules[0].unsure


@pytest.mark.parametrize(
    ("spec", "path"),
    [({"x": 1}, "spec.x"), ({"mtls": {"x": 1}}, "spec.mtls.x"), ({"selector": {"x": 1}}, "spec.selector.x")],
)
def test_a_doubt_makes_a_peer_authentication_unsure(spec: dict[str, Any], path: str) -> None:
    parsed, (fault,) = parse(spec, AUTHENTICATION)
    assert isinstance(parsed, PeerAuthentication)
    assert (fault.path, fault.rejects, parsed.unsure) == (path, False, True)


RULE: dict[str, Any] = {
    "from": [{"source": {"principals": ["*"], "ipBlocks": ["::1"], "trustDomains": ["*.a"]}}],
    "to": [{"operation": {"ports": ["80"], "paths": ["/{*}", "/a*"], "notMethods": ["GET"]}}],
    "when": [{"key": "source.ip", "values": ["10.0.0.0/8"]}, {"key": "request.headers[X]", "notValues": ["a"]}],
}
ACCOUNTS = {"from": [{"source": {"serviceAccounts": ["a", "b/c"], "notIpBlocks": ["10.1.2.3"]}}]}
TARGETED = {"targetRefs": [{"kind": "Service", "name": "a"}], "action": "DENY", "rules": [RULE, ACCOUNTS, {}]}
SELECTED = {"selector": {"matchLabels": {"a": "b"}}, "action": "CUSTOM", "provider": {"name": "c"}, "rules": [{}]}
MODES = {
    "selector": {"matchLabels": {"a": "b"}},
    "mtls": {"mode": "STRICT"},
    "portLevelMtls": {"80": {"mode": "UNSET"}},
}


@given(JSON | mangled(TARGETED) | mangled(SELECTED) | mangled(MODES), st.sampled_from([AUTHORIZATION, AUTHENTICATION]))
def test_no_input_makes_the_parser_fail(spec: Any, kind: str) -> None:
    parsed, faults = parse(spec, kind)
    assert (parsed is None) is any(each.rejects for each in faults)
    assert all(isinstance(each, Fault) for each in faults)
    assert all(each.path and each.reason and each.path in str(each) for each in faults)


@pytest.mark.parametrize(
    ("sample", "kind"), [(TARGETED, AUTHORIZATION), (SELECTED, AUTHORIZATION), (MODES, AUTHENTICATION)]
)
def test_what_is_mangled_is_in_order_before(sample: dict[str, Any], kind: str) -> None:
    assert parse(sample, kind)[1] == ()
