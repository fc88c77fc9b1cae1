"""What differs in meaning from another state, as items of a regular review."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.review.telling import fingerprint
from firedoor.errors import NothingInScopeError
from firedoor.model.places import ObjectRef
from firedoor.model.review import Drift, Item, ItemKind
from firedoor.usecases.diff import diff
from firedoor.usecases.rbac_diff import rbac_diff
from firedoor.usecases.review_rbac import rule_name, subject_name

if TYPE_CHECKING:
    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.access_difference import RightChange
    from firedoor.model.connections import PeerEnd
    from firedoor.model.difference import ConnectionChange
    from firedoor.model.snapshot import Snapshot

_NOBODY = ObjectRef("", "", "")


def review_drift(
    snapshots: tuple[Snapshot, Snapshot], names: tuple[str, str], cni: CniProfile, namespace: str = ""
) -> Drift:
    """
    Return what the second snapshot lets pass and permits, and the first does not, and the reverse.

    What neither holds anything of is told in the notes.
    """
    items: list[Item] = []
    notes: list[str] = []
    try:
        for change in diff(snapshots, names, cni, (), namespace).connections:
            items += _connection(change)
    except NothingInScopeError as error:
        notes.append(f"connections are not compared: {error.problem}")
    try:
        items += map(_right, rbac_diff(snapshots, names, namespace).changes)
    except NothingInScopeError as error:
        notes.append(f"rights are not compared: {error.problem}")
    return Drift(names[0], tuple(items), tuple(notes))


def _connection(change: ConnectionChange) -> Iterator[Item]:
    ends = f"{end_text(change.src)} -> {end_text(change.dst)}"
    told = [
        (ItemKind.CONNECTION_ADDED, "more can pass", change.change.gained),
        (ItemKind.CONNECTION_REMOVED, "less can pass", change.change.lost),
    ]
    kinds = [(kind, word, traffic_text(traffic)) for kind, word, traffic in told if traffic]
    # Every connection has an end in the cluster.
    about = change.dst.workload or change.src.workload or _NOBODY
    for kind, word, traffic in kinds or [(ItemKind.CONNECTION_UNSURE, f"what can pass {change.kind}", "")]:
        what = f"{ends}{': ' if traffic else ''}{traffic}"
        yield Item(kind, about, "", "", f"{word}: {what}", fingerprint(kind, about, what))


def _right(change: RightChange) -> Item:
    kind = ItemKind.RIGHT_ADDED if change.kind.is_gain else ItemKind.RIGHT_REMOVED
    subject = change.subject
    about = ObjectRef(subject.kind, subject.namespace, subject.name)
    where = change.namespace or "the whole cluster"
    what = f"{rule_name(change.rule)} in {where}"
    word = "may" if change.kind.is_gain else "may no longer surely"
    evidence = tuple(f"by {each.binding} and {each.role}" for each in change.via)
    risks = tuple(f"new risk: {each.id} ({each.severity})" for each in change.risks)
    source = str(change.via[0].binding_place) if change.via else ""
    return Item(
        kind,
        about,
        "",
        source,
        f"{subject_name(subject)} {word} {what}",
        fingerprint(kind, about, what),
        (*evidence, *risks),
    )


def end_text(end: PeerEnd) -> str:
    """Return an end in a word: a single address without its range."""
    first, _, last = end.ips.partition("-")
    return first if end.ips and first == last and is_address(first) else str(end)


def traffic_text(traffic: Traffic) -> str:
    """Return traffic in a few words, as in ``TCP/80, UDP/53-54``."""
    ranges = (
        f"{protocol}/{first}" if first == last else f"{protocol}/{first}-{last}" for protocol, first, last in traffic
    )
    return ", ".join(ranges)
