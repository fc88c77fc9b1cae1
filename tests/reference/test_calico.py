"""What tiers, orders, actions and subjects of Calico policies mean, written down by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reference.calico import calico_types, policy_order, tiers
from tests.reference.calico_samples import (
    calico,
    gnp,
    np,
    rule,
    tier,
    verdict,
)
from tests.reference.manifests import Manifest
from tests.reference.networkpolicy import Direction, Verdict
from tests.reference.samples import (
    OUTSIDE,
    pod,
    policy,
)

ACCEPTED, DENIED, UNKNOWN = Verdict.ACCEPTED, Verdict.DENIED, Verdict.UNKNOWN
ALLOW, DENY, PASS, LOG = (rule(action) for action in ("Allow", "Deny", "Pass", "Log"))

WEB, DB = pod("web", labels={"app": "web"}), pod("db", labels={"app": "db"})
OTHER = pod("web", "other", labels={"app": "web"})
PODS = [WEB, DB, OTHER]


def asked(*objects: Manifest, port: int = 80) -> Verdict:
    """Return whether a stranger reaches the pod ``db``."""
    return verdict([*PODS, *objects], OUTSIDE, "default/db", port)


def in_tier(name: str, *rules: Manifest, order: float | None = None) -> Manifest:
    return gnp(f"in-{name}", tier=name, order=order, types=["Ingress"], ingress=list(rules))


def test_a_pod_that_no_policy_selects_accepts_everyone() -> None:
    assert asked() is ACCEPTED
    assert asked(gnp(selector="app == 'web'"), np(namespace="other"), tier("first", 1)) is ACCEPTED


@pytest.mark.parametrize("spec", [{}, None])
def test_a_policy_without_spec_selects_everything_for_ingress(spec: Any) -> None:
    cluster = [*PODS, gnp() | {"spec": spec}]
    assert verdict(cluster, OUTSIDE, "other/web") is DENIED
    assert verdict(cluster, "other/web", OUTSIDE) is ACCEPTED


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([ALLOW], ACCEPTED),
        ([DENY], DENIED),
        ([PASS], ACCEPTED),
        ([LOG], DENIED),
        ([LOG, ALLOW], ACCEPTED),
        ([ALLOW, DENY], ACCEPTED),
        ([DENY, ALLOW], DENIED),
        ([PASS, DENY], ACCEPTED),
        ([], DENIED),
        (None, DENIED),
    ],
)
def test_the_first_rule_that_matches_decides_and_logging_does_not(rules: Any, expected: Verdict) -> None:
    assert asked(gnp(types=["Ingress"], ingress=rules)) is expected


def test_what_no_rule_of_a_policy_matches_goes_on_to_the_next_policy() -> None:
    first = gnp("a", order=1, ingress=[rule(protocol="TCP", destination={"ports": [80]})])
    second = gnp("b", order=2, ingress=[rule("Pass", protocol="TCP", destination={"ports": [81]}), DENY])
    assert asked(first, second, port=80) is ACCEPTED
    assert asked(first, second, port=81) is ACCEPTED
    assert asked(first, second, port=82) is DENIED


@pytest.mark.parametrize("default", ["Deny", None, "Pass"])
@pytest.mark.parametrize("last", [ALLOW, DENY])
def test_the_default_of_a_tier_is_for_pods_it_selects_in_the_direction(default: Any, last: Manifest) -> None:
    after = in_tier("default", last)
    expected = ACCEPTED if last is ALLOW else DENIED
    unmatched = in_tier("first", rule(protocol="UDP"))
    assert asked(tier("first", 1, default), after, unmatched) is (expected if default == "Pass" else DENIED)
    elsewhere = gnp("b", tier="first", selector="app == 'web'")
    outward = gnp("c", tier="first", types=["Egress"])
    assert asked(tier("first", 1, default), after, elsewhere, outward) is expected


def test_pass_skips_the_rest_of_the_tier_and_its_default() -> None:
    passing = gnp("a", tier="first", order=1, ingress=[PASS])
    denying = gnp("b", tier="first", order=2, ingress=[DENY])
    assert asked(tier("first", 1), passing, denying) is ACCEPTED
    assert asked(tier("first", 1), passing, denying, in_tier("default", DENY)) is DENIED


def test_tiers_are_asked_by_order_then_by_name_and_without_order_last() -> None:
    objects = [tier("late"), tier("b", 5), tier("a", 5), tier("c", 4.5), tier("also-late")]
    names = [each.name for each in tiers(objects)]
    assert names == ["c", "a", "b", "kube-admin", "default", "kube-baseline", "also-late", "late"]
    assert asked(*objects, in_tier("a", ALLOW), in_tier("b", DENY)) is ACCEPTED
    assert asked(*objects, in_tier("a", ALLOW), in_tier("c", DENY)) is DENIED
    assert asked(*objects, in_tier("late", DENY), in_tier("default", ALLOW)) is ACCEPTED


@pytest.mark.parametrize(
    ("name", "expected"), [("kube-admin", ACCEPTED), ("default", DENIED), ("kube-baseline", ACCEPTED)]
)
def test_the_built_in_tiers_exist_without_objects(name: str, expected: Verdict) -> None:
    assert asked(in_tier(name)) is expected


def test_a_policy_without_tier_is_in_the_default_one() -> None:
    assert asked(np(ingress=[ALLOW], order=1), in_tier("default", DENY, order=2)) is ACCEPTED


def test_a_policy_in_a_tier_that_does_not_exist_is_an_error_where_it_selects() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        asked(in_tier("nowhere", ALLOW))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (gnp("z", order=1), gnp("a", order=2)),
        (gnp("z", order=-1), gnp("a", order=0)),
        (gnp("z", order=1.5), gnp("a")),
        (gnp("a"), gnp("b")),
        (gnp("a", order=7), gnp("b", order=7.0)),
        # Name, namespace and kind are compared as one text, in which "-" comes before "/".
        (gnp("a-b"), gnp("a")),
        (gnp("a"), np("a")),
        (np("a", "alpha"), np("a", "beta")),
        (np("a", "beta"), np("b", "alpha")),
        (policy(), np("sample", "default", order=1000)),
        (gnp("sample", order=1000), policy()),
        (np("zzz", "default", order=999), policy()),
        (policy(), np("aaa", "default")),
    ],
)
def test_policies_of_a_tier_are_asked_by_order_then_by_name_namespace_and_kind(
    earlier: Manifest, later: Manifest
) -> None:
    assert policy_order(earlier) < policy_order(later)


def test_the_order_of_objects_in_a_file_does_not_matter() -> None:
    first, second = gnp("a", ingress=[ALLOW]), gnp("b", ingress=[DENY])
    assert asked(first, second) is asked(second, first) is ACCEPTED


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, ["Ingress"]),
        ({"ingress": [], "egress": []}, ["Ingress"]),
        ({"ingress": [ALLOW]}, ["Ingress"]),
        ({"egress": [ALLOW]}, ["Egress"]),
        ({"ingress": [ALLOW], "egress": [ALLOW]}, ["Ingress", "Egress"]),
        ({"types": [], "egress": [ALLOW]}, ["Egress"]),
        ({"types": ["Ingress"], "egress": [ALLOW]}, ["Ingress"]),
        ({"types": ["Egress"]}, ["Egress"]),
    ],
)
def test_types_default_to_the_directions_that_have_rules(spec: Manifest, expected: list[str]) -> None:
    assert calico_types(np(**spec)) == expected


def test_rules_of_a_direction_outside_the_types_are_ignored() -> None:
    assert asked(gnp(types=["Egress"], ingress=[DENY])) is ACCEPTED


def test_both_ends_must_accept() -> None:
    cluster = [*PODS, np(selector="app == 'db'", types=["Ingress", "Egress"], ingress=[ALLOW])]
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict(cluster, "default/db", "default/web") is DENIED
    assert verdict(cluster, "default/db", "default/web", direction=Direction.INGRESS) is ACCEPTED
    assert verdict(cluster, "default/db", "default/web", direction=Direction.EGRESS) is DENIED


def test_kubernetes_policies_allow_and_leave_the_rest_to_later_policies_and_the_default_of_their_tier() -> None:
    kubernetes = policy(ingress=[{"ports": [{"port": 80}]}])
    assert asked(kubernetes) is ACCEPTED
    assert asked(kubernetes, port=81) is DENIED
    assert asked(kubernetes, gnp("z", ingress=[ALLOW]), port=81) is ACCEPTED
    assert asked(kubernetes, gnp("z", ingress=[DENY])) is ACCEPTED
    assert asked(kubernetes, gnp("z", order=999, ingress=[DENY])) is DENIED
    assert asked(kubernetes, in_tier("kube-admin", DENY)) is DENIED
    assert asked(kubernetes, in_tier("kube-baseline", ALLOW), port=81) is DENIED
    assert asked(kubernetes, in_tier("default", PASS, order=1), port=81) is ACCEPTED


def test_kubernetes_policies_come_before_or_after_by_name_at_the_same_order() -> None:
    kubernetes = policy(ingress=[{}])
    assert asked(kubernetes, gnp("a", order=1000, ingress=[DENY])) is DENIED
    assert asked(kubernetes, gnp("z", order=1000, ingress=[DENY])) is ACCEPTED


def test_several_kubernetes_policies_add_up() -> None:
    open_80, open_81 = policy(ingress=[{"ports": [{"port": 80}]}]), policy(ingress=[{"ports": [{"port": 81}]}])
    open_81["metadata"] = {"name": "another"}
    assert asked(open_80, open_81, port=80) is asked(open_80, open_81, port=81) is ACCEPTED


@pytest.mark.parametrize("kind", ["StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy"])
def test_staged_policies_are_never_enforced(kind: str) -> None:
    assert asked(calico(kind, ingress=[DENY], stagedAction="Set"), tier("first", 1)) is ACCEPTED


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"preDNAT": True, "applyOnForward": True}, ACCEPTED),
        ({"doNotTrack": True, "applyOnForward": True}, ACCEPTED),
        ({"applyOnForward": True}, DENIED),
        ({"preDNAT": False, "doNotTrack": None}, DENIED),
    ],
)
def test_policies_that_apply_to_hosts_only_do_not_apply_to_pods(fields: Manifest, expected: Verdict) -> None:
    assert asked(gnp(types=["Ingress"], ingress=[DENY], **fields)) is expected


@pytest.mark.parametrize("version", ["projectcalico.org/v3", "crd.projectcalico.org/v1"])
def test_both_groups_of_the_kinds_are_read(version: str) -> None:
    assert asked(gnp(ingress=[DENY]) | {"apiVersion": version}) is DENIED
    assert asked(np(ingress=[DENY]) | {"apiVersion": version}) is DENIED
    assert asked(gnp(ingress=[DENY]) | {"apiVersion": "example.com/v3"}) is ACCEPTED


MAYBE: Any = {"source": {"nets": ["10.0.0.0/8"]}}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule(**MAYBE)], UNKNOWN),
        ([rule(**MAYBE), ALLOW], ACCEPTED),
        ([rule("Deny", **MAYBE), DENY], DENIED),
        ([rule("Deny", **MAYBE)], DENIED),
        ([rule("Pass", **MAYBE), ALLOW], ACCEPTED),
        ([rule("Pass", **MAYBE), DENY], UNKNOWN),
        ([rule("Log", **MAYBE), ALLOW], ACCEPTED),
        ([ALLOW, rule("Deny", **MAYBE)], ACCEPTED),
    ],
)
def test_what_may_match_makes_the_verdict_unknown_only_where_outcomes_differ(
    rules: list[Manifest], expected: Verdict
) -> None:
    cluster = [*PODS, gnp(types=["Ingress"], selector="app == 'db'", ingress=rules)]
    assert verdict(cluster, "default/web", "default/db") is expected


def test_outcomes_that_may_pass_go_on_to_the_next_tier() -> None:
    passing = gnp("a", tier="first", selector="app == 'db'", ingress=[rule("Pass", **MAYBE), ALLOW])
    cluster = [*PODS, tier("first", 1), passing]
    assert verdict(cluster, "default/web", "default/db") is ACCEPTED
    assert verdict([*cluster, in_tier("default", DENY)], "default/web", "default/db") is UNKNOWN
