"""Custom resources of a cluster that is watched: what their status is to say, each time that it may be another."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
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
from firedoor.usecases.watch import MOST_CAUSES, causes_of
from firedoor.usecases.watch_baselines import BaselineBook
from firedoor.usecases.watch_events import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from datetime import date

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.network import Network
    from firedoor.model.events import Event
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
        self._book = BaselineBook()
        self._turn: Turn | None = None
        self._causes: dict[str, None] = {}
        self._diagnosis: Diagnosis | None = None
        self._reports: tuple[WantedStatus, ...] = ()
        self._wanted: tuple[WantedStatus, ...] = ()
        self._day: date | None = None
        self._last = self._rest = 0.0
        self._is_due = True

    @property
    def baselines(self) -> dict[tuple[str, str], bool | None]:
        """Whether each baseline holds, by namespace and name; None where that is not known."""
        return self._book.states

    def begin(self, snapshot: Snapshot, watcher: Watcher) -> None:
        """Begin with the baselines of an earlier state of the cluster, with which the watcher has begun."""
        day = datetime.fromisoformat(snapshot.origin.captured_at).date()
        self._book.begin(list(self._judged(snapshot, watcher, day)))

    def take(self, turn: Turn, watcher: Watcher) -> list[Event]:
        """
        Let the status of all objects be what follows from a turn, which the watcher has taken.

        Returns which baselines hold no longer, or hold again.
        """
        self._turn = turn
        self._causes |= dict.fromkeys(islice(causes_of(turn.changes or ()), MOST_CAUSES - len(self._causes)))
        day, is_new = self._means.today(), watcher.diagnosis is not self._diagnosis
        if is_new:
            self._diagnosis = watcher.diagnosis
            self._reports = tuple(map(self._means.report_status, self._reported(watcher)))
        is_other = is_new or turn.changes is None or day != self._day
        self._is_due = self._is_due or is_other or bool(turn.changes)
        began = self._means.clock()
        if self._is_due and (is_other or began >= self._rest or _has_baselines(turn)):
            return self._told(turn, watcher, day, began)
        if began - self._last >= REFRESH:
            self._last = began
            self._means.put(self._wanted)
        return []

    def rest(self, watcher: Watcher) -> list[Event]:
        """Return what the end of the watch must not wait for: baselines that were not judged anew yet."""
        is_new = watcher.diagnosis is not self._diagnosis
        if self._turn is None or not (self._is_due or is_new):
            return []
        self._diagnosis = watcher.diagnosis
        return self._told(self._turn, watcher, self._means.today(), self._means.clock())

    def _told(self, turn: Turn, watcher: Watcher, day: date, began: float) -> list[Event]:
        """Judge all baselines, hand their status on, and return what is to be told."""
        judged = list(self._judged(turn.snapshot, watcher, day))
        statuses = tuple(map(self._means.baseline_status, judged))
        moment = Moment(turn.snapshot.origin.captured_at, tuple(self._causes))
        events = self._book.take(list(zip(judged, statuses, strict=True)), moment)
        self._causes.clear()
        self._wanted = (*statuses, *self._reports)
        self._day, self._is_due, self._last = day, False, self._means.clock()
        self._rest = self._last + REST * (self._last - began)
        self._means.put(self._wanted)
        return events

    def _judged(self, snapshot: Snapshot, watcher: Watcher, day: date) -> Iterator[BaselineResult]:
        diagnosis = watcher.diagnosis
        known = all_checks().union(each.id for each in diagnosis.checks) if diagnosis else all_checks()
        specs: list[tuple[ZeroTrustBaseline, BaselineSpec | UsageError]] = []
        for each in snapshot.baselines:
            try:
                specs.append((each, self._means.read(each, known)))
            except UsageError as error:
                specs.append((each, error))
        read = [spec for _, spec in specs if not isinstance(spec, UsageError)]
        found = self._verified(snapshot, watcher.network, read)
        grave, waived = _findings(diagnosis)
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
        findings, waived = _findings(self._diagnosis)
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


def _findings(diagnosis: Diagnosis | None) -> tuple[dict[str, list[Finding]], Counter[str]]:
    """Return the findings of each namespace, and how many fall under an exception."""
    found: dict[str, list[Finding]] = defaultdict(list)
    if diagnosis is None:
        return found, Counter()
    for each in diagnosis.findings:
        found[home_of(each.object)].append(each)
    return found, Counter(home_of(each.finding.object) for each in diagnosis.review.suppressed)


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
