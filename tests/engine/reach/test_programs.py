from __future__ import annotations

import pytest

from firedoor.engine.reach.programs import ACCEPT, DENY, PASS, Program, Term, decisive, judge

EVERYTHING = 0b11


def _program(*tiers: tuple[tuple[tuple[Term, ...], ...], ...]) -> Program:
    return (tiers,)


def _term(action: int, ports: int = EVERYTHING, *, sure: bool = True) -> Term:
    return Term(0, ports, action, sure)


def test_what_nothing_decides_is_accepted() -> None:
    assert judge((), 0, EVERYTHING) == (EVERYTHING, EVERYTHING)
    assert judge(_program((((_term(DENY),),),)), 0, EVERYTHING) == (EVERYTHING, EVERYTHING)


def test_the_first_term_that_matches_decides() -> None:
    program = _program((((_term(ACCEPT, 0b01), _term(DENY)),),))
    assert judge(program, 0b11, EVERYTHING) == (0b01, 0b01)
    assert judge(program, 0b10, EVERYTHING) == (0, 0)


def test_pass_leaves_to_the_next_tier_only() -> None:
    program = _program((((_term(PASS, 0b01), _term(DENY)),),), (((_term(ACCEPT),),),))
    assert judge(program, 0b111, EVERYTHING) == (0b01, 0b01)


def test_a_term_that_may_match_leaves_both_outcomes_open() -> None:
    program = _program((((_term(DENY, 0b01, sure=False),),),))
    assert judge(program, 1, EVERYTHING) == (0b10, 0b11)


@pytest.mark.parametrize(("other", "value"), [(DENY, (0, EVERYTHING)), (ACCEPT, (EVERYTHING, EVERYTHING))])
def test_alternatives_agree_or_the_verdict_is_open(other: int, value: tuple[int, int]) -> None:
    rank = ((_term(ACCEPT),), (_term(other),))
    assert judge(_program((rank,)), 0b11, EVERYTHING) == value


def test_an_alternative_that_does_not_match_leaves_the_decision_to_the_other() -> None:
    rank = ((_term(ACCEPT),), (_term(DENY),))
    assert judge(_program((rank,)), 0b10, EVERYTHING) == (0, 0)


def test_planes_must_agree() -> None:
    accepting, denying = _program((((_term(ACCEPT),),),)), _program((((_term(DENY, 0b10),),),))
    assert judge(accepting + denying, 0b11, EVERYTHING) == (0b01, 0b01)


def test_the_deciding_terms_are_those_asked_until_one_is_sure() -> None:
    maybe, sure, late = _term(DENY, sure=False), _term(ACCEPT), _term(DENY)
    program = _program((((maybe, sure, late),),))
    assert list(decisive(program, 0b111, 0b01)) == [(0, maybe), (1, sure)]
    assert list(decisive(program, 0b100, 0b01)) == [(2, late)]


def test_a_passed_connection_is_decided_further_on() -> None:
    passing, skipped, late = _term(PASS), _term(DENY), _term(DENY)
    program = _program((((passing, skipped),),), (((late,),),))
    assert list(decisive(program, 0b111, 0b01)) == [(0, passing), (2, late)]
