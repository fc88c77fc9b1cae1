"""How much of a cluster can reach how much of it, in numbers."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.places import Gap


class Pairs(Struct, frozen=True, gc=False):
    """Ordered pairs of different pods by what the first may send to the second."""

    all: int = 0
    """Every port of every protocol."""
    some: int = 0
    unknown: int = 0
    """Whether anything is accepted is not known."""
    none: int = 0

    @property
    def total(self) -> int:
        """All pairs."""
        return self.all + self.some + self.unknown + self.none


class Side(Struct, frozen=True, gc=False):
    """What holds for so many pods in one direction."""

    unrestricted: int = 0
    """No policy of any kind applies to them."""
    outside_some: int = 0
    """Some address outside the cluster is, or may be, accepted on some port."""
    outside_all: int = 0
    """Every address outside the cluster is accepted on every port."""


class ReachSummary(Struct, frozen=True, gc=False):
    """The answer of ``firedoor reach --summary``: a template of a workload counts as the pods that it stands for."""

    pods: int
    workloads: int
    namespaces: int
    policies: dict[str, int]
    """How many policies of each kind are evaluated."""
    pairs: Pairs
    ingress: Side
    egress: Side
    gaps: tuple[Gap, ...] = ()
    cni: str = ""
