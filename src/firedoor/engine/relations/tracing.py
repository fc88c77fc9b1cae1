"""Which terms of a program decide about which ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.reach.programs import PASS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.programs import Program, Term


class Step(NamedTuple):
    """
    A term that matches, and what it gets to decide.

    `hit` are those of its ports that nothing asked earlier has decided for sure.
    `plane`, `tier`, `rank` and `alternative` say where it stands.
    """

    position: int
    term: Term
    hit: int
    plane: int
    tier: int
    rank: int
    alternative: int


def steps(program: Program, matched: int, ports: int) -> Iterator[Step]:
    """Yield the terms that match, in the order they are asked, starting with `ports` undecided."""
    position = 0
    for plane_number, plane in enumerate(program):
        undecided = ports
        for tier_number, tier in enumerate(plane):
            passed = 0
            for rank_number, rank in enumerate(tier):
                start, left = undecided, undecided
                for number, alternative in enumerate(rank):
                    undecided = start
                    for term in alternative:
                        if matched >> position & 1:
                            hit = term.ports & undecided
                            yield Step(position, term, hit, plane_number, tier_number, rank_number, number)
                            passed |= hit if term.action == PASS else 0
                            undecided &= ~hit if term.sure else -1
                        position += 1
                    left &= undecided
                undecided = left
            undecided |= passed


def deciders(program: Program, matched: int, ports: int) -> list[int]:
    """Return the positions of the terms that decide, or may decide, about any of the ports."""
    return [step.position for step in steps(program, matched, ports) if step.hit]
