from __future__ import annotations

from tests.engine.relations.worlds import allow, cluster_policy, effects_of, pod, policy

from firedoor.engine.relations.report import interferences
from firedoor.model.relations import Interference


def clashes(*documents: str) -> list[Interference]:
    return list(interferences(effects_of(pod("web"), pod("db"), *documents), lambda _: True))


DB = policy("db", "db", f"ingress: [{allow('web')}]")
DENY = "ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}]"
ACCEPT = DENY.replace("Deny", "Accept")
PASS = DENY.replace("Deny", "Pass")


def test_a_deny_of_a_higher_tier_takes_an_accept_away() -> None:
    (found,) = clashes(DB, cluster_policy("guard", DENY))
    assert (found.winner.policy.name, found.winner.does) == ("guard", "denies")
    assert (found.loser.policy.name, found.loser.rule, found.loser.does) == ("db", "spec.ingress[0]", "allows")
    assert (found.tie, found.traffic) == (False, (("TCP", 80, 80),))
    assert (found.source, found.destination, found.direction) == ("shop/web", "shop/db", "ingress")


def test_a_union_of_policies_and_their_isolation_is_no_interference() -> None:
    assert clashes(DB, policy("deny", "", "policyTypes: [Ingress, Egress]")) == []
    assert clashes(DB, cluster_policy("guard", ACCEPT)) == []


def test_what_is_asked_before_a_default_is_no_interference() -> None:
    assert clashes(DB, cluster_policy("default", DENY, tier="Baseline")) == []


def test_a_pass_takes_away_only_from_its_own_tier() -> None:
    assert clashes(DB, cluster_policy("skip", PASS)) == []
    (found,) = clashes(DB, cluster_policy("skip", PASS), cluster_policy("later", ACCEPT, priority=20))
    assert (found.winner.does, found.loser.policy.name) == ("passes", "later")


def test_what_a_policy_decides_itself_is_not_lost_to_others() -> None:
    both = ACCEPT.removesuffix("]") + ", " + DENY.removeprefix("ingress: [")
    assert clashes(cluster_policy("own", both)) == []


def test_equal_precedence_leaves_the_winner_open() -> None:
    (found,) = clashes(cluster_policy("a", DENY), cluster_policy("b", ACCEPT))
    assert (found.tie, {found.winner.policy.name, found.loser.policy.name}) == (True, {"a", "b"})


def test_a_rule_that_only_may_match_takes_nothing_away_for_sure() -> None:
    maybe = cluster_policy("guard", "egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}]}]")
    later = cluster_policy("later", "egress: [{action: Accept, to: [{namespaces: {}}]}]", priority=20)
    assert clashes(maybe, later) == []


def test_ports_that_are_decided_already_are_nobodys_loss() -> None:
    wide = "egress: [{action: Accept, to: [{namespaces: {}}]}]"
    narrow = "egress: [{action: Deny, to: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}]}]"
    last = cluster_policy("last", wide, priority=30)
    found = clashes(cluster_policy("first", narrow), cluster_policy("second", narrow, priority=20), last)
    assert {(each.winner.policy.name, each.loser.policy.name) for each in found} == {("first", "last")}
    tied = clashes(
        cluster_policy("first", narrow),
        cluster_policy("a", narrow, priority=20),
        cluster_policy("b", wide, priority=20),
    )
    assert {(each.winner.policy.name, each.tie) for each in tied} == {("first", False)}
