"""What a glance at a rule shows, and what it leaves to a closer look."""

from __future__ import annotations

import pytest
from tests.engine.relations.worlds import allow, effects_of, pod, policy

from firedoor.engine.relations import sides
from firedoor.engine.relations.glance import plainly_matters
from firedoor.model.places import Gap, GapKind, Scope

HOST = "hostNetwork: true"
PODS = (pod("web"), pod("db"), pod("other"))


def plain(*documents: str, gaps: tuple[Gap, ...] = ()) -> list[bool]:
    """Return for each rule of the first policy whether it plainly matters."""
    effects = effects_of(*documents, gaps=gaps)
    numbers = [number for number, each in enumerate(effects.book.policies) if each.policy.ref.name == "first"]
    return [plainly_matters(effects, part) for number in numbers for part in effects.book.parts(number)]


def first(*rules: str, app: str = "db") -> str:
    return policy("first", app, f"ingress: [{', '.join(rules)}]")


@pytest.mark.parametrize("listed", [0, 64])
def test_a_rule_without_which_a_connection_is_denied_matters(listed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "MOST_LISTED", listed)
    assert plain(*PODS, first(allow("web"))) == [True]
    assert plain(*PODS, first(allow("web"), allow("other"))) == [True, True]


def test_what_another_rule_allows_as_well_does_not() -> None:
    assert plain(*PODS, first(allow("web"), allow("web"), allow("web", ports="[{port: 81}]"))) == [False, False, True]
    assert plain(*PODS, first(allow("web"), "{}")) == [False, True]


def test_nor_what_the_other_end_denies() -> None:
    assert plain(*PODS, first(allow("web")), policy("deny", "web", "policyTypes: [Egress]")) == [False]
    assert plain(*PODS, first(allow("web", "other")), policy("deny", "other", "policyTypes: [Egress]")) == [True]


def test_a_pod_and_itself_a_rule_for_nobody_and_pods_of_nodes_are_left_to_a_closer_look() -> None:
    assert plain(*PODS, first(allow("db"))) == [False]
    assert plain(*PODS, first(allow("web"), app="nobody")) == [False]
    addresses = "{from: [{ipBlock: {cidr: 192.168.0.1/32}}]}"
    assert plain(*PODS, pod("agent", HOST, ip="192.168.0.1"), first(addresses)) == [False]


@pytest.mark.parametrize("ingress", [True, False])
def test_so_is_what_a_gap_leaves_open(ingress: bool) -> None:
    scope = Scope("shop" if ingress else "far", ingress=ingress, egress=not ingress)
    gap = Gap(GapKind.UNREADABLE, "broken.yaml:1", "cannot be read", scope=scope)
    rule = "{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: far}}}]}"
    assert plain(*PODS, pod("far", namespace="far"), first(rule), gaps=(gap,)) == [False]
    assert plain(*PODS, pod("far", namespace="far"), first(rule)) == [True]
