"""Edges as files that other programs read: Parquet, CSV and JSON lines."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from firedoor.adapters.flows.ledger import sync_folder
from firedoor.adapters.flows.rows import PEER_COLUMNS, connect, quoted
from firedoor.errors import SourceError
from firedoor.model.flows import FlowEdge, FlowPeer

COLUMNS = (
    *(f"source_{each}" for each in PEER_COLUMNS),
    *(f"destination_{each}" for each in PEER_COLUMNS),
    *("protocol", "port", "verdict", "count", "first", "last"),
)
_NUMBERS = {"port": "INTEGER", "count": "BIGINT", "first": "BIGINT", "last": "BIGINT"}
_BATCH = 10_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_edges(edges: Iterable[FlowEdge], form: str, path: Path) -> int:
    """Write edges to a file, whole or not at all; return how many."""
    made = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        count = {"parquet": _parquet, "csv": _csv, "jsonl": _lines}[form](edges, made)
        made.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        made.unlink(missing_ok=True)
        problem = f"cannot be written: {error.strerror or error}"
        raise SourceError(problem, place=str(path), remedy="choose another file") from error
    return count


def flat(edge: FlowEdge) -> dict[str, object]:
    """Return an edge as one row."""
    return dict(
        zip(
            COLUMNS,
            (
                *_peer(edge.source),
                *_peer(edge.destination),
                edge.protocol,
                edge.port,
                str(edge.verdict),
                edge.count,
                edge.first,
                edge.last,
            ),
            strict=True,
        )
    )


def _peer(peer: FlowPeer) -> tuple[str, ...]:
    return (str(peer.kind), peer.namespace, peer.owner, peer.name, peer.address)


def _lines(objects: Iterable[object], path: Path) -> int:
    encoder, count, found = msgspec.json.Encoder(), 0, iter(objects)
    with path.open("wb") as stream:
        while some := list(islice(found, _BATCH)):
            stream.write(encoder.encode_lines(some))
            count += len(some)
    return count


def _csv(edges: Iterable[FlowEdge], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for count, edge in enumerate(edges, 1):  # noqa: B007 - the count of the last
            writer.writerow(_inert(each) for each in flat(edge).values())
    return count


def _inert(cell: object) -> object:
    # Spreadsheets run cells that begin like a formula, and names are not trusted.
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _parquet(edges: Iterable[FlowEdge], path: Path) -> int:
    with TemporaryDirectory(dir=path.parent, prefix=".firedoor-") as folder:
        lines = Path(folder, "edges.jsonl")
        count = _lines(map(flat, edges), lines)
        columns = ", ".join(f"'{name}': '{_NUMBERS.get(name, 'VARCHAR')}'" for name in COLUMNS)
        rows = f"read_json({quoted(lines)}, format='newline_delimited', hive_partitioning=false, columns={{{columns}}})"
        query = f"COPY (SELECT * FROM {rows}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608 - own names
        connect(Path(folder)).execute(query)
    return count
