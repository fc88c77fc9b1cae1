"""
What a stage of policy evaluation may come to, and how stages follow each other.

A stage is a rule, a policy or a whole tier. Where the manifests do not tell
what it does, or the API leaves it open, more than one outcome is possible.
Every doubt is taken by itself: two that depend on one unknown fact are not
played off against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import groupby

from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest
from tests.reference.matches import Match
from tests.reference.networkpolicy import Endpoint, Verdict, is_own_node


class Outcome(Enum):
    """What a stage does to a connection: after ``PASS`` the next tier is asked, ``UNDECIDED`` the next stage."""

    ACCEPT = "accept"
    DENY = "deny"
    PASS = "pass"
    UNDECIDED = "undecided"


Outcomes = frozenset[Outcome]
"""Everything a stage may come to, never nothing."""

UNDECIDED: Outcomes = frozenset({Outcome.UNDECIDED})


def if_matched(match: Match, outcome: Outcome) -> Outcomes:
    """Return what a rule comes to that does ``outcome`` to what it matches."""
    return {
        Match.YES: frozenset({outcome}),
        Match.MAYBE: frozenset({outcome}) | UNDECIDED,
        Match.NO: UNDECIDED,
    }[match]


def in_order(stages: Iterable[Outcomes]) -> Outcomes:
    """Return what stages of one tier come to, each being asked only if the one before is undecided."""
    reached: Outcomes = UNDECIDED
    for stage in stages:
        if Outcome.UNDECIDED in reached:
            reached = (reached - UNDECIDED) | stage
    return reached


def in_any_order(stages: Iterable[Outcomes]) -> Outcomes:
    """
    Return what stages of one tier come to when nobody can tell which is asked first.

    Any of them may be the first, so whatever one decides is possible. All stay
    undecided only if every one may.
    """
    listed = list(stages)
    decisions = frozenset[Outcome]().union(*listed) - UNDECIDED
    return decisions | (UNDECIDED if all(Outcome.UNDECIDED in stage for stage in listed) else frozenset())


def by_order(stages: Iterable[tuple[float, Outcomes]]) -> Outcomes:
    """Return what stages of one tier come to, the lowest order first; which of equal ones is asked first is open."""
    ordered = sorted(stages, key=_order)
    return in_order(in_any_order(outcomes for _, outcomes in equal) for _, equal in groupby(ordered, key=_order))


def tier_by_tier(tiers: Iterable[Outcomes]) -> Outcomes:
    """
    Return what tiers come to, one after the other: accepting, denying or both.

    A tier that passes the connection on or stays undecided leaves it to the
    next; behind the last one everything is accepted.
    """
    onward = frozenset({Outcome.PASS, Outcome.UNDECIDED})
    reached = onward
    for tier in tiers:
        if reached & onward:
            reached = (reached - onward) | tier
    return (reached - onward) | (frozenset({Outcome.ACCEPT}) if reached & onward else frozenset())


def all_agree(layers: Iterable[Outcomes]) -> Outcomes:
    """Return what layers come to that must all accept, each of which accepts, denies or may do both."""
    listed = list(layers)
    accepted = frozenset({Outcome.ACCEPT} if all(Outcome.ACCEPT in layer for layer in listed) else ())
    return accepted | frozenset({Outcome.DENY} if any(Outcome.DENY in layer for layer in listed) else ())


def unless_from_own_node(cluster: list[Manifest], subject: RefPod, peer: Endpoint, outcomes: Outcomes) -> Outcomes:
    """Return what policies come to at ingress, where they cannot lock out the subject's own node."""
    return in_order([if_matched(is_own_node(cluster, subject, peer), Outcome.ACCEPT), outcomes])


def verdict_of(outcomes: Outcomes) -> Verdict:
    """Return what is concluded of a connection that comes to some of accepted and denied."""
    if outcomes == {Outcome.ACCEPT}:
        return Verdict.ACCEPTED
    return Verdict.DENIED if outcomes == {Outcome.DENY} else Verdict.UNKNOWN


def outcomes_of(verdict: Verdict) -> Outcomes:
    """Return the outcomes that lead to a verdict."""
    accept, deny = frozenset({Outcome.ACCEPT}), frozenset({Outcome.DENY})
    return {Verdict.ACCEPTED: accept, Verdict.DENIED: deny, Verdict.UNKNOWN: accept | deny}[verdict]


def _order(stage: tuple[float, Outcomes]) -> float:
    return stage[0]
