"""How stages of policy evaluation follow each other, whatever they are stages of."""

from __future__ import annotations

from functools import reduce
from itertools import combinations, permutations, product
from math import inf

import pytest

from tests.reference.matches import Match, all_of, any_of
from tests.reference.networkpolicy import Verdict
from tests.reference.tiers import (
    UNDECIDED,
    Outcome,
    Outcomes,
    all_agree,
    by_order,
    if_matched,
    in_any_order,
    in_order,
    outcomes_of,
    tier_by_tier,
    verdict_of,
)

EVERY_STAGE: list[Outcomes] = [
    frozenset(chosen) for size in range(1, len(Outcome) + 1) for chosen in combinations(Outcome, size)
]
ACCEPT, DENY, PASS = (frozenset({o}) for o in (Outcome.ACCEPT, Outcome.DENY, Outcome.PASS))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_in_any_order_is_the_union_of_all_orders(count: int) -> None:
    for stages in product(EVERY_STAGE, repeat=count):
        orders = [in_order(order) for order in permutations(stages)]
        assert in_any_order(stages) == reduce(frozenset.union, orders)


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([], UNDECIDED),
        ([UNDECIDED, DENY], DENY),
        ([ACCEPT, DENY], ACCEPT),
        ([PASS, DENY], PASS),
        ([ACCEPT | UNDECIDED, DENY], ACCEPT | DENY),
        ([ACCEPT | UNDECIDED, UNDECIDED], ACCEPT | UNDECIDED),
    ],
)
def test_within_a_tier_the_first_decision_ends_it(stages: list[Outcomes], expected: Outcomes) -> None:
    assert in_order(stages) == expected


@pytest.mark.parametrize(
    ("tiers", "expected"),
    [
        ([], ACCEPT),
        ([PASS, PASS], ACCEPT),
        ([UNDECIDED], ACCEPT),
        ([PASS, DENY], DENY),
        ([UNDECIDED, DENY], DENY),
        ([ACCEPT, DENY], ACCEPT),
        ([DENY, ACCEPT], DENY),
        ([DENY | PASS, UNDECIDED], ACCEPT | DENY),
        ([DENY | PASS, DENY], DENY),
        ([ACCEPT | UNDECIDED, PASS, DENY], ACCEPT | DENY),
    ],
)
def test_a_tier_that_passes_leaves_it_to_the_next_and_the_last_to_acceptance(
    tiers: list[Outcomes], expected: Outcomes
) -> None:
    assert tier_by_tier(tiers) == expected


@pytest.mark.parametrize("verdict", list(Verdict))
def test_outcomes_and_verdicts_stand_for_each_other(verdict: Verdict) -> None:
    assert verdict_of(outcomes_of(verdict)) is verdict


def test_a_rule_that_may_match_may_also_stay_undecided() -> None:
    assert if_matched(Match.YES, Outcome.DENY) == DENY
    assert if_matched(Match.MAYBE, Outcome.DENY) == DENY | UNDECIDED
    assert if_matched(Match.NO, Outcome.DENY) == UNDECIDED


def test_conditions_join_by_their_best_and_their_worst() -> None:
    assert any_of([]) is Match.NO
    assert all_of([]) is Match.YES
    assert any_of([Match.NO, Match.MAYBE]) is Match.MAYBE
    assert all_of([Match.YES, Match.MAYBE]) is Match.MAYBE


def test_the_lowest_order_is_asked_first_and_equal_ones_in_any_order() -> None:
    assert by_order([(2, ACCEPT), (1, DENY)]) == DENY
    assert by_order([(1.5, ACCEPT), (1, UNDECIDED), (inf, DENY)]) == ACCEPT
    assert by_order([(1, ACCEPT), (1, DENY), (0, UNDECIDED)]) == ACCEPT | DENY
    assert by_order([]) == UNDECIDED


@pytest.mark.parametrize("count", [1, 2, 3])
def test_layers_agree_on_what_comes_out_for_some_choice_of_each(count: int) -> None:
    for layers in product([ACCEPT, DENY, ACCEPT | DENY], repeat=count):
        chosen = product(*layers)
        found = {Outcome.DENY if Outcome.DENY in each else Outcome.ACCEPT for each in chosen}
        assert all_agree(layers) == found
