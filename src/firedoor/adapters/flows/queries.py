"""
Edges out of rows: what each side told of each hour, put together so that a connection counts once.

Both ends report a connection, maybe in different files. For each edge and hour, where `out` and
`in` are what the ends that opened and accepted reported, and `none` what had no side:

- denied: what is denied on the way out never arrives, so it is ``out + in``, or `none` if that is more;
- audited: the greatest of the three;
- allowed: the greatest of ``in`` (without what was audited on the way out), ``out`` without what the
  other end did not allow, and `none`;
- other: the greatest of ``in``, ``out`` without what the other end reported, and `none`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path

from duckdb import DuckDBPyConnection

from firedoor.adapters.flows.rows import PEER_COLUMNS, file_list
from firedoor.model.flow_reading import FlowQuestion
from firedoor.model.flows import FlowEdge, FlowPeer, FlowVerdict, PeerKind

_BATCH = 10_000
_EDGE = (
    *(f"source_{each}" for each in PEER_COLUMNS),
    *(f"destination_{each}" for each in PEER_COLUMNS),
    *("protocol", "port"),
)
_SIDES = (("in", "ingress"), ("out", "egress"), ("none", ""))
_VERDICTS = tuple(str(each) for each in FlowVerdict)
COUNTS = {
    "allowed": "greatest(allowed_in - audited_out, allowed_out - denied_in - audited_in - other_in, allowed_none, 0)",
    "denied": "greatest(denied_in + denied_out, denied_none)",
    "audited": "greatest(audited_in, audited_out, audited_none)",
    "other": "greatest(other_in, other_out - allowed_in - denied_in - audited_in, other_none)",
}
"""How many connections of an edge and hour had each verdict, by what each side told."""


def edges_query(table: str, where: str = "") -> str:
    """Return the query of edges over a table of rows, those with most connections first."""
    keys = ", ".join(_EDGE)
    told = [
        f"coalesce(sum(\"count\") FILTER (verdict = '{verdict}' AND side = '{side}'), 0) AS {verdict}_{name}"
        for verdict in _VERDICTS
        for name, side in _SIDES
    ]
    told += [
        f"{function}(\"{column}\") FILTER (verdict = '{verdict}') AS {verdict}_{column}"
        for verdict in _VERDICTS
        for function, column in (("min", "first"), ("max", "last"))
    ]
    parts = [
        f"SELECT {keys}, '{verdict}' AS verdict, {COUNTS[verdict]} AS \"count\", "  # noqa: S608 - own names
        f'{verdict}_first AS "first", {verdict}_last AS "last", '
        f"{verdict}_in + {verdict}_out + {verdict}_none AS told FROM hours WHERE {verdict}_first IS NOT NULL"
        for verdict in _VERDICTS
    ]
    # What goes on from before has begun in no hour that is asked for, and is there nevertheless.
    return f"""
        WITH hours AS (SELECT {keys}, {", ".join(told)} FROM {table} {where} GROUP BY {keys}, hour),
        edges AS ({" UNION ALL ".join(parts)})
        SELECT {keys}, verdict, sum("count")::BIGINT AS "count", min("first") AS "first", max("last") AS "last"
        FROM edges WHERE "count" > 0 OR told = 0
        GROUP BY {keys}, verdict ORDER BY "count" DESC, {keys}, verdict
    """  # noqa: S608 - own names


def read_edges(database: DuckDBPyConnection, files: Sequence[Path], asked: FlowQuestion) -> Iterator[FlowEdge]:
    """Yield the edges in files that are asked for."""
    conditions, values = conditions_of(asked)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    table = f"read_parquet({file_list(files)}, hive_partitioning = true, hive_types_autocast = false)"
    query = edges_query(table, where)
    if asked.verdicts:
        chosen = ", ".join(f"'{each}'" for each in asked.verdicts)
        query = f"SELECT * FROM ({query}) WHERE verdict IN ({chosen})"  # noqa: S608 - names of an enumeration
    found = database.execute(query, values)
    while rows := found.fetchmany(_BATCH):
        for row in rows:
            source, destination = _peer(row[:5]), _peer(row[5:10])
            yield FlowEdge(source, destination, row[10], row[11], FlowVerdict(row[12]), *row[13:])


def conditions_of(asked: FlowQuestion) -> tuple[list[str], list[object]]:
    """Return conditions on rows, and the values in them."""
    conditions: list[str] = []
    values: list[object] = []
    for end, text in (("source", asked.source), ("destination", asked.destination)):
        if text:
            condition, own = _end(end, text)
            conditions.append(condition)
            values += own
    if asked.port is not None:
        conditions.append("port = ?")
        values.append(asked.port)
    if asked.protocol:
        conditions.append("protocol = ?")
        values.append(asked.protocol)
    return conditions, values


def _end(end: str, text: str) -> tuple[str, list[object]]:
    try:
        network = ip_network(text)
    except ValueError:
        pass
    else:
        return f"{end}_address = ?", [str(network.network_address)]
    namespace, slash, name = text.partition("/")
    if slash:
        return f"({end}_namespace = ? AND {end}_name = ?)", [namespace, name]
    return f"{end}_namespace = ?", [namespace]


def _peer(row: Sequence[str]) -> FlowPeer:
    return FlowPeer(PeerKind(row[0]), *row[1:])
