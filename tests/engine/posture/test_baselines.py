"""Exceptions that are written in ZeroTrustBaselines."""

from __future__ import annotations

import pytest
from tests.loading import snapshot_of

from firedoor.engine.posture.baselines import baseline_waivers, levels_of
from firedoor.errors import UsageError
from firedoor.model.exceptions import Pattern
from firedoor.model.findings import Severity

TEXT = """
apiVersion: firedoor.dev/v1alpha1
kind: ZeroTrustBaseline
metadata: {name: %s, namespace: shop}
spec:
  exceptions:
  - {check: %s, reason: so}
---
"""


def test_exceptions_hold_in_the_namespace_and_faults_are_gaps() -> None:
    bare = (
        "{apiVersion: firedoor.dev/v1alpha1, kind: ZeroTrustBaseline, metadata: {name: c, namespace: shop}, spec: {}}"
    )
    snapshot = snapshot_of(TEXT % ("a", "dns-blocked") + TEXT % ("b", "dns-bloked") + bare)
    waivers, gaps = baseline_waivers(snapshot, {"dns-blocked"})
    assert [(each.checks, each.scope, each.reason) for each in waivers] == [(("dns-blocked",), Pattern("shop"), "so")]
    (gap,) = gaps
    assert gap.reason == (
        "ZeroTrustBaseline shop/b: spec.exceptions[0].check: there is no check 'dns-bloked': "
        "none of its exceptions is applied"
    )
    assert (gap.path, gap.remedy) == ("spec.exceptions[0].check", "did you mean dns-blocked?")
    assert gap.source.endswith(":15")


def test_the_strictest_of_a_namespace_says_what_is_too_grave() -> None:
    text = (
        "{apiVersion: firedoor.dev/v1alpha1, kind: ZeroTrustBaseline, metadata: {name: %s, namespace: %s}, spec: {%s}}"
    )
    specs = [("a", "shop", "fail-on: high"), ("b", "shop", "fail-on: low"), ("c", "shop", "fail-on: critical")]
    found = levels_of(snapshot_of("\n---\n".join(text % each for each in [*specs, ("d", "data", "")])))
    assert found == {"shop": Severity.LOW}
    with pytest.raises(UsageError, match=r"spec\.fail-on: expected a severity"):
        levels_of(snapshot_of(text % ("a", "shop", "fail-on: never")))
