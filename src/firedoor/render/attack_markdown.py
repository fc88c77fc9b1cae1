"""Attack paths as Markdown, for a pull request or a ticket."""

from __future__ import annotations

from collections.abc import Iterator

from firedoor.model.attack import AttackPath, AttackPaths, Ranking
from firedoor.render.attack_words import (
    change_text,
    cut_text,
    found_text,
    none_text,
    ranking_text,
    standing_text,
    technique_text,
)
from firedoor.render.markdown_text import code, section


def attack_paths_markdown(paths: AttackPaths) -> str:
    """Return each path as a table, and the changes that close them."""
    return "\n".join(_paths(paths)) + "\n"


def attack_ranking_markdown(ranking: Ranking) -> str:
    """Return the workloads as one table."""
    rows = [
        [
            code(f"{row.workload.namespace}/{row.workload.name}"),
            *("-" if each is None else str(each) for each in (row.from_internet, row.to_admin)),
            *map(str, (row.workloads, row.pods, row.nodes, row.identities, row.secrets)),
        ]
        for row in ranking.rows
    ]
    titles = (
        "workload",
        "steps from internet",
        "steps to admin",
        "workloads",
        "pods",
        "nodes",
        "identities",
        "secrets",
    )
    return section(ranking_text(ranking), titles, rows)


def _paths(paths: AttackPaths) -> Iterator[str]:
    if not paths.paths:
        yield f"**{none_text(paths, code)}**\n"
    else:
        yield f"**From {code(paths.source)} to {code(paths.target)}: {found_text(paths)}**\n"
    for number, path in enumerate(paths.paths, 1):
        yield section(f"Path {number}", ("from", "to", "how", "evidence"), list(_steps(path)))
    if paths.cut is not None:
        yield f"**{cut_text(paths)}**\n"
        for change in paths.cut.changes or ():
            yield f"- {code(change_text(change))}"
    for note in paths.notes:
        yield f"\n_{note}_"


def _steps(path: AttackPath) -> Iterator[list[str]]:
    for step in path.steps:
        evidence = "<br>".join(
            code(f"{each.text} ({each.place})" if each.place else each.text) for each in step.evidence
        )
        ends = (code(standing_text(each)) for each in (step.source, step.target))
        yield [*ends, code(technique_text(step)), evidence]
