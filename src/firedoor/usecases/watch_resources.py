"""Custom resources of a cluster that is watched: what their status is to say, each time that it may be another."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from firedoor.engine.reach.namespace_peers import PeerFinder
from firedoor.errors import NothingInScopeError, UsageError
from firedoor.model.exceptions import home_of
from firedoor.model.resource_limits import MOST_EXPOSED, MOST_FINDINGS, MOST_PROFILES, MOST_WORKLOADS
from firedoor.model.resource_status import BaselineResult, NamespaceReport
from firedoor.model.verdicts import Verdict
from firedoor.model.zero_trust import ZeroTrustBaseline
from firedoor.usecases.assertions import excepted, verify
from firedoor.usecases.review import all_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.model.exposure import Exposure
    from firedoor.model.feed import Turn
    from firedoor.model.findings import Finding
    from firedoor.model.intents import IntentResult
    from firedoor.model.inventory import CoverageRow
    from firedoor.model.places import ObjectRef
    from firedoor.model.resource_status import WantedStatus
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.zero_trust import BaselineSpec
    from firedoor.usecases.diagnose import Diagnosis
    from firedoor.usecases.watch import Watcher

REFRESH = 300.0
"""After so many seconds all is handed on again, although nothing changed: somebody else may have written something."""
REST = 5.0
"""After baselines were judged nothing is judged again for so many times as long, but baselines that are changed."""


@dataclass(frozen=True, slots=True)
class ResourceMeans:
    """
    What custom resources need from the world.

    `read` reads a baseline, given the ids of all checks; the layouts make a status of what was found; `put` takes
    all that there is to be. `today` and `clock` (in seconds) tell the time.
    """

    read: Callable[[ZeroTrustBaseline, Collection[str]], BaselineSpec]
    baseline_status: Callable[[BaselineResult], WantedStatus]
    report_status: Callable[[NamespaceReport], WantedStatus]
    put: Callable[[tuple[WantedStatus, ...]], None]
    today: Callable[[], date]
    clock: Callable[[], float]


class ResourceKeeper:
    """Judges the baselines of every turn, and reports on every namespace when it was diagnosed anew."""

    def __init__(self, cni: CniProfile, means: ResourceMeans) -> None:
        """Start without any."""
        self._cni = cni
        self._means = means
        self._diagnosis: Diagnosis | None = None
        self._reports: tuple[WantedStatus, ...] = ()
        self._wanted: tuple[WantedStatus, ...] = ()
        self._day: date | None = None
        self._told = self._rest = 0.0
        self._is_due = True

    def take(self, turn: Turn, watcher: Watcher) -> None:
        """Let the status of all objects be what follows from a turn, which the watcher has taken."""
        day, is_new = self._means.today(), watcher.diagnosis is not self._diagnosis
        if is_new:
            self._diagnosis = watcher.diagnosis
            self._reports = tuple(map(self._means.report_status, self._reported(watcher)))
        is_other = is_new or turn.changes is None or day != self._day
        self._is_due = self._is_due or is_other or bool(turn.changes)
        began = self._means.clock()
        if self._is_due and (is_other or began >= self._rest or _has_baselines(turn)):
            judged = self._judged(turn.snapshot, watcher.network, day)
            self._wanted = (*map(self._means.baseline_status, judged), *self._reports)
            self._day, self._is_due, self._told = day, False, self._means.clock()
            self._rest = self._told + REST * (self._told - began)
        elif began - self._told >= REFRESH:
            self._told = began
        else:
            return
        self._means.put(self._wanted)

    def _judged(self, snapshot: Snapshot, network: Network, day: date) -> Iterator[BaselineResult]:
        known = all_checks().union(each.id for each in self._diagnosis.checks) if self._diagnosis else all_checks()
        specs: list[tuple[ZeroTrustBaseline, BaselineSpec | UsageError]] = []
        for each in snapshot.baselines:
            try:
                specs.append((each, self._means.read(each, known)))
            except UsageError as error:
                specs.append((each, error))
        read = [spec for _, spec in specs if not isinstance(spec, UsageError)]
        found = self._verified(snapshot, network, read)
        grave, waived = self._findings()
        for baseline, spec in specs:
            namespace = baseline.metadata.namespace
            if isinstance(spec, UsageError):
                yield BaselineResult(baseline, spec.problem, spec.remedy)
            elif isinstance(found, str):
                yield BaselineResult(baseline, undecided=found)
            else:
                ends = [*(each.expires for each in spec.waivers), *(each.expires for each in spec.excepted)]
                expired = sum(end is not None and end < day for end in ends)
                level = spec.fail_on
                yield BaselineResult(
                    baseline,
                    results=tuple(excepted(spec, list(islice(found, len(spec.intents))), day)),
                    left=tuple(each for each in grave[namespace] if level and each.severity.rank >= level.rank),
                    excepted=waived[namespace],
                    active=len(ends) - expired,
                    expired=expired,
                )

    def _verified(
        self, snapshot: Snapshot, network: Network, specs: Sequence[BaselineSpec]
    ) -> Iterator[IntentResult] | str:
        """Return the results of the intents of all baselines, one after the other, or why there are none."""
        intents = [each for spec in specs for each in spec.intents]
        if not intents:
            return iter(())
        if not network.members:
            return "no pod or workload was found in the cluster"
        try:
            return iter(verify(snapshot, self._cni, intents, 1, network).results)
        except NothingInScopeError as error:
            return error.problem

    def _findings(self) -> tuple[dict[str, list[Finding]], Counter[str]]:
        """Return the findings of each namespace, and how many fall under an exception."""
        found: dict[str, list[Finding]] = defaultdict(list)
        if self._diagnosis is None:
            return found, Counter()
        for each in self._diagnosis.findings:
            found[home_of(each.object)].append(each)
        return found, Counter(home_of(each.finding.object) for each in self._diagnosis.review.suppressed)

    def _reported(self, watcher: Watcher) -> Iterator[NamespaceReport]:
        """Yield what is to be reported on each namespace that has pods."""
        if self._diagnosis is None:
            return
        rows = [each for each in self._diagnosis.inventory.coverage if each.pods]
        workloads = _workloads(watcher.network, rows)
        shown = [ref for refs in workloads.values() for ref in refs[:MOST_WORKLOADS]]
        if len(watcher.network.profiles) > MOST_PROFILES:
            shown = []
        peers = {each.workload: each for each in PeerFinder(watcher.network).of(shown)}
        exposed = _exposed(watcher.exposed)
        findings, waived = self._findings()
        for row in rows:
            own = [peers[ref] for ref in workloads[row.namespace] if ref in peers]
            ports = exposed[row.namespace]
            yield NamespaceReport(
                row,
                tuple(own),
                len(workloads[row.namespace]) - len(own),
                tuple(ports[:MOST_EXPOSED]),
                len(ports),
                tuple(findings[row.namespace][:MOST_FINDINGS]),
                dict(Counter(each.severity for each in findings[row.namespace])),
                waived[row.namespace],
            )


def _has_baselines(turn: Turn) -> bool:
    """Return whether a baseline was changed."""
    return any(isinstance(each.after or each.before, ZeroTrustBaseline) for each in turn.changes or ())


def _workloads(network: Network, rows: Iterable[CoverageRow]) -> dict[str, list[ObjectRef]]:
    """Return the workloads of each namespace, by name."""
    found: dict[str, set[ObjectRef]] = {each.namespace: set() for each in rows}
    for member in network.members:
        if member.namespace in found:
            found[member.namespace].add(member.workload)
    return {name: sorted(refs, key=lambda each: (each.name, each.kind)) for name, refs in found.items()}


def _exposed(exposures: Iterable[Exposure]) -> dict[str, list[Exposure]]:
    """Return the exposures of each namespace that the outside gets to, or may; accepted ones first."""
    found: dict[str, list[Exposure]] = defaultdict(list)
    for each in exposures:
        if each.verdict is not Verdict.DENIED and each.backend.workload is not None:
            found[each.backend.workload.namespace].append(each)
    for own in found.values():
        own.sort(key=lambda each: each.verdict is not Verdict.ACCEPTED)
    return found
