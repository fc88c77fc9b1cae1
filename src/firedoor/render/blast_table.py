"""How far a compromise spreads, for people."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.text import Text

from firedoor.model.blast import Blast, BlastPaths, Hop, Reached
from firedoor.model.connections import PeerEnd
from firedoor.render.columns import print_columns
from firedoor.render.words import count_text, end_names, traffic_text, visible


def print_blast(blast: Blast, console: Console) -> None:
    """Print a row for each workload, worst first, then one line of counts."""
    names = end_names(PeerEnd(row.workload) for row in blast.rows)
    rows = [
        [
            names[PeerEnd(row.workload)],
            str(row.pods),
            *(_reached(each) for each in (row.one_hop, row.two_hops, row.all_hops)),
            str(row.hops),
        ]
        for row in blast.rows
    ]
    print_columns(console, ("WORKLOAD", "PODS", "1 HOP", "2 HOPS", "ALL HOPS", "HOPS"), rows)
    console.print()
    console.print(Text(blast_summary(blast)), soft_wrap=True)


def blast_summary(blast: Blast) -> str:
    """Return how many workloads there are, how many of them reach all others or none, and what counts as a hop."""
    most = sum(row.all_hops.workloads == blast.workloads - 1 for row in blast.rows)
    none = sum(not row.all_hops.pods for row in blast.rows)
    parts = (
        f"{count_text(len(blast.rows), 'workload')} of {blast.workloads} ({count_text(blast.pods, 'pod')} in all)",
        f"{most} {'reaches' if most == 1 else 'reach'} every other",
        f"{none} {'reaches' if none == 1 else 'reach'} none",
        _counted(blast.port, possible=blast.possible),
        count_text(len(blast.gaps), "gap"),
    )
    return "; ".join(parts)


def print_blast_paths(paths: BlastPaths, console: Console) -> None:
    """Print the workloads by number of hops, each with a path, then one line of counts."""
    names = end_names(PeerEnd(each.workload) for each in paths.reached)
    for hops, layer in groupby(paths.reached, key=lambda each: each.hops):
        what = "reached from" if paths.is_from else "able to reach"
        found = list(layer)
        _line(console, f"{count_text(hops, 'hop')}: {count_text(len(found), 'workload')} {what} {paths.end}")
        for each in found:
            _line(console, f"  {names[PeerEnd(each.workload)]} ({count_text(each.pods, 'pod')})")
            for hop in each.path:
                _line(console, f"    {_hop(hop)}")
        console.print()
    pods = sum(each.pods for each in paths.reached)
    what = f"reached from {paths.end}" if paths.is_from else f"able to reach {paths.end}"
    count = f"{count_text(len(paths.reached), 'workload')} ({count_text(pods, 'pod')}) {what}"
    counted = _counted(paths.port, possible=paths.possible)
    _line(console, f"{count}; {counted}; {count_text(len(paths.gaps), 'gap')}")


def _hop(hop: Hop) -> str:
    unknown = f"? {traffic_text(hop.unknown)}" if hop.unknown else ""
    traffic = "  ".join(filter(None, (traffic_text(hop.traffic) if hop.traffic else "", unknown)))
    return f"{hop.source} -> {hop.destination}  {traffic}"


def _reached(reached: Reached) -> str:
    return f"{count_text(reached.workloads, 'workload')}, {count_text(reached.pods, 'pod')}" if reached.pods else "-"


def _counted(port: str, *, possible: bool) -> str:
    hops = "accepted or unknown" if possible else "accepted"
    return f"a hop is a connection that is {hops} on {port or 'any port'}"


def _line(console: Console, text: str) -> None:
    console.print(Text(visible(text)), soft_wrap=True)
