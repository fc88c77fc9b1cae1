from __future__ import annotations

import pytest

from firedoor.engine.reach.cni import PROFILES, SPEC
from firedoor.errors import NothingInScopeError
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
