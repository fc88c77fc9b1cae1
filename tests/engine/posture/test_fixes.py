"""What findings offer as a remedy can be applied, and remedies."""

import json

import pytest
from tests.engine.posture.loading import FIXTURES, context_of, fixture

from firedoor.adapters.manifests.source import load_text
from firedoor.engine.posture import CHECKS, Check, run_checks
from firedoor.model.findings import Finding

FIXING = [
    "dns-blocked",
    "egress-dns-anywhere",
    "ingress-all-ports",
    "istio-deny-evadable",
    "named-port-missing",
    "namespace-without-default-deny",
    "one-sided-allow",
    "pod-unprotected",
    "policy-contradicts-name",
    "policy-selects-nothing",
    "rule-allows-everything",
    "rule-matches-nothing",
    "selector-volatile-label",
]
"""Checks whose every finding comes with objects that make it disappear."""


def by_id(name: str) -> Check:
    return next(check for check in CHECKS if check.id == name)


def remaining(check: Check, finding: Finding) -> list[Finding]:
    """Apply the fix of one finding on top of the fixture, and return what the check finds then."""
    text = (FIXTURES / check.id / "bad.yaml").read_text(encoding="utf-8")
    documents = [text, *(json.dumps(each) for each in finding.fix.manifests)]
    snapshot = load_text("\n---\n".join(documents))
    assert {gap.kind for gap in snapshot.gaps} <= {"duplicate"}
    return list(check.run(context_of(snapshot)))


@pytest.mark.parametrize("name", FIXING)
def test_applying_a_fix_removes_its_finding(name: str) -> None:
    check = by_id(name)
    found = run_checks(fixture(name, "bad"), [check])
    for finding in found:
        assert finding.fix.manifests
        left = remaining(check, finding)
        assert len(left) < len(found)
        assert finding.message not in {each.message for each in left}
