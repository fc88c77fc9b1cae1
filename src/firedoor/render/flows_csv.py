"""Edges that were observed, as CSV."""

from __future__ import annotations

import csv
from io import StringIO

from firedoor.model.flow_reading import FlowEdges
from firedoor.model.flows import FlowPeer
from firedoor.render.flows_words import exact_time
from firedoor.render.words import visible

_FORMULA = ("=", "+", "-", "@")
_ENDS = ("kind", "namespace", "owner", "name", "address")
_TITLES = (
    *(f"source_{each}" for each in _ENDS),
    *(f"destination_{each}" for each in _ENDS),
    *("protocol", "port", "verdict", "count", "first", "last"),
)


def flows_csv(found: FlowEdges) -> str:
    """Return a row for each edge, with a header; no cell can start a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_TITLES)
    for each in found.edges:
        cells = (*_peer(each.source), *_peer(each.destination), each.protocol, str(each.port), str(each.verdict))
        times = (exact_time(each.first), exact_time(each.last))
        writer.writerow([_inert(visible(cell)) for cell in (*cells, str(each.count), *times)])
    return out.getvalue()


def _peer(peer: FlowPeer) -> tuple[str, ...]:
    return (str(peer.kind), peer.namespace, peer.owner, peer.name, peer.address)


def _inert(cell: str) -> str:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
