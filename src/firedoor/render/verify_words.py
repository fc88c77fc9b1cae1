"""What was planned and seen of connections, in the words that all formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.verdicts import Verdict
from firedoor.model.verification import GoalKind, Judgement, Seen
from firedoor.render.words import count_text, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.model.verification import CheckedProbe, Goal, PlannedProbe, ProbePlan, Share, VerifyReport

JUDGEMENTS = {
    Judgement.AGREES: "as expected",
    Judgement.LATE: "as expected, late",
    Judgement.DIFFERS: "differs",
    Judgement.UNCHECKED: "could not be checked",
    Judgement.UNKNOWN: "unknown",
}
NOT_PROBED = "Ends outside of the cluster are not probed and count as not covered; ICMP is neither probed nor counted."


def probe_text(plan: ProbePlan, each: PlannedProbe) -> str:
    """Return a connection in one line."""
    probe = each.probe
    service = " through a service" if probe.is_through_service else ""
    ends = f"{plan.sites[probe.source]} -> {plan.sites[probe.destination]}"
    return visible(f"{ends} {probe.protocol}/{probe.port}{service}")


def goal_text(goal: Goal) -> str:
    """Return what a probe is to show."""
    if goal.kind is GoalKind.INTENT:
        end = "" if goal.subject is None else f" ({'from' if goal.direction == 'egress' else 'to'} {goal.subject})"
        return visible(f"intent {goal.intent}{end}")
    if goal.kind is GoalKind.ISOLATION:
        return visible(f"{goal.subject} is isolated for {goal.direction}")
    if goal.kind is GoalKind.NODE:
        return visible(f"{goal.subject} counts as its node where it connects to {goal.peer}")
    if goal.kind is GoalKind.CHANGE:
        return visible(f"what changed from {goal.subject} to {goal.peer}")
    what = "what it says" if goal.kind is GoalKind.RULE else "no more than it says"
    return visible(f"{goal.policy} {goal.rule} does {what}")


def goal_texts(plan: ProbePlan, numbers: Sequence[int]) -> list[str]:
    """Return what some goals are, each text once."""
    return list(dict.fromkeys(goal_text(plan.goals[number]) for number in numbers))


def share_text(share: Share) -> str:
    """Return how much of the verdict space is covered, and what the rest is."""
    if not share.total:
        return "there is no connection between different ends"
    rest = [
        f"{100 * part / share.total:.1f} % {what}"
        for part, what in ((share.unprobed, "end at pods that cannot be probed"), (share.outside, "end outside"))
        if part
    ]
    if not rest or not share.inside:
        return f"they stand for {share.percent:.1f} % of all connections by port"
    inside = f"{100 * share.covered / share.inside:.1f} % of those between pods that can be probed"
    return f"they stand for {share.percent:.1f} % of all connections by port, {inside} ({', '.join(rest)})"


def note_lines(plan: ProbePlan) -> list[str]:
    """Return what to bear in mind, and how much could not be understood, where there is any of it."""
    notes = [f"note: {visible(each)}" for each in plan.notes]
    if not plan.gaps:
        return notes
    gaps = count_text(len(plan.gaps), "gap")
    return [*notes, f"{gaps} in the picture: `firedoor diagnose` tells them, and `-o json`"]


def plan_summary(plan: ProbePlan) -> list[str]:
    """Return the numbers of a plan, a line each."""
    shown = len(plan.goals) - len(plan.left_out) - len(plan.impossible)
    planned = f"{count_text(len(plan.probes), 'connection')} between {count_text(len(plan.sites), 'pod')}"
    told = f"They show {shown} of {count_text(len(plan.goals), 'thing')}"
    told += f"; {len(plan.left_out)} are left out by the budget" if plan.left_out else ""
    told += f"; {len(plan.impossible)} no connection between pods can show" if plan.impossible else ""
    lines = [f"{planned}: {share_text(plan.share)}", told]
    if plan.unprobed_pods:
        lines.append(f"no probe goes to {count_text(plan.unprobed_pods, 'pod')}: on the node's network, or not running")
    return [*lines, *note_lines(plan), NOT_PROBED]


def seen_text(each: CheckedProbe) -> str:
    """Return what was expected and what was seen, in one line."""
    said = "" if each.sighting is None or each.seen is Seen.CONNECTED else f" ({each.sighting.outcome})"
    if each.judgement is Judgement.UNCHECKED:
        return visible(f"{_expected(each)}, could not be checked: {each.why}")
    if each.judgement is Judgement.UNKNOWN:
        return visible(f"unknown: the network says {each.seen}{said}")
    tail = f", agreed after {each.late:.1f} s: policy was programmed late" if each.judgement is Judgement.LATE else ""
    tries = f", {each.attempts} times" if each.judgement is Judgement.DIFFERS and each.attempts > 1 else ""
    return visible(f"{_expected(each)}, {each.seen}{said}{tries}{tail}")


def _expected(each: CheckedProbe) -> str:
    return {
        Verdict.ACCEPTED: "accepted by the policies",
        Verdict.DENIED: "denied by the policies",
        Verdict.UNKNOWN: "unknown",
    }[each.planned.expected]


def report_summary(report: VerifyReport) -> str:
    """Return how many connections came to what, and what share they stand for."""
    counts = {judgement: report.count(judgement) for judgement in Judgement}
    agree = counts[Judgement.AGREES] + counts[Judgement.LATE]
    told = [f"{agree} as the policies say"]
    told += [f"{counts[Judgement.LATE]} of them late"] if counts[Judgement.LATE] else []
    told += [f"{counts[each]} {text}" for each, text in _OTHERS.items() if counts[each]]
    tried = count_text(len(report.checked), "connection")
    return f"{tried}: {', '.join(told)}; {share_text(report.plan.share)}"


_OTHERS = {
    Judgement.DIFFERS: "otherwise",
    Judgement.UNCHECKED: "could not be checked",
    Judgement.UNKNOWN: "of which the policies do not tell",
}
SECTIONS = (
    (Judgement.DIFFERS, "Not as the policies say"),
    (Judgement.UNCHECKED, "Could not be checked"),
    (Judgement.UNKNOWN, "Unknown"),
    (Judgement.LATE, "Late"),
)
"""What is told one by one, with a title each."""


def sections(report: VerifyReport) -> Iterator[tuple[str, list[CheckedProbe]]]:
    """Yield the titles of what is told one by one, with the probes."""
    for judgement, title in SECTIONS:
        found = [each for each in report.checked if each.judgement is judgement]
        if found:
            yield title, found


def intent_lines(report: VerifyReport) -> list[str]:
    """Return for each intent how many of its connections were tried, and how many are otherwise than it demands."""
    lines = []
    for each in report.intents:
        broken = f"{len(each.broken)} not as it demands" if each.broken else "all as it demands"
        unseen = f", {each.unseen} not checked" if each.unseen else ""
        lines.append(visible(f"{each.name} ({each.kind}): {each.tried} tried, {broken}{unseen}"))
    return lines


def fit_lines(report: VerifyReport) -> list[str]:
    """Return how well each CNI profile predicts what was seen."""
    return [f"{each.agreeing} of {each.seen}: {', '.join(each.profiles)}" for each in report.fits]


MOST_SITES = 12
"""A table of sources and destinations is for so many pods at most."""
_SIGNS = {Seen.CONNECTED: "+", Seen.BLOCKED: "-", Seen.NOT_CHECKED: "?"}
SIGNS = "+ connected, - blocked, ? not checked; ! where one is not as the policies say"


def matrix(report: VerifyReport) -> tuple[list[str], list[list[str]]] | None:
    """Return the names of sites and a cell for each pair; None where there are too many of them."""
    sites = report.plan.sites
    if len(sites) > MOST_SITES:
        return None
    cells = [["" for _ in sites] for _ in sites]
    for each in report.checked:
        probe = each.planned.probe
        sign = _SIGNS[each.seen] + ("!" if each.judgement is Judgement.DIFFERS else "")
        cell = cells[probe.source][probe.destination]
        cells[probe.source][probe.destination] = f"{cell} {sign}".strip() if sign not in cell.split() else cell
    return [visible(str(site)) for site in sites], cells
