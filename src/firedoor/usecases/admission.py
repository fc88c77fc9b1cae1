"""Whether an object may be changed: judged before an API server keeps it, against the cluster as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture import CHECKS, Context
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.reach.network import Network
from firedoor.errors import NothingInScopeError
from firedoor.model.admission import Mode, Objection, Rule
from firedoor.model.amending import amended, assembled
from firedoor.model.assembly import reference
from firedoor.model.findings import Severity
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.policies import PolicyObject
from firedoor.model.rbac import Role, RoleBinding
from firedoor.model.workloads import Namespace, Pod, Workload
from firedoor.usecases.assertions import verify

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.admission import Proposal
    from firedoor.model.decoding import ModelObject
    from firedoor.model.intents import Intent, IntentResult
    from firedoor.model.snapshot import Snapshot

_UNPROTECTED = next(each for each in CHECKS if each.id == "pod-unprotected")
_MOST_SHOWN = 3


class Admission:
    """
    Judges proposals by rules, each of which denies, warns, or is off.

    It knows nothing of a cluster before the first `update`. Of permissions those count that are at least as severe as
    `severity`.
    """

    def __init__(
        self,
        cni: CniProfile,
        modes: Mapping[Rule, Mode],
        intents: Sequence[Intent] = (),
        severity: Severity = Severity.HIGH,
    ) -> None:
        """Judge what the API leaves open as `cni` does; `intents` are what ``forbidden`` is about."""
        self._cni = cni
        self._modes = modes
        self._intents = tuple(intents)
        self._severity = severity
        self._snapshot: Snapshot | None = None
        self._held: dict[int, IntentResult] | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a cluster is known."""
        return self._snapshot is not None

    def update(self, snapshot: Snapshot) -> None:
        """Judge against this cluster from now on."""
        # One assignment, so that nobody judges by half of it; what held before is asked when it is needed.
        self._snapshot, self._held = snapshot, None

    def objections(self, proposal: Proposal) -> tuple[tuple[Objection, ...], tuple[Objection, ...]]:
        """Return what a change is denied for, and what is a warning only."""
        found = tuple(self._found(proposal))
        denied = tuple(each for each in found if self._modes.get(each.rule) is Mode.DENY)
        warned = tuple(each for each in found if self._modes.get(each.rule) is Mode.WARN)
        return denied, warned

    def _found(self, proposal: Proposal) -> Iterator[Objection]:
        snapshot = self._snapshot
        if snapshot is None:
            return
        new, some = proposal.new, proposal.new if proposal.new is not None else proposal.old
        if self._is_on(Rule.UNISOLATED) and isinstance(new, (Pod, Workload)) and new.metadata.controller is None:
            yield from self._unisolated(snapshot, new)
        if self._is_on(Rule.RISKY) and isinstance(new, (Role, RoleBinding)):
            yield from self._risky(snapshot, proposal.old, new)
        if self._is_on(Rule.FORBIDDEN) and isinstance(some, (NetworkPolicy, PolicyObject, Namespace)):
            yield from self._forbidden(snapshot, proposal)

    def _is_on(self, rule: Rule) -> bool:
        return self._modes.get(rule, Mode.OFF) is not Mode.OFF

    def _unisolated(self, snapshot: Snapshot, new: Pod | Workload) -> Iterator[Objection]:
        """Yield the objection to pods that no policy selects; only policies of their namespace and wider ones can."""
        home = new.metadata.namespace
        near: list[ModelObject] = [
            each
            for part in (snapshot.network_policies, snapshot.policy_objects, snapshot.service_accounts)
            for each in part
            if each.metadata.namespace in {"", home}
        ]
        alone = assembled([*near, *snapshot.namespaces, new], snapshot.origin)
        network = Network(alone, self._cni)
        for finding in _UNPROTECTED.run(Context(alone, network, None, snapshot.origin.server_version)):
            yield Objection(Rule.UNISOLATED, finding.message, "apply a NetworkPolicy that selects them first")

    def _risky(self, snapshot: Snapshot, old: ModelObject | None, new: Role | RoleBinding) -> Iterator[Objection]:
        """Yield the dangerous permissions that a role or binding gives, and gave to nobody before it."""
        before = self._risks(_around(snapshot, old if isinstance(old, (Role, RoleBinding)) else None, new))
        after = self._risks(_around(snapshot, new, new))
        for key in sorted(after.keys() - before.keys()):
            yield after[key]

    def _risks(self, part: Snapshot) -> dict[tuple[str, str, str], Objection]:
        found = {}
        for each in find_risks(Authorizer(part)):
            finding = each.finding
            if finding.severity.rank >= self._severity.rank and each.technique and each.scope and not each.is_usual:
                key = (finding.check, str(finding.object), each.scope)
                message = f"{finding.check} ({finding.severity}): {finding.message}"
                found[key] = Objection(Rule.RISKY, message, finding.fix.summary)
        return found

    def _forbidden(self, snapshot: Snapshot, proposal: Proposal) -> Iterator[Objection]:
        """Yield the intents that hold now and would not."""
        held = self._results(snapshot) if self._held is None else self._held
        self._held = held
        for number, result in self._results(amended(snapshot, proposal.old, proposal.new)).items():
            if not result.holds and (number not in held or held[number].holds):
                yield Objection(Rule.FORBIDDEN, _broken(result), f"see intent {result.intent.name!r}")

    def _results(self, snapshot: Snapshot) -> dict[int, IntentResult]:
        if not self._intents:
            return {}
        try:
            return dict(enumerate(verify(snapshot, self._cni, self._intents, _MOST_SHOWN).results))
        except NothingInScopeError:
            # No pod is there whose connections could be wrong.
            return {}


def _around(snapshot: Snapshot, each: Role | RoleBinding | None, new: Role | RoleBinding) -> Snapshot:
    """Return what decides what a role or binding gives: with a binding its role, with a role its bindings."""
    if each is None:
        return assembled([], snapshot.origin)
    ref = reference(new)
    if isinstance(each, RoleBinding):
        roles = (role for role in snapshot.roles if _is_role_of(role, each))
        return assembled([each, *roles], snapshot.origin)
    bindings = (binding for binding in snapshot.role_bindings if _is_role_of(each, binding))
    others = (role for role in snapshot.roles if role.kind == "ClusterRole" and reference(role) != ref)
    # A role that gathers others by their labels has their rules.
    return assembled([each, *bindings, *(others if each.aggregates else ())], snapshot.origin)


def _is_role_of(role: Role, binding: RoleBinding) -> bool:
    if (role.kind, role.metadata.name) != (binding.role.kind, binding.role.name):
        return False
    return role.kind == "ClusterRole" or role.metadata.namespace == binding.metadata.namespace


def _broken(result: IntentResult) -> str:
    shown = [f"{each.source} -> {each.destination} {each.protocol}/{each.port}" for each in result.violations]
    more = result.more + max(len(shown) - _MOST_SHOWN, 0)
    what = ", ".join(shown[:_MOST_SHOWN]) or "; ".join(result.problems)
    return f"intent {result.intent.name!r} ({result.intent.kind}) would no longer hold: {what}" + (
        f" and {more} more" if more > 0 else ""
    )
