"""What the settings of the mesh change about its policies, in the engine."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.test_istio import ACCEPTED, DENIED, asked, authentication, network, policy, source

from firedoor.model.verdicts import Verdict


def settings(text: str, namespace: str = "istio-system") -> str:
    metadata = f"metadata: {{name: istio, namespace: {namespace}}}"
    return f"\n---\n{{apiVersion: v1, kind: ConfigMap, {metadata}, data: {{mesh: '{text}'}}}}\n"


def test_policies_of_the_root_namespace_of_the_settings_are_for_the_whole_mesh() -> None:
    closed = policy(namespace="mesh")
    assert asked(network(closed), "web") is ACCEPTED
    assert asked(network(closed, settings("rootNamespace: mesh")), "web") is DENIED
    strict = authentication("mtls: {mode: STRICT}", namespace="mesh")
    assert asked(network(strict), "10.9.9.9") is ACCEPTED
    assert asked(network(strict, settings("rootNamespace: mesh", "mesh")), "10.9.9.9") is DENIED


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("new.test/ns/shop/sa/web", ACCEPTED),
        ("old.test/ns/shop/sa/web", ACCEPTED),
        ("cluster.local/ns/shop/sa/web", ACCEPTED),
        ("other.test/ns/shop/sa/web", DENIED),
        ("old.test/ns/shop/*", DENIED),
        ("new.test/*", ACCEPTED),
    ],
)
def test_principals_are_for_every_trust_domain_of_the_mesh(principal: str, expected: Verdict) -> None:
    mesh = settings('{"trustDomain": "new.test", "trustDomainAliases": ["old.test"]}')
    assert asked(network(policy(rules=source(f"principals: ['{principal}']")), mesh), "web") is expected


@pytest.mark.parametrize(
    ("domain", "expected"), [("new.test", ACCEPTED), ("old.test", ACCEPTED), ("cluster.local", DENIED)]
)
def test_trust_domains_are_for_every_one_of_the_mesh(domain: str, expected: Verdict) -> None:
    mesh = settings('{"trustDomain": "new.test", "trustDomainAliases": ["old.test"]}')
    assert asked(network(policy(rules=source(f"trustDomains: ['{domain}']")), mesh), "web") is expected
