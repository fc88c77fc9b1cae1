"""What was planned, and what was seen, as the JSON contracts ``firedoor/verify-plan/v1`` and ``firedoor/verify/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.verification import Judgement
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import gap_documents, object_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.probing import ProbeSite
    from firedoor.model.verification import CheckedProbe, Goal, PlannedProbe, ProbePlan, VerifyReport

PLAN_SCHEMA = "firedoor/verify-plan/v1"
SCHEMA = "firedoor/verify/v1"


def verify_plan_document(plan: ProbePlan) -> dict[str, object]:
    """Return the document of a plan, probes in their order."""
    return {
        "schema": PLAN_SCHEMA,
        **_plan(plan),
        "probes": [_probe(plan, each) for each in plan.probes],
        "gaps": gap_documents(plan.gaps),
        "cni": plan.cni,
    }


def verify_plan_json(plan: ProbePlan) -> str:
    """Return the document of a plan as indented JSON, with a newline at its end."""
    return json_text(verify_plan_document(plan))


def verify_document(report: VerifyReport) -> dict[str, object]:
    """Return the document of what was seen, probes in the order of the plan."""
    return {
        "schema": SCHEMA,
        "agrees": not report.count(Judgement.DIFFERS),
        "summary": {
            "probes": len(report.checked),
            **{judgement.value: report.count(judgement) for judgement in Judgement},
        },
        "truth": {
            verdict.value: {seen.value.replace(" ", "_"): count for seen, count in counts.items()}
            for verdict, counts in report.truth.items()
        },
        **_plan(report.plan),
        "probes": [_checked(report, each) for each in report.checked],
        "causes": [
            {
                "id": each.id,
                "title": each.title,
                "explains": each.explains,
                "differing": each.differing,
                "evidence": list(each.evidence),
                "remedy": each.remedy,
            }
            for each in report.causes
        ],
        "profiles": [
            {"profiles": list(each.profiles), "agreeing": each.agreeing, "seen": each.seen} for each in report.fits
        ],
        "intents": [
            {
                "name": each.name,
                "demand": each.kind.value,
                "source": each.place,
                "tried": each.tried,
                "broken": list(each.broken),
                "unchecked": each.unseen,
            }
            for each in report.intents
        ],
        "unusable": [{"site": site, "reason": reason} for site, reason in report.unusable],
        "left_behind": report.left_behind,
        "gaps": gap_documents(report.plan.gaps),
        "cni": report.plan.cni,
    }


def verify_json(report: VerifyReport) -> str:
    """Return the document of what was seen as indented JSON, with a newline at its end."""
    return json_text(verify_document(report))


def _plan(plan: ProbePlan) -> dict[str, object]:
    share = plan.share
    return {
        "coverage": {
            "percent": round(share.percent, 2),
            "covered": share.covered,
            "inside": share.inside,
            "unprobed": share.unprobed,
            "outside": share.outside,
        },
        "unprobed_pods": plan.unprobed_pods,
        "notes": list(plan.notes),
        "sites": [_site(each) for each in plan.sites],
        "goals": [_goal(each) for each in plan.goals],
        "left_out": list(plan.left_out),
        "impossible": list(plan.impossible),
    }


def _site(site: ProbeSite) -> dict[str, object]:
    return {"name": str(site), "workload": object_document(site.workload), "pod": site.pod, "node": site.node}


def _goal(goal: Goal) -> dict[str, object]:
    return {
        "kind": goal.kind.value,
        "direction": None if goal.direction is None else goal.direction.value,
        "policy": object_document(goal.policy),
        "rule": goal.rule,
        "subject": object_document(goal.subject),
        "intent": goal.intent,
        "source": goal.place,
    }


def _probe(plan: ProbePlan, each: PlannedProbe) -> dict[str, object]:
    probe = each.probe
    return {
        "src": str(plan.sites[probe.source]),
        "dst": str(plan.sites[probe.destination]),
        "protocol": probe.protocol,
        "port": probe.port,
        "through_service": probe.is_through_service,
        "expected": each.expected.value,
        "goals": _numbers(each.goals),
    }


def _numbers(goals: Sequence[int]) -> list[int]:
    return sorted(goals)


def _checked(report: VerifyReport, each: CheckedProbe) -> dict[str, object]:
    sighting = each.sighting
    return {
        **_probe(report.plan, each.planned),
        "seen": each.seen.value.replace(" ", "_"),
        "judgement": each.judgement.value,
        "outcome": None if sighting is None else sighting.outcome.value,
        "detail": "" if sighting is None else sighting.detail,
        "seconds": 0.0 if sighting is None else round(sighting.seconds, 3),
        "why": each.why,
        "attempts": each.attempts,
        "late": round(each.late, 3),
    }
