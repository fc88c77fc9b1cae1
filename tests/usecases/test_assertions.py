from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.errors import NothingInScopeError
from firedoor.model.icmp import IcmpMessage
from firedoor.model.intents import EndTerm, Intent, IntentKind, Word
from firedoor.model.snapshot import Snapshot
from firedoor.usecases.assertions import verify
from tests.loading import snapshot_of

SNAPSHOT = snapshot_of(
    """
    {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}
    ---
    {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: all, namespace: shop},
     spec: {podSelector: {}, policyTypes: [Ingress]}}
    """
)
OUTSIDE, PODS = (EndTerm(word.value, word) for word in (Word.OUTSIDE, Word.PODS))
CLOSED = Intent("closed", IntentKind.MUST_DENY, (OUTSIDE,), (PODS,))
OPEN = Intent("open", IntentKind.MUST_ALLOW, (PODS,), (OUTSIDE,))


def test_intents_are_judged_in_their_order() -> None:
    found = verify(SNAPSHOT, SPEC, [CLOSED, OPEN, Intent("no", IntentKind.MUST_DENY, (PODS,), (OUTSIDE,))], 5)
    assert [(each.intent.name, each.holds) for each in found.results] == [
        ("closed", True), ("open", True), ("no", False),
    ]  # fmt: skip
    assert (found.failed, found.cni) == (1, "spec")


def test_the_plugin_decides_whether_policies_hold() -> None:
    assert verify(SNAPSHOT, PROFILES["none"], [CLOSED], 5).failed == 1


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(NothingInScopeError):
        verify(Snapshot(), SPEC, [CLOSED], 5)


ENDS = """
{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop, labels: {app: web}}, status: {podIP: 10.0.0.1}}
---
{apiVersion: v1, kind: Pod, metadata: {name: six, namespace: shop}, status: {podIPs: [{ip: "2001:db8::1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: far, namespace: shop}, status: {podIPs: [{ip: "2001:db8::2"}]}}
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: p},
 spec: {selector: all(), types: [Ingress], ingress: [{action: Allow, protocol: ICMP, icmp: {type: 8}}]}}
"""


def test_messages_are_asked_about_between_ends_that_talk_by_their_ip_version() -> None:
    ping, six, unreachable = IcmpMessage(), IcmpMessage(6, 128), IcmpMessage(4, 3)
    http = (("TCP", 80, 80),)
    intents = [
        Intent("ping", IntentKind.MUST_ALLOW, (OUTSIDE, PODS), (PODS,), (), icmp=(ping,)),
        Intent("six", IntentKind.MUST_ALLOW, (PODS,), (PODS,), (), icmp=(six,)),
        Intent("all", IntentKind.MUST_ALLOW, (PODS,), (PODS,), http, icmp=(ping, unreachable)),
        Intent("address", IntentKind.MUST_ALLOW, (EndTerm("a", addresses="2001:db8::9"),), (PODS,), (), icmp=(ping,)),
    ]
    found = verify(snapshot_of(ENDS), SPEC, intents, 3).results
    assert [each.holds for each in found] == [True, False, False, True]
    assert {(each.source, each.destination) for each in found[1].violations} == {
        ("shop/six", "shop/far"),
        ("shop/far", "shop/six"),
    }
    assert (found[1].violations[0].icmp, found[1].violations[0].traffic) == (six, (("ICMP", 0, 0),))
    assert {each.icmp for each in found[2].violations} == {None}
    assert (len(found[2].violations), found[2].more) == (3, 3 + 4)
