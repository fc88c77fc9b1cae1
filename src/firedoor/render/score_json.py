"""A scorecard as the JSON contracts ``firedoor/score/v1`` and ``firedoor/score-trend/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.findings_json import gap_document
from firedoor.render.reach_json import object_document
from firedoor.render.score_words import tenet_title, title_of

if TYPE_CHECKING:
    from firedoor.model.score import Measure, Moment, Score, Share, TenetScore, Unit

SCHEMA = "firedoor/score/v1"
TREND_SCHEMA = "firedoor/score-trend/v1"


def score_document(score: Score) -> dict[str, object]:
    """Return the document, with everything that is in the way of each number."""
    return {
        "schema": SCHEMA,
        "capturedAt": score.captured_at or None,
        "cni": score.cni,
        "tenets": [_tenet(each, whole=True) for each in score.tenets],
        "namespaces": [
            {"namespace": each.namespace, "measures": [_measure(one, whole=True) for one in each.measures]}
            for each in score.namespaces
        ],
        "gaps": [gap_document(gap) for gap in score.gaps],
    }


def trend_document(moments: tuple[Moment, ...]) -> dict[str, object]:
    """Return the document of several states: the numbers of each, without what is in their way."""
    return {
        "schema": TREND_SCHEMA,
        "states": [
            {
                "name": each.name,
                "capturedAt": each.score.captured_at or None,
                "tenets": [_tenet(tenet, whole=False) for tenet in each.score.tenets],
                "gaps": len(each.score.gaps),
            }
            for each in moments
        ],
    }


def _tenet(each: TenetScore, *, whole: bool) -> dict[str, object]:
    return {
        "tenet": each.tenet,
        "title": tenet_title(each.tenet).partition(" ")[2],
        "share": _share(each.share),
        "reason": each.reason,
        "measures": [_measure(one, whole=whole) for one in each.measures],
    }


def _measure(each: Measure, *, whole: bool) -> dict[str, object]:
    document: dict[str, object] = {
        "measure": each.id.value,
        "title": title_of(each.id),
        "share": _share(each.share),
        "met": each.met,
        "unknown": each.unknown,
        "total": each.total,
        "reason": each.reason,
    }
    return {**document, "shortfalls": [_unit(one) for one in each.shortfalls]} if whole else document


def _share(share: Share | None) -> dict[str, float] | None:
    if share is None:
        return None
    low, high = share.percents
    return {"low": low, "high": high}


def _unit(each: Unit) -> dict[str, object]:
    return {
        "object": object_document(each.object),
        "total": each.total,
        "met": each.met,
        "unknown": each.unknown,
        "what": each.what,
        "checks": list(each.checks),
        "source": each.source,
    }
