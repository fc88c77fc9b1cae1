"""The order in which Calico's policies are asked, and what the end of a tier does."""

from __future__ import annotations

import pytest
from tests.engine.reach.dialects.calico import (
    ACCEPTED,
    DENIED,
    EGRESS,
    UNKNOWN,
    asked,
    kubernetes,
    namespaced,
    network,
    on_db,
    policy,
    tier,
    why,
)
from tests.loading import snapshot_of

from firedoor.engine.reach.cni import PROFILES
from firedoor.engine.reach.network import Network
from firedoor.model.places import Scope

ALLOW, DENY, PASS, LOG = (f"{{action: {action}}}" for action in ("Allow", "Deny", "Pass", "Log"))
ADMIN = """
{apiVersion: policy.networking.k8s.io/v1alpha2, kind: ClusterNetworkPolicy, metadata: {name: cluster},
 spec: {tier: %s, priority: 5, subject: {namespaces: {}}, ingress: [{action: %s, from: [{namespaces: {}}]}]}}
"""


def test_the_first_rule_that_matches_decides() -> None:
    assert asked(network(on_db(f"{ALLOW}, {DENY}")), "web", "db") is ACCEPTED
    assert asked(network(on_db(f"{DENY}, {ALLOW}")), "web", "db") is DENIED


def test_log_decides_nothing() -> None:
    assert asked(network(on_db(f"{LOG}, {ALLOW}, {DENY}")), "web", "db") is ACCEPTED
    assert asked(network(on_db(f"{LOG}, {DENY}")), "web", "db") is DENIED
    assert asked(network(on_db(LOG)), "web", "db") is DENIED


def test_the_default_tier_denies_what_no_rule_of_it_decides() -> None:
    found = network(on_db("{action: Allow, protocol: UDP}"))
    assert asked(found, "web", "db", 80, "UDP") is ACCEPTED
    assert asked(found, "web", "db") is DENIED
    (told,) = why(found, "web", "db")
    assert "applies to the pod for ingress, its rule does not match, and tier default denies the rest" in told


def test_a_pod_that_no_policy_selects_is_free() -> None:
    found = network(on_db(DENY))
    assert asked(found, "db", "web") is ACCEPTED
    assert why(found, "db", "web") == ["no policy isolates shop/web for ingress"]


def test_tiers_are_asked_by_their_order_and_then_by_name() -> None:
    first, second = on_db(ALLOW, tier="early"), on_db(DENY, tier="late")
    assert asked(network(tier("early", 1), tier("late", 2), first, second), "web", "db") is ACCEPTED
    assert asked(network(tier("early", 3), tier("late", 2), first, second), "web", "db") is DENIED
    assert asked(network(tier("early", 2), tier("late", 2), first, second), "web", "db") is ACCEPTED


def test_a_tier_without_an_order_comes_after_all_others() -> None:
    unordered = policy("defaultAction: Deny", "unordered", "Tier")
    assert asked(network(unordered, on_db(DENY, tier="unordered"), on_db(ALLOW)), "web", "db") is ACCEPTED
    assert asked(network(unordered, on_db(DENY, tier="unordered"), on_db(PASS)), "web", "db") is DENIED


def test_pass_jumps_to_the_next_tier_over_what_is_left_of_this_one() -> None:
    early, passing = tier("early", 1), on_db(f"{PASS}, {DENY}", tier="early", order=1)
    denying = on_db(DENY, tier="early", order=2)
    assert asked(network(early, passing, denying, on_db(ALLOW)), "web", "db") is ACCEPTED
    assert asked(network(early, passing, denying, on_db(DENY)), "web", "db") is DENIED


def test_what_the_last_tier_passes_the_profile_of_the_namespace_accepts() -> None:
    found = network(on_db(PASS))
    assert asked(found, "web", "db") is ACCEPTED
    told = why(found, "web", "db")
    assert "leaves to the next tier all ports from anyone" in told[0]
    assert "no other rule decides this connection" in told[1]


def test_the_end_of_a_tier_does_what_its_default_action_says() -> None:
    rules = "{action: Deny, protocol: UDP}"
    passing, denying = tier("early", 1, "Pass"), tier("early", 1, "Deny")
    assert asked(network(passing, on_db(rules, tier="early")), "web", "db") is ACCEPTED
    assert asked(network(passing, on_db(rules, tier="early"), on_db(DENY)), "web", "db") is DENIED
    assert asked(network(denying, on_db(rules, tier="early"), on_db(ALLOW)), "web", "db") is DENIED


def test_a_tier_whose_policies_do_not_select_the_pod_in_a_direction_is_skipped() -> None:
    other = policy("tier: early, selector: app == 'web', types: [Ingress]", "other")
    outward = policy("tier: early, selector: app == 'db', types: [Egress], egress: [{action: Pass}]", "outward")
    found = network(tier("early", 1), other, outward)
    assert asked(found, "web", "db") is ACCEPTED
    assert asked(found, "db", "job") is ACCEPTED


def test_policies_of_a_tier_are_asked_by_order_the_unordered_last() -> None:
    assert asked(network(on_db(ALLOW, order=1), on_db(DENY, order=2)), "web", "db") is ACCEPTED
    assert asked(network(on_db(ALLOW), on_db(DENY, order=2)), "web", "db") is DENIED
    assert asked(network(on_db(ALLOW, order=-0.5), on_db(DENY, order=0)), "web", "db") is ACCEPTED


def test_of_equal_orders_the_name_decides_then_the_namespace_then_the_kind() -> None:
    deny, allow = (
        "selector: app == 'db', ingress: [{action: Deny}]",
        "selector: app == 'db', ingress: [{action: Allow}]",
    )
    assert asked(network(policy(deny, "b"), policy(allow, "a")), "web", "db") is ACCEPTED
    assert asked(network(policy(deny, "a"), policy(allow, "b")), "web", "db") is DENIED
    # Names are compared with what follows them: "a-/..." comes before "a/...".
    assert asked(network(policy(allow, "a"), policy(deny, "a-b")), "web", "db") is DENIED
    # The namespace of a global policy is empty, and so comes first.
    assert asked(network(namespaced(deny, "a"), policy(allow, "a")), "web", "db") is ACCEPTED
    assert asked(network(namespaced(allow, "a"), policy(deny, "a")), "web", "db") is DENIED


def test_network_policies_of_kubernetes_have_the_order_1000_in_the_default_tier() -> None:
    accepting = kubernetes("podSelector: {}, ingress: [{}]")
    assert asked(network(accepting, on_db(DENY, order=999)), "web", "db") is DENIED
    assert asked(network(accepting, on_db(DENY, order=1001)), "web", "db") is ACCEPTED
    assert asked(network(accepting, on_db(DENY)), "web", "db") is ACCEPTED
    assert asked(network(accepting, tier("early", 1), on_db(DENY, tier="early")), "web", "db") is DENIED


def test_of_the_same_order_as_kubernetes_policies_the_name_decides_and_then_the_kind() -> None:
    accepting = kubernetes("podSelector: {}, ingress: [{}]", "m")
    deny = "order: 1000, ingress: [{action: Deny}]"
    assert asked(network(accepting, namespaced(deny, "l")), "web", "db") is DENIED
    assert asked(network(accepting, namespaced(deny, "o")), "web", "db") is ACCEPTED
    # "KubernetesNetworkPolicy" comes before "NetworkPolicy".
    assert asked(network(accepting, namespaced(deny, "m")), "web", "db") is ACCEPTED


def test_a_kubernetes_policy_that_accepts_nothing_leaves_what_follows_in_the_tier_asked() -> None:
    closed = kubernetes("podSelector: {}, policyTypes: [Ingress]")
    assert asked(network(closed, on_db(ALLOW)), "web", "db") is ACCEPTED
    assert asked(network(closed, on_db("{action: Allow, protocol: UDP}")), "web", "db") is DENIED
    assert asked(network(closed, on_db(PASS)), "web", "db") is ACCEPTED


def test_kubernetes_policies_on_both_sides_of_a_policy_of_calico() -> None:
    before = kubernetes("podSelector: {}, ingress: [{ports: [{port: 80}]}]", "a")
    after = kubernetes("podSelector: {}, ingress: [{}]", "z")
    between = policy("order: 1000, selector: app == 'db', ingress: [{action: Deny}]", "m")
    found = network(before, after, between)
    assert (asked(found, "web", "db", 80), asked(found, "web", "db", 81)) == (ACCEPTED, DENIED)
    assert asked(found, "db", "web", 81) is ACCEPTED


def test_types_say_in_which_directions_a_policy_counts() -> None:
    selects = "selector: app == 'db'"
    assert asked(network(policy(selects)), "web", "db") is DENIED
    assert asked(network(policy(selects)), "db", "web") is ACCEPTED
    assert asked(network(policy(f"{selects}, egress: [{DENY}]")), "web", "db") is ACCEPTED
    assert asked(network(policy(f"{selects}, egress: [{DENY}]")), "db", "web") is DENIED
    both = network(policy(f"{selects}, egress: [{DENY}], ingress: [{ALLOW}]"))
    assert (asked(both, "web", "db"), asked(both, "db", "web")) == (ACCEPTED, DENIED)
    written = network(policy(f"{selects}, types: [Ingress], egress: [{ALLOW}]"))
    assert (asked(written, "web", "db"), asked(written, "db", "web")) == (DENIED, ACCEPTED)


def test_a_policy_of_a_namespace_selects_there_only() -> None:
    found = network(namespaced("types: [Ingress]", namespace="data"))
    assert asked(found, "web", "job") is DENIED
    assert asked(found, "job", "web") is ACCEPTED


def test_policies_for_hosts_only_leave_pods_alone() -> None:
    for option in ("doNotTrack: true", "preDNAT: true"):
        found = network(policy(f"selector: all(), applyOnForward: true, {option}, ingress: [{DENY}]"))
        assert asked(found, "web", "db") is ACCEPTED


def test_a_policy_that_also_counts_for_forwarded_traffic_counts_for_pods() -> None:
    assert asked(network(policy(f"applyOnForward: true, ingress: [{DENY}]")), "web", "db") is DENIED


def test_pods_on_the_network_of_their_node_are_selected_by_no_policy() -> None:
    assert asked(network(policy("types: [Ingress, Egress]")), "10.9.9.9", "agent") is ACCEPTED
    assert asked(network(namespaced("types: [Ingress, Egress]")), "10.9.9.9", "agent") is ACCEPTED


def test_a_policy_in_a_tier_that_is_not_there_leaves_its_pods_unknown() -> None:
    found = network(policy(f"tier: nowhere, ingress: [{DENY}]"))
    assert asked(found, "web", "db") is UNKNOWN
    (gap,) = [each for each in found.snapshot.gaps if each.path == "spec.tier"]
    assert gap.scope == Scope("", ingress=True, egress=False)
    assert "there is no tier 'nowhere'" in gap.reason
    of_hosts = policy(f"tier: nowhere, preDNAT: true, applyOnForward: true, ingress: [{DENY}]")
    assert asked(network(of_hosts), "web", "db") is ACCEPTED
    assert asked(network(tier("nowhere", 1), policy(f"tier: nowhere, ingress: [{DENY}]")), "web", "db") is DENIED
    own = network(namespaced(f"tier: nowhere, egress: [{DENY}]", namespace="data"))
    assert (asked(own, "job", "db"), asked(own, "web", "db")) == (UNKNOWN, ACCEPTED)


def test_staged_policies_are_not_enforced() -> None:
    found = network(policy(f"ingress: [{DENY}]", kind="StagedGlobalNetworkPolicy"))
    assert asked(found, "web", "db") is ACCEPTED
    assert [each.name for each in found.typed.staged] == ["guard"]


def test_a_cni_that_enforces_nothing_does_not_enforce_calico() -> None:
    text = network(on_db(DENY)).snapshot
    assert Network(text, PROFILES["none"]).verdict(0, 1, "TCP", 80) is ACCEPTED


@pytest.mark.parametrize(
    ("order", "action", "verdict"),
    [(1, "Allow", ACCEPTED), (1500, "Allow", DENIED), (2_000_000, "Allow", DENIED), (1500, "Pass", DENIED)],
)
def test_tiers_around_the_admin_tier_of_cluster_network_policies(order: int, action: str, verdict: object) -> None:
    own = (tier("own", order), on_db(f"{{action: {action}}}", tier="own"))
    assert asked(network(ADMIN % ("Admin", "Deny"), *own), "web", "db") is verdict


def test_the_baseline_tier_is_asked_after_the_default_tier_and_before_later_ones() -> None:
    baseline, last = ADMIN % ("Baseline", "Deny"), tier("last", 20_000_000)
    assert asked(network(baseline, on_db(ALLOW)), "web", "db") is ACCEPTED
    assert asked(network(baseline, on_db(PASS)), "web", "db") is DENIED
    assert asked(network(baseline, last, on_db(ALLOW, tier="last")), "web", "db") is DENIED
    accepting = ADMIN % ("Baseline", "Accept")
    assert asked(network(accepting, last, on_db(DENY, tier="last")), "web", "db") is ACCEPTED


def test_egress_is_decided_by_the_policies_on_the_source() -> None:
    found = network(policy("selector: app == 'web', egress: [{action: Deny, destination: {selector: app == 'db'}}]"))
    assert asked(found, "web", "db") is DENIED
    assert why(found, "web", "db", direction=EGRESS) == [
        "GlobalNetworkPolicy guard spec.egress[0] denies all ports to selector app == 'db'".replace("'", '"')
    ]


def test_the_examples_have_no_gaps_of_their_own() -> None:
    assert snapshot_of(on_db(ALLOW)).gaps == ()
