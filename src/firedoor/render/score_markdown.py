"""A scorecard as Markdown that fits a comment on a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.render.markdown_text import code, section, table
from firedoor.render.score_words import (
    count_text,
    gaps_text,
    moment_name,
    percent_text,
    tenet_text,
    tenet_title,
    title_of,
    trend_rows,
    unit_text,
)

if TYPE_CHECKING:
    from firedoor.model.score import Moment, Score

_MOST_UNITS = 20


def score_markdown(score: Score) -> str:
    """Return a table of tenets and measures, folded lists of what is in the way, and a table of the namespaces."""
    rows = []
    for tenet in score.tenets:
        rows.append([f"**{tenet_title(tenet.tenet)}**", f"**{tenet_text(tenet)}**", tenet.reason])
        rows += [[title_of(each.id), percent_text(each.share), count_text(each)] for each in tenet.measures]
    parts = ["**Zero trust scorecard**\n", table(["tenet of NIST SP 800-207", "share", "what was counted"], rows)]
    for measure in (each for tenet in score.tenets for each in tenet.measures if each.shortfalls):
        shortfalls = measure.shortfalls
        lines = [[code(unit_text(each))] for each in shortfalls[:_MOST_UNITS]]
        more = len(shortfalls) - _MOST_UNITS
        parts.append(section(f"{title_of(measure.id)} ({len(shortfalls)})", ["in the way"], lines))
        if more > 0:
            parts.append(f"and {more} more\n")
    if score.namespaces:
        titles = ["namespace", *(each.id.value for each in score.namespaces[0].measures)]
        spaces = [
            [code(each.namespace), *(percent_text(one.share) for one in each.measures)] for each in score.namespaces
        ]
        parts.append(section(f"Namespaces ({len(spaces)})", titles, spaces))
    if score.gaps:
        parts.append(f"{gaps_text(score)}.\n")
    return "\n".join(parts)


def trend_markdown(moments: tuple[Moment, ...]) -> str:
    """Return a table with a column for each state, and how far each number moved from first to last."""
    rows = trend_rows(moments, lambda tenet: f"**{tenet_title(tenet.tenet)}**", lambda measure: title_of(measure.id))
    titles = ["", *(code(moment_name(each)) for each in moments), "change"]
    return f"**Zero trust scorecard over time**\n\n{table(titles, rows)}"
