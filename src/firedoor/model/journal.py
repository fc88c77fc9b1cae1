"""What an apply writes down before and after each change, and what a reader makes of it."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.rollout import Manifest, Outcome, PolicyRef, Step, Wave

SCHEMA = "firedoor/journal/v1"


class ProbeGate(Struct, frozen=True, gc=False):
    """
    How connections are tried: `mode` is ``pods``, ``exec`` or ``debug``; an empty `image` is the default one.

    What differs is tried again until `settle` seconds are over.
    """

    mode: str = "pods"
    image: str = ""
    budget: int = 100
    settle: float = 10.0


class Gates(Struct, frozen=True, gc=False):
    """
    What must hold after each wave: `soak` seconds are waited first, `check` is a command, empty for none.

    With `probes` connections are tried. What the policies would do is looked on for `observe` seconds before any is
    enforced. `cni` is the profile by which the engine judges.

    At most `most_denied` connections may be denied that were not before, by the flows of `cluster` in the store of that
    folder (empty: the default one); None where nobody looks.
    """

    soak: float = 0.0
    check: str = ""
    check_timeout: float = 60.0
    most_denied: int | None = None
    store: str = ""
    cluster: str = ""
    observe: float = 0.0
    cni: str = "spec"
    probes: ProbeGate | None = None


class Begin(Struct, frozen=True, gc=False, tag="begin", tag_field="entry"):
    """The first entry: all that is going to be done, by numbered steps, and how many pods are ready by namespace."""

    id: str
    time: str
    server: str
    paths: tuple[str, ...]
    objects: tuple[PolicyRef, ...]
    waves: tuple[Wave, ...]
    gates: Gates = Gates()
    is_forced: bool = False
    ready: dict[str, dict[str, int]] = {}
    schema: str = SCHEMA


class Writing(Struct, frozen=True, gc=False, tag="writing", tag_field="entry"):
    """A step is about to be written; `before` is the exact object in its place, None where there is none."""

    step: int
    before: Manifest | None = None


class Written(Struct, frozen=True, gc=False, tag="written", tag_field="entry"):
    """A step was written, and `after` is what the server made of it; None where it was deleted."""

    step: int
    after: Manifest | None = None


class Passed(Struct, frozen=True, gc=False, tag="passed", tag_field="entry"):
    """The gates after a wave hold."""

    wave: int


class Undoing(Struct, frozen=True, gc=False, tag="undoing", tag_field="entry"):
    """All is going to be taken back; `reason` says why."""

    reason: str = ""


class Undone(Struct, frozen=True, gc=False, tag="undone", tag_field="entry"):
    """A step was taken back, or surely was not done."""

    step: int


class End(Struct, frozen=True, gc=False, tag="end", tag_field="entry"):
    """The apply is over: ``applied`` or ``rolled-back``."""

    outcome: Outcome


Entry = Begin | Writing | Written | Passed | Undoing | Undone | End


class Record:
    """The state of an apply by the entries so far."""

    def __init__(self, begin: Begin) -> None:
        self.begin = begin
        self.outcome = Outcome.UNFINISHED
        self.reason = ""
        self.is_undoing = False
        self.befores: dict[int, Manifest | None] = {}
        self.afters: dict[int, Manifest | None] = {}
        self.passed: set[int] = set()

    @property
    def steps(self) -> list[Step]:
        """All steps by their numbers."""
        return [step for wave in self.begin.waves for step in wave.steps]

    @property
    def touched(self) -> list[int]:
        """The steps that were written, or may have been, and that were not taken back, the last one first."""
        return sorted(self.befores, reverse=True)

    @property
    def is_over(self) -> bool:
        """Whether it came to an end."""
        return self.outcome is not Outcome.UNFINISHED

    def take(self, entry: Entry) -> None:
        """Take note of an entry."""
        match entry:
            case Writing():
                self.befores[entry.step] = entry.before
            case Written():
                self.afters[entry.step] = entry.after
            case Passed():
                self.passed.add(entry.wave)
            case Undoing():
                # An apply that was over may be taken back later, and that may be broken off.
                self.is_undoing, self.reason, self.outcome = True, entry.reason, Outcome.UNFINISHED
            case Undone():
                self.befores.pop(entry.step, None)
                self.afters.pop(entry.step, None)
            case End():
                self.outcome = entry.outcome
            case _:
                self.begin = entry
