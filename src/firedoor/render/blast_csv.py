"""How far a compromise spreads, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from firedoor.model.blast import Blast, BlastPaths, Hop
from firedoor.render.words import traffic_text, visible

_FORMULA = ("=", "+", "-", "@")
_TITLES = (
    "workload",
    "kind",
    "pods",
    "one_hop_workloads",
    "one_hop_pods",
    "two_hops_workloads",
    "two_hops_pods",
    "all_hops_workloads",
    "all_hops_pods",
    "hops",
)


def blast_csv(blast: Blast) -> str:
    """Return a row for each workload; no cell can start a formula."""
    return _csv(
        _TITLES,
        (
            (
                f"{row.workload.namespace}/{row.workload.name}",
                row.workload.kind,
                row.pods,
                *(n for each in (row.one_hop, row.two_hops, row.all_hops) for n in (each.workloads, each.pods)),
                row.hops,
            )
            for row in blast.rows
        ),
    )


def blast_paths_csv(paths: BlastPaths) -> str:
    """Return a row for each workload with its path in words; no cell can start a formula."""
    return _csv(
        ("workload", "kind", "hops", "pods", "path"),
        (
            (
                f"{each.workload.namespace}/{each.workload.name}",
                each.workload.kind,
                each.hops,
                each.pods,
                ", ".join(map(_hop, each.path)),
            )
            for each in paths.reached
        ),
    )


def _hop(hop: Hop) -> str:
    unknown = f"? {traffic_text(hop.unknown)}" if hop.unknown else ""
    traffic = " ".join(filter(None, (traffic_text(hop.traffic) if hop.traffic else "", unknown)))
    return f"{hop.source} -> {hop.destination} ({traffic})"


def _csv(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_inert(visible(str(cell))) for cell in row])
    return out.getvalue()


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
