"""Attack paths for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.attack import AttackPaths, Ranking
from firedoor.model.connections import PeerEnd
from firedoor.render.attack_words import (
    change_text,
    cut_text,
    found_text,
    none_text,
    ranking_text,
    standing_text,
    technique_text,
)
from firedoor.render.columns import print_columns
from firedoor.render.words import count_text, end_names, visible

_MOST_CHANGES = 10
_MOST_GAPS = 10


def print_attack_paths(paths: AttackPaths, console: Console) -> None:
    """Print each path step by step with what it rests on, then what closes them."""
    for number, path in enumerate(paths.paths, 1):
        _line(console, f"path {number}: {count_text(len(path.steps), 'step')}", "bold")
        _line(console, f"  {standing_text(path.steps[0].source)}" if path.steps else f"  {paths.source}")
        for step in path.steps:
            _line(console, f"  -> {standing_text(step.target)}: {technique_text(step)}")
            for fact in step.evidence:
                _line(console, f"       {fact.text}" + (f"  ({fact.place})" if fact.place else ""), "dim")
        console.print()
    if not paths.paths:
        _line(console, none_text(paths))
        for gap in paths.gaps[:_MOST_GAPS]:
            _line(console, f"  gap: {gap.reason} ({gap.source})")
    if paths.cut is not None:
        _line(console, cut_text(paths) + (":" if paths.cut.changes else ""), "bold")
        for change in paths.cut.changes or ():
            _line(console, f"  {change_text(change)}")
        _print_single(paths, console)
    for note in paths.notes:
        _line(console, f"note: {note}")
    end = f"{found_text(paths)}; " if paths.paths else ""
    _line(console, f"{end}{count_text(len(paths.gaps), 'gap')}")


def _print_single(paths: AttackPaths, console: Console) -> None:
    breaks = paths.cut.breaks if paths.cut is not None else ()
    if not breaks or len(paths.paths) == 1:
        return
    _line(console, f"of the {count_text(len(paths.paths), 'path')} shown, one change alone closes:", "bold")
    for change, number in breaks[:_MOST_CHANGES]:
        _line(console, f"  {number:>4}  {change_text(change)}")
    if len(breaks) > _MOST_CHANGES:
        _line(console, f"  and {len(breaks) - _MOST_CHANGES} further changes, with -o json")


def print_attack_ranking(ranking: Ranking, console: Console) -> None:
    """Print a row for each workload, worst first, then one line of counts."""
    names = end_names(PeerEnd(row.workload) for row in ranking.rows)
    rows = [
        [
            names[PeerEnd(row.workload)],
            _steps(row.from_internet),
            _steps(row.to_admin),
            *map(str, (row.workloads, row.pods, row.nodes, row.identities, row.secrets)),
        ]
        for row in ranking.rows
    ]
    titles = ("WORKLOAD", "FROM INTERNET", "TO ADMIN", "WORKLOADS", "PODS", "NODES", "IDENTITIES", "SECRETS")
    print_columns(console, titles, rows)
    console.print()
    for note in ranking.notes:
        _line(console, f"note: {note}")
    _line(console, ranking_text(ranking))


def _steps(number: int | None) -> str:
    return "-" if number is None else count_text(number, "step")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), style), soft_wrap=True)
