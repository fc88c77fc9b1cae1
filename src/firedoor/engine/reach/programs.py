"""
Programs: what decides about one pod in one direction, and the one function that judges by it.

A program holds one plane for each layer that must agree (network policies, a service
mesh). A plane is a sequence of tiers, a tier a sequence of ranks, a rank its
alternatives: normally one; several where the API leaves the winner among policies of
equal precedence open. An alternative is a sequence of terms, the first that matches
wins. What no term of a plane decides is accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.values import Value

ACCEPT, DENY, PASS = range(3)
"""What a term says of the ports it holds; PASS leaves them to the next tier."""


class Term(NamedTuple):
    """
    One rule, or part of one, as seen from the pod that it applies to.

    `columns` is the number of a set in `ColumnSets`, `ports` a mask of the port axis.
    A term that is not `sure` matches or does not: something that decides is unknown.
    """

    columns: int
    ports: int
    action: int
    sure: bool


Alternative = tuple[Term, ...]
Rank = tuple[Alternative, ...]
Tier = tuple[Rank, ...]
Plane = tuple[Tier, ...]
Program = tuple[Plane, ...]

FREE: Program = ()
"""The program of a pod that nothing restricts."""


def terms_of(program: Program) -> Iterator[Term]:
    """Yield all terms, in the order of the bits that `judge` reads."""
    return (
        term for plane in program for tier in plane for rank in tier for alternative in rank for term in alternative
    )


def judge(program: Program, matched: int, everything: int) -> Value:
    """
    Return the ports that are surely, and those that are possibly accepted.

    Bit j of `matched` says whether the peer is in the columns of term j. For each port
    the set of outcomes is kept that some resolution of the unknown gives; a port is
    surely accepted when no outcome but that is left.
    """
    sure = possible = everything
    position = 0
    for plane in program:
        undecided, accepted, denied = everything, 0, 0
        for tier in plane:
            passed = 0
            for rank in tier:
                start, left = undecided, undecided
                for alternative in rank:
                    undecided = start
                    for _, ports, action, certain in alternative:
                        if matched >> position & 1:
                            hit = ports & undecided
                            if action == ACCEPT:
                                accepted |= hit
                            elif action == DENY:
                                denied |= hit
                            else:
                                passed |= hit
                            if certain:
                                undecided &= ~hit
                        position += 1
                    left &= undecided
                undecided = left
            undecided |= passed
        accepted |= undecided
        sure &= accepted & ~denied
        possible &= accepted
    return sure, possible


def decisive(program: Program, matched: int, port: int) -> Iterator[tuple[int, Term]]:
    """
    Yield the position and the term of everything that may decide about one port.

    `port` is a mask of one bit. The last one yielded in a plane is sure, unless the
    port falls through all of the plane's tiers.
    """
    position = 0
    for plane in program:
        open_, passed = True, False
        for tier in plane:
            passed = False
            for rank in tier:
                start, left = open_, open_
                for alternative in rank:
                    open_ = start
                    for term in alternative:
                        if open_ and matched >> position & 1 and term.ports & port:
                            yield position, term
                            passed |= term.action == PASS
                            open_ = not term.sure
                        position += 1
                    left &= open_
                open_ = left
            open_ |= passed
