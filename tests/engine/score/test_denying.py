from __future__ import annotations

import pytest

from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import ACCEPT, DENY, FREE, PASS, Term
from firedoor.engine.score.denying import denies_by_default

ALL = 7


def sweep(action: int, *, sure: bool = True, ports: int = ALL, columns: int = ColumnSets.ALL) -> Term:
    return Term(columns, ports, action, sure)


def program(*terms: Term) -> tuple[tuple[tuple[tuple[tuple[Term, ...], ...], ...], ...], ...]:
    return (((((terms),),),),)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ((sweep(DENY),), True),
        ((sweep(ACCEPT), sweep(DENY)), False),
        ((sweep(ACCEPT, ports=1), sweep(ACCEPT, columns=5), sweep(DENY)), True),
        ((sweep(DENY, ports=3),), False),
        ((sweep(DENY, sure=False),), None),
        ((sweep(ACCEPT, sure=False), sweep(DENY)), None),
        ((sweep(DENY, sure=False), sweep(DENY)), True),
        ((sweep(DENY, sure=False), sweep(ACCEPT)), None),
        ((sweep(ACCEPT, sure=False),), False),
        ((sweep(PASS), sweep(DENY)), False),
        ((sweep(PASS, sure=False), sweep(DENY)), None),
        ((), False),
    ],
)
def test_a_plane_denies_by_default_where_a_sweeping_denial_is_reached(
    terms: tuple[Term, ...], expected: bool | None
) -> None:
    assert denies_by_default(program(*terms), ALL) is expected


def test_one_layer_that_denies_is_enough() -> None:
    nothing, denying, perhaps = program()[0], program(sweep(DENY))[0], program(sweep(DENY, sure=False))[0]
    assert denies_by_default((nothing, denying), ALL) is True
    assert denies_by_default((nothing, perhaps), ALL) is None
    assert denies_by_default(FREE, ALL) is False


def test_a_tier_that_passes_leaves_the_denial_to_the_next() -> None:
    tiers = ((((sweep(PASS), sweep(DENY)),),), (((sweep(DENY),),),))
    assert denies_by_default((tiers,), ALL) is True


def test_of_alternatives_none_is_sure() -> None:
    assert denies_by_default(((((((sweep(DENY),), (sweep(ACCEPT),))),),),), ALL) is None
