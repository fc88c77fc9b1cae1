"""Why a connection is accepted or denied, what came close, and the smallest change that would flip it."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.icmp import IcmpMessage
from firedoor.model.verdicts import Reason, Verdict


class DirectionExplanation(Struct, frozen=True, gc=False):
    """One end's part: its verdict, the rules or circumstances that decided, and the rules that came close."""

    verdict: Verdict
    because: tuple[Reason, ...]
    near_misses: tuple[Reason, ...] = ()


class Change(Struct, frozen=True, gc=False):
    """A change that was tried and does flip the verdict: in words, and as complete objects to apply."""

    summary: str
    manifests: tuple[dict[str, object], ...] = ()
    removes: tuple[str, ...] = ()
    """``namespace/name`` of policies to delete."""


class Explanation(Struct, frozen=True, gc=False):
    """
    The answer to one question about one connection.

    `source` and `destination` are written as the question named them; `pods` lists
    verdicts per pair of pods where the pods of a workload differ. `icmp` is the message
    that a question about ICMP is for, whose `port` is 0.
    """

    source: str
    destination: str
    protocol: str
    port: int
    verdict: Verdict
    egress: DirectionExplanation
    ingress: DirectionExplanation
    flip: Change | None = None
    pods: tuple[tuple[str, str, Verdict], ...] = ()
    notes: tuple[str, ...] = ()
    icmp: IcmpMessage | None = None
