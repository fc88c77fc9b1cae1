"""Applies as JSON; the shapes are documented in ``docs/reference/json.md``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.render.diff_json import diff_document, end_document
from firedoor.render.json_text import json_text
from firedoor.render.preview_json import preview_document
from firedoor.render.reach_json import ref_document, traffic_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.model.journal import Record
    from firedoor.model.rollout import ApplyPlan, Cut, Outcome, PolicyRef, Step

SCHEMA = "firedoor/apply/v1"
LIST_SCHEMA = "firedoor/applies/v1"


def apply_json(plan: ApplyPlan, outcome: Outcome, reasons: Sequence[str]) -> str:
    """Return a plan and what came of it."""
    ordering = plan.ordering
    return json_text(
        {
            "schema": SCHEMA,
            "id": plan.id,
            "server": plan.server,
            "outcome": str(outcome),
            "reasons": list(reasons),
            "observe": plan.observe,
            "waves": [
                {"namespace": wave.namespace, "stage": wave.is_stage, "steps": [_step(each) for each in wave.steps]}
                for wave in ordering.waves
            ],
            "unchanged": [_object(each.ref) for each in plan.unchanged],
            "order": {
                "judged": ordering.is_judged,
                "states": ordering.states,
                "cuts": _cuts(ordering.cuts),
                "stage_opens": _cuts(ordering.stage_opens),
                "stage_cuts": _cuts(ordering.stage_cuts),
            },
            "diff": diff_document(plan.difference),
            "preview": None if plan.preview is None else preview_document(plan.preview),
            "notes": list(plan.notes),
        }
    )


def outcome_json(record: Record) -> str:
    """Return how an apply that was resumed or rolled back ended."""
    return json_text({"schema": LIST_SCHEMA, "applies": [_record(record)]})


def applies_json(records: Sequence[Record]) -> str:
    """Return all applies, the last one first."""
    return json_text({"schema": LIST_SCHEMA, "applies": [_record(each) for each in reversed(records)]})


def _record(record: Record) -> dict[str, object]:
    begin = record.begin
    return {
        "id": begin.id,
        "time": begin.time,
        "server": begin.server,
        "outcome": str(record.outcome),
        "reason": record.reason,
        "paths": list(begin.paths),
        "steps": [
            {
                "action": str(each.action),
                "object": _object(each.ref),
                "bridge": each.is_bridge,
                "stage": each.is_stage,
            }
            for each in record.steps
        ],
    }


def _cuts(cuts: Sequence[Cut]) -> list[dict[str, object]]:
    return [
        {
            "after": _object(cut.after),
            "connections": [
                {
                    "src": end_document(each.source),
                    "dst": end_document(each.destination),
                    "traffic": traffic_document(each.traffic),
                }
                for each in cut.interruptions
            ],
        }
        for cut in cuts
    ]


def _step(step: Step) -> dict[str, object]:
    return {
        "action": str(step.action),
        "object": _object(step.ref),
        "bridge": step.is_bridge,
        "stage": step.is_stage,
        "fields": [{"path": each.path, "old": each.old, "new": each.new} for each in step.fields],
        "conflicts": [msgspec.to_builtins(each) for each in step.conflicts],
        "rejection": step.rejection,
    }


def _object(ref: PolicyRef) -> dict[str, object]:
    return {"apiVersion": ref.api_version, **ref_document(ref.object)}
