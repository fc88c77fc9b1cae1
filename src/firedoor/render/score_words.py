"""The words of a scorecard that several formats share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.frameworks import FRAMEWORKS, FrameworkId
from firedoor.model.score import MeasureId

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.score import Measure, Moment, Score, Share, TenetScore, Unit

NOT_MEASURED = "not measured"


class _Words(NamedTuple):
    title: str
    things: str


_WORDS = {
    MeasureId.DEFAULT_DENY_INGRESS: _Words("Pods that deny by default what comes in", "pods"),
    MeasureId.DEFAULT_DENY_EGRESS: _Words("Pods that deny by default what goes out", "pods"),
    MeasureId.MESH_MTLS: _Words("Pods of the mesh that take mutual TLS alone", "pods"),
    MeasureId.CONNECTIONS_IN: _Words("Connections between pods that are closed", "connections"),
    MeasureId.CONNECTIONS_OUT: _Words("Connections from its pods that are closed", "connections"),
    MeasureId.LEAST_PRIVILEGE: _Words("Service accounts of pods without a dangerous permission", "accounts"),
    MeasureId.USED_PERMISSIONS: _Words("Rules that were needed as they are", "rules"),
    MeasureId.PSS_BASELINE: _Words("Workloads that meet the level baseline", "workloads"),
    MeasureId.PSS_RESTRICTED: _Words("Workloads that meet the level restricted", "workloads"),
    MeasureId.USED_CONNECTIONS: _Words("Connections in use that a rule allows", "connections"),
    MeasureId.AUDIT_LOG: _Words("API servers that write an audit log", "API servers"),
}


def title_of(measure: MeasureId) -> str:
    """Return what a measure counts, in words."""
    return _WORDS[measure].title


def tenet_title(tenet: str) -> str:
    """Return the number of a tenet and what it says."""
    return FRAMEWORKS[FrameworkId.NIST_800_207].told(tenet)


def percent_text(share: Share | None) -> str:
    """Return a share in per cent: one number, or two where something is not known."""
    if share is None:
        return NOT_MEASURED
    low, high = share.percents
    return f"{low:g} %" if low == high else f"{low:g} to {high:g} %"


def count_text(measure: Measure) -> str:
    """Return the numbers behind a share, or why there is none."""
    if measure.share is None:
        return measure.reason or f"no {_WORDS[measure.id].things}"
    told = f"{measure.met} of {measure.total} {_WORDS[measure.id].things}"
    return f"{told}, {measure.unknown} not known" if measure.unknown else told


def unit_text(unit: Unit) -> str:
    """Return one thing that is in the way, with the checks that find it."""
    number = f" ({unit.lacking} of {unit.total})" if unit.total > 1 and unit.lacking else ""
    unknown = " (not known)" if not unit.lacking else ""
    checks = f" [{', '.join(unit.checks)}]" if unit.checks else ""
    return f"{unit.object}{number}{unknown}: {unit.what}{checks}"


def tenet_text(score: TenetScore) -> str:
    """Return the score of a tenet in per cent, and how many of its measures it is the mean of where not of all."""
    measured = sum(each.share is not None for each in score.measures)
    text = percent_text(score.share)
    return f"{text} ({measured} of {len(score.measures)} measures)" if 0 < measured < len(score.measures) else text


def gaps_text(score: Score) -> str:
    """Return how many gaps there are."""
    count = len(score.gaps)
    return f"{count} gap{'s' * (count > 1)} in what was read"


def moment_name(moment: Moment) -> str:
    """Return the name of a state, with the time at which the cluster was like that where it is known."""
    return f"{moment.name} ({moment.score.captured_at})" if moment.score.captured_at else moment.name


def trend_rows(
    moments: tuple[Moment, ...], name: Callable[[TenetScore], str], titled: Callable[[Measure], str]
) -> list[list[str]]:
    """Return a row for each tenet and each of its measures: its name, its share in each state, and how far it moved."""
    rows = []
    for tenets in zip(*(each.score.tenets for each in moments), strict=True):
        rows.append([name(tenets[0]), *_moved([each.share for each in tenets])])
        measures = zip(*(each.measures for each in tenets), strict=True)
        rows += ([titled(each[0]), *_moved([one.share for one in each])] for each in measures)
    return rows


def _moved(shares: list[Share | None]) -> list[str]:
    return [*map(percent_text, shares), change_text(shares[0], shares[-1])]


def change_text(first: Share | None, last: Share | None) -> str:
    """Return how far a share rose or fell, in points; empty where one of the two is not known exactly."""
    if first is None or last is None or first.low != first.high or last.low != last.high:
        return ""
    points = float((last.low - first.low) * 100)
    return f"{points:+.1f}" if points else "0"
