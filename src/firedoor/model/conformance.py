"""What a network plugin was seen to enforce, case by case, and which CNI profile that fits."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.probing import Outcome
from firedoor.model.verdicts import Verdict


class Passage(StrEnum):
    """Whether a connection passes; `UNKNOWN` where it could not be tried, or not be believed."""

    PASSES = "passes"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"

    def is_as(self, verdict: Verdict) -> bool:
        """Return whether it is what a verdict foretells; what is not known is nothing's opposite."""
        foretold = {Verdict.ACCEPTED: Passage.PASSES, Verdict.DENIED: Passage.BLOCKED}.get(verdict, Passage.UNKNOWN)
        return Passage.UNKNOWN in {self, foretold} or self is foretold


class Observation(Struct, frozen=True, gc=False):
    """
    What was seen of one connection.

    `looks` says how often it was tried until it was as expected, or at all; `detail` is what
    the prober said of the last time, or why it is not known.
    """

    passage: Passage
    outcome: Outcome | None = None
    detail: str = ""
    looks: int = 1


class CaseStatus(StrEnum):
    """
    What comes of a case.

    `OPEN` ones tell what the API leaves to the plugin, all the rest of them being as it says.
    """

    PASSES = "passes"
    FAILS = "fails"
    OPEN = "open"
    UNCHECKED = "unchecked"


class TryResult(Struct, frozen=True, gc=False):
    """
    One connection of a case: what must be seen of it (None where that is open), and what was.

    `stage` counts from 0. Ends are keys, as in ``x/a``. `accepting` are the profiles under which it passes.
    """

    stage: int
    source: str
    destination: str
    protocol: str
    port: int
    is_through_service: bool
    expected: Verdict | None
    accepting: tuple[str, ...]
    seen: Observation

    @property
    def is_wrong(self) -> bool:
        """Whether something else was seen than the API says."""
        return self.expected is not None and not self.seen.passage.is_as(self.expected)


class CaseResult(Struct, frozen=True, gc=False):
    """A case: `reason` says why it could not be checked, `left_open` what the API leaves open."""

    name: str
    feature: str
    tells: str
    status: CaseStatus
    tries: tuple[TryResult, ...]
    reason: str = ""
    left_open: str = ""


class FeatureResult(Struct, frozen=True, gc=False):
    """
    A part of the API: how many cases are about it, by what came of them, and how the plugin gets it wrong.

    `readings` are the ways to get it wrong that foretell what was seen.
    """

    feature: str
    passes: int
    fails: int
    open: int
    unchecked: int
    readings: tuple[str, ...]

    @property
    def status(self) -> CaseStatus:
        """The worst of what came of its cases; unchecked only where none of them could be checked."""
        counts = (
            (CaseStatus.FAILS, self.fails),
            (CaseStatus.PASSES, self.passes),
            (CaseStatus.OPEN, self.open),
        )
        return next((status for status, count in counts if count), CaseStatus.UNCHECKED)


class ProfileResult(Struct, frozen=True, gc=False):
    """
    How a CNI profile fits.

    `wrong` connections were seen to be otherwise than the engine concludes under it, all in
    these `features`; of these `documented` are told of in its documentation. `missed` are those
    that are documented to be wrong always, and are not.
    """

    name: str
    summary: str
    wrong: int
    features: tuple[str, ...]
    documented: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether all that was seen is foretold, or told of in its documentation."""
        return set(self.features) <= set(self.documented)


class Conformance(Struct, frozen=True, gc=False):
    """
    All that was found out.

    `best` are the profiles that fit best, all equally well. `chosen` is the profile that a
    person gave, empty where nobody did. `unforetold` counts the connections that neither a best
    profile nor the readings of `features` foretell.
    """

    cases: tuple[CaseResult, ...]
    features: tuple[FeatureResult, ...]
    profiles: tuple[ProfileResult, ...]
    best: tuple[str, ...]
    chosen: str
    unforetold: int
    notes: tuple[str, ...] = ()

    def count(self, status: CaseStatus) -> int:
        """Return how many cases came to that."""
        return sum(each.status is status for each in self.cases)

    @property
    def chosen_agrees(self) -> bool:
        """Whether the profile that is chosen, if any, agrees with what was seen."""
        return all(each.agrees for each in self.profiles if each.name == self.chosen)

    @property
    def holds(self) -> bool:
        """Whether everything that could be checked is as the API says, and as the chosen profile has it."""
        return not self.count(CaseStatus.FAILS) and self.chosen_agrees
