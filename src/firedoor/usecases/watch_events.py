"""What is different between two states of a cluster, as events: like things told together."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firedoor.engine.posture.fingerprints import fingerprint as finding_mark
from firedoor.engine.review.telling import fingerprint
from firedoor.model.difference import Presence
from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.model.places import ObjectRef
from firedoor.model.verdicts import Verdict
from firedoor.usecases.review_drift import end_text, traffic_text
from firedoor.usecases.review_rbac import rule_name, subject_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.model.access_difference import RightChange
    from firedoor.model.connections import PeerEnd
    from firedoor.model.difference import ConnectionChange
    from firedoor.model.exposure import Exposure
    from firedoor.model.findings import Finding
    from firedoor.model.inventory import CoverageRow
    from firedoor.model.places import Gap

CLUSTER = ObjectRef("Cluster", "", "")
"""What an event is about that is about no object."""
MOST_LISTED = 20
"""So many things that are told together are named one by one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a state was seen, and which objects were changed just before."""

    time: str
    causes: tuple[str, ...] = ()

    def event(
        self,
        kind: EventKind,
        severity: Severity,
        about: ObjectRef,
        message: str,
        *mark: str,
        evidence: tuple[str, ...] = (),
        check: str = "",
    ) -> Event:
        """Return an event of this moment; `mark` is what tells it apart from others about the same object."""
        marks = fingerprint(kind, about, *mark), fingerprint("", about, *mark)
        return Event(kind, severity, self.time, about, message, marks[0], evidence, self.causes, marks[1], check)


def connection_events(changes: Iterable[ConnectionChange], moment: Moment) -> Iterator[Event]:
    """Yield what can pass now and could not before, and the reverse; many sources or destinations are one event."""
    groups: dict[tuple[EventKind, str], list[ConnectionChange]] = defaultdict(list)
    for each in changes:
        gained, lost = each.change.gained, each.change.lost
        if gained:
            groups[EventKind.CONNECTION_OPENED, traffic_text(gained)].append(each)
        if lost:
            groups[EventKind.CONNECTION_CLOSED, traffic_text(lost)].append(each)
        if not (gained or lost):
            groups[EventKind.CONNECTION_UNSURE, str(each.kind)].append(each)
    for (kind, what), found in groups.items():
        yield from _grouped(kind, what, found, moment)


def _grouped(kind: EventKind, what: str, found: Sequence[ConnectionChange], moment: Moment) -> Iterator[Event]:
    sources, destinations = {each.src for each in found}, {each.dst for each in found}
    by_source = len(sources) < len(destinations)
    ends: dict[PeerEnd, list[ConnectionChange]] = defaultdict(list)
    for each in found:
        ends[each.src if by_source else each.dst].append(each)
    for end, group in ends.items():
        others = sorted((each.dst if by_source else each.src for each in group), key=lambda one: one.sort_key)
        many = _listed([end_text(each) for each in others])
        one = end_text(end)
        left, right = (one, many) if by_source else (many, one)
        word = {EventKind.CONNECTION_OPENED: "opened", EventKind.CONNECTION_CLOSED: "closed"}.get(kind, what)
        message = f"{word}: {left} -> {right}" + (f" {what}" if word != what else "")
        about = end.workload or next((each.workload for each in others if each.workload), None) or CLUSTER
        evidence = tuple(f"{end_text(each.src)} -> {end_text(each.dst)}" for each in group[:MOST_LISTED])
        severity = max((_weight(kind, each) for each in group), key=lambda each: each.rank)
        yield moment.event(kind, severity, about, message, left, right, what, evidence=evidence)


def _weight(kind: EventKind, change: ConnectionChange) -> Severity:
    """Return how much it matters; that a workload comes or goes with its connections matters less."""
    is_old = Presence.NEW not in {change.src_presence, change.dst_presence}
    if kind is EventKind.CONNECTION_OPENED:
        if change.src.workload is None:
            return Severity.HIGH if is_old else Severity.MEDIUM
        return Severity.MEDIUM if is_old else Severity.LOW
    if kind is EventKind.CONNECTION_CLOSED and Presence.REMOVED in {change.src_presence, change.dst_presence}:
        return Severity.INFO
    return Severity.LOW


def right_events(changes: Iterable[RightChange], moment: Moment) -> Iterator[Event]:
    """Yield what subjects may do now and could not before, and the reverse, an event for each and where it is so."""
    groups: dict[tuple[bool, ObjectRef, str], list[RightChange]] = defaultdict(list)
    for each in changes:
        subject = ObjectRef(each.subject.kind, each.subject.namespace, each.subject.name)
        groups[each.kind.is_gain, subject, each.namespace].append(each)
    for (is_gain, about, namespace), found in groups.items():
        kind = EventKind.RIGHT_GAINED if is_gain else EventKind.RIGHT_LOST
        rights = sorted({rule_name(each.rule) for each in found})
        risks = sorted({risk for each in found for risk in each.risks})
        severity = max((each.severity for each in risks), key=lambda each: each.rank, default=Severity.LOW)
        where = f"namespace {namespace}" if namespace else "the whole cluster"
        word = "may now" if is_gain else "may no longer"
        message = f"{subject_name(found[0].subject)} {word} in {where}: {_listed(rights)}"
        via = dict.fromkeys(f"by {each.binding} and {each.role}" for change in found for each in change.via)
        told = (*(f"new risk: {each.id} ({each.severity})" for each in risks), *rights[:MOST_LISTED], *via)
        yield moment.event(
            kind,
            severity if is_gain else Severity.INFO,
            about,
            message,
            namespace,
            *rights,
            evidence=told,
        )


def exposure_events(old: Sequence[Exposure], new: Sequence[Exposure], moment: Moment) -> Iterator[Event]:
    """Yield the ports that the outside gets to now and did not before, and the reverse."""
    before, after = (_reached(each) for each in (old, new))
    for text, each in after.items():
        if text not in before:
            yield _exposed(EventKind.EXPOSURE_OPENED, Severity.HIGH, "opened", text, each, moment)
    for text, each in before.items():
        if text not in after:
            yield _exposed(EventKind.EXPOSURE_CLOSED, Severity.INFO, "closed", text, each, moment)


def _reached(exposures: Sequence[Exposure]) -> dict[str, Exposure]:
    # What is not known to be denied counts.
    found = [each for each in exposures if each.verdict is not Verdict.DENIED]
    return {f"outside -> {end_text(each.backend)} {each.protocol}/{each.port} {_by(each)}": each for each in found}


def _by(each: Exposure) -> str:
    return f"by {each.way} ({each.door})" + (", perhaps" if each.verdict is Verdict.UNKNOWN else "")


def _exposed(kind: EventKind, severity: Severity, word: str, text: str, each: Exposure, moment: Moment) -> Event:
    about = each.backend.workload or each.way
    ranges = tuple(f"from {each}" for each in (*each.arrival.accepted, *each.arrival.unknown)[:MOST_LISTED])
    return moment.event(kind, severity, about, f"{word}: {text}", text, evidence=(*ranges, *each.arrival.because))


def finding_events(old: Sequence[Finding], new: Sequence[Finding], moment: Moment) -> Iterator[Event]:
    """Yield the findings that there were not before, and those that there are no longer."""
    before, after = ({finding_mark(each): each for each in some} for some in (old, new))
    pairs = (
        (EventKind.FINDING_APPEARED, "", after, before),
        (EventKind.FINDING_GONE, "no longer: ", before, after),
    )
    for kind, word, some, others in pairs:
        for mark, each in some.items():
            if mark not in others:
                severity = each.severity if kind is EventKind.FINDING_APPEARED else Severity.INFO
                message = f"{word}{each.check}: {each.message}"
                evidence = each.evidence[:MOST_LISTED]
                yield moment.event(kind, severity, each.object, message, mark, evidence=evidence, check=each.check)


def coverage_events(old: Sequence[CoverageRow], new: Sequence[CoverageRow], moment: Moment) -> Iterator[Event]:
    """Yield the namespaces of which a smaller share of the pods is isolated than before."""
    before = {each.namespace: each for each in old}
    for row in new:
        was = before.get(row.namespace)
        if was is None or not was.pods or not row.pods:
            continue
        shares = [(each.pods - each.none - each.host) / each.pods for each in (was, row)]
        if shares[1] < shares[0]:
            about = ObjectRef("Namespace", "", row.namespace)
            message = f"fewer pods are isolated: {shares[1]:.0%} of {row.pods}, from {shares[0]:.0%} of {was.pods}"
            yield moment.event(EventKind.COVERAGE_DROPPED, Severity.MEDIUM, about, message)


def gap_events(old: Sequence[Gap], new: Sequence[Gap], moment: Moment) -> Iterator[Event]:
    """Yield what was known before and is not now."""
    known = {(each.source, each.reason) for each in old}
    for gap in new:
        if (gap.source, gap.reason) not in known:
            about = gap.object or CLUSTER
            severity = Severity.MEDIUM if gap.scope is not None else Severity.LOW
            message = f"{gap.source}: {gap.reason}"
            yield moment.event(EventKind.GAP_APPEARED, severity, about, message, gap.source, gap.reason)


def trouble_events(old: dict[str, str], new: dict[str, str], moment: Moment) -> Iterator[Event]:
    """Yield the lists that cannot be followed any more, and those that can be again."""
    for path, reason in new.items():
        if path not in old:
            message = f"{path} cannot be followed: {reason}"
            yield moment.event(EventKind.FOLLOWING_FAILS, Severity.MEDIUM, CLUSTER, message, path)
    for path in old:
        if path not in new:
            message = f"{path} is followed again"
            yield moment.event(EventKind.FOLLOWING_WORKS, Severity.INFO, CLUSTER, message, path)


def _listed(names: Sequence[str], most: int = 3) -> str:
    shown = list(dict.fromkeys(names))
    more = len(shown) - most
    return ", ".join(shown[:most]) + (f" and {more} more" if more > 0 else "")
