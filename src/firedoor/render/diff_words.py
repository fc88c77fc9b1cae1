"""A difference in the words that the table and the Markdown share."""

from __future__ import annotations

from firedoor.algebra.ports import Traffic
from firedoor.model.difference import ChangeKind, ConnectionChange, Difference, PodChange, PolicyChange, Presence
from firedoor.render.words import count_text, traffic_text, visible

_MOST_PODS = 4
_MARKS = {Presence.KEPT: "", Presence.NEW: " (new)", Presence.REMOVED: " (removed)"}


def summary_text(difference: Difference) -> str:
    """Return how many connections changed in each way, how many policies did, and how much is not known."""
    counts = [(difference.count(kind), kind.value) for kind in ChangeKind]
    changed = ", ".join(f"{number} {word}" for number, word in counts if number)
    total = len(difference.connections)
    connections = f"{count_text(total, 'connection')} changed: {changed}" if total else "no connection changed"
    policies = f"; {count_text(len(difference.policies), 'policy', 'policies')} changed" if difference.policies else ""
    gaps = len(difference.old_gaps), len(difference.new_gaps)
    missing = f"; gaps: {gaps[0]} before, {gaps[1]} after" if any(gaps) else ""
    return f"{connections}{policies}{missing}"


def end_mark(presence: Presence) -> str:
    """Return what follows the name of an end that is there on one side only."""
    return _MARKS[presence]


def before_text(change: ConnectionChange) -> str:
    """Return the traffic before."""
    return _both(change.old, change.old_unknown)


def after_text(change: ConnectionChange) -> str:
    """Return the traffic after."""
    return _both(change.new, change.new_unknown)


def detail_text(detail: PodChange) -> str:
    """Return what changed between some of the pods: which, and the traffic more, less and unknown."""
    ends = " to ".join(filter(None, (_pods(detail.src_pods), _pods(detail.dst_pods))))
    change = detail.change
    parts = [
        f"{sign}{traffic_text(traffic)}"
        for sign, traffic in (
            ("+ ", change.gained),
            ("- ", change.lost),
            ("now unknown: ", change.unsettled),
            ("now accepted: ", change.opened),
            ("now denied: ", change.closed),
        )
        if traffic
    ]
    where = f" {detail.where}" if detail.where else ""
    return f"{ends}{where}: {', '.join(parts)}"


def policy_text(policy: PolicyChange) -> str:
    """Return kind and name of a policy, and the fields that changed."""
    fields = f" ({', '.join(policy.fields)})" if policy.fields else ""
    return visible(f"{policy.object}{fields}")


def _both(sure: Traffic, unknown: Traffic) -> str:
    if not unknown:
        return traffic_text(sure)
    return f"{traffic_text(sure)}  ? {traffic_text(unknown)}" if sure else f"? {traffic_text(unknown)}"


def _pods(names: tuple[str, ...]) -> str:
    shown = [visible(name) for name in names[:_MOST_PODS] if name]
    rest = len(names) - _MOST_PODS
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
