"""The regular review: what nothing uses any more, what is wider than its use, and what changed since last time."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.audit import AuditSummary
from firedoor.model.places import Gap, ObjectRef

Manifest = dict[str, object]
"""Part of a manifest, as YAML has it."""

DAY = 24 * 60 * 60 * 10**9
"""Nanoseconds."""


class ItemKind(StrEnum):
    """What an item of a review is about."""

    POLICY_WITHOUT_PODS = "policy-without-pods"
    """A policy whose subjects are gone."""
    RULE_UNUSED = "rule-unused"
    """A rule that allows, and that no observed connection matched."""
    RULE_WIDER = "rule-wider"
    """A rule that allows more peers or ports than were used."""
    PERMISSION_UNUSED = "permission-unused"
    """A rule of a role that a subject holds and did not need, or not all of it."""
    CONNECTION_ADDED = "connection-added"
    CONNECTION_REMOVED = "connection-removed"
    CONNECTION_UNSURE = "connection-unsure"
    """A connection whose verdict became known or unknown, and did not change otherwise."""
    RIGHT_ADDED = "right-added"
    RIGHT_REMOVED = "right-removed"

    @property
    def part(self) -> ReviewPart:
        """The part of a review that finds it."""
        match self:
            case ItemKind.POLICY_WITHOUT_PODS | ItemKind.RULE_UNUSED | ItemKind.RULE_WIDER:
                return ReviewPart.NETWORK
            case ItemKind.PERMISSION_UNUSED:
                return ReviewPart.RBAC
            case _:
                return ReviewPart.DRIFT


class ReviewPart(StrEnum):
    """What a review looks at; only the first is always there."""

    NETWORK = "network"
    RBAC = "rbac"
    DRIFT = "drift"


class Item(Struct, frozen=True, gc=False):
    """
    One thing for somebody to decide about.

    `path` is the part of `object` that it is about, `source` its ``file:line``. `evidence` are texts,
    `proposal` says what to do, and `manifest` is the rule to write instead, as YAML has it. `fingerprint` is the
    same at every review, wherever the object stands in its file and whatever was counted.
    """

    kind: ItemKind
    object: ObjectRef
    path: str
    source: str
    message: str
    fingerprint: str
    evidence: tuple[str, ...] = ()
    proposal: str = ""
    manifest: Manifest | None = None


class Period(Struct, frozen=True, gc=False):
    """
    What records cover: `first` to `last`, nanoseconds since 1970, both 0 where there is none.

    `connections` and `edges` count what is in the days that are asked about. `is_enough` says that no more than
    a day is missing at either end of them.
    """

    first: int
    last: int
    edges: int
    connections: int
    is_enough: bool


class RuleCounts(Struct, frozen=True, gc=False):
    """How many rules that allow were used, perhaps used, not used, and of how many nothing can be said."""

    used: int = 0
    possibly: int = 0
    unused: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.used + self.possibly + self.unused + self.unknown


class ReplayProof(Struct, frozen=True, gc=False):
    """
    What the engine says of the observed connections with all proposals applied.

    `accepted` of `connections` (pairs of ends on a port) are accepted as the policies are, and `kept` of these
    with the proposals.
    """

    connections: int
    accepted: int
    kept: int


class NetworkReview(Struct, frozen=True, gc=False):
    """What the review of the policies found; `undecided` are the items about which nothing can be said yet."""

    period: Period
    rules: RuleCounts
    items: tuple[Item, ...]
    undecided: tuple[Item, ...]
    proof: ReplayProof
    notes: tuple[str, ...] = ()


class RbacReview(Struct, frozen=True, gc=False):
    """What the review of permissions found, by audit logs."""

    log: AuditSummary
    checked: int
    is_enough: bool
    items: tuple[Item, ...]
    undecided: tuple[Item, ...]


class Drift(Struct, frozen=True, gc=False):
    """What differs in meaning from another state, which is `against`."""

    against: str
    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()


class KnownItem(Struct, frozen=True, gc=False):
    """An item as an earlier report holds it."""

    kind: ItemKind
    fingerprint: str
    message: str
    object: ObjectRef
    path: str = ""
    source: str = ""


class EarlierReport(Struct, frozen=True, gc=False):
    """What an earlier report tells: when it was made, of what, and what it found."""

    name: str
    time: str
    scope: str
    parts: tuple[ReviewPart, ...]
    items: tuple[KnownItem, ...]


class SinceLast(Struct, frozen=True, gc=False):
    """
    How the items stand to those of the report before.

    `new` and `unchanged` are fingerprints of this review's items, `gone` are items of the earlier one. Items of
    parts that one of the two did not look at are left out, and so are those that are undecided now.
    """

    report: str
    time: str
    new: tuple[str, ...]
    unchanged: tuple[str, ...]
    gone: tuple[KnownItem, ...]


class RegularReview(Struct, frozen=True, gc=False):
    """A whole review, made at `time` of the `days` before; `scope` is the namespace, or empty."""

    time: str
    days: int
    scope: str
    network: NetworkReview
    rbac: RbacReview | None = None
    drift: Drift | None = None
    since: SinceLast | None = None
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"

    @property
    def parts(self) -> tuple[ReviewPart, ...]:
        """What was looked at."""
        found = [ReviewPart.NETWORK]
        found += [ReviewPart.RBAC] if self.rbac is not None else []
        found += [ReviewPart.DRIFT] if self.drift is not None else []
        return tuple(found)

    @property
    def items(self) -> tuple[Item, ...]:
        """All items, those of the network first."""
        parts = (self.network, self.rbac, self.drift)
        return tuple(each for part in parts if part is not None for each in part.items)

    @property
    def undecided(self) -> tuple[Item, ...]:
        """All items about which nothing can be said yet."""
        return (*self.network.undecided, *(self.rbac.undecided if self.rbac is not None else ()))
