"""What is to be done to the policies of a live cluster, in which order, and what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import PeerEnd
from firedoor.model.difference import Difference
from firedoor.model.places import ObjectRef
from firedoor.model.policies import DECIDING_KINDS, SUPPORTING_KINDS
from firedoor.model.preview import Preview

Manifest = dict[str, Any]

_GROUPS = frozenset(
    {
        "policy.networking.k8s.io",
        "projectcalico.org",
        "crd.projectcalico.org",
        "cilium.io",
        "security.istio.io",
    }
)
_NO_POLICIES = frozenset({"HostEndpoint", "Profile"})


def is_applied(group: str, kind: str) -> bool:
    """Return whether objects of a kind are policies, or what policies refer to, so that `apply` may change them."""
    if (group, kind) == ("networking.k8s.io", "NetworkPolicy"):
        return True
    known = (group, kind) in DECIDING_KINDS or (group, kind) in SUPPORTING_KINDS
    return known and group in _GROUPS and kind not in _NO_POLICIES


class PolicyRef(Struct, frozen=True, order=True, gc=False):
    """Which policy: its ``apiVersion``, kind, namespace (empty when cluster-wide) and name."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def object(self) -> ObjectRef:
        """Kind, namespace and name."""
        return ObjectRef(self.kind, self.namespace, self.name)

    def __str__(self) -> str:
        """Return ``Kind namespace/name``."""
        return str(self.object)


class Action(StrEnum):
    """What is done to an object."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    UNCHANGED = "unchanged"


class FieldChange(Struct, frozen=True, gc=False):
    """A field that gets another value; None where it is not there."""

    path: str
    old: Any = None
    new: Any = None


class Conflict(Struct, frozen=True, gc=False):
    """A field that another manager owns (``FieldManagerConflict``)."""

    field: str
    manager: str


class Trial(Struct, frozen=True, gc=False):
    """What the server says of an object that is tried out: what it would become, who objects, why it is refused."""

    after: Manifest | None = None
    conflicts: tuple[Conflict, ...] = ()
    rejection: str = ""


class Step(Struct, frozen=True, gc=False):
    """
    One object, what is done to it, and what it is before and after.

    `before` is the object as the server had it, `after` what people write of it once it is done; None where there
    is none. `manifest` is what is sent. A `bridge` lets pass for a moment what would be cut between two other steps.
    With `is_stage` it is a form that only shows what another step is going to do, and enforces nothing. Where that
    form has the same name, the other step begins with it.
    """

    ref: PolicyRef
    action: Action
    before: Manifest | None = None
    after: Manifest | None = None
    manifest: Manifest | None = None
    fields: tuple[FieldChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    rejection: str = ""
    is_bridge: bool = False
    is_stage: bool = False


class Wave(Struct, frozen=True, gc=False):
    """
    The steps in one namespace, or (empty) those of the whole cluster, in their order.

    After one with `is_stage` nothing is enforced yet: what would be cut is looked for.
    """

    namespace: str
    steps: tuple[Step, ...]
    is_stage: bool = False


class Interruption(Struct, frozen=True, gc=False):
    """Traffic that may pass before and after, and that a state between does not surely let pass."""

    source: PeerEnd
    destination: PeerEnd
    traffic: Traffic


class Cut(Struct, frozen=True, gc=False):
    """The connections that are cut, or opened, from one step to the next, or later."""

    after: PolicyRef
    interruptions: tuple[Interruption, ...]


class Ordering(Struct, frozen=True, gc=False):
    """
    The steps in waves, and whether the engine has judged each state between; `cuts` is what it found.

    `stage_opens` and `stage_cuts` is what changes, or may, because policies are staged that should change nothing.
    """

    waves: tuple[Wave, ...] = ()
    is_judged: bool = True
    states: int = 0
    cuts: tuple[Cut, ...] = ()
    stage_opens: tuple[Cut, ...] = ()
    stage_cuts: tuple[Cut, ...] = ()


class ApplyPlan(Struct, frozen=True, gc=False):
    """All that would be done, and what is said against it; `observe` is how many seconds are only looked on first."""

    id: str
    server: str
    ordering: Ordering
    unchanged: tuple[Step, ...]
    difference: Difference
    preview: Preview | None = None
    is_forced: bool = False
    notes: tuple[str, ...] = ()
    observe: float = 0.0

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in their order."""
        return tuple(step for wave in self.ordering.waves for step in wave.steps)

    @property
    def rejected(self) -> tuple[Step, ...]:
        """Those that the server refuses."""
        return tuple(each for each in self.steps if each.rejection)

    @property
    def in_conflict(self) -> tuple[Step, ...]:
        """Those with fields of other managers, where these are not to be taken over."""
        return () if self.is_forced else tuple(each for each in self.steps if each.conflicts)

    @property
    def breaks(self) -> bool:
        """Whether a connection that was seen would break, or one would be cut on the way."""
        return bool(self.ordering.cuts) or (self.preview is not None and self.preview.broken > 0)


class Outcome(StrEnum):
    """How an apply ended."""

    PLANNED = "planned"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    APPLIED = "applied"
    ROLLED_BACK = "rolled-back"
    UNFINISHED = "unfinished"
