"""What happened in a cluster that is watched, as far as somebody may want to know it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef


class EventKind(StrEnum):
    """What an event is about."""

    CONNECTION_OPENED = "connection-opened"
    """More can pass between two ends than before."""
    CONNECTION_CLOSED = "connection-closed"
    CONNECTION_UNSURE = "connection-unsure"
    """Whether something can pass is no longer known, or is known now."""
    EXPOSURE_OPENED = "exposure-opened"
    """The outside gets to a port of a workload."""
    EXPOSURE_CLOSED = "exposure-closed"
    RIGHT_GAINED = "right-gained"
    """Somebody may do what they could not before."""
    RIGHT_LOST = "right-lost"
    FINDING_APPEARED = "finding-appeared"
    """A check finds something that it did not find before."""
    FINDING_GONE = "finding-gone"
    ATTACK_PATH_OPENED = "attack-path-opened"
    """The internet or a workload gets to every right, all Secrets, or a node."""
    ATTACK_PATH_CLOSED = "attack-path-closed"
    COVERAGE_DROPPED = "coverage-dropped"
    """Fewer of the pods are isolated than before."""
    BASELINE_BROKEN = "baseline-broken"
    """A namespace is not, or no longer, as a ZeroTrustBaseline says."""
    BASELINE_HELD = "baseline-held"
    GAP_APPEARED = "gap-appeared"
    """Something can no longer be read, and so is not known."""
    FOLLOWING_FAILS = "following-fails"
    """Changes of a kind of objects do not arrive: what is told of them may be out of date."""
    FOLLOWING_WORKS = "following-works"
    CONNECTION_DENIED = "connection-denied"
    """Somebody tried to connect, and was dropped by policy."""
    CONNECTION_UNSEEN = "connection-unseen"
    """A connection went through that no baseline has."""
    ENFORCEMENT_CONTRADICTS = "enforcement-contradicts"
    """Connections went through that policies deny, or were dropped though policies accept them."""

    @property
    def ended(self) -> EventKind | None:
        """What this is the end of; None where it is a beginning, or lasts no time."""
        return _ENDS.get(self)


_ENDS = {
    EventKind.CONNECTION_CLOSED: EventKind.CONNECTION_OPENED,
    EventKind.EXPOSURE_CLOSED: EventKind.EXPOSURE_OPENED,
    EventKind.RIGHT_LOST: EventKind.RIGHT_GAINED,
    EventKind.FINDING_GONE: EventKind.FINDING_APPEARED,
    EventKind.ATTACK_PATH_CLOSED: EventKind.ATTACK_PATH_OPENED,
    EventKind.BASELINE_HELD: EventKind.BASELINE_BROKEN,
    EventKind.FOLLOWING_WORKS: EventKind.FOLLOWING_FAILS,
}


class Event(Struct, frozen=True, gc=False):
    """
    One thing that happened.

    `time` is when the cluster was seen so, RFC 3339; of flows when the last of them was. `evidence` is what it rests
    on, `causes` are the objects that were changed just before and may be why. `fingerprint` is the same for the same
    thing whenever it happens, `subject` is besides the same for what begins and for its end. `check` is the id of the
    check that found it, if one did.
    """

    kind: EventKind
    severity: Severity
    time: str
    object: ObjectRef
    message: str
    fingerprint: str
    evidence: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    subject: str = ""
    check: str = ""
