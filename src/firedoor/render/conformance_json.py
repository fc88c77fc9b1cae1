"""What a network plugin enforces as the JSON contract ``firedoor/conformance/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.conformance import CaseStatus
from firedoor.render.json_text import json_text

if TYPE_CHECKING:
    from firedoor.model.conformance import CaseResult, Conformance, ProfileResult, TryResult

SCHEMA = "firedoor/conformance/v1"


def conformance_json(found: Conformance) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(
        {
            "schema": SCHEMA,
            "holds": found.holds,
            "summary": {str(each): found.count(each) for each in CaseStatus},
            "features": [
                {
                    "feature": each.feature,
                    "status": str(each.status),
                    "cases": {
                        "passes": each.passes, "fails": each.fails, "open": each.open, "unchecked": each.unchecked,
                    },
                    "readings": list(each.readings),
                }
                for each in found.features
            ],
            "profiles": {
                "best": list(found.best),
                "chosen": found.chosen,
                "chosenAgrees": found.chosen_agrees if found.chosen else None,
                "unforetold": found.unforetold,
                "all": [_profile(each) for each in found.profiles],
            },
            "cases": [_case(each) for each in found.cases],
            "notes": list(found.notes),
        }
    )  # fmt: skip


def _profile(profile: ProfileResult) -> dict[str, object]:
    return {
        "name": profile.name,
        "agrees": profile.agrees,
        "wrong": profile.wrong,
        "features": list(profile.features),
        "documented": list(profile.documented),
        "missed": list(profile.missed),
    }


def _case(case: CaseResult) -> dict[str, object]:
    return {
        "name": case.name,
        "feature": case.feature,
        "tells": case.tells,
        "status": str(case.status),
        "reason": case.reason,
        "leftOpen": case.left_open,
        "connections": [_try(each) for each in case.tries],
    }


def _try(tried: TryResult) -> dict[str, object]:
    return {
        "state": tried.stage,
        "src": tried.source,
        "dst": tried.destination,
        "protocol": tried.protocol,
        "port": tried.port,
        "throughService": tried.is_through_service,
        "expected": None if tried.expected is None else str(tried.expected),
        "acceptedUnder": list(tried.accepting),
        "seen": str(tried.seen.passage),
        "outcome": None if tried.seen.outcome is None else str(tried.seen.outcome),
        "detail": tried.seen.detail,
        "looks": tried.seen.looks,
    }
