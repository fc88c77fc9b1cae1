"""Whether an object may be changed: judged before an API server keeps it, against the cluster as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.posture import CHECKS, Context
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.reach.network import Network
from firedoor.model.admission import Mode, Objection, Rule
from firedoor.model.amending import assembled
from firedoor.model.assembly import reference
from firedoor.model.findings import Severity
from firedoor.model.networkpolicy import NetworkPolicy
from firedoor.model.policies import PolicyObject
from firedoor.model.rbac import Role, RoleBinding
from firedoor.model.workloads import Namespace, Pod, Workload
from firedoor.usecases.admission_flows import UsedConnections
from firedoor.usecases.admission_intents import KeptIntents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.admission import Proposal
    from firedoor.model.decoding import ModelObject
    from firedoor.model.flows import FlowEdge
    from firedoor.model.intents import Intent
    from firedoor.model.snapshot import Snapshot

_UNPROTECTED = next(each for each in CHECKS if each.id == "pod-unprotected")

_OF_NETWORK = (
    "pods",
    "workloads",
    "nodes",
    "namespaces",
    "services",
    "service_accounts",
    "network_policies",
    "policy_objects",
    "mesh_configs",
    "gaps",
)


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
        self._near: dict[str, list[ModelObject]] = {"": []}
        """What decides whether a pod is selected, by its namespace; empty for what is of the whole cluster."""
        self._is_ready = False
        self._kept: KeptIntents | None = None
        self._edges: tuple[FlowEdge, ...] = ()
        self._used: UsedConnections | None = None

    @property
    def is_ready(self) -> bool:
        """Whether a cluster is known."""
        return self._is_ready

    def learn(self, edges: Iterable[FlowEdge]) -> None:
        """Take these for the connections that were used lately, from the next `update` on."""
        self._edges, self._used = tuple(edges), None

    def update(self, snapshot: Snapshot) -> None:
        """
        Judge against this cluster from now on; by intents, once what they say of it is known.

        That takes as long as `firedoor assert`. Meanwhile they are judged by the cluster before.
        """
        old, self._snapshot, self._near = self._snapshot, snapshot, _by_namespace(snapshot)
        is_other = old is None or not self._is_ready or _is_other(old, snapshot)
        is_by_intents = is_other and self._is_on(Rule.FORBIDDEN) and bool(self._intents)
        is_by_use = self._is_on(Rule.USED) and bool(self._edges) and (is_other or self._used is None)
        if is_by_intents or is_by_use:
            network = Network(snapshot, self._cni)
            if is_by_use:
                self._used = UsedConnections(network, self._edges)
            if is_by_intents:
                # One assignment, so that nobody judges by half of it.
                self._kept = KeptIntents(network, self._intents)
        self._is_ready = True

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
            yield from self._forbidden(proposal)
        if self._is_on(Rule.USED) and self._used is not None and isinstance(some, NetworkPolicy):
            message = self._used.cut_by(proposal)
            if message:
                yield Objection(Rule.USED, message, "add rules that allow them, or wait until nothing uses them")

    def _is_on(self, rule: Rule) -> bool:
        return self._modes.get(rule, Mode.OFF) is not Mode.OFF

    def _unisolated(self, snapshot: Snapshot, new: Pod | Workload) -> Iterator[Objection]:
        """Yield the objection to pods that no policy selects; only policies of their namespace and wider ones can."""
        alone = assembled([*self._near[""], *self._near.get(new.metadata.namespace, ()), new], snapshot.origin)
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

    def _forbidden(self, proposal: Proposal) -> Iterator[Objection]:
        """Yield the intents that hold now and would not."""
        if self._kept is not None:
            for number, message in self._kept.broken_by(proposal).items():
                yield Objection(Rule.FORBIDDEN, message, f"see intent {self._intents[number].name!r}")


def _by_namespace(snapshot: Snapshot) -> dict[str, list[ModelObject]]:
    """Return policies, service accounts and the Namespace itself, by namespace."""
    found: dict[str, list[ModelObject]] = {"": []}
    for part in (snapshot.network_policies, snapshot.policy_objects, snapshot.service_accounts):
        for each in part:
            found.setdefault(each.metadata.namespace, []).append(each)
    for namespace in snapshot.namespaces:
        found.setdefault(namespace.metadata.name, []).append(namespace)
    return found


def _is_other(old: Snapshot, new: Snapshot) -> bool:
    """Return whether two clusters may differ in their network; what did not change is one object mostly."""
    return any(getattr(old, each) != getattr(new, each) for each in _OF_NETWORK)


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
