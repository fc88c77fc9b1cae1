"""The least roles for what subjects did, and the rules that nobody needed, as answers."""

from __future__ import annotations

from msgspec import Struct

from firedoor.model.access import AccessRequest, Grant
from firedoor.model.audit import AuditSummary
from firedoor.model.places import Gap
from firedoor.model.rbac import PolicyRule, Role, RoleBinding, Subject


class CountedRequest(Struct, frozen=True, gc=False):
    """A request, and how often it was made."""

    request: AccessRequest
    count: int


class LeastProof(Struct, frozen=True, gc=False):
    """
    What the authorizer says of generated roles.

    Of `requests` different requests it allows `allowed`. The rules have `parts` (verbs,
    groups, resources, names and URLs); without any of `needed` of them it denies a request.
    """

    requests: int
    allowed: int
    parts: int
    needed: int

    @property
    def holds(self) -> bool:
        """Whether the roles are enough, and nothing in them is too much."""
        return self.requests == self.allowed and self.parts == self.needed


class ScopedRules(Struct, frozen=True, gc=False):
    """Rules that hold in a namespace, or in the whole cluster where `namespace` is empty."""

    namespace: str
    rules: tuple[PolicyRule, ...]


class HeldNow(Struct, frozen=True, gc=False):
    """
    What bindings that name a subject give it now, compared with its least roles.

    `taken_away` is what it would no longer have; what groups give stays and is not in
    it. `beyond` are recorded requests that the bindings read do not allow now.
    """

    rules: int
    taken_away: tuple[ScopedRules, ...]
    beyond: tuple[CountedRequest, ...]


class LeastRoles(Struct, frozen=True, gc=False):
    """
    The least roles of one subject, and the requests that they come from.

    `allowed` and `denied` count requests; `refused` are the different denied ones, for
    which nothing is granted. `common` counts requests for what everybody may ask
    (discovery), `inexpressible` are allowed ones that no rule permits without permitting
    much more. `also_asked` says what the API server asks of such requests beyond them, and no
    log tells. `held` is None where nothing was read to compare with.
    """

    subject: Subject
    allowed: int
    denied: int
    common: int
    roles: tuple[Role, ...]
    bindings: tuple[RoleBinding, ...]
    proof: LeastProof
    refused: tuple[CountedRequest, ...] = ()
    inexpressible: tuple[CountedRequest, ...] = ()
    also_asked: tuple[str, ...] = ()
    held: HeldNow | None = None


class LeastAccess(Struct, frozen=True, gc=False):
    """
    The least roles of all subjects that were asked about.

    `others` are the subjects in the log that were not, each with its requests;
    `exempt` those that roles do not limit, each with the reason.
    """

    log: AuditSummary
    subjects: tuple[LeastRoles, ...]
    others: tuple[tuple[Subject, int], ...] = ()
    exempt: tuple[tuple[Subject, str], ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()


class UnusedGrant(Struct, frozen=True, gc=False):
    """
    A rule that a binding gives to a subject and that was not used, or not all of it.

    `unused` holds the parts that no request needed. `used` the others: for a star, what
    it was used for. `requests` counts the different requests that it permitted.
    """

    grant: Grant
    unused: tuple[PolicyRule, ...]
    used: tuple[PolicyRule, ...] = ()
    requests: int = 0

    @property
    def state(self) -> str:
        """``unused``, or ``partly`` where some of it was used."""
        return "partly" if self.requests else "unused"


class UnusedAccess(Struct, frozen=True, gc=False):
    """
    The grants that the log shows no full use of.

    `checked` counts the grants that were judged; `skipped` the bindings that Kubernetes
    comes with and that were left out. `unseen` are subjects that made no request at all.
    """

    log: AuditSummary
    grants: tuple[UnusedGrant, ...]
    checked: int
    skipped: int = 0
    unseen: tuple[Subject, ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
