"""The loop of a watch: a turn is judged, told, counted and remembered, in this order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

from firedoor.model.watching import Gauge
from firedoor.usecases.watch_standby import Standby

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.interfaces import ChangeFeed, Progress, WatchMemory, WatchMeter
    from firedoor.model.events import Event
    from firedoor.model.feed import Turn
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.watching import FlowCounts
    from firedoor.usecases.leading import Elector
    from firedoor.usecases.watch import Watcher
    from firedoor.usecases.watch_flows import FlowWatch

_AFTER_EVENTS = 10.0
_AFTER_CHANGES = 60.0
"""So many seconds must lie between two times that a cluster is remembered."""
_SHARE = 1 / 20
"""No more of the time than this may go into it; a large one takes long."""


class Keeper(Protocol):
    """Somebody who keeps what the cluster itself holds of how it is, such as whether baselines hold."""

    @property
    def baselines(self) -> dict[tuple[str, str], bool | None] | None:
        """Whether each baseline holds, by namespace and name; None where none are judged."""

    def begin(self, snapshot: Snapshot, watcher: Watcher) -> None:
        """Begin with an earlier state, with which the watcher has begun."""

    def take(self, turn: Turn, watcher: Watcher) -> list[Event]:
        """Take note of a turn that the watcher has taken, and return what is to be told besides."""

    def rest(self, watcher: Watcher) -> list[Event]:
        """Return what the end of the watch must not wait for."""


class NothingKept:
    """A cluster that holds nothing of how it is."""

    @property
    def baselines(self) -> None:
        """None are judged."""

    def begin(self, snapshot: Snapshot, watcher: Watcher) -> None:
        """Begin with nothing."""

    def take(self, turn: Turn, watcher: Watcher) -> list[Event]:  # noqa: ARG002 - the interface of keepers
        """Return nothing."""
        return []

    def rest(self, watcher: Watcher) -> list[Event]:  # noqa: ARG002 - the interface of keepers
        """Return nothing."""
        return []


_NOTHING_KEPT = NothingKept()


class _Memory:
    """Remembers a cluster not too often, and at the end."""

    def __init__(self, memory: WatchMemory, clock: Callable[[], float]) -> None:
        self._memory = memory
        self._clock = clock
        self._last = clock()
        self._took = 0.0
        self._kept: Snapshot | None = None

    def earlier(self, server: str) -> Snapshot | None:
        return self._memory.load(server)

    def take(self, snapshot: Snapshot, *, is_new: bool, has_events: bool, is_safe: bool) -> None:
        """Remember a cluster, now or later; it is remembered only when what it meant was told."""
        if is_new:
            self._kept = snapshot
        least = max(_AFTER_EVENTS if has_events else _AFTER_CHANGES, self._took / _SHARE)
        if is_safe and self._clock() - self._last >= least:
            self.flush()

    def flush(self) -> None:
        if self._kept is not None:
            began = self._clock()
            self._memory.save(_server(self._kept), self._kept)
            self._last, self._kept = self._clock(), None
            self._took = self._last - began


def run(  # noqa: PLR0913 - everything that a watch has to do with
    feed: ChangeFeed,
    watcher: Watcher,
    memory: WatchMemory,
    meter: WatchMeter,
    tell: Callable[[list[Event]], None],
    progress: Progress,
    clock: Callable[[], float],
    *,
    forward: Callable[[list[Event]], bool] = lambda _: True,
    flows: FlowWatch | None = None,
    keeper: Keeper = _NOTHING_KEPT,
    elector: Elector | None = None,
) -> None:
    """
    Watch a cluster until its feed ends, and with it the flows that are followed.

    What is remembered was told before: whoever is killed between the two tells it once more. `forward` sends events
    elsewhere, and returns whether they will not be lost; while they may be, nothing is remembered. The `keeper` may
    write into the cluster what follows from a turn as soon as it is given it. While an `elector` does not lead nothing
    is judged or told; its replica begins with the cluster as it was when the one before was last heard of. Raises
    ``SourceError`` where the cluster cannot be read at first, nothing can be remembered, or another replica leads from
    now on.
    """
    kept = _Memory(memory, clock)
    is_first = True
    standby = Standby(elector, clock, meter.stand_by)
    for turn in standby.led(feed.turns(progress)):
        began = clock()
        earlier = None
        if is_first:
            earlier = standby.earlier() or kept.earlier(_server(turn.snapshot))
        if earlier is not None:
            watcher.begin(earlier)
            keeper.begin(earlier, watcher)
        if is_first and flows is not None:
            flows.begin(_server(turn.snapshot), earlier)
        events = watcher.take(turn)
        if flows is not None:
            events += flows.take(turn, watcher.network)
        standby.must_lead()
        events += keeper.take(turn, watcher)
        # Many intents take their time.
        standby.must_lead()
        tell(events)
        is_safe = forward(events)
        if flows is not None and is_safe:
            flows.told()
        seconds, counts = clock() - began, flows.counts if flows is not None else None
        meter.note(_gauge(turn, events, watcher, seconds, counts, keeper.baselines))
        is_new = turn.changes is None or bool(turn.changes)
        kept.take(turn.snapshot, is_new=is_new, has_events=bool(events), is_safe=is_safe)
        is_first = False
    standby.must_lead()
    rest = watcher.rest()
    if flows is not None and not is_first:
        rest += flows.rest(watcher.network)
    rest += keeper.rest(watcher)
    tell(rest)
    if forward(rest):
        if flows is not None and not is_first:
            flows.told(is_end=True)
        kept.flush()


def _server(snapshot: Snapshot) -> str:
    return snapshot.origin.sources[0]


def _gauge(
    turn: Turn,
    events: list[Event],
    watcher: Watcher,
    seconds: float,
    flows: FlowCounts | None,
    baselines: dict[tuple[str, str], bool | None] | None,
) -> Gauge:
    snapshot, diagnosis = turn.snapshot, watcher.diagnosis
    total = diagnosis.inventory.total if diagnosis is not None else None
    isolation = {}
    if total is not None:
        directions = (total.both, total.ingress_only, total.egress_only, total.none, total.host)
        isolation = dict(zip(("both", "ingress", "egress", "none", "host"), directions, strict=True))
    findings = diagnosis.findings if diagnosis is not None else ()
    return Gauge(
        snapshot.origin.captured_at,
        len(snapshot.pods),
        len(snapshot.network_policies) + len(snapshot.policy_objects),
        len(snapshot.gaps),
        isolation,
        dict(Counter((each.check, each.severity) for each in findings)),
        dict(Counter((each.kind, each.severity) for each in events)),
        watcher.exposures,
        len(turn.troubles),
        len(turn.changes or ()),
        turn.lag,
        seconds,
        flows,
        baselines,
    )
