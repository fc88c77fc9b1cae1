"""What the policies of a cluster say, held against what its network does."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.verification import Earlier, Planner, PlanRequest, Scope
from firedoor.engine.verification.causes import Diagnosis
from firedoor.engine.verification.ledger import Ledger
from firedoor.errors import NothingInScopeError, SourceError, UsageError
from firedoor.model.intents import IntentKind
from firedoor.model.verification import IntentSeen, Judgement, ProbePlan, Seen, VerifyReport
from firedoor.model.workloads import PodStatus
from firedoor.usecases.ends import require_namespace, resolve_end
from firedoor.usecases.networks import network_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.interfaces import Prober, Progress, Watch
    from firedoor.model.intents import Intent
    from firedoor.model.labels import LabelSelector
    from firedoor.model.places import ObjectRef
    from firedoor.model.probing import Probe
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.verification import CheckedProbe
    from firedoor.model.workloads import Pod

MOST_PROBES = 100_000
"""So many probes are planned without a budget."""
PAUSE = 1.0
"""Seconds between two attempts."""


_MESH = "security.istio.io"
_OTHER_ADDRESSES = "what rules say of the addresses of pods is unknown, because pods that stand in have others"
_NO_SIDECARS = "policies of Istio act in sidecars, and pods that stand in have none: what hangs on them may differ"


class VerifyQuestion(msgspec.Struct, frozen=True):
    """
    What is to be verified.

    `source` and `destination` name ends (``namespace/name``, ``namespace/*``, or ``name`` in
    `home`); `namespace` and `labels` must hold for at least one end. With `by_stand_ins` pods
    that stand in are probed, whose addresses are their own. With `before`, the same pods with
    other policies, it is about what became otherwise, and about the pods that policies `changed`
    since then are for. The rest is as in `PlanRequest`.
    """

    source: str = ""
    destination: str = ""
    namespace: str = ""
    labels: LabelSelector | None = None
    home: str = "default"
    intents: tuple[Intent, ...] = ()
    is_all: bool = False
    budget: int | None = None
    through_service: bool = False
    by_stand_ins: bool = False
    before: Snapshot | None = None
    changed: frozenset[ObjectRef] = frozenset()


class Verification:
    """One network, what is to be verified of it, and the plan for that."""

    def __init__(self, snapshot: Snapshot, cni: CniProfile, question: VerifyQuestion, live: Snapshot | None) -> None:
        """
        Make the plan; `live` is the cluster as it is, where its policies are not those expected.

        Raises ``NothingInScopeError`` where no connection between pods that can be probed is asked about.
        """
        domains = [term.domain for each in question.intents for term in each.destinations if term.domain]
        self.network = network_of(snapshot, cni, domains=domains)
        notes: list[str] = []
        before = question.before
        if question.by_stand_ins and self.network.scene.vocabulary.pods_by_address:
            self.network = network_of(_without_addresses(snapshot), cni, domains=domains)
            before = None if before is None else _without_addresses(before)
            notes.append(_OTHER_ADDRESSES)
        if question.by_stand_ins and any(each.group == _MESH for each in snapshot.policy_objects):
            notes.append(_NO_SIDECARS)
        self._live = None if live is None else network_of(live, cni)
        self._earlier = None if before is None else Earlier(network_of(before, cni), self.network)
        self._intents = question.intents
        self.plan = msgspec.structs.replace(self._planned(question), notes=tuple(notes))

    def _planned(self, question: VerifyQuestion) -> ProbePlan:
        if question.budget is not None and question.budget < 1:
            raise UsageError(f"a budget of {question.budget} probes is none", remedy="give --budget 1 or more")
        scope = _scope(self.network, question)
        if self._earlier is not None:
            scope = replace(scope, either=self._earlier.touched(question.changed))
        request = PlanRequest(
            scope,
            question.intents,
            question.is_all,
            question.budget,
            question.through_service,
            self._earlier,
        )
        planner = Planner(self.network, request)
        if question.is_all and question.budget is None and planner.size_of_all > MOST_PROBES:
            raise UsageError(
                f"--all is {planner.size_of_all:,} probes here",
                remedy="leave it out, give --budget, or narrow with --from, --to, -n or -l",
            )
        plan = planner.plan()
        if not plan.probes:
            more = "" if question.is_all else ", or add --all to try what no policy decides"
            raise NothingInScopeError(
                "there is nothing to probe: no policy decides about a connection between two pods that can be probed",
                remedy=f"ask about more pods{more}",
            )
        return plan

    def carry_out(self, prober: Prober, watch: Watch, settle: float, progress: Progress) -> VerifyReport:
        """
        Try the connections of the plan, and return what was seen; what was made for it is removed in any case.

        What differs is tried again until `settle` seconds are over. Raises ``SourceError`` where nothing can be
        probed, or no longer.
        """
        left_behind = ""
        try:
            watch.tell(f"making {len(self.plan.sites)} pods ready")
            unusable = prober.prepare(self.plan.sites, progress)
            ledger = _tried(self.plan, unusable, prober, watch, settle)
        except BaseException:
            prober.close()
            raise
        try:
            prober.close()
        except SourceError as trouble:
            left_behind = str(trouble)
        return self._report(ledger, unusable, left_behind)

    def _report(self, ledger: Ledger, unusable: Mapping[int, str], left_behind: str) -> VerifyReport:
        checked = tuple(ledger.checked())
        diagnosis = Diagnosis(self.network, self.plan, checked, self._live)
        return VerifyReport(
            self.plan,
            checked,
            diagnosis.causes(),
            diagnosis.fits(),
            tuple((str(self.plan.sites[site]), why) for site, why in sorted(unusable.items())),
            tuple(_seen_of(each, self.plan, checked) for each in self._intents),
            left_behind,
        )


def _without_addresses(snapshot: Snapshot) -> Snapshot:
    """Return the cluster as if nobody knew the addresses of the pods that run: those that stand in have others."""
    pods = (msgspec.structs.replace(pod, status=PodStatus()) if _has_own_address(pod) else pod for pod in snapshot.pods)
    return msgspec.structs.replace(snapshot, pods=tuple(pods))


def _has_own_address(pod: Pod) -> bool:
    return pod.status.phase == "Running" and not pod.spec.host_network


def _seen_of(intent: Intent, plan: ProbePlan, checked: Sequence[CheckedProbe]) -> IntentSeen:
    """Return what was seen of one intent."""
    named = intent.name, intent.place
    goals = {number for number, goal in enumerate(plan.goals) if (goal.intent, goal.place) == named}
    tried = [number for number, each in enumerate(checked) if not goals.isdisjoint(each.planned.goals)]
    wrong = Seen.BLOCKED if intent.kind is IntentKind.MUST_ALLOW else Seen.CONNECTED
    return IntentSeen(
        intent.name,
        intent.kind,
        intent.place,
        len(tried),
        tuple(number for number in tried if checked[number].seen is wrong),
        sum(checked[number].seen is Seen.NOT_CHECKED for number in tried),
    )


def _tried(plan: ProbePlan, unusable: Mapping[int, str], prober: Prober, watch: Watch, settle: float) -> Ledger:
    """Return what was seen of the probes of a plan, and of their controls, which come first."""
    ledger = Ledger(plan, unusable)
    _run(ledger, ledger.controls(), "controls", prober, watch)
    _run(ledger, ledger.usable(), "connections", prober, watch)
    ledger.settle(watch.now())
    end = watch.now() + settle

    def is_time_left(_: Probe) -> bool:
        return watch.now() < end + PAUSE

    while (again := ledger.open()) and (left := end - watch.now()) > 0:
        differing = sum(each.judgement is Judgement.DIFFERS for each in ledger.checked())
        watch.tell(f"{differing} differ, {len(again) - differing} cannot be checked: trying again for {left:.1f} s")
        watch.wait(min(PAUSE, left))
        _run(ledger, ledger.controls(), "controls", prober, watch)
        for sighting in prober.run(takewhile(is_time_left, again)):
            ledger.take(sighting, watch.now())
        ledger.settle(watch.now())
    return ledger


def _run(ledger: Ledger, probes: Sequence[Probe], what: str, prober: Prober, watch: Watch) -> None:
    if not probes:
        return
    watch.tell(f"trying {len(probes)} {what}")
    for sighting in prober.run(probes):
        ledger.take(sighting, watch.now())


def _scope(network: Network, question: VerifyQuestion) -> Scope:
    if question.namespace:
        require_namespace(network, question.namespace)
    either: Collection[int] | None = None
    if question.namespace or question.labels is not None:
        either = {
            position
            for position, member in enumerate(network.members)
            if question.namespace in {"", member.namespace}
            and (question.labels is None or question.labels.matches(member.labels))
        }
        if not either:
            raise NothingInScopeError("no pod has these labels", remedy="check -l and -n")
    sources, destinations = (
        _members(network, each, question.home) if each else None for each in (question.source, question.destination)
    )
    return Scope(sources, destinations, either)


def _members(network: Network, text: str, namespace: str) -> frozenset[int]:
    where, _, name = text.rpartition("/")
    if name == "*":
        require_namespace(network, where)
        return frozenset(number for number, each in enumerate(network.members) if each.namespace == where)
    found = resolve_end(network, text, namespace)
    if isinstance(found, str):
        raise UsageError(
            f"{text} is outside of the cluster, where nothing is probed", remedy="name a pod, a workload or namespace/*"
        )
    return frozenset(found)
