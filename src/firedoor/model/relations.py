"""What policies and their rules contribute, how they get in each other's way, and how two of them compare."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.verdicts import Verdict


class Contribution(StrEnum):
    """What a policy or rule does for the verdicts of a cluster."""

    EFFECTIVE = "effective"
    """Some verdict would differ without it."""
    REDUNDANT = "redundant"
    """No verdict would differ without it."""
    VACUOUS = "vacuous"
    """It applies to no pod, or matches no peer or no port."""
    UNKNOWN = "unknown"
    """Whether a verdict would differ hangs on something that is not known."""


class RuleName(Struct, frozen=True, gc=False):
    """
    A rule of a policy, and what it does: ``allows``, ``denies``, ``passes``, ``isolates``.

    `rule` is the path in the policy, empty for the isolation that comes with it; `source` its ``file:line``.
    """

    policy: ObjectRef
    rule: str
    source: str
    does: str


class Change(Struct, frozen=True, gc=False):
    """A connection whose verdict would differ: the verdict as it is, and as it would be."""

    source: str
    destination: str
    protocol: str
    port: int
    before: Verdict
    after: Verdict


class Contributed(Struct, frozen=True, gc=False):
    """
    What something contributes, and the proof.

    `change` shows that it is effective. Of what is redundant, `covers` decide the same
    without it, `other_end` are the rules at the other end of connections that deny them
    anyway, and `detail` says in words what neither tells; of what is vacuous it says why.
    """

    status: Contribution
    change: Change | None = None
    covers: tuple[RuleName, ...] = ()
    other_end: tuple[RuleName, ...] = ()
    detail: str = ""


class RuleContribution(Struct, frozen=True, gc=False):
    """One rule of a policy and what it contributes."""

    rule: str
    source: str
    does: str
    contributes: Contributed


class PolicyContribution(Struct, frozen=True, gc=False):
    """
    One policy, the number of pods that it applies to, what it contributes, and its rules.

    `tier` is where the policy is asked. `removable` says that it can go together with all
    other removable policies: of two that cover each other it is one, and what protects
    pods to come is none.
    """

    policy: ObjectRef
    source: str
    tier: str
    pods: int
    contributes: Contributed
    rules: tuple[RuleContribution, ...] = ()
    removable: bool = False


class Interference(Struct, frozen=True, gc=False):
    """
    A rule that takes connections away from a rule of another policy, which decides them otherwise.

    With `tie` the two are equal in precedence, and which one wins is not defined.
    `traffic` are the ports of all that is taken away, `source` and `destination` one pair as an example.
    """

    direction: str
    winner: RuleName
    loser: RuleName
    tie: bool
    traffic: Traffic
    source: str
    destination: str


class Relations(Struct, frozen=True, gc=False):
    """All policies in the order they are asked, their interference, and what is missing from the picture."""

    policies: tuple[PolicyContribution, ...]
    interference: tuple[Interference, ...] = ()
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
    notes: tuple[str, ...] = ()


class Relation(StrEnum):
    """How what one policy accepts stands to what another accepts."""

    EQUIVALENT = "equivalent"
    WITHIN = "within"
    """The first accepts part of what the second accepts, and nothing else."""
    CONTAINS = "contains"
    """The second accepts part of what the first accepts, and nothing else."""
    OVERLAPPING = "overlapping"
    DISJOINT = "disjoint"


class AcceptedExample(Struct, frozen=True, gc=False):
    """A connection that a policy accepts by its own rules, as seen from the pod that it applies to."""

    direction: str
    source: str
    destination: str
    traffic: Traffic


class Comparison(Struct, frozen=True, gc=False):
    """
    What two policies accept by their own rules for the pods that each applies to.

    `pods` counts the pods of the first alone, of both, and of the second alone.
    `uncertain` says that part of what they accept is not known, and was compared as it stands.
    """

    first: RuleName
    second: RuleName
    relation: Relation
    ingress: Relation
    egress: Relation
    pods: tuple[int, int, int]
    only_first: AcceptedExample | None = None
    only_second: AcceptedExample | None = None
    common: AcceptedExample | None = None
    uncertain: bool = False
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"
    notes: tuple[str, ...] = ()
