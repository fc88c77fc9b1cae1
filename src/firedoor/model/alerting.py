"""What a watch tells whom: the sinks that take its events, the rules that send them there, and silences."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity


class SinkKind(StrEnum):
    """What takes events, and in which shape."""

    WEBHOOK = "webhook"
    """The events themselves, signed as Standard Webhooks says."""
    SLACK = "slack"
    TEAMS = "teams"
    ALERTMANAGER = "alertmanager"
    SYSLOG = "syslog"
    OCSF = "ocsf"
    OTLP = "otlp"
    KUBERNETES_EVENTS = "kubernetes-events"
    POLICY_REPORT = "policy-report"
    OPENREPORTS = "openreports"


STATE_KINDS = frozenset({SinkKind.POLICY_REPORT, SinkKind.OPENREPORTS})
"""These hold what is there at a time, and take no events."""


class Secret(Struct, frozen=True, gc=False):
    """Where a text is that others must not read: a variable of the environment, or a file; `text` is no secret."""

    env: str = ""
    file: str = ""
    text: str = ""


class SinkPlan(Struct, frozen=True, gc=False):
    """
    A sink as it is configured.

    `url` is where it is, `secret` signs, `token` is sent as ``Authorization: Bearer``, `ca` is a file with the
    certificates to trust. `most` is how many events wait for it, `timeout` how many seconds it may be silent, `lasts`
    how many seconds an alert fires that nothing ends.
    """

    name: str
    kind: SinkKind
    place: str
    url: Secret | None = None
    secret: Secret | None = None
    token: Secret | None = None
    ca: str = ""
    most: int = 10_000
    timeout: float = 10.0
    lasts: float = 86_400.0


class Match(Struct, frozen=True, gc=False):
    """Which events are meant: those of which all that is given is true. `namespaces` and `checks` are patterns."""

    kinds: tuple[EventKind, ...] = ()
    namespaces: tuple[str, ...] = ()
    severity: Severity | None = None
    """At least that."""
    checks: tuple[str, ...] = ()


class Threshold(Struct, frozen=True, gc=False):
    """So many events within so many seconds."""

    count: int
    within: float


class Rule(Struct, frozen=True, gc=False):
    """
    What becomes of the events that match.

    They go to `sinks`, to all where none is named, with another `severity` where one is given; those that are the same
    in the fields of `group_by` together, with a `threshold` only when there were so many, and the same again only
    `dedupe` seconds later.
    """

    name: str
    place: str
    match: Match = Match()
    sinks: tuple[str, ...] = ()
    severity: Severity | None = None
    threshold: Threshold | None = None
    group_by: tuple[str, ...] = ()
    dedupe: float = 0.0


class Silence(Struct, frozen=True, gc=False):
    """Events that go to no sink until a time, which is RFC 3339, and why."""

    match: Match
    until: str
    reason: str
    place: str


class WatchPlan(Struct, frozen=True, gc=False):
    """Everything a configuration says of telling."""

    sinks: tuple[SinkPlan, ...] = ()
    rules: tuple[Rule, ...] = ()
    silences: tuple[Silence, ...] = ()

    @property
    def event_sinks(self) -> tuple[SinkPlan, ...]:
        """The sinks that take events: the others hold what is there at a time."""
        return tuple(each for each in self.sinks if each.kind not in STATE_KINDS)


class Notice(Struct, frozen=True, gc=False):
    """An event on its way to a sink; `id` is its own, however often it is sent, `rule` the one that sends it."""

    id: str
    event: Event
    rule: str = ""


class SinkState(Struct, frozen=True, gc=False):
    """
    How a sink is doing.

    `queued` events wait for it, the first of them for `waiting` seconds. Since the start `delivered` were taken,
    `failures` is how often it did not take any, `overflowed` were dropped because too many waited, and `refused`
    because it never will take them. `trouble` says what is wrong, empty where nothing is.
    """

    name: str
    queued: int
    waiting: float
    delivered: int
    failures: int
    overflowed: int
    refused: int
    trouble: str
