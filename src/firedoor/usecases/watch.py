"""A cluster that is watched: what each change means for who can reach whom, who may do what, and what is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.exposure import ChainFinder
from firedoor.engine.reach.network import Network
from firedoor.errors import NothingInScopeError
from firedoor.model.rbac import Role, RoleBinding, ServiceAccount
from firedoor.model.services import EndpointSlice
from firedoor.model.verdicts import Verdict
from firedoor.model.workloads import Namespace, Pod, Workload
from firedoor.model.zero_trust import ZeroTrustBaseline
from firedoor.usecases.diagnose import diagnose
from firedoor.usecases.rbac_diff import rbac_diff
from firedoor.usecases.watch_events import (
    Moment,
    connection_events,
    coverage_events,
    exposure_events,
    finding_events,
    gap_events,
    right_events,
    trouble_events,
)
from firedoor.usecases.watch_network import WatchedNetwork
from firedoor.usecases.watch_paths import path_events, path_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from firedoor.engine.attack.pairs import Pair
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.events import Event
    from firedoor.model.exceptions import Rules
    from firedoor.model.exposure import Exposure
    from firedoor.model.feed import ObjectChange, Turn
    from firedoor.model.findings import Finding
    from firedoor.model.inventory import CoverageRow
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.diagnose import Diagnosis

_RIGHTS = (Role, RoleBinding)
_APART = (*_RIGHTS, ZeroTrustBaseline)
"""What has no part in who can reach whom."""
_MANAGED = ("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")
_NAMES = ("before", "now")
MOST_CAUSES = 100


@dataclass(slots=True)
class _State:
    """A cluster as it was judged last; `unjudged` is what came after the last diagnosis."""

    snapshot: Snapshot
    watched: WatchedNetwork
    exposures: Sequence[Exposure]
    diagnosis: Diagnosis | None
    diagnosed: float
    paths: Mapping[Pair, int]
    troubles: dict[str, str] = field(default_factory=dict)
    is_undiagnosed: bool = False
    causes: dict[str, None] = field(default_factory=dict)
    """The objects that were changed since the last diagnosis."""


class Watcher:
    """
    Judges every turn of a cluster against the one before it.

    Nothing is computed again that the changes cannot have touched. Findings of checks and attack paths are looked for
    at most every `pause` seconds of `clock`: what appeared meanwhile is told then.
    """

    def __init__(
        self,
        cni: CniProfile,
        clock: Callable[[], float],
        *,
        rules: Rules | None = None,
        pause: float = 60.0,
        today: Callable[[], date] | None = None,
    ) -> None:
        """
        Start with no state at all: the first turn has no events.

        `today` tells the day on which exceptions hold or not, where it is not always that of the rules.
        """
        self._today = today
        self._cni = cni
        self._rules = rules
        self._clock = clock
        self._pause = pause
        self._state: _State | None = None

    def begin(self, snapshot: Snapshot) -> None:
        """Begin with the cluster as it was when it was watched last."""
        self._state = self._judged(snapshot)
        # That may be long ago: what was found then is not what is found now.
        self._state.diagnosed = -math.inf

    @property
    def diagnosis(self) -> Diagnosis | None:
        """The last diagnosis; None before the first, and where there is nothing to judge."""
        return self._state.diagnosis if self._state is not None else None

    @property
    def network(self) -> Network:
        """The network as it was judged last, which is after the first turn."""
        assert self._state is not None  # noqa: S101 - a turn was taken
        return self._state.watched.network

    @property
    def exposed(self) -> Sequence[Exposure]:
        """All exposures, as they were judged last."""
        return self._state.exposures if self._state is not None else ()

    @property
    def exposures(self) -> int:
        """How many ports the outside gets to, or may."""
        return sum(each.verdict is not Verdict.DENIED for each in self.exposed)

    def take(self, turn: Turn) -> list[Event]:
        """Return what happened since the last turn."""
        state = self._state
        if state is None:
            self._state = state = self._judged(turn.snapshot)
            return list(trouble_events({}, turn.troubles, Moment(turn.snapshot.origin.captured_at)))
        moment = Moment(turn.snapshot.origin.captured_at, tuple(causes_of(turn.changes or ())))
        events = list(self._events(state, turn, moment))
        state.snapshot, state.troubles = turn.snapshot, dict(turn.troubles)
        return events

    def rest(self) -> list[Event]:
        """Return what the end of the watch must not wait for: findings that were not looked for yet."""
        state = self._state
        if state is None or not state.is_undiagnosed:
            return []
        return list(self._of_posture(state, state.snapshot, Moment(state.snapshot.origin.captured_at)))

    def _judged(self, snapshot: Snapshot) -> _State:
        watched = WatchedNetwork(snapshot, self._cni)
        exposures = tuple(ChainFinder(watched.network).exposures())
        pairs = path_pairs(watched.network)
        paths = pairs.steps if pairs is not None else {}
        return _State(snapshot, watched, exposures, self._diagnosed(snapshot), self._clock(), paths)

    def _diagnosed(self, snapshot: Snapshot) -> Diagnosis | None:
        rules = self._rules
        if rules is not None and self._today is not None:
            rules = replace(rules, today=self._today())
        try:
            return diagnose(snapshot, self._cni, "", rules)
        except NothingInScopeError:
            return None

    def _events(self, state: _State, turn: Turn, moment: Moment) -> Iterator[Event]:
        snapshot, changes = turn.snapshot, turn.changes
        yield from trouble_events(state.troubles, turn.troubles, moment)
        if changes is None or changes:
            yield from gap_events(state.snapshot.gaps, snapshot.gaps, moment)
            if _touches(changes, lambda each: not isinstance(each, _APART)):
                yield from self._of_network(state, snapshot, changes, moment)
            if _touches(changes, lambda each: isinstance(each, (*_RIGHTS, ServiceAccount, Namespace))):
                yield from _of_rights(state.snapshot, snapshot, moment)
            state.is_undiagnosed = True
            state.causes |= dict.fromkeys(moment.causes[: MOST_CAUSES - len(state.causes)])
        if state.is_undiagnosed and self._clock() - state.diagnosed >= self._pause:
            yield from self._of_posture(state, snapshot, moment)

    def _of_network(
        self, state: _State, snapshot: Snapshot, changes: Sequence[ObjectChange] | None, moment: Moment
    ) -> Iterator[Event]:
        found = state.watched.take(snapshot, changes)
        has_others = bool(snapshot.policy_objects or state.snapshot.policy_objects)
        if found is None and not _touches(changes, lambda each: not _is_churn(each, has_others)):
            return
        yield from connection_events(found or (), moment)
        exposures = tuple(ChainFinder(state.watched.network).exposures())
        yield from exposure_events(state.exposures, exposures, moment)
        state.exposures = exposures

    def _of_posture(self, state: _State, snapshot: Snapshot, moment: Moment) -> Iterator[Event]:
        before, after = state.diagnosis, self._diagnosed(snapshot)
        state.diagnosis, state.diagnosed, state.is_undiagnosed = after, self._clock(), False
        yield from finding_events(_findings(before), _findings(after), moment)
        yield from coverage_events(_coverage(before), _coverage(after), moment)
        # Roles have no part in the network, so that it may be of a snapshot with other ones.
        network: Network = state.watched.network
        if network.snapshot is not snapshot:
            network = Network(snapshot, self._cni)
        pairs = path_pairs(network)
        yield from path_events(state.paths, pairs, Moment(moment.time, tuple(state.causes)))
        state.paths = pairs.steps if pairs is not None else {}
        state.causes.clear()


def _findings(diagnosis: Diagnosis | None) -> Sequence[Finding]:
    return diagnosis.findings if diagnosis is not None else ()


def _coverage(diagnosis: Diagnosis | None) -> Sequence[CoverageRow]:
    return diagnosis.inventory.coverage if diagnosis is not None else ()


def _of_rights(old: Snapshot, new: Snapshot, moment: Moment) -> Iterator[Event]:
    try:
        found = rbac_diff((old, new), _NAMES)
    except NothingInScopeError:
        return
    yield from right_events(found.changes, moment)


def _touches(changes: Sequence[ObjectChange] | None, is_it: Callable[[object], bool]) -> bool:
    """Return whether an object was changed of which something is true; anything may be where all was read anew."""
    return changes is None or any(is_it(each.after or each.before) for each in changes)


def _is_churn(each: object, has_other_policies: bool) -> bool:  # noqa: FBT001 - says something of the cluster
    """
    Return whether an object is of those that change all the time, mostly into more of the same.

    Endpoints are, if they are those of the pods that a Service selects, and no policy asks for Services.
    """
    if isinstance(each, EndpointSlice):
        return not has_other_policies and each.metadata.labels.get(_MANAGED[0]) == _MANAGED[1]
    return isinstance(each, (Pod, Workload, *_RIGHTS))


def causes_of(changes: Iterable[ObjectChange]) -> Iterator[str]:
    """Yield the objects that people change, in words; of those that controllers change there are too many."""
    for each in changes:
        some = each.after or each.before
        is_owned = some is not None and some.metadata.controller is not None
        if is_owned or isinstance(some, (Pod, EndpointSlice)):
            continue
        word = "created" if each.before is None else "deleted" if each.after is None else "changed"
        yield f"{each.ref} {word}"
