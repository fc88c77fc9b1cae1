"""Which events of a watch go to which sinks, when, and how: the rules and silences of a configuration."""

from __future__ import annotations

import uuid
from collections import defaultdict, deque
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from firedoor.engine.review.telling import fingerprint
from firedoor.model.alerting import Notice, Rule, SinkKind
from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.usecases.watch_events import CLUSTER, MOST_LISTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firedoor.interfaces import Outbox
    from firedoor.model.alerting import Match, WatchPlan

_Key = tuple[str, ...]
_EVERYTHING = Rule("", "")
"""What holds where a configuration has no rules."""


class Router:
    """
    Sends events to an outbox by rules.

    An event goes by every rule that matches it, and to each sink once, by the first of them. What rules remember
    (what was told lately, what is counted) is forgotten when the process ends. Sinks that keep open what began are
    told of every end: they know whether they were told of the beginning.
    """

    def __init__(
        self,
        plan: WatchPlan,
        outbox: Outbox,
        clock: Callable[[], float],
        is_wanted: Callable[[Event], bool] = lambda _: True,
    ) -> None:
        """`clock` returns Unix time; what is not wanted is told to nobody, but for ends."""
        self._rules = [_Applied(each, clock) for each in plan.rules or (_EVERYTHING,)]
        self._silences = [(each, datetime.fromisoformat(each.until).timestamp()) for each in plan.silences]
        self._sinks = [each.name for each in plan.event_sinks]
        self._keepers = frozenset(each.name for each in plan.sinks if each.kind is SinkKind.ALERTMANAGER)
        self._is_wanted = is_wanted
        self._outbox = outbox
        self._clock = clock

    def take(self, events: Sequence[Event]) -> bool:
        """Send events, and return whether they will not be lost from now on."""
        now = self._clock()
        heard = [each for each in events if self._is_wanted(each) and not self._is_silenced(each, now)]
        notices: dict[str, list[Notice]] = defaultdict(list)
        sent: set[tuple[str, int]] = set()
        for rule in self._rules:
            rule.see(events)
            names = rule.rule.sinks or self._sinks
            for part in rule.groups(heard):
                for name in names:
                    told = [each for each in part if each.kind.ended is None] if name in self._keepers else part
                    fresh = [each for each in told if (name, id(each)) not in sent]
                    sent.update((name, id(each)) for each in fresh)
                    if fresh:
                        notices[name].extend(rule.notices(name, fresh))
        ends = [each for each in events if each.kind.ended is not None]
        for name in self._keepers:
            notices[name].extend(Notice(uuid.uuid4().hex, each) for each in ends)
        return self._outbox.put(notices)

    def _is_silenced(self, event: Event, now: float) -> bool:
        return any(now < until and is_match(each.match, event) for each, until in self._silences)


class _Applied:
    """A rule with what it remembers, for each sink."""

    def __init__(self, rule: Rule, clock: Callable[[], float]) -> None:
        self.rule = rule
        self._clock = clock
        self._told: dict[str, dict[str, tuple[str, float]]] = {}
        self._counted: dict[tuple[str, _Key], deque[tuple[float, Event]]] = defaultdict(deque)

    def see(self, events: Iterable[Event]) -> None:
        """Let what began count as new after it ended meanwhile, and its end after it began again."""
        for each in events:
            told = self._told.get(each.subject, {})
            if any(mark != each.fingerprint for mark, _ in told.values()):
                del self._told[each.subject]

    def groups(self, events: Iterable[Event]) -> Iterator[Sequence[Event]]:
        """Yield the events that match, those of one group together."""
        found: dict[_Key, list[Event]] = defaultdict(list)
        is_grouped = bool(self.rule.group_by or self.rule.threshold)
        for number, each in enumerate(events):
            if is_match(self.rule.match, each):
                found[self._key(each) if is_grouped else (str(number),)].append(each)
        yield from found.values()

    def notices(self, sink: str, events: Sequence[Event]) -> Iterator[Notice]:
        """Yield what a sink is told of the events of a group: one thing, or nothing."""
        now = self._clock()
        threshold = self.rule.threshold
        if threshold is not None:
            self._forget(now - threshold.within)
            counted = self._counted[sink, self._key(events[0])]
            counted.extend((now, each) for each in events)
            while counted and now - counted[0][0] > threshold.within:
                counted.popleft()
            if len(counted) < threshold.count:
                return
            events = [each for _, each in counted]
            del self._counted[sink, self._key(events[0])]
        event = self._changed(events[0] if len(events) == 1 else self._together(events))
        if self._is_new(sink, event, now):
            yield Notice(uuid.uuid4().hex, event, self.rule.name)

    def _forget(self, before: float) -> None:
        """Forget the groups of which nothing counts any more."""
        self._counted = defaultdict(deque, {key: each for key, each in self._counted.items() if each[-1][0] >= before})

    def _changed(self, event: Event) -> Event:
        severity = self.rule.severity
        return event if severity is None else msgspec.structs.replace(event, severity=severity)

    def _together(self, events: Sequence[Event]) -> Event:
        worst = max(events, key=lambda each: each.severity.rank)
        key = (self.rule.name, *self._key(worst))
        return msgspec.structs.replace(
            worst,
            message=f"{len(events)} events, the worst: {worst.message}",
            fingerprint=fingerprint("group", CLUSTER, *key),
            evidence=tuple(each.message for each in events[:MOST_LISTED]),
            causes=tuple(dict.fromkeys(cause for each in events for cause in each.causes)),
            subject=fingerprint("", CLUSTER, *key),
        )

    def _is_new(self, sink: str, event: Event, now: float) -> bool:
        if not self.rule.dedupe:
            return True
        self._told = {key: each for key, each in self._told.items() if any(until > now for _, until in each.values())}
        told = self._told.setdefault(event.subject, {})
        mark, until = told.get(sink, ("", now))
        if mark == event.fingerprint and until > now:
            return False
        told[sink] = event.fingerprint, now + self.rule.dedupe
        return True

    def _key(self, event: Event) -> _Key:
        values = {
            "kind": str(event.kind),
            "namespace": home_of(event),
            "object": str(event.object),
            "check": event.check,
            "severity": str(event.severity),
        }
        return tuple(values[each] for each in self.rule.group_by)


def is_match(match: Match, event: Event) -> bool:
    """Return whether an event is meant; the namespace of a Namespace is itself, one about the cluster has none."""
    return (
        (not match.kinds or event.kind in match.kinds)
        and (not match.namespaces or any(fnmatchcase(home_of(event), each) for each in match.namespaces))
        and (match.severity is None or event.severity.rank >= match.severity.rank)
        and (not match.checks or any(fnmatchcase(event.check, each) for each in match.checks))
    )


def home_of(event: Event) -> str:
    """Return the namespace that an event is about, which is empty where it is about none."""
    about = event.object
    return about.name if about.kind == "Namespace" and not about.namespace else about.namespace


def trial(now: float) -> Notice:
    """Return what sinks are sent to see whether they work."""
    when = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    mark = fingerprint("", CLUSTER, "test")
    message = "this is a test of firedoor: nothing happened"
    event = Event(EventKind.FOLLOWING_WORKS, Severity.INFO, when, CLUSTER, message, mark, subject=mark)
    return Notice(uuid.uuid4().hex, event, "test")
