"""What is different between two states of a cluster: who can reach whom, and which policies changed."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import PeerEnd
from firedoor.model.places import Gap, ObjectRef


class ChangeKind(StrEnum):
    """What happened to a connection, in the order of how much a reader wants to know it."""

    ADDED = "added"
    """There was no traffic, and there is now."""
    WIDENED = "widened"
    """More traffic than before, and none less."""
    CHANGED = "changed"
    """Some traffic more and some less."""
    NARROWED = "narrowed"
    """Less traffic than before, and none more."""
    REMOVED = "removed"
    """There was traffic, and there is none now."""
    UNKNOWN = "became unknown"
    """The only change is that verdicts became unknown."""
    KNOWN = "became known"
    """The only change is that verdicts that were unknown are not any more."""


class Presence(StrEnum):
    """Whether an end is there before and after."""

    KEPT = "kept"
    NEW = "new"
    REMOVED = "removed"


class TrafficChange(Struct, frozen=True, gc=False):
    """
    Traffic that has another verdict than before.

    `gained` was denied and is accepted, `lost` was accepted and is denied. `unsettled`
    became unknown, `opened` and `closed` were unknown and are accepted and denied.
    """

    gained: Traffic = ()
    lost: Traffic = ()
    unsettled: Traffic = ()
    opened: Traffic = ()
    closed: Traffic = ()


class PodChange(Struct, frozen=True, gc=False):
    """
    What changed between some of the pods of two workloads, where the pods differ.

    `where` says of a pod on its node's network whether it is on the node of the other.
    """

    src_pods: tuple[str, ...]
    dst_pods: tuple[str, ...]
    change: TrafficChange
    where: str = ""


class ConnectionChange(Struct, frozen=True, gc=False):
    """
    What changed between two ends.

    `old` and `new` are what was and is surely accepted, `old_unknown` and `new_unknown`
    what could and cannot be decided; for workloads all four are unions over the pods,
    and `details` tells pods apart that changed differently.
    """

    kind: ChangeKind
    src: PeerEnd
    dst: PeerEnd
    change: TrafficChange
    old: Traffic = ()
    new: Traffic = ()
    old_unknown: Traffic = ()
    new_unknown: Traffic = ()
    src_presence: Presence = Presence.KEPT
    dst_presence: Presence = Presence.KEPT
    details: tuple[PodChange, ...] = ()


class PolicyChange(Struct, frozen=True, order=True, gc=False):
    """A policy that was ``added``, ``removed`` or ``changed``, then with the fields that differ."""

    object: ObjectRef
    change: str
    fields: tuple[str, ...] = ()


class Difference(Struct, frozen=True, gc=False):
    """All changes, sorted by kind and ends, the policies that changed, and what is missing on either side."""

    old: str
    new: str
    connections: tuple[ConnectionChange, ...]
    policies: tuple[PolicyChange, ...] = ()
    old_gaps: tuple[Gap, ...] = ()
    new_gaps: tuple[Gap, ...] = ()
    cni: str = "spec"

    def count(self, kind: ChangeKind) -> int:
        """Return how many connections changed in one way."""
        return sum(each.kind is kind for each in self.connections)
