"""Rows of edges as Parquet: the schema that is stored, and how rows are written and added up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import msgspec
from msgspec.structs import replace

from firedoor.adapters.flows.ledger import sync_folder
from firedoor.model.flow_reading import FlowRow

MEMORY = "512MB"

PEER_COLUMNS = ("kind", "namespace", "owner", "name", "address")
KEYS = (
    *(f"source_{each}" for each in PEER_COLUMNS),
    *(f"destination_{each}" for each in PEER_COLUMNS),
    *("protocol", "port", "verdict", "side"),
)
"""What rows are told apart by within a cluster and an hour."""

_PEER = f"STRUCT({', '.join(f'{each} VARCHAR' for each in PEER_COLUMNS)})"
_EDGE = (
    f"STRUCT(source {_PEER}, destination {_PEER}, protocol VARCHAR, port INTEGER, verdict VARCHAR, "
    '"count" BIGINT, "first" BIGINT, "last" BIGINT)'
)
_ROW = f"{{edge: '{_EDGE}', side: 'VARCHAR', packets: 'BIGINT', octets: 'BIGINT', policies: 'VARCHAR[]'}}"
"""`FlowRow` as lines of JSON have it."""
_FLAT = ", ".join(
    (
        *(f"edge.{end}.{each} AS {end}_{each}" for end in ("source", "destination") for each in PEER_COLUMNS),
        *("edge.protocol AS protocol", "edge.port AS port", "edge.verdict AS verdict", "side"),
        *(f'edge."{each}" AS "{each}"' for each in ("count", "first", "last")),
        *("packets", "octets", "policies"),
    )
)
_SUMS = """
    sum("count")::BIGINT AS "count", min("first") AS "first", max("last") AS "last",
    sum(packets)::BIGINT AS packets, sum(octets)::BIGINT AS octets,
    coalesce(list_sort(list_distinct(flatten(list(policies)))), []) AS policies
"""


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database that holds little in memory, loads nothing from the network, and spills into a folder."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    return duckdb.connect(":memory:", config=settings)


def write_rows(database: duckdb.DuckDBPyConnection, rows: Sequence[FlowRow], path: Path) -> int:
    """Write rows to a Parquet file, whole or not at all; return its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.with_name(f".{path.name}.{os.getpid()}.json")
    lines.write_bytes(_encoded(rows))
    try:
        table = f"read_json({quoted(lines)}, format='newline_delimited', hive_partitioning=false, columns={_ROW})"
        return _copied(database, f"SELECT {_FLAT} FROM {table}", path)  # noqa: S608 - own names
    finally:
        lines.unlink()


def merge_files(database: duckdb.DuckDBPyConnection, paths: Sequence[Path], path: Path) -> tuple[int, int]:
    """Add the rows of files up into one; return its rows and bytes."""
    keys = ", ".join(KEYS)
    query = f"SELECT {keys}, {_SUMS} FROM read_parquet({file_list(paths)}) GROUP BY {keys}"  # noqa: S608 - own names
    octets = _copied(database, query, path)
    counted = database.execute(f"SELECT count(*) FROM read_parquet({quoted(path)})").fetchone()  # noqa: S608 - own name
    assert counted is not None  # noqa: S101 - a count is one row
    return counted[0], octets


def file_list(paths: Iterable[Path]) -> str:
    """Return paths as a list in SQL."""
    return "[" + ", ".join(map(quoted, paths)) + "]"


def _copied(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    made = path.with_name(f".{path.name}.{os.getpid()}")
    order = "source_namespace, source_name, destination_namespace, destination_name, port"
    database.execute(f"COPY ({query} ORDER BY {order}) TO {quoted(made)} (FORMAT parquet, COMPRESSION zstd)")
    with made.open("rb") as stream:
        os.fsync(stream.fileno())
    made.replace(path)
    sync_folder(path.parent)
    return path.stat().st_size


def _encoded(rows: Sequence[FlowRow]) -> bytes:
    """Return rows as lines of JSON."""
    encode = msgspec.json.Encoder().encode_lines
    try:
        return encode(rows)
    except UnicodeEncodeError:
        # A lone surrogate has no place in Parquet.
        return encode([_printable(each) for each in rows])


def _printable(row: FlowRow) -> FlowRow:
    edge = row.edge
    ends = {
        name: replace(peer, **{each: _written(getattr(peer, each)) for each in PEER_COLUMNS[1:]})
        for name, peer in (("source", edge.source), ("destination", edge.destination))
    }
    told = replace(edge, protocol=_written(edge.protocol), **ends)
    return replace(row, edge=told, side=_written(row.side), policies=tuple(map(_written, row.policies)))


def _written(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def quoted(value: Path | str) -> str:
    """Return a text as SQL writes it."""
    return "'" + str(value).replace("'", "''") + "'"
