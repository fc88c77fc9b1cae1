from __future__ import annotations

import pytest
from tests.engine.relations.worlds import allow, cluster_policy, effects_of, pod, policy

from firedoor.engine.relations.report import comparison
from firedoor.model.relations import AcceptedExample, Comparison, Relation


def compared(first: str, second: str, *more: str) -> Comparison:
    effects = effects_of(pod("web"), pod("db"), pod("cache"), *more, first, second)
    numbers = {written.policy.ref.name: number for number, written in enumerate(effects.book.policies)}
    return comparison(effects, numbers["a"], numbers["b"])


def ingress(name: str, *rules: str, app: str = "db") -> str:
    return policy(name, app, f"policyTypes: [Ingress], ingress: [{', '.join(rules)}]")


WEB, CACHE, WIDE = allow("web"), allow("cache"), allow("web", ports="[{port: 80, endPort: 90}]")


@pytest.mark.parametrize(
    ("first", "second", "relation"),
    [
        (WEB, WEB, Relation.EQUIVALENT),
        (WEB, WIDE, Relation.WITHIN),
        (WIDE, WEB, Relation.CONTAINS),
        (f"{WEB}, {CACHE}", WIDE, Relation.OVERLAPPING),
        (WEB, CACHE, Relation.DISJOINT),
    ],
)
def test_policies_compare_by_what_they_accept(first: str, second: str, relation: Relation) -> None:
    found = compared(ingress("a", first), ingress("b", second))
    assert (found.relation, found.ingress, found.egress) == (relation, relation, Relation.EQUIVALENT)
    assert (found.pods, found.uncertain) == ((0, 1, 0), False)


def test_policies_for_different_pods_have_nothing_in_common() -> None:
    found = compared(ingress("a", WEB), ingress("b", WEB, app="cache"))
    assert (found.relation, found.pods, found.common) == (Relation.DISJOINT, (1, 0, 1), None)
    assert found.only_first == AcceptedExample("ingress", "shop/web", "shop/db", (("TCP", 80, 80),))


def test_a_policy_that_accepts_nothing_is_part_of_every_other() -> None:
    assert compared(ingress("a"), ingress("b", WEB)).relation is Relation.WITHIN


def test_egress_and_ingress_are_told_apart() -> None:
    out = policy("b", "db", "policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 192.0.2.0/24}}]}]")
    found = compared(ingress("a", WEB), out)
    assert (found.relation, found.ingress, found.egress) == (Relation.DISJOINT, Relation.CONTAINS, Relation.WITHIN)
    assert found.only_second is not None
    assert (found.only_second.source, found.only_second.destination) == ("shop/db", "192.0.2.0")


def test_a_later_rule_accepts_only_what_the_first_leaves() -> None:
    to = "to: [{namespaces: {}}]"
    first = cluster_policy("a", f"egress: [{{action: Deny, {to}}}, {{action: Accept, {to}}}]")
    second = cluster_policy("b", f"egress: [{{action: Pass, {to}}}]")
    found = compared(first, second)
    assert (found.relation, found.common) == (Relation.EQUIVALENT, None)


def test_what_is_not_known_is_said() -> None:
    names = "egress: [{action: Accept, to: [{domainNames: [example.com]}]}]"
    found = compared(cluster_policy("a", names), cluster_policy("b", names.replace("example.com", "'*.example.org'")))
    assert (found.relation, found.uncertain) == (Relation.OVERLAPPING, True)
    assert found.only_first is not None
    assert found.only_first.destination == "example.com"
