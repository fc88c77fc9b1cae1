"""
The import of Hubble's lines beside what DuckDB's ``read_json`` needs: ``python -m benchmarks.flows``.

All read the same seeded file in processes of their own, one after the other, several times; the
medians, and their ratios, are of one run. The bare query reads the columns that make an edge and
counts lines by them; it attributes nothing, counts connections several times, and tells of no broken
line. The wide query reads all columns that the import looks at, and counts by connection, as a way
through SQL would have to begin with. ``--keep FILE`` uses a file that is there.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from statistics import median

import duckdb

from benchmarks.flow_lines import hubble_lines
from benchmarks.processes import Run, run
from benchmarks.table import Figure, render

_PORTS = "STRUCT(source_port INTEGER, destination_port INTEGER)"
_END = "STRUCT(namespace VARCHAR, pod_name VARCHAR, workloads STRUCT(name VARCHAR, kind VARCHAR)[])"
_FLOW = (
    "STRUCT(time VARCHAR, verdict VARCHAR, IP STRUCT(source VARCHAR, destination VARCHAR), "
    f"l4 STRUCT(TCP {_PORTS}, UDP {_PORTS}), source {_END}, destination {_END})"
)
_BARE = """
    SELECT flow.source.namespace, flow.source.workloads[1].name, flow.destination.namespace,
        flow.destination.workloads[1].name, coalesce(flow.l4.TCP.destination_port, flow.l4.UDP.destination_port),
        flow.verdict, count(*), min(flow.time), max(flow.time)
    FROM read_json(?, format = 'newline_delimited', columns = {flow: '%s'}) GROUP BY ALL
"""


_POLICIES = "STRUCT(name VARCHAR, namespace VARCHAR, kind VARCHAR)[]"
_FLAGGED = "STRUCT(source_port INTEGER, destination_port INTEGER, flags STRUCT(SYN BOOLEAN, ACK BOOLEAN))"
_WIDE_FLOW = (
    "STRUCT(time VARCHAR, verdict VARCHAR, drop_reason_desc VARCHAR, IP STRUCT(source VARCHAR, destination VARCHAR), "
    f"l4 STRUCT(TCP {_FLAGGED}, UDP {_FLAGGED}), source {_END}, destination {_END}, Type VARCHAR, node_name VARCHAR, "
    "is_reply BOOLEAN, event_type STRUCT(type INTEGER), source_names VARCHAR[], destination_names VARCHAR[], "
    f"traffic_direction VARCHAR, trace_observation_point VARCHAR, egress_allowed_by {_POLICIES}, "
    f"ingress_allowed_by {_POLICIES}, egress_denied_by {_POLICIES}, ingress_denied_by {_POLICIES})"
)
_WIDE = """
    SELECT flow.IP, flow.l4.TCP.source_port, flow.l4.UDP.source_port, flow.l4.TCP.destination_port,
        flow.l4.UDP.destination_port, flow.source.pod_name, flow.destination.pod_name, flow.verdict, flow.is_reply,
        flow.traffic_direction, flow.drop_reason_desc, flow.Type, flow.trace_observation_point,
        count(*), min(flow.time), max(flow.time), any_value(flow.source), any_value(flow.destination),
        any_value(flow.source_names), any_value(flow.destination_names), any_value(flow.egress_allowed_by),
        any_value(flow.ingress_allowed_by), any_value(flow.egress_denied_by), any_value(flow.ingress_denied_by),
        bool_or(flow.event_type.type = 5), any_value(flow.node_name), bool_or(flow.l4.TCP.flags.SYN)
    FROM read_json(?, format = 'newline_delimited', columns = {flow: '%s'}) GROUP BY ALL
"""


def main() -> None:
    """Print the figures of one run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flows", description=__doc__)
    parser.add_argument("--connections", type=int, default=100_000, help="about ten lines each (default 100000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the lines there, or use those it has")
    parser.add_argument("--query", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.query:
        query = _BARE % _FLOW if chosen.query[0] == "bare" else _WIDE % _WIDE_FLOW
        duckdb.execute(query, [chosen.query[1]]).fetchall()
        return
    with tempfile.TemporaryDirectory() as folder:
        path = chosen.keep or Path(folder, "hubble.jsonl")
        if not path.exists():
            with path.open("wb") as stream:
                stream.writelines(hubble_lines(chosen.connections, chosen.seed))
        _show(path, Path(folder), chosen.runs)


def _show(path: Path, folder: Path, runs: int) -> None:
    found: dict[str, list[Run]] = {"bare": [], "wide": [], "own": []}
    for number in range(runs):
        for name in ("bare", "wide"):
            found[name].append(run("-m", "benchmarks.flows", "--query", name, str(path)))
        command = ("-m", "firedoor", "flows", "import", str(path), "--store", str(folder / f"store-{number}"))
        found["own"].append(run(*command))
    bare, wide, own = (tuple(median(column) for column in zip(*each, strict=True)) for each in found.values())
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n")
    figures = [
        Figure("JSON", path.stat().st_size / 1e6, "MB"),
        *(
            Figure(f"{name}: {unit}", each[column], "s")
            for name, each in (("bare read_json", bare), ("wide read_json", wide), ("import", own))
            for column, unit in enumerate(("time", "processor"))
        ),
        Figure("speed of the import / bare, by time", bare[0] / own[0], "x", ">= 0.7"),
        Figure("speed of the import / bare, by processor", bare[1] / own[1], "x"),
        Figure("speed of the import / wide, by time", wide[0] / own[0], "x"),
        Figure("speed of the import / wide, by processor", wide[1] / own[1], "x"),
        Figure("import: most memory of one process", own[2] / 1e6, "MB", "<= 1000"),
    ]
    print(render("import of Hubble's lines", figures))


if __name__ == "__main__":
    main()
