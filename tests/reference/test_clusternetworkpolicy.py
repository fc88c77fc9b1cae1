"""What cluster-wide policies mean, corner by corner, written down by hand: tiers, priorities and subjects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.reference.clusternetworkpolicy import (
    Direction,
    Options,
    Verdict,
    admin_stage,
    baseline_stage,
    decide,
    network_policy_stage,
)
from tests.reference.cnp_samples import (
    DEFAULT_NAMESPACE,
    EVERYONE,
    anp,
    arriving,
    banp,
    baseline,
    cnp,
    labelled,
    rule,
    verdict,
)
from tests.reference.manifests import Manifest
from tests.reference.samples import OUTSIDE, connection, host_pod, namespace_object, pod, policy
from tests.reference.tiers import UNDECIDED, Outcome, Outcomes

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
ACCEPT, DENY, PASS = Outcome.ACCEPT, Outcome.DENY, Outcome.PASS

WEB = pod("web", labels={"app": "web"}, nodeName="n1", status={"podIP": "10.0.0.1"})
DB = pod("db", labels={"app": "db"}, nodeName="n2", status={"podIP": "10.0.0.2"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]
CLOSED = policy(policyTypes=["Egress"])
OPEN = policy(policyTypes=["Egress"], egress=[{}])


def reach(*policies: Manifest, dst: str = "default/db", **asked: Any) -> Verdict:
    """Return what ``web`` in the default namespace gets when it contacts ``db``."""
    return verdict([*PODS, *policies], "default/web", dst, **asked)


def test_a_policy_whose_rules_do_not_match_isolates_nobody() -> None:
    assert reach(cnp(), anp(), baseline(), banp()) is ACCEPTED
    assert reach(cnp(rule("Accept", labelled("none")), rule("Deny", labelled("none")))) is ACCEPTED
    assert reach(cnp(rule("Deny")), dst=OUTSIDE) is ACCEPTED


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("Accept", "Deny"), ACCEPTED),
        (("Deny", "Accept"), DENIED),
        (("Pass", "Deny"), ACCEPTED),
        (("Pass", "Accept"), ACCEPTED),
    ],
)
def test_the_first_matching_rule_of_a_policy_decides(actions: tuple[str, ...], expected: Verdict) -> None:
    assert reach(cnp(*map(rule, actions))) is expected


@pytest.mark.parametrize("order", [1, -1])
def test_the_lower_priority_number_goes_first_wherever_it_is_written(order: int) -> None:
    first, second = cnp(rule("Accept"), priority=0, name="z"), cnp(rule("Deny"), priority=1, name="a")
    assert reach(*[first, second][::order]) is ACCEPTED
    late_accept = cnp(rule("Accept"), priority=1000)
    assert reach(*[late_accept, second][::order]) is DENIED


def test_priorities_are_numbers_and_not_text() -> None:
    assert reach(cnp(rule("Deny"), priority=9), cnp(rule("Accept"), priority=10)) is DENIED


def test_both_kinds_of_the_admin_tier_share_one_order_of_priorities() -> None:
    assert reach(anp(rule("Allow"), priority=5), cnp(rule("Deny"), priority=6)) is ACCEPTED
    assert reach(anp(rule("Allow"), priority=6), cnp(rule("Deny"), priority=5)) is DENIED
    assert reach(anp(rule("Pass"), priority=5), cnp(rule("Deny"), priority=6)) is ACCEPTED


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("Accept", "Deny", UNKNOWN),
        ("Deny", "Accept", UNKNOWN),
        ("Deny", "Deny", DENIED),
        ("Accept", "Accept", ACCEPTED),
        ("Accept", "Pass", ACCEPTED),
        ("Pass", "Deny", UNKNOWN),
    ],
)
@pytest.mark.parametrize("build", [cnp, baseline])
def test_of_equal_priorities_any_may_win_and_only_different_ends_are_unknown(
    build: Callable[..., Manifest], first: str, second: str, expected: Verdict
) -> None:
    assert reach(build(rule(first), name="a"), build(rule(second), name="b")) is expected


def test_equal_priorities_of_different_kinds_tie_as_well() -> None:
    assert reach(cnp(rule("Accept")), anp(rule("Deny"))) is UNKNOWN


def test_a_pass_that_ties_with_an_acceptance_matters_where_network_policies_deny() -> None:
    tie = [cnp(rule("Accept"), name="a"), cnp(rule("Pass"), name="b")]
    assert reach(*tie, CLOSED) is UNKNOWN
    assert reach(*tie, OPEN) is ACCEPTED


def test_a_policy_of_equal_priority_that_does_not_match_takes_no_part() -> None:
    assert reach(cnp(rule("Accept"), name="a"), cnp(rule("Deny", labelled("web")), name="b")) is ACCEPTED
    other = cnp(rule("Deny"), name="b", subject=labelled("db"))
    assert reach(cnp(rule("Accept"), name="a"), other) is ACCEPTED


def test_equal_priorities_of_different_tiers_or_directions_do_not_tie() -> None:
    assert reach(cnp(rule("Accept")), baseline(rule("Deny"))) is ACCEPTED
    deny = cnp(name="b", ingress=[arriving(rule("Deny"))])
    assert reach(cnp(rule("Accept"), name="a"), deny, direction=Direction.EGRESS) is ACCEPTED
    assert reach(cnp(rule("Accept"), name="a"), deny) is DENIED


def test_a_tie_behind_a_final_decision_does_not_matter() -> None:
    tie = [cnp(rule("Accept"), name="a"), cnp(rule("Deny"), name="b")]
    assert reach(cnp(rule("Deny"), priority=1, name="c"), *tie) is DENIED
    assert reach(cnp(rule("Pass"), priority=1, name="c"), *tie) is ACCEPTED


@pytest.mark.parametrize(
    ("action", "expected"), [("Accept", ACCEPTED), ("Deny", DENIED), ("Pass", DENIED), (None, DENIED)]
)
def test_the_admin_tier_overrides_network_policies_unless_it_passes(action: str | None, expected: Verdict) -> None:
    assert reach(cnp(*([rule(action)] if action else [])), CLOSED) is expected
    assert reach(cnp(rule("Deny")), OPEN) is DENIED


def test_pass_skips_the_rest_of_the_admin_tier_and_no_other() -> None:
    passing = [cnp(rule("Pass"), priority=1), anp(rule("Deny"), priority=2)]
    assert reach(*passing) is ACCEPTED
    assert reach(*passing, baseline(rule("Deny"))) is DENIED
    assert reach(*passing, CLOSED) is DENIED


def test_network_policies_that_isolate_hide_the_baseline_tier_entirely() -> None:
    assert reach(OPEN, baseline(rule("Deny"))) is ACCEPTED
    assert reach(CLOSED, baseline(rule("Accept"))) is DENIED
    assert reach(OPEN, banp(rule("Deny"))) is ACCEPTED


def test_network_policies_of_another_pod_or_direction_do_not_hide_the_baseline_tier() -> None:
    elsewhere = policy(podSelector={"matchLabels": {"app": "db"}}, policyTypes=["Egress"], egress=[{}])
    inward = policy(policyTypes=["Ingress"], ingress=[{}])
    assert reach(elsewhere, inward, baseline(rule("Deny"))) is DENIED


def test_pass_in_the_baseline_tier_skips_its_rest_and_leaves_acceptance() -> None:
    assert reach(baseline(rule("Pass"), priority=1), baseline(rule("Deny"), priority=2)) is ACCEPTED
    assert reach(baseline(rule("Pass"), priority=1000), banp(rule("Deny"))) is ACCEPTED


def test_the_baseline_admin_network_policy_comes_after_every_priority_of_its_tier() -> None:
    assert reach(baseline(rule("Accept"), priority=1000), banp(rule("Deny"))) is ACCEPTED
    assert reach(baseline(rule("Deny"), priority=1000), banp(rule("Allow"))) is DENIED
    assert reach(baseline(rule("Accept", labelled("none"))), banp(rule("Deny"))) is DENIED


def test_only_the_baseline_admin_network_policy_named_default_counts() -> None:
    assert reach(banp(rule("Deny"), name="other")) is ACCEPTED
    assert reach(banp(rule("Deny"), name="default")) is DENIED


@pytest.mark.parametrize("kind", [cnp, anp, baseline, banp])
def test_a_policy_kind_of_another_group_is_not_this_api(kind: Callable[..., Manifest]) -> None:
    foreign = kind(rule("Deny")) | {"apiVersion": "crd.example.com/v1alpha2"}
    assert reach(foreign) is ACCEPTED
    assert reach(kind(rule("Deny"))) is DENIED


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (EVERYONE, DENIED),
        ({"namespaces": {"matchLabels": None, "matchExpressions": []}}, DENIED),
        (DEFAULT_NAMESPACE, DENIED),
        ({"namespaces": {"matchLabels": {"team": "red"}}}, DENIED),
        ({"namespaces": {"matchLabels": {"team": "blue"}}}, ACCEPTED),
        (labelled("web"), DENIED),
        (labelled("db"), ACCEPTED),
        ({"pods": {"podSelector": {}}}, DENIED),
        (
            {"pods": {"namespaceSelector": None, "podSelector": {"matchLabels": {"app": "web"}}}, "namespaces": None},
            DENIED,
        ),
        ({"pods": {**DEFAULT_NAMESPACE, "podSelector": {"matchLabels": {"app": "db"}}}}, ACCEPTED),
        ({"pods": {"namespaceSelector": {"matchLabels": {"team": "blue"}}, "podSelector": {}}}, ACCEPTED),
    ],
)
@pytest.mark.parametrize("kind", [cnp, anp, baseline, banp])
def test_a_subject_selects_pods_of_selected_namespaces(
    kind: Callable[..., Manifest], subject: Manifest, expected: Verdict
) -> None:
    assert reach(namespace_object("default", team="red"), kind(rule("Deny"), subject=subject)) is expected


def test_a_subject_that_sets_no_known_field_may_be_anyone() -> None:
    future = cnp(rule("Deny"), subject={"serviceAccounts": {}})
    assert reach(future) is UNKNOWN
    assert reach(future, cnp(rule("Deny"), priority=11)) is DENIED
    assert reach(cnp(rule("Accept"), priority=9), future) is ACCEPTED
    cluster = [*PODS, host_pod("agent"), future]
    assert verdict(cluster, "default/agent", "default/web") is ACCEPTED


def test_a_selector_drops_the_labels_that_are_written_as_null() -> None:
    anyone = {"namespaces": {"matchLabels": {"team": None}}}
    assert reach(cnp(rule("Deny", anyone))) is DENIED
    some = {"namespaces": {"matchLabels": {"team": ""}}}
    assert reach(cnp(rule("Deny", some))) is ACCEPTED


@pytest.mark.parametrize("rules", ["ingress", "egress"])
def test_a_direction_without_rules_is_not_affected(rules: str) -> None:
    denying: dict[str, Any] = {"ingress": [arriving(rule("Deny"))], "egress": [rule("Deny")]}
    unset: dict[str, Any] = {"ingress": None, "egress": None}
    one_sided = cnp(**unset | {rules: denying[rules]})
    directions = {"ingress": Direction.INGRESS, "egress": Direction.EGRESS}
    for field, direction in directions.items():
        assert reach(one_sided, direction=direction) is (DENIED if field == rules else ACCEPTED)


def test_both_ends_must_accept() -> None:
    ingress = [arriving(rule("Deny", labelled("web")))]
    guarded = cnp(rule("Accept"), name="a", ingress=ingress, subject=labelled("db"))
    assert reach(cnp(rule("Accept"), name="b", subject=labelled("web")), guarded) is DENIED
    assert verdict([*PODS, guarded], "default/db", "default/web") is ACCEPTED


def test_a_sure_denial_at_one_end_outweighs_a_tie_at_the_other() -> None:
    tie = [cnp(rule("Accept"), name="a"), cnp(rule("Deny"), name="b")]
    assert reach(*tie, cnp(name="c", ingress=[arriving(rule("Deny"))])) is DENIED


def test_pods_on_the_host_network_are_no_subjects() -> None:
    everything = cnp(rule("Deny"), ingress=[arriving(rule("Deny"))])
    cluster = [*PODS, host_pod("agent", nodeName="n3"), everything]
    assert verdict(cluster, "default/agent", "default/db") is ACCEPTED
    assert verdict(cluster, "default/db", "default/agent") is ACCEPTED
    assert verdict(cluster, "default/db", "default/web") is DENIED


def test_a_pod_always_reaches_itself() -> None:
    everything = cnp(rule("Deny"), ingress=[arriving(rule("Deny"))])
    assert verdict([*PODS, everything], "default/db", "default/db") is ACCEPTED


def test_nothing_is_denied_where_policies_are_not_enforced() -> None:
    cluster = [*PODS, cnp(rule("Deny"))]
    asked = connection(cluster, "default/web", "default/db")
    assert decide(cluster, asked, Options(enforced=False)) is ACCEPTED
    assert decide(cluster, asked, Options()) is DENIED


@pytest.mark.parametrize(
    ("policies", "admin", "middle", "base"),
    [
        ([], UNDECIDED, UNDECIDED, UNDECIDED),
        ([cnp(rule("Pass")), OPEN, banp(rule("Deny"))], {PASS}, {ACCEPT}, {DENY}),
        ([cnp(rule("Accept")), anp(rule("Pass"))], {ACCEPT, PASS}, UNDECIDED, UNDECIDED),
        ([CLOSED, baseline(rule("Pass"))], UNDECIDED, {DENY}, {PASS}),
    ],
)
def test_each_stage_tells_its_own_outcomes(
    policies: list[Manifest], admin: Outcomes, middle: Outcomes, base: Outcomes
) -> None:
    cluster = [*PODS, *policies]
    asked = connection(cluster, "default/web", "default/db")
    assert admin_stage(cluster, asked, Direction.EGRESS) == admin
    assert network_policy_stage(cluster, asked, Direction.EGRESS, Options()) == middle
    assert baseline_stage(cluster, asked, Direction.EGRESS) == base
    assert admin_stage(cluster, asked, Direction.INGRESS) == UNDECIDED


def test_the_stages_of_an_end_that_nothing_binds_are_undecided() -> None:
    cluster = [*PODS, host_pod("agent"), cnp(rule("Deny")), baseline(rule("Deny")), CLOSED]
    for src in (OUTSIDE, "default/agent"):
        asked = connection(cluster, src, "default/db")
        assert admin_stage(cluster, asked, Direction.EGRESS) == UNDECIDED
        assert network_policy_stage(cluster, asked, Direction.EGRESS, Options()) == UNDECIDED
        assert baseline_stage(cluster, asked, Direction.EGRESS) == UNDECIDED
