"""Connectivity as CSV, one row per pair."""

from __future__ import annotations

import csv
from io import StringIO

from firedoor.model.connections import Connectivity, PeerEnd
from firedoor.render.words import traffic_text, visible

_FORMULA = ("=", "+", "-", "@")


def reach_csv(connectivity: Connectivity) -> str:
    """Return rows of source, destination, sure and unknown traffic; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("source", "source_kind", "destination", "destination_kind", "traffic", "unknown"))
    for pair in connectivity.connections:
        if pair.traffic or pair.unknown:
            unknown = traffic_text(pair.unknown) if pair.unknown else ""
            sure = traffic_text(pair.traffic) if pair.traffic else ""
            cells = (str(pair.src), _kind(pair.src), str(pair.dst), _kind(pair.dst), sure, unknown)
            writer.writerow([_inert(visible(cell)) for cell in cells])
    return out.getvalue()


def _kind(end: PeerEnd) -> str:
    return end.workload.kind if end.workload is not None else "IPs"


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
