"""A regular review in the words that the text and the Markdown share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from firedoor.engine.review.telling import time_text
from firedoor.model.review import ItemKind, ReviewPart
from firedoor.render.words import count_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.model.review import Item, KnownItem, RegularReview

TITLES = {
    ItemKind.POLICY_WITHOUT_PODS: "Policies that apply to no pod",
    ItemKind.RULE_UNUSED: "Rules that nothing used",
    ItemKind.RULE_WIDER: "Rules wider than what was used of them",
    ItemKind.PERMISSION_UNUSED: "Permissions that nobody needed",
    ItemKind.CONNECTION_ADDED: "Connections that can pass now",
    ItemKind.CONNECTION_REMOVED: "Connections that can pass no longer",
    ItemKind.CONNECTION_UNSURE: "Connections of which less or more is known",
    ItemKind.RIGHT_ADDED: "Rights that were given",
    ItemKind.RIGHT_REMOVED: "Rights that were taken",
}


def by_kind(items: Iterable[Item]) -> dict[ItemKind, list[Item]]:
    """Return the items of each kind that there are, kinds in their order."""
    found: dict[ItemKind, list[Item]] = {each: [] for each in ItemKind}
    for each in items:
        found[each.kind].append(each)
    return {kind: some for kind, some in found.items() if some}


def name_text(item: Item | KnownItem) -> str:
    """Return the object of an item, with the part that it is about and where that stands."""
    path = f" {item.path}" if item.path else ""
    return f"{item.object}{path}{f' ({item.source})' if item.source else ''}"


def headline(item: Item) -> str:
    """Return what an item is about and what is wrong with it; of drift the message tells all."""
    return item.message if item.kind.part is ReviewPart.DRIFT else f"{name_text(item)}: {item.message}"


def head_lines(review: RegularReview) -> Iterator[str]:
    """Yield what was reviewed by which records, and the counts."""
    network = review.network
    period, rules = network.period, network.rules
    scope = f" of namespace {review.scope}" if review.scope else ""
    yield f"Review{scope} at {review.time}, by the {count_text(review.days, 'day')} before"
    if period.last:
        span = f"{time_text(period.first)} to {time_text(period.last)}"
        seen = f"{count_text(period.connections, 'connection')} of these days on {count_text(period.edges, 'edge')}"
        yield f"records of connections from {span}: {seen}"
    if not period.is_enough:
        yield f"these records do not cover {count_text(review.days, 'day')}: no rule is called unused or wide"
    yield (
        f"{count_text(rules.total, 'rule')} that allow{'s' * (rules.total == 1)}: {rules.used} used, "
        f"{rules.possibly} possibly used, {rules.unused} unused, {rules.unknown} not known"
    )
    proof = network.proof
    yield (
        f"with all proposals {proof.kept} of the {count_text(proof.accepted, 'observed connection')} "
        "that the policies accept are still accepted"
    )
    if proof.connections > proof.accepted:
        others = count_text(proof.connections - proof.accepted, "observed connection")
        yield f"{others} went through that these policies as read deny or leave open, as of nodes that were not read"
    yield from (f"note: {each}" for each in network.notes)


def other_lines(review: RegularReview) -> Iterator[str]:
    """Yield what was read for permissions and drift, what was not, and what is missing from the picture."""
    if review.rbac is not None:
        log = review.rbac.log
        span = f" from {log.first} to {log.last}" if log.first else ""
        yield (
            f"{count_text(log.requests, 'request')} in the audit log{span}; "
            f"{count_text(review.rbac.checked, 'granted rule')} judged"
        )
        if not review.rbac.is_enough:
            yield f"the audit log does not cover {count_text(review.days, 'day')}: no permission is called unused"
    if review.drift is not None:
        counts = Counter(each.kind for each in review.drift.items)
        told = ", ".join(
            f"{count_text(counts[kind], word)} {what}"
            for kind, word, what in (
                (ItemKind.CONNECTION_ADDED, "connection", "more"),
                (ItemKind.CONNECTION_REMOVED, "connection", "less"),
                (ItemKind.CONNECTION_UNSURE, "connection", "unsure"),
                (ItemKind.RIGHT_ADDED, "right", "more"),
                (ItemKind.RIGHT_REMOVED, "right", "less"),
            )
            if counts[kind]
        )
        yield f"compared with {review.drift.against}: {told or 'no difference'}"
        yield from (f"note: {each}" for each in review.drift.notes)
    if review.gaps:
        yield f"{count_text(len(review.gaps), 'gap')} in what was read: `firedoor diagnose` lists them"


def since_text(review: RegularReview) -> str:
    """Return how the items stand to those of the report before; empty where there is none."""
    since = review.since
    if since is None:
        return ""
    return (
        f"since the review of {since.time}: {len(since.new)} new, {len(since.gone)} gone, "
        f"{len(since.unchanged)} unchanged"
    )


def marks(review: RegularReview) -> frozenset[str]:
    """Return the fingerprints of the items that are new since the report before."""
    return frozenset(review.since.new if review.since is not None else ())


def summary(review: RegularReview) -> str:
    """Return how many items there are."""
    undecided = len(review.undecided)
    more = f", {undecided} not decided" if undecided else ""
    return f"{count_text(len(review.items), 'item')}{more}"
