"""Flows that are followed beside a cluster, judged by the cluster as it is: what was denied, is new, or contradicts."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.flows.counting import count_part
from firedoor.engine.flows.remembering import Remembered
from firedoor.engine.flows.resolving import Resolver
from firedoor.engine.review.flow_judging import FlowJudge, FlowReasons
from firedoor.engine.review.telling import time_text
from firedoor.model.events import EventKind
from firedoor.model.flow_following import FollowedFlows
from firedoor.model.flows import FlowVerdict, PeerKind
from firedoor.model.watching import FlowCounts
from firedoor.usecases.watch_contradictions import Contradictions
from firedoor.usecases.watch_events import Moment, trouble_events
from firedoor.usecases.watch_flow_ends import Attribution
from firedoor.usecases.watch_flow_events import contradiction_event, denied_event, denying, more_event, unseen_event
from firedoor.usecases.watch_flow_windows import Windows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firedoor.engine.reach.network import Network
    from firedoor.interfaces import FlowFollower, FlowMemory
    from firedoor.model.events import Event
    from firedoor.model.feed import Turn
    from firedoor.model.flow_following import FollowedPart
    from firedoor.model.flow_reading import FlowRow
    from firedoor.model.flows import FlowEdge, FlowPeer
    from firedoor.model.snapshot import Snapshot

_SECOND = 10**9
_AFTER_EVENTS = 10 * _SECOND
_AFTER_LINES = 60 * _SECOND
"""So long must lie between two times that it is remembered how far files were read."""
_BETWEEN_FAULTS = 60 * _SECOND
_MOST_OWNERS = 50_000
_MOST_REASONS = 1 << 12
_KINDS = (EventKind.CONNECTION_DENIED, EventKind.CONNECTION_UNSEEN, EventKind.ENFORCEMENT_CONTRADICTS)
_THROUGH = frozenset({FlowVerdict.ALLOWED, FlowVerdict.AUDITED})


@dataclass(frozen=True, slots=True)
class FlowMeans:
    """
    What a watch of flows needs from the world.

    `read_time` reads RFC 3339 and `now` is the time, in nanoseconds since 1970; `say` tells a person something.
    """

    follower: FlowFollower
    memory: FlowMemory
    read_time: Callable[[str], int]
    now: Callable[[], int]
    say: Callable[[str], None]


class FlowWatch:
    """
    Judges what is new in files of flows, and what others tell, at every turn of a cluster.

    `baseline` are edges that are not new. What is seen in the first `learn` seconds of following is none either, and
    nothing is new twice.
    """

    def __init__(self, means: FlowMeans, baseline: Iterable[FlowEdge] = (), learn: float = 0.0) -> None:
        """Follow nothing yet."""
        self._means = means
        hashes = np.fromiter(map(_mark, (each for each in baseline if each.verdict in _THROUGH)), dtype=np.uint64)
        self._baseline = np.unique(hashes)
        self._learn = learn
        self._server = ""
        self._attribution = Attribution(means.read_time)
        self._contradictions = Contradictions()
        self._windows: dict[EventKind, Windows[FlowRow]] = {each: Windows() for each in _KINDS}
        self._judge: FlowJudge | None = None
        self._reasons: dict[tuple[object, ...], FlowReasons | None] = {}
        self._owners: dict[str, str] = {}
        self._troubles: dict[str, str] = {}
        self._connections = self._known = Remembered()
        self._learned = 0.0
        self._faults = self._lost = 0
        self._fault = self._loser = ""
        self._fault_told = -_BETWEEN_FAULTS
        self._looked = self._saved = means.now()
        self._has_news = self._has_events = False
        self.counts = FlowCounts()
        """What the last turn told in numbers."""

    def begin(self, server: str, earlier: Snapshot | None) -> None:
        """Go on with the flows of a cluster, which was as `earlier` when it was watched last."""
        kept = self._means.memory.load(server)
        self._server = server
        self._connections, self._known = Remembered(kept.connections), Remembered(kept.known)
        self._learned = kept.learned
        self._means.follower.begin(kept.places, kept.marks)
        if earlier is not None:
            self._attribution.begin(earlier)

    def take(self, turn: Turn, network: Network) -> list[Event]:
        """Return what the flows that are new tell, by the network of a turn."""
        now = self._means.now()
        self._learned += max(0, now - self._looked) / _SECOND
        self._looked = now
        self._attribution.take(turn, now)
        self._contradictions.changed(turn.changes, now, has_others=bool(turn.snapshot.policy_objects))
        if self._judge is not None and self._judge.network is not network:
            self._judge = None
            self._reasons.clear()
        self.counts = FlowCounts()
        events = [event for each in self._means.follower.look() for event in self._part(each, network, now)]
        if self._contradictions.has_suspects:
            events += self._contradicted(network, now)
        events += self._due(network, now)
        troubles = dict(self._means.follower.troubles)
        events += trouble_events(self._troubles, troubles, Moment(time_text(now)))
        self._troubles = troubles
        self._tell_faults(now)
        self._has_events = self._has_events or bool(events)
        return events

    def told(self, *, is_end: bool = False) -> None:
        """Take note that the events of the last turn were told: what they rest on need not be read again."""
        now = self._means.now()
        pause = _AFTER_EVENTS if self._has_events else _AFTER_LINES
        if is_end or (self._has_news and now - self._saved >= pause):
            follower = self._means.follower
            hashes = (tuple(self._connections.hashes()), tuple(self._known.hashes()))
            kept = FollowedFlows(follower.places(), *hashes, self._learned, dict(follower.marks()))
            self._means.memory.save(self._server, kept)
            self._saved, self._has_news, self._has_events = now, False, False

    def rest(self, network: Network) -> list[Event]:
        """Return what happened again and was not told so far."""
        return list(self._due(network, self._means.now(), is_end=True))

    def _part(self, followed: FollowedPart, network: Network, now: int) -> Iterator[Event]:
        self._has_news = True
        part = followed.part
        self._owners |= part.owners
        while len(self._owners) > _MOST_OWNERS:
            del self._owners[next(iter(self._owners))]
        rows = count_part(part, Resolver(self._attribution.history(), self._owners), self._connections)
        self._connections.hashes()
        self._note(followed)
        for row in rows:
            if not row.edge.count:
                continue
            judge = self._judge = self._judge or FlowJudge(network)
            self._contradictions.take(row, followed.format, judge, now)
            if row.edge.verdict is FlowVerdict.DENIED:
                why = self._why(row.edge, network)
                policy = denying(why)
                self.counts.denied[policy] = self.counts.denied.get(policy, 0) + row.edge.count
                if self._is_to_be_told(EventKind.CONNECTION_DENIED, row, row.edge.count, now):
                    yield denied_event(row, row.edge.count, why)
            elif self._is_new(row.edge) and self._is_to_be_told(EventKind.CONNECTION_UNSEEN, row, row.edge.count, now):
                yield unseen_event(row)
        self._known.hashes()

    def _is_new(self, edge: FlowEdge) -> bool:
        """Return whether a connection went through that was not there before, and remember that it did."""
        ends = {edge.source.kind, edge.destination.kind}
        if edge.verdict not in _THROUGH or PeerKind.UNATTRIBUTED in ends:
            return False
        mark = _mark(edge)
        was_known = self._known.renew(mark)
        if was_known or self._learned < self._learn:
            return False
        position = int(np.searchsorted(self._baseline, np.uint64(mark)))
        return position == len(self._baseline) or int(self._baseline[position]) != mark

    def _is_to_be_told(self, kind: EventKind, row: FlowRow, count: int, now: int) -> bool:
        edge = row.edge
        key = (edge.source, edge.destination, edge.protocol, edge.port)
        return self._windows[kind].take(key if kind is not _KINDS[2] else (*key, edge.verdict), row, count, now)

    def _contradicted(self, network: Network, now: int) -> Iterator[Event]:
        judge = self._judge = self._judge or FlowJudge(network)
        for each in self._contradictions.due(judge, now):
            if self._is_to_be_told(EventKind.ENFORCEMENT_CONTRADICTS, each.row, each.count, now):
                yield contradiction_event(each.row, each.count, self._why(each.row.edge, network))

    def _due(self, network: Network, now: int, *, is_end: bool = False) -> Iterator[Event]:
        for kind, windows in self._windows.items():
            for row, count in windows.due(now, is_end=is_end):
                if kind is EventKind.CONNECTION_DENIED:
                    yield denied_event(row, count, self._why(row.edge, network))
                elif kind is EventKind.ENFORCEMENT_CONTRADICTS:
                    yield contradiction_event(row, count, self._why(row.edge, network))
            others = windows.others(now, is_end=is_end)
            if others:
                yield more_event(kind, others, now)

    def _why(self, edge: FlowEdge, network: Network) -> FlowReasons | None:
        key = (edge.source, edge.destination, edge.protocol, edge.port)
        if key not in self._reasons:
            if len(self._reasons) >= _MOST_REASONS:
                self._reasons.clear()
            judge = self._judge = self._judge or FlowJudge(network)
            self._reasons[key] = judge.why(edge)
        return self._reasons[key]

    def _note(self, followed: FollowedPart) -> None:
        tally = followed.part.tally
        self.counts.connections += tally.connections
        self.counts.unattributed += tally.unattributed
        self.counts.malformed += tally.malformed
        self._faults += tally.malformed
        self.counts.lost += tally.lost
        self._lost += tally.lost
        if tally.lost:
            self._loser = followed.name
        if followed.part.malformed:
            last = followed.part.malformed[-1]
            self._fault = f"{followed.name}: line {last.line}, byte {last.offset}: {last.reason}"

    def _tell_faults(self, now: int) -> None:
        if not (self._faults or self._lost) or now - self._fault_told < _BETWEEN_FAULTS:
            return
        if self._faults:
            word = "line is" if self._faults == 1 else "lines are"
            self._means.say(f"{self._faults} {word} malformed, the last: {self._fault}")
        if self._lost:
            word = "flow was" if self._lost == 1 else "flows were"
            self._means.say(f"{self._lost} {word} lost before they could be told, the last by {self._loser}")
        self._faults = self._lost = 0
        self._fault_told = now


def _mark(edge: FlowEdge) -> int:
    """Return what stands for an edge; whoever comes from outside is one, and so are all nodes."""
    source, destination = _end(edge.source), _end(edge.destination)
    if edge.source.kind is PeerKind.EXTERNAL:
        source = "outside"
    text = "\n".join((source, destination, edge.protocol, str(edge.port)))
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _end(peer: FlowPeer) -> str:
    match peer.kind:
        case PeerKind.WORKLOAD:
            return f"{peer.owner}/{peer.namespace}/{peer.name}"
        case PeerKind.NODE:
            return "node"
        case _:
            return peer.name or peer.address
