"""What becomes of connections that were seen when policies change."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.flows import FlowEdge
from firedoor.model.generation import LeftOut
from firedoor.model.places import Gap
from firedoor.model.verdicts import Verdict


class Fate(StrEnum):
    """What a change of policies does to a connection."""

    BREAKS = "breaks"
    """It was allowed when it was seen, no policy denies it now, and it would be denied."""
    OPENS = "opens"
    """It was denied when it was seen, or is by the policies now, and would be accepted."""
    UNKNOWN = "unknown"
    """It was allowed when it was seen, and whether it would be accepted cannot be decided."""
    STAYS = "stays"


class Replayed(Struct, frozen=True, gc=False):
    """A connection that was seen, what is said of it now and would be, and how often it was seen."""

    source: str
    destination: str
    protocol: str
    port: int
    fate: Fate
    now: Verdict
    then: Verdict
    count: int
    first: int
    last: int


class Preview(Struct, frozen=True, gc=False):
    """All connections that do not stay as they are, sorted, how many do, and those that could not be asked about."""

    changes: tuple[Replayed, ...]
    staying: int
    left_out: tuple[LeftOut, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"

    @property
    def broken(self) -> int:
        """How many connections would break, for sure."""
        return sum(each.fate is Fate.BREAKS for each in self.changes)


class Foresight(Struct, frozen=True, gc=False):
    """
    What policies would do that are not in force, by the connections that were seen meanwhile.

    `seen` is how many these are, `breaking` those that the engine says would break, `staged` those that the network
    plugin reported as denied by a staged policy, and that the engine does not, `unsure` those it cannot decide about.
    """

    seen: int
    breaking: tuple[Replayed, ...] = ()
    staged: tuple[FlowEdge, ...] = ()
    unsure: int = 0

    @property
    def cut(self) -> int:
        """How many connections would be cut."""
        return len(self.breaking) + len(self.staged)
