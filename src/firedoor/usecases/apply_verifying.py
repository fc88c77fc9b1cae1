"""Connections that are tried after a wave of an apply: those that it changes, and those that it must keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.errors import NothingInScopeError
from firedoor.model.rollout import Step
from firedoor.model.rollout_contents import content
from firedoor.model.verdicts import Verdict
from firedoor.model.verification import Judgement
from firedoor.usecases.apply_states import with_steps
from firedoor.usecases.verify import Verification, VerifyQuestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.journal import ProbeGate
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.verification import CheckedProbe, VerifyReport

_MOST_TOLD = 3
_WORDS = {Verdict.ACCEPTED: "the policies allow it", Verdict.DENIED: "the policies deny it"}


def wave_verification(
    snapshot: Snapshot, steps: Sequence[Step], cni: CniProfile, gate: ProbeGate
) -> Verification | None:
    """
    Return what is to be verified of a cluster in which some steps were done; None where they show in no connection.

    It is about the pods that the policies of the steps are for, or were before.
    """
    # Where an object is touched twice, what it was at first counts.
    undone = [Step(each.ref, each.action, after=content(each.before)) for each in reversed(steps)]
    question = VerifyQuestion(
        budget=gate.budget,
        by_stand_ins=gate.mode == "pods",
        before=with_steps(snapshot, undone),
        changed=frozenset(each.ref.object for each in steps),
    )
    try:
        return Verification(snapshot, cni, question, None)
    except NothingInScopeError:
        return None


def why_not_verified(report: VerifyReport) -> str:
    """Return what the network does otherwise, or that nothing could be checked; empty where what was seen agrees."""
    wrong = [each for each in report.checked if each.judgement is Judgement.DIFFERS]
    if wrong:
        told = ", ".join(_told(report, each) for each in wrong[:_MOST_TOLD])
        more = f" and {len(wrong) - _MOST_TOLD} more" if len(wrong) > _MOST_TOLD else ""
        cause = f"; {report.causes[0].title}" if report.causes else ""
        return f"{len(wrong)} of {len(report.checked)} connections are not as the policies say: {told}{more}{cause}"
    unchecked = [each for each in report.checked if each.judgement is Judgement.UNCHECKED]
    if len(unchecked) == len(report.checked):
        return f"no connection could be checked: {unchecked[0].why}"
    return ""


def verified_text(report: VerifyReport) -> str:
    """Return how many connections came to what, where all that was seen agrees."""
    unchecked, unknown = report.count(Judgement.UNCHECKED), report.count(Judgement.UNKNOWN)
    agree = len(report.checked) - unchecked - unknown
    others = [f"{unchecked} could not be checked"] if unchecked else []
    others += [f"of {unknown} nobody knows what to expect"] if unknown else []
    return ", ".join([f"{agree} of {len(report.checked)} connections are as the policies say", *others])


def _told(report: VerifyReport, each: CheckedProbe) -> str:
    probe, sites = each.planned.probe, report.plan.sites
    ends = f"{sites[probe.source]} -> {sites[probe.destination]} {probe.protocol}/{probe.port}"
    return f"{ends} ({_WORDS[each.planned.expected]}, it is {each.seen})"
