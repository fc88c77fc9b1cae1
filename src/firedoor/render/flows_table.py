"""Edges that were observed, for people."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from firedoor.model.flow_reading import FlowEdges, FlowHoldings
from firedoor.render.columns import print_columns
from firedoor.render.flows_words import coverage_text, peer_text, port_text, time_text
from firedoor.render.words import count_text, visible

_STYLES = {"allowed": "green", "denied": "red", "audited": "yellow", "other": "dim"}


def print_flows(found: FlowEdges, console: Console) -> None:
    """Print a row for each edge, most connections first, then what they are based on."""
    rows: list[list[str | Text]] = [
        [
            peer_text(each.source),
            peer_text(each.destination),
            port_text(each.protocol, each.port),
            Text(str(each.verdict), style=_STYLES[str(each.verdict)]),
            f"{each.count:,}",
            time_text(each.first),
            time_text(each.last),
        ]
        for each in found.edges
    ]
    print_columns(console, ("FROM", "TO", "PORT", "VERDICT", "CONNECTIONS", "FIRST", "LAST"), rows)
    console.print()
    shown = f"{len(found.edges)} of " if len(found.edges) < found.total else ""
    console.print(Text(f"{shown}{count_text(found.total, 'edge')}"), soft_wrap=True)
    console.print(Text(coverage_text(found.coverage)), soft_wrap=True)


def print_status(found: FlowHoldings, console: Console) -> None:
    """Print the sources, what the store holds of each cluster, and what it has seen."""
    rows = [
        [
            each.name,
            each.format,
            each.cluster,
            f"{each.tally.records:,}",
            f"{each.tally.lost:,}",
            f"{each.tally.malformed:,}",
            time_text(each.tally.first),
            time_text(each.tally.last),
        ]
        for each in found.sources
    ]
    print_columns(console, ("SOURCE", "FORMAT", "CLUSTER", "FLOWS", "LOST", "MALFORMED", "FIRST", "LAST"), rows)
    console.print()
    for each in found.hours:
        span = f"{time_text(each.first)} to {time_text(each.last)}"
        files = f"{count_text(each.hours, 'hour')} in {count_text(each.files, 'file')}"
        held = f"{files}, {each.octets:,} bytes, {each.rows:,} rows"
        console.print(Text(f"cluster {visible(each.cluster)}: {held}, {span}"), soft_wrap=True)
    console.print(Text(coverage_text(found.coverage)), soft_wrap=True)
