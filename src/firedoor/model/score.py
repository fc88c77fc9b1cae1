"""How far a cluster is on the way to zero trust: shares that are counted, each with what is in the way."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from firedoor.model.places import Gap, ObjectRef

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALL = 100


class MeasureId(StrEnum):
    """What is counted, by the word that documents have for it."""

    DEFAULT_DENY_INGRESS = "default-deny-ingress"
    DEFAULT_DENY_EGRESS = "default-deny-egress"
    MESH_MTLS = "mesh-mtls"
    CONNECTIONS_IN = "connections-closed"
    CONNECTIONS_OUT = "connections-closed-out"
    LEAST_PRIVILEGE = "least-privilege"
    USED_PERMISSIONS = "used-permissions"
    PSS_BASELINE = "pss-baseline"
    PSS_RESTRICTED = "pss-restricted"
    USED_CONNECTIONS = "used-connections"
    AUDIT_LOG = "audit-log"


class Unit(Struct, frozen=True, gc=False):
    """
    A part of what a measure counts: of `total` things of one object, `met` are as they should be.

    Of `unknown` of them nobody can tell. `what` says what is in the way of the rest, `checks`
    are those of `firedoor diagnose` and `firedoor rbac risks` that find it, `source` is
    ``file:line`` or the path at the API. `namespace` is the one that it counts for.
    """

    namespace: str
    object: ObjectRef
    total: int
    met: int
    unknown: int = 0
    what: str = ""
    checks: tuple[str, ...] = ()
    source: str = ""

    @property
    def lacking(self) -> int:
        """How many are surely not as they should be."""
        return self.total - self.met - self.unknown

    @property
    def is_whole(self) -> bool:
        """Whether all are as they should be, for sure."""
        return self.met == self.total


class Share(Struct, frozen=True, gc=False):
    """A share of a whole that lies between two bounds, which are the same where everything is known."""

    low: Fraction
    high: Fraction

    @property
    def percents(self) -> tuple[float, float]:
        """The bounds in per cent, cut to one digit: what is not whole is never told as 100."""
        return _percent(self.low), _percent(self.high)


class Measure(Struct, frozen=True, gc=False):
    """A share that is counted, or (with a `reason`) was not."""

    id: MeasureId
    units: tuple[Unit, ...] = ()
    reason: str = ""

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(each.total for each in self.units)

    @property
    def met(self) -> int:
        """How many are as they should be."""
        return sum(each.met for each in self.units)

    @property
    def unknown(self) -> int:
        """How many may be, or not."""
        return sum(each.unknown for each in self.units)

    @property
    def share(self) -> Share | None:
        """The share of those that are as they should be; None where it is not measured."""
        if self.reason or not self.total:
            return None
        return Share(Fraction(self.met, self.total), Fraction(self.met + self.unknown, self.total))

    @property
    def shortfalls(self) -> tuple[Unit, ...]:
        """What keeps it from being whole, what lacks most first."""
        found = [each for each in self.units if not each.is_whole]
        return tuple(sorted(found, key=lambda each: (-each.lacking, -each.unknown, each.object)))

    def by_namespace(self, namespaces: Iterable[str]) -> dict[str, Measure]:
        """Return for each of some namespaces what of it is about that one."""
        units: dict[str, list[Unit]] = {each: [] for each in namespaces}
        for each in self.units:
            if each.namespace in units:
                units[each.namespace].append(each)
        return {name: Measure(self.id, tuple(found), self.reason) for name, found in units.items()}


class TenetScore(Struct, frozen=True, gc=False):
    """
    What can be said of one tenet of NIST SP 800-207.

    `reason` says why nothing of a cluster's state speaks to it, where that is so.
    """

    tenet: str
    measures: tuple[Measure, ...] = ()
    reason: str = ""

    @property
    def share(self) -> Share | None:
        """The mean of its measures, of those that are measured; None where none is."""
        return mean(self.measures)


class NamespaceScore(Struct, frozen=True, gc=False):
    """The measures of one namespace."""

    namespace: str
    measures: tuple[Measure, ...]


class Score(Struct, frozen=True, gc=False):
    """The scorecard of a cluster; `captured_at` is RFC 3339, empty where it is not known when it was like that."""

    tenets: tuple[TenetScore, ...]
    namespaces: tuple[NamespaceScore, ...]
    gaps: tuple[Gap, ...] = ()
    cni: str = ""
    captured_at: str = ""

    def of(self, namespace: str) -> Score:
        """Return the same with one of the namespaces alone, if one is given."""
        if not namespace:
            return self
        return replace(self, namespaces=tuple(each for each in self.namespaces if each.namespace == namespace))


class Moment(Struct, frozen=True, gc=False):
    """The score of one of several states, as a person named it."""

    name: str
    score: Score


def mean(measures: tuple[Measure, ...]) -> Share | None:
    """Return the mean of the measures that are measured; None where none is."""
    shares = [each.share for each in measures]
    known = [each for each in shares if each is not None]
    if not known:
        return None
    lows, highs = (each.low for each in known), (each.high for each in known)
    return Share(sum(lows, Fraction()) / len(known), sum(highs, Fraction()) / len(known))


def _percent(share: Fraction) -> float:
    return int(share * _ALL * 10) / 10
