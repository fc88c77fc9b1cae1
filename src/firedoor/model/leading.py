"""Who of several replicas does the work: the record of a Lease (``coordination.k8s.io/v1``)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

JITTER = 1.2
"""So many times the pause between two tries is at most added to it (client-go, ``leaderelection.JitterFactor``)."""


class LeaseRecord(Struct, frozen=True):
    """
    The ``spec`` of a Lease: who has it, for how many seconds after each renewal, since when, and how often it changed.

    `acquired` and `renewed` are texts as the API has them (MicroTime); nobody but their writer reads a time from them.
    """

    holder: str = ""
    seconds: int = 0
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0


class FoundLease(Struct, frozen=True):
    """A record, and the whole object as the server has it, which is written back with another record."""

    record: LeaseRecord
    document: dict[str, Any]


class Timing(Struct, frozen=True):
    """
    Seconds, as client-go's ``LeaderElectionConfig`` names them.

    Others wait for `duration` after a renewal that they saw. A leader that could not renew for `deadline` is none any
    more. Every `retry` seconds is tried again.
    """

    duration: float = 15.0
    deadline: float = 10.0
    retry: float = 2.0

    @property
    def fault(self) -> str:
        """What is wrong with it; empty where nothing is."""
        if min(self.duration, self.deadline, self.retry) < 1:
            return "each must be a second at least"
        if self.duration <= self.deadline:
            return "the lease duration must be longer than the renew deadline, or two could lead at once"
        if self.deadline <= JITTER * self.retry:
            return f"the renew deadline must be longer than {JITTER} times the retry period, or one failure ends it"
        return ""
