"""What was left out of the findings, in the shape of the JSON contracts of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from firedoor.model.exceptions import Carrier
from firedoor.render.findings_json import findings_document
from firedoor.render.reach_json import object_document

if TYPE_CHECKING:
    from firedoor.model.exceptions import BaselineEntry, Pattern, Review, Suppressed, Waiver, WaiverUse


def reviewed(document: dict[str, object], known: frozenset[int], review: Review) -> dict[str, object]:
    """Return a document of findings with what the baseline knows of them, and with what is not among them."""
    findings = cast("list[dict[str, object]]", document["findings"])
    return {
        **document,
        "findings": [{**each, "known": number in known} for number, each in enumerate(findings)],
        "suppressed": [_suppressed(each) for each in review.suppressed],
        "exceptions": [_use(each) for each in review.exceptions],
        "disabled": [{"check": each.check, "reason": each.reason, "source": each.place} for each in review.disabled],
        "baseline": {
            "source": review.baseline,
            "known": review.known,
            "fixed": [_entry(each) for each in review.fixed],
        }
        if review.baseline
        else None,
        "config": review.config or None,
    }


def _suppressed(each: Suppressed) -> dict[str, object]:
    told = cast("list[dict[str, object]]", findings_document((each.finding,), (), {})["findings"])
    return {**told[0], "exception": _waiver(each.waiver)}


def _use(each: WaiverUse) -> dict[str, object]:
    return {"state": each.state.value, "findings": each.findings, **_waiver(each.waiver)}


def _waiver(each: Waiver) -> dict[str, object]:
    return {
        "checks": list(each.checks),
        **_scope(each.scope),
        "reason": each.reason,
        "source": each.place,
        "expires": each.expires.isoformat() if each.expires is not None else None,
    }


def _scope(scope: Carrier | Pattern) -> dict[str, object]:
    if isinstance(scope, Carrier):
        return {"object": object_document(scope.object)}
    labels = str(scope.labels) if scope.labels is not None else ""
    fields = {"namespace": scope.namespace, "kind": scope.kind, "name": scope.name, "labels": labels}
    return {"pattern": {key: value for key, value in fields.items() if value}}


def _entry(each: BaselineEntry) -> dict[str, object]:
    return {"check": each.check, "object": object_document(each.object), "message": each.message}
