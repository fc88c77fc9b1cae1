"""Results of intents in the words that all formats share."""

from __future__ import annotations

from firedoor.model.explanation import DirectionExplanation
from firedoor.model.intents import IntentKind, IntentResult, Verification, Violation
from firedoor.model.verdicts import Reason, Verdict
from firedoor.render.words import range_text, traffic_text, visible


def result_text(result: IntentResult) -> str:
    """Return ``holds``, ``fails``, or ``excepted`` of one that fails and may."""
    return "holds" if result.holds else "excepted" if result.excepted else "fails"


def summary_text(verification: Verification) -> str:
    """Return how many intents hold and fail, and how many gaps there are."""
    total = len(verification.results)
    gaps = len(verification.gaps)
    missing = f"; {gaps} gap{'s' * (gaps != 1)}" if gaps else ""
    if verification.excepted:
        missing = f", {verification.excepted} excepted{missing}"
    if not verification.failed:
        return f"{total} intent{'s' * (total != 1)}: all {'others ' * bool(verification.excepted)}hold{missing}"
    return f"{total} intent{'s' * (total != 1)}: {verification.failed} fail{missing}"


def violation_text(result: IntentResult, violation: Violation) -> str:
    """Return the connection that is not as demanded, in one line."""
    wrong = "denied" if result.intent.kind is IntentKind.MUST_ALLOW else "accepted"
    parts = [
        f"{verdict} on {violation.icmp or traffic_text(traffic)}"
        for verdict, traffic in ((wrong, violation.traffic), ("unknown", violation.unknown))
        if traffic
    ]
    return visible(f"{end_text(violation.source)} -> {end_text(violation.destination)}: {', '.join(parts)}")


def reason_lines(violation: Violation) -> list[str]:
    """Return what decided, a line for each rule or circumstance of the ends that matter."""
    lines = []
    for title, half in (("egress", violation.egress), ("ingress", violation.ingress)):
        if _matters(violation, half):
            lines += [visible(f"{title} {half.verdict}: {_reason(each)}") for each in half.because]
    return lines


def failure_lines(result: IntentResult) -> list[str]:
    """Return everything that speaks against an intent as indented lines."""
    lines = [visible(f"excepted: {result.excepted}")] if result.excepted else []
    lines += [visible(each) for each in result.problems]
    for violation in result.violations:
        lines.append(violation_text(result, violation))
        lines += [f"  {line}" for line in reason_lines(violation)]
    if result.more:
        lines.append(f"and {result.more} more")
    return lines


def end_text(text: str) -> str:
    """Return an end as it is, and a range of addresses in words."""
    ips, more, rest = text.partition(" and ")
    return f"{range_text(ips)}{more}{rest}" if "/" not in ips else text


def _matters(violation: Violation, half: DirectionExplanation) -> bool:
    # Of a connection that is denied, the end that lets it pass explains nothing.
    return violation.verdict is Verdict.ACCEPTED or half.verdict is violation.verdict


def _reason(reason: Reason) -> str:
    rule = f" {reason.rule}" if reason.rule else ""
    named = f"{reason.kind} {reason.policy}{rule} " if reason.policy else ""
    place = f" ({reason.source})" if reason.source else ""
    return f"{named}{reason.detail}{place}"
