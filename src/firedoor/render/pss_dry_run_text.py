"""Which level each namespace could enforce, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from firedoor.render.columns import print_columns
from firedoor.render.words import visible

if TYPE_CHECKING:
    from rich.console import Console

    from firedoor.model.pod_security_answers import NamespaceStanding, PodSecurityDryRun


def print_pss_dry_run(found: PodSecurityDryRun, console: Console, *, verbose: bool) -> None:
    """Print a row for each namespace, then what is in the way; with `verbose` also by which fields."""
    rows = [
        [
            each.namespace,
            _label(each),
            each.meets,
            str(each.workloads),
            str(sum(own.meets == "privileged" for own in each.obstructing)),
            str(len(each.obstructing)),
        ]
        for each in found.namespaces
    ]
    titles = ("NAMESPACE", "ENFORCES", "COULD ENFORCE", "WORKLOADS", "AGAINST BASELINE", "AGAINST RESTRICTED")
    print_columns(console, titles, rows)
    for each in found.namespaces:
        _print_obstacles(each, "baseline", "in the way of baseline", console, verbose=verbose)
        besides = "besides, " if each.meets == "privileged" else ""
        _print_obstacles(each, "restricted", f"{besides}in the way of restricted", console, verbose=verbose)
    console.print()
    _line(console, _summary(found), "bold")


def _print_obstacles(found: NamespaceStanding, level: str, title: str, console: Console, *, verbose: bool) -> None:
    by_workload = {
        each.workload: own for each in found.obstructing if (own := [o for o in each.obstacles if o.level == level])
    }
    if by_workload:
        console.print()
        _line(console, f"{found.namespace}: {title}", "bold")
    for workload, obstacles in by_workload.items():
        _line(console, f"  {workload}: {', '.join(each.control for each in obstacles)}")
        for each in obstacles if verbose else ():
            for fault in each.faults:
                _line(console, f"    {each.control}: {fault}", "dim")


def _label(each: NamespaceStanding) -> str:
    if not each.is_known:
        return "?"
    version = f":{each.enforce_version}" if each.enforce_version is not None else ""
    return f"{each.enforce}{version}" if each.enforce is not None else "-"


def _summary(found: PodSecurityDryRun) -> str:
    total = len(found.namespaces)
    restricted = sum(each.meets == "restricted" for each in found.namespaces)
    baseline = sum(each.meets == "baseline" for each in found.namespaces)
    told = found.version if found.version == found.effective_version else f"{found.version} ({found.effective_version})"
    return (
        f"Pod Security Standards {told}: of {total} namespace{'s' * (total != 1)} "
        f"{restricted} could enforce restricted, {baseline} baseline, {total - restricted - baseline} neither; "
        f"{len(found.gaps)} gap{'s' * (len(found.gaps) != 1)}."
    )


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(visible(text), style=style), soft_wrap=True)
