"""Every check finds what its bad fixture holds, and nothing in its good one."""

from collections import Counter

import pytest
from tests.engine.posture.loading import FIXTURES, fixture

from firedoor.engine.posture import CHECKS, Check, run_checks
from firedoor.engine.reach.cni import PROFILES

EXPECTED: dict[str, list[str]] = {
    "cni-not-enforcing": ["critical Cluster cluster"],
    "dns-blocked": ["low Deployment shop/api", "low Deployment shop/quiet", "medium Deployment shop/web"],
    "ipblock-covers-pods": ["low NetworkPolicy shop/web"],
    "named-port-missing": ["medium NetworkPolicy shop/metrics", "medium NetworkPolicy shop/web"],
    "namespace-without-default-deny": ["low Namespace batch", "medium Namespace shop"],
    "one-sided-allow": ["medium NetworkPolicy shop/db", "medium NetworkPolicy shop/web-out"],
    "pod-unprotected": ["critical Deployment shop/web"],
    "policy-contradicts-name": [
        "high NetworkPolicy shop/allow-dns",
        "high NetworkPolicy shop/default-deny-egress",
        "high NetworkPolicy shop/deny-cache",
        "high NetworkPolicy shop/described",
        "high NetworkPolicy shop/frontend-backend-policy",
        "low NetworkPolicy shop/deny-all",
        "medium NetworkPolicy shop/allow-backend-to-db",
        "medium NetworkPolicy shop/cache-egress",
    ],
    "policy-redundant": ["low NetworkPolicy shop/db-web"],
    "policy-selects-nothing": ["high NetworkPolicy shop/protect-database"],
    "policy-staged": [
        "info StagedGlobalNetworkPolicy security.quarantine",
        "info StagedKubernetesNetworkPolicy shop/web",
        "info StagedNetworkPolicy shop/old",
    ],
    "port-not-listened": ["low NetworkPolicy shop/web", "medium NetworkPolicy shop/web"],
    "priority-tied": ["medium ClusterNetworkPolicy deny-shop"],
    "rule-allows-everything": [
        "high NetworkPolicy shop/a-everyone",
        "low NetworkPolicy shop/e-except",
        "medium NetworkPolicy shop/b-pods",
        "medium NetworkPolicy shop/c-addresses",
        "medium NetworkPolicy shop/d-out",
    ],
    "rule-matches-nothing": ["medium NetworkPolicy shop/db", "medium NetworkPolicy shop/db"],
    "unsupported-version": ["medium Node worker-1"],
}

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)


def test_every_check_has_fixtures_and_expectations_and_nothing_else_has() -> None:
    ids = {check.id for check in CHECKS}
    files = {f"{path.parent.name}/{path.name}" for path in FIXTURES.rglob("*.*")}
    assert files == {f"{each}/{name}.yaml" for each in ids for name in ("bad", "good")}
    assert set(EXPECTED) == ids


@each_check
def test_the_bad_fixture_gives_exactly_the_expected_findings(check: Check) -> None:
    found = [each for each in run_checks(fixture(check.id, "bad")) if each.check == check.id]
    assert Counter(f"{each.severity} {each.object}" for each in found) == Counter(EXPECTED[check.id])


@each_check
def test_the_good_fixture_gives_none(check: Check) -> None:
    assert [each.message for each in run_checks(fixture(check.id, "good")) if each.check == check.id] == []


@each_check
def test_findings_say_where_why_and_what_to_do(check: Check) -> None:
    for each in run_checks(fixture(check.id, "bad"), [check]):
        assert each.source
        assert each.why
        assert each.evidence
        assert all(each.evidence)
        assert each.fix.summary


def test_policies_are_judged_as_written_where_nothing_enforces_them() -> None:
    context = fixture("policy-selects-nothing", "bad")
    unenforced = type(context)(context.snapshot, type(context.network)(context.snapshot, PROFILES["none"]))
    ids = {each.check for each in run_checks(unenforced)}
    assert {"cni-not-enforcing", "policy-selects-nothing"} <= ids
