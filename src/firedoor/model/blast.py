"""How far a compromise spreads: counts for each workload, and paths from or to one end."""

from __future__ import annotations

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.places import Gap, ObjectRef


class Reached(Struct, frozen=True, gc=False):
    """How many other workloads have pods that are reached, and how many such pods there are."""

    workloads: int = 0
    pods: int = 0


class BlastRow(Struct, frozen=True, gc=False):
    """
    What a compromise of all pods of a workload reaches in up to one, two, and any number of hops.

    `hops` is the number after which nothing more is reached, 0 where nothing is.
    """

    workload: ObjectRef
    pods: int
    one_hop: Reached
    two_hops: Reached
    all_hops: Reached
    hops: int


class Blast(Struct, frozen=True, gc=False):
    """
    The blast radius of each workload, worst first, among all `workloads` and `pods` of the cluster.

    `port` is the only port that counts, as in ``TCP/5432``, empty when all do;
    `possible` says that hops count whose verdict is unknown.
    """

    rows: tuple[BlastRow, ...]
    workloads: int
    pods: int
    port: str = ""
    possible: bool = False
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"


class Hop(Struct, frozen=True, gc=False):
    """One connection of a path: two pods, the traffic that is accepted, and where it counts what is unknown of it."""

    source: str
    destination: str
    traffic: Traffic
    unknown: Traffic = ()


class SpreadPath(Struct, frozen=True, gc=False):
    """A workload that is reached, or that reaches: the fewest hops, how many of its pods at all, one such path."""

    workload: ObjectRef
    hops: int
    pods: int
    path: tuple[Hop, ...]


class BlastPaths(Struct, frozen=True, gc=False):
    """All workloads that an end reaches (`is_from`) or that reach it, nearest first."""

    end: str
    is_from: bool
    reached: tuple[SpreadPath, ...]
    port: str = ""
    possible: bool = False
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
