"""What the engine expects of connections, what the network did with them, and what that says of the network."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.intents import IntentKind
from firedoor.model.networkpolicy import Direction
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.probing import Probe, ProbeSite, Sighting
from firedoor.model.verdicts import Verdict


class GoalKind(StrEnum):
    """What a probe is to show."""

    RULE = "rule"
    """That a rule does what it says: without it the connection would, where possible, have another verdict."""
    OUTSIDE = "outside"
    """That a rule does no more than it says: a connection just outside of it, which has another verdict."""
    ISOLATION = "isolation"
    """That the pods of a class are isolated in a direction."""
    INTENT = "intent"
    """That what an intent demands of its ends is so."""
    CHANGE = "change"
    """That a connection has the verdict that it has since policies were changed, and had not before."""
    NODE = "node"
    """That what comes from a pod on the network of its node is treated as coming from an address of the node."""


class Goal(Struct, frozen=True, gc=False):
    """
    One thing to be shown.

    `policy` and `rule` (its path) are of a rule, `subject` is the workload that is isolated or
    an end of an intent, `intent` and `place` are the name of the intent and where it is written;
    of a change, and from a node, `subject` is the source and `peer` the destination. What does not
    apply is empty.
    """

    kind: GoalKind
    direction: Direction | None = None
    policy: ObjectRef | None = None
    rule: str = ""
    subject: ObjectRef | None = None
    intent: str = ""
    place: str = ""
    peer: ObjectRef | None = None


class Share(Struct, frozen=True, gc=False):
    """
    How many connections there are, and of how many the verdict follows from decisions that are probed.

    A connection is an ordered pair of different ends and an atom of ports. `inside` are those
    between pods that can be probed, `unprobed` those with another pod, `outside` those with a
    class of addresses outside of the cluster.
    """

    covered: int
    inside: int
    unprobed: int = 0
    outside: int = 0

    @property
    def total(self) -> int:
        """All connections."""
        return self.inside + self.unprobed + self.outside

    @property
    def percent(self) -> float:
        """The share of all connections; 100 where there is none."""
        return 100 * self.covered / self.total if self.total else 100.0


class PlannedProbe(Struct, frozen=True, gc=False):
    """A probe, the verdict that is expected, and what it is to show, as positions among the goals."""

    probe: Probe
    expected: Verdict
    goals: tuple[int, ...] = ()


class ProbePlan(Struct, frozen=True, gc=False):
    """
    Probes between sites, in the order in which they show most.

    `goals` are all that was to be shown: `left_out` those that the budget left no probe for,
    `impossible` those that no connection between pods that can be probed shows.
    """

    sites: tuple[ProbeSite, ...]
    probes: tuple[PlannedProbe, ...]
    goals: tuple[Goal, ...]
    left_out: tuple[int, ...]
    impossible: tuple[int, ...]
    share: Share
    members: tuple[int, ...] = ()
    """For each site its position among the members of the network."""
    unprobed_pods: int = 0
    """How many pods cannot be probed: those that do not run, and those on the network of their node, to which
    no probe goes."""
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
    notes: tuple[str, ...] = ()
    """What to bear in mind about the outcomes."""


class Seen(StrEnum):
    """What the network did with a connection, as far as that can be told."""

    CONNECTED = "connected"
    BLOCKED = "blocked"
    NOT_CHECKED = "not checked"


class Judgement(StrEnum):
    """How what was seen compares with what was expected."""

    AGREES = "agrees"
    LATE = "late"
    """It did not agree at first, and did when it was tried again."""
    DIFFERS = "differs"
    UNCHECKED = "unchecked"
    """Nothing can be said: the attempt failed, or nothing shows that it would have passed if it was let through."""
    UNKNOWN = "unknown"
    """The engine does not know what to expect."""


class CheckedProbe(Struct, frozen=True, gc=False):
    """
    One probe after it was tried.

    `why` says why nothing could be seen; `attempts` is how often it was tried, `late` after how
    many seconds it agreed, 0 where it did at once or never.
    """

    planned: PlannedProbe
    seen: Seen
    judgement: Judgement
    sighting: Sighting | None = None
    why: str = ""
    attempts: int = 1
    late: float = 0.0


class Cause(Struct, frozen=True, gc=False):
    """
    Something that would make the network do what was seen.

    It predicts what was seen of `explains` of the `differing` probes, and contradicts none of
    those that agree.
    """

    id: str
    title: str
    evidence: tuple[str, ...]
    explains: int
    differing: int
    remedy: str = ""


class ProfileFit(Struct, frozen=True, gc=False):
    """How many of the probes whose outcome could be seen some CNI profiles, which all predict the same, agree with."""

    profiles: tuple[str, ...]
    agreeing: int
    seen: int


class IntentSeen(Struct, frozen=True, gc=False):
    """
    What was seen of the connections of an intent that were tried.

    `broken` are those, by position among the probes, that were seen to be otherwise than it
    demands, whatever the policies say; `unseen` is how many could not be checked.
    """

    name: str
    kind: IntentKind
    place: str
    tried: int
    broken: tuple[int, ...] = ()
    unseen: int = 0


class VerifyReport(Struct, frozen=True, gc=False):
    """A plan after it was carried out: each of its probes, and what the pattern of those that differ says."""

    plan: ProbePlan
    checked: tuple[CheckedProbe, ...]
    causes: tuple[Cause, ...] = ()
    fits: tuple[ProfileFit, ...] = ()
    """Best first; only where something differs."""
    unusable: tuple[tuple[str, str], ...] = ()
    """Sites that could not be used, each with the reason."""
    intents: tuple[IntentSeen, ...] = ()
    left_behind: str = ""
    """What could not be removed afterwards, and why."""

    def count(self, judgement: Judgement) -> int:
        """Return how many probes came to a judgement."""
        return sum(each.judgement is judgement for each in self.checked)

    @property
    def truth(self) -> dict[Verdict, dict[Seen, int]]:
        """How many probes were seen to do what, by what was expected."""
        found = {verdict: dict.fromkeys(Seen, 0) for verdict in Verdict}
        for each in self.checked:
            found[each.planned.expected][each.seen] += 1
        return found
