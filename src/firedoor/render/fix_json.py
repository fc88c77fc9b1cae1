"""What became of fixes, as the JSON contract ``firedoor/fix/v1``."""

from __future__ import annotations

from firedoor.model.edits import Applied, FixReport, Refused
from firedoor.model.findings import Finding
from firedoor.render.fix_diff import file_diff
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import object_document

SCHEMA = "firedoor/fix/v1"


def fix_json(report: FixReport) -> str:
    """Return the document as indented JSON, with a newline at its end."""
    return json_text(
        {
            "schema": SCHEMA,
            "written": report.is_written,
            "applied": [_applied(each) for each in report.applied],
            "refused": [_refused(each) for each in report.refused],
            "files": [{"path": each.path, "new": each.is_new, "diff": file_diff(each)} for each in report.files],
            "introduced": [{**_finding(each), "message": each.message} for each in report.introduced],
            "notes": list(report.notes),
        }
    )


def _applied(each: Applied) -> dict[str, object]:
    fix = each.finding.fix
    return {
        **_finding(each.finding),
        "summary": fix.summary,
        "safe": fix.is_safe,
        "places": list(each.places),
        "gone": each.is_gone,
    }


def _refused(each: Refused) -> dict[str, object]:
    return {**_finding(each.finding), "reason": each.reason, "place": each.place, "failed": each.is_failure}


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "check": finding.check,
        "severity": finding.severity.value,
        "object": object_document(finding.object),
    }
