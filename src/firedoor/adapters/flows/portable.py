"""
The edges of the store as one Ibis expression, for engines that run on many machines.

The rows are a table that has the columns of the Parquet files, and `hour` from their folders. What
`queries` says in SQL for DuckDB, this says for ClickHouse, Spark and Trino as well; tests hold both
to the same answers. Needs the extra ``firedoor[ibis]``.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis import Table

from firedoor.adapters.flows.rows import PEER_COLUMNS
from firedoor.model.flows import FlowVerdict

_EDGE = (
    *(f"source_{each}" for each in PEER_COLUMNS),
    *(f"destination_{each}" for each in PEER_COLUMNS),
    *("protocol", "port"),
)
_SIDES = (("in", "ingress"), ("out", "egress"), ("none", ""))
SCHEMA = ibis.schema(
    {
        **dict.fromkeys(_EDGE, "string"),
        "port": "int32",
        "verdict": "string",
        "side": "string",
        "count": "int64",
        "first": "int64",
        "last": "int64",
        "hour": "string",
    }
)
"""What is needed of the rows."""


def edges_expression(rows: Table) -> Table:
    """Return the edges of rows: what both sides told of each hour, so that a connection counts once, added up."""
    told = {
        f"{verdict}_{name}": ((rows.verdict == str(verdict)) & (rows.side == side)).ifelse(rows["count"], 0).sum()
        for verdict in FlowVerdict
        for name, side in _SIDES
    }
    times: dict[str, Any] = {}
    for verdict in FlowVerdict:
        own = rows.verdict == str(verdict)
        times[f"{verdict}_first"] = own.ifelse(rows["first"], None).min()
        times[f"{verdict}_last"] = own.ifelse(rows["last"], None).max()
    hours = rows.group_by([*_EDGE, "hour"]).aggregate(**told, **times)
    parts = [_of_verdict(hours, verdict) for verdict in FlowVerdict]
    edges = ibis.union(*parts)
    counted = edges.filter((edges["count"] > 0) | (edges.told == 0))
    return (
        counted.group_by([*_EDGE, "verdict"])
        .aggregate(count=counted["count"].sum(), first=counted["first"].min(), last=counted["last"].max())
        .order_by([ibis.desc("count"), *_EDGE, "verdict"])
    )


def edges_sql(dialect: str, table: str) -> str:
    """Return the query of edges as an engine wants it, over a table of the rows with that name."""
    return str(ibis.to_sql(edges_expression(ibis.table(SCHEMA, name=table)), dialect=dialect))


def _of_verdict(hours: Table, verdict: FlowVerdict) -> Table:
    own = hours.filter(hours[f"{verdict}_first"].notnull())
    return own.select(
        *_EDGE,
        verdict=ibis.literal(str(verdict)),
        count=_count(own, verdict),
        first=own[f"{verdict}_first"],
        last=own[f"{verdict}_last"],
        told=own[f"{verdict}_in"] + own[f"{verdict}_out"] + own[f"{verdict}_none"],
    )


def _count(hours: Table, verdict: FlowVerdict) -> Any:
    match verdict:
        case FlowVerdict.ALLOWED:
            out = hours.allowed_out - hours.denied_in - hours.audited_in - hours.other_in
            return ibis.greatest(
                hours.allowed_in - hours.audited_out, out, hours.allowed_none, ibis.literal(0, "int64")
            )
        case FlowVerdict.DENIED:
            return ibis.greatest(hours.denied_in + hours.denied_out, hours.denied_none)
        case FlowVerdict.AUDITED:
            return ibis.greatest(hours.audited_in, hours.audited_out, hours.audited_none)
        case FlowVerdict.OTHER:
            out = hours.other_out - hours.allowed_in - hours.denied_in - hours.audited_in
            return ibis.greatest(hours.other_in, out, hours.other_none)
