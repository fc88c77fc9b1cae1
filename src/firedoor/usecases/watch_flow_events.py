"""Flows that somebody should know of, as events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.review.telling import time_text
from firedoor.model.events import Event, EventKind
from firedoor.model.findings import Severity
from firedoor.model.flows import FlowVerdict, PeerKind
from firedoor.model.places import ObjectRef
from firedoor.model.verdicts import Verdict
from firedoor.usecases.watch_events import CLUSTER, Moment

if TYPE_CHECKING:
    from firedoor.engine.review.flow_judging import FlowReasons
    from firedoor.model.flow_reading import FlowRow
    from firedoor.model.flows import FlowEdge, FlowPeer
    from firedoor.model.networkpolicy import Direction
    from firedoor.model.verdicts import Reason

_MOST_REASONS = 10
_MOST_POLICIES = 5


def denied_event(row: FlowRow, count: int, why: FlowReasons | None) -> Event:
    """Return that somebody was dropped, and what the policies say of it now."""
    edge = row.edge
    severity = Severity.MEDIUM if edge.source.kind is PeerKind.WORKLOAD else Severity.LOW
    message = f"denied: {_what(edge)}, {_times(count)}: {_because(edge, why)}"
    return _event(EventKind.CONNECTION_DENIED, severity, row, message, (*_reasons(why), *_told(row)))


def unseen_event(row: FlowRow) -> Event:
    """Return that a connection went through that was not there before."""
    edge = row.edge
    is_outside = PeerKind.EXTERNAL in {edge.source.kind, edge.destination.kind}
    severity = Severity.MEDIUM if is_outside else Severity.LOW
    message = f"not seen before: {_what(edge)}, {_times(edge.count)}"
    return _event(EventKind.CONNECTION_UNSEEN, severity, row, message, _told(row))


def contradiction_event(row: FlowRow, count: int, why: FlowReasons | None) -> Event:
    """Return that connections went another way than the policies say."""
    is_denied = row.edge.verdict is FlowVerdict.DENIED
    says = "policies accept" if is_denied else "policies deny"
    word = "dropped" if is_denied else "allowed"
    message = f"{word} at {row.side}, which {says}: {_what(row.edge)}, {_times(count)}"
    severity = Severity.MEDIUM if is_denied else Severity.HIGH
    told = (*_reasons(why), *_told(row))
    return _event(EventKind.ENFORCEMENT_CONTRADICTS, severity, row, message, told, word)


def more_event(kind: EventKind, count: int, now: int) -> Event:
    """Return that more of a kind happened than is told apart."""
    message = f"{_times(count)} more, between ends that are too many to be told apart"
    return Moment(time_text(now)).event(kind, Severity.LOW, CLUSTER, message)


def denying(why: FlowReasons | None) -> str:
    """Return the policy that denies, or else isolates; empty where none is known to."""
    if why is None or why.verdict is not Verdict.DENIED:
        return ""
    return next((f"{each.kind} {each.policy}" for _, each in why.because if each.policy), "")


def _event(
    kind: EventKind, severity: Severity, row: FlowRow, message: str, evidence: tuple[str, ...], *mark: str
) -> Event:
    edge = row.edge
    ends = (_text(edge.source), _text(edge.destination), f"{edge.protocol}/{edge.port}")
    moment = Moment(time_text(edge.last))
    return moment.event(kind, severity, _about(row), message, *ends, *mark, evidence=evidence)


def _about(row: FlowRow) -> ObjectRef:
    """Return the workload whose policies were asked, or else that at the other end."""
    ends = (row.edge.source, row.edge.destination)
    for each in ends if row.side == "egress" else reversed(ends):
        if each.kind is PeerKind.WORKLOAD:
            # A workload without a kind is a pod of which nobody knows whose it is.
            return ObjectRef(_plain(each.owner) or "Pod", _plain(each.namespace), _plain(each.name))
    return CLUSTER


def _because(edge: FlowEdge, why: FlowReasons | None) -> str:
    nobody = [each for each in (edge.source, edge.destination) if each.kind is PeerKind.UNATTRIBUTED]
    if nobody:
        return (
            f"{_plain(nobody[0].address) or 'an end'} belongs to nobody that is known, so what denies it is not either"
        )
    if why is None:
        return "the cluster has no such ends or ports, so what denies it is not known"
    if why.verdict is Verdict.ACCEPTED:
        return "no policy denies it now"
    if why.verdict is Verdict.UNKNOWN:
        return "whether a policy denies it is not known"
    direction, reason = why.because[0]
    more = len({each.policy for _, each in why.because if each.policy}) - 1
    others = f" and {more} more" if more > 0 else ""
    text = _reason(reason)
    where = "" if str(direction) in text else f" ({direction})"
    return f"{text}{others}{where}"


def _reasons(why: FlowReasons | None) -> tuple[str, ...]:
    if why is None:
        return ()
    return tuple(_evidence(direction, each) for direction, each in why.because[:_MOST_REASONS])


def _evidence(direction: Direction, reason: Reason) -> str:
    return f"{direction}: {_reason(reason)}" + (f", {reason.source}" if reason.source else "")


def _reason(reason: Reason) -> str:
    if not reason.policy:
        return reason.detail
    rule = f" {reason.rule}" if reason.rule else ""
    return f"{reason.kind} {reason.policy}{rule} {reason.detail}"


def _told(row: FlowRow) -> tuple[str, ...]:
    edge = row.edge
    where = f" at {row.side}" if row.side else ""
    told = f"the source says {edge.verdict}{where}, from {time_text(edge.first)} to {time_text(edge.last)}"
    named = [f"the source names {_plain(each)}" for each in row.policies[:_MOST_POLICIES]]
    return (told, *named)


def _what(edge: FlowEdge) -> str:
    port = f"{_plain(edge.protocol)}/{edge.port}" if edge.port else _plain(edge.protocol)
    return f"{_text(edge.source)} -> {_text(edge.destination)} {port}"


def _times(count: int) -> str:
    return f"{count} connection{'s' * (count != 1)}"


def _text(peer: FlowPeer) -> str:
    name = f" ({peer.name})" if peer.name else ""
    match peer.kind:
        case PeerKind.WORKLOAD:
            text = f"{peer.namespace}/{peer.name}"
        case PeerKind.NODE:
            text = f"node {peer.name or peer.address}"
        case PeerKind.EXTERNAL:
            text = f"{peer.address}{name}"
        case PeerKind.UNATTRIBUTED:
            text = f"? {peer.address}{name}"
    return _plain(text)


def _plain(text: str) -> str:
    """Return a text of which a terminal makes nothing else: it comes from whoever sent the flows."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "?" for each in text)
