"""A scorecard for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.columns import print_columns
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
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.score import Measure, Moment, NamespaceScore, Score

_MOST_UNITS = 5


def print_score(score: Score, console: Console, *, verbose: bool = False) -> None:
    """Print the tenets with their measures and what is in the way, then a table of the namespaces."""
    for tenet in score.tenets:
        _line(console, f"Tenet {tenet_title(tenet.tenet)}: {tenet_text(tenet)}", "bold")
        if tenet.reason:
            _line(console, f"  {tenet.reason}", "dim")
        for measure in tenet.measures:
            _print_measure(measure, console, verbose=verbose)
        _line(console, "")
    if score.namespaces:
        _print_namespaces(score.namespaces, console)
    if score.gaps:
        _line(console, f"{gaps_text(score)}: `firedoor diagnose` lists what could not be understood.")


def print_trend(moments: tuple[Moment, ...], console: Console) -> None:
    """Print a row for each tenet and measure, a column for each state, and how far it moved from first to last."""
    titles = ["", *(str(number) for number, _ in enumerate(moments, 1)), "CHANGE"]
    for number, moment in enumerate(moments, 1):
        _line(console, f"{number}: {moment_name(moment)}")
    _line(console, "")
    rows = trend_rows(moments, lambda tenet: f"tenet {tenet.tenet}", lambda measure: f"  {measure.id.value}")
    print_columns(console, titles, rows)


def _print_measure(measure: Measure, console: Console, *, verbose: bool) -> None:
    share = measure.share
    _line(console, f"  {title_of(measure.id)}: {percent_text(share)} ({count_text(measure)})")
    shortfalls = measure.shortfalls
    shown = shortfalls if verbose else shortfalls[:_MOST_UNITS]
    for unit in shown:
        _line(console, f"    - {unit_text(unit)}", "dim")
    if len(shortfalls) > len(shown):
        _line(console, f"    and {len(shortfalls) - len(shown)} more: -v shows all", "dim")


def _print_namespaces(namespaces: tuple[NamespaceScore, ...], console: Console) -> None:
    columns = [number for number, each in enumerate(namespaces[0].measures) if _is_anywhere(namespaces, number)]
    titles = ["NAMESPACE", *(namespaces[0].measures[each].id.value.upper() for each in columns)]
    rows = [[each.namespace, *(_cell(each.measures[number]) for number in columns)] for each in namespaces]
    print_columns(console, titles, rows)
    _line(console, "")


def _is_anywhere(namespaces: tuple[NamespaceScore, ...], number: int) -> bool:
    return any(each.measures[number].share is not None for each in namespaces)


def _cell(measure: Measure) -> str:
    return "-" if measure.share is None else percent_text(measure.share)


def _line(console: Console, text: str, style: str = "") -> None:
    # Text, not markup: names from a cluster may hold square brackets.
    console.print(Text(visible(text), style=style), soft_wrap=True)
