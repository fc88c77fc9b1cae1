from __future__ import annotations

import pytest

from firedoor.model.labels import LabelSelector
from firedoor.model.metadata import ObjectMeta
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
    NetworkPolicySpec,
)


@pytest.mark.parametrize(
    ("types", "egress", "isolated"),
    [
        ((), (), {Direction.INGRESS}),
        ((), (EgressRule(),), {Direction.INGRESS, Direction.EGRESS}),
        (("Egress",), (), {Direction.EGRESS}),
        (("Ingress",), (EgressRule(),), {Direction.INGRESS}),
    ],
)
def test_policy_types_have_the_default_of_the_api(
    types: tuple[str, ...], egress: tuple[EgressRule, ...], isolated: set[Direction]
) -> None:
    policy = NetworkPolicy(spec=NetworkPolicySpec(policy_types=types, ingress=(IngressRule(),), egress=egress))
    assert {each for each in Direction if policy.isolates(each)} == isolated
    assert all(policy.rules(each) == () for each in Direction if each not in isolated)


def test_a_policy_selects_pods_of_its_own_namespace_only() -> None:
    spec = NetworkPolicySpec(LabelSelector({"app": "web"}))
    policy = NetworkPolicy(ObjectMeta("p", "shop"), spec)
    assert policy.selects("shop", {"app": "web"})
    assert not policy.selects("other", {"app": "web"})
    assert not policy.selects("shop", {})
    assert str(policy.ref) == "NetworkPolicy shop/p"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (NetworkPolicyPort("TCP", 80), "TCP/80"),
        (NetworkPolicyPort("UDP", 80, 90), "UDP/80-90"),
        (NetworkPolicyPort("TCP", "http"), "TCP/http"),
        (NetworkPolicyPort("SCTP"), "SCTP"),
        (NetworkPolicyPeer(ip_block=IPBlock("10.0.0.0/8")), "10.0.0.0/8"),
        (NetworkPolicyPeer(ip_block=IPBlock("10.0.0.0/8", ("10.1.0.0/16",))), "10.0.0.0/8 except 10.1.0.0/16"),
        (NetworkPolicyPeer(LabelSelector({"a": "b"})), "pods a=b of the same namespace"),
        (NetworkPolicyPeer(namespace_selector=LabelSelector()), "all pods of all namespaces"),
        (NetworkPolicyPeer(LabelSelector(), LabelSelector({"a": "b"})), "all pods of namespaces a=b"),
    ],
)
def test_parts_of_rules_are_written_in_words(part: object, text: str) -> None:
    assert str(part) == text
