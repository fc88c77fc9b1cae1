"""The regular review: unused and wide rules, unused permissions, drift, and what changed since the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.review.judging import review_network
from firedoor.engine.review.telling import time_text
from firedoor.model.review import RegularReview, SinceLast
from firedoor.usecases.ends import require_namespace
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.flows import FlowEdge
    from firedoor.model.review import Drift, EarlierReport, RbacReview
    from firedoor.model.snapshot import Snapshot


def regular_review(
    snapshot: Snapshot,
    cni: CniProfile,
    edges: Iterable[FlowEdge],
    period: tuple[int, int],
    namespace: str = "",
    *,
    rbac: RbacReview | None = None,
    drift: Drift | None = None,
) -> RegularReview:
    """
    Return the review of a snapshot by observed connections.

    `period` is the end, in nanoseconds since 1970, and the number of days before it. With `namespace` it is about
    the policies of it and of the whole cluster. Raises ``NothingInScopeError`` where there is no pod.
    """
    network = network_of(snapshot, cni)
    if namespace:
        require_namespace(network, namespace)
    now, days = period
    found = review_network(network, edges, now, days, namespace)
    return RegularReview(time_text(now), days, namespace, found, rbac, drift, None, snapshot.gaps, cni.name)


def compared(review: RegularReview, earlier: EarlierReport) -> SinceLast:
    """Return how the items of a review stand to those of an earlier one of the same scope."""
    parts = {*review.parts} & {*earlier.parts}
    known = {each.fingerprint: each for each in earlier.items if each.kind.part in parts}
    found = [each.fingerprint for each in review.items if each.kind.part in parts]
    there = {*found, *(each.fingerprint for each in review.undecided)}
    return SinceLast(
        earlier.name,
        earlier.time,
        tuple(each for each in found if each not in known),
        tuple(each for each in found if each in known),
        tuple(each for mark, each in known.items() if mark not in there),
    )
