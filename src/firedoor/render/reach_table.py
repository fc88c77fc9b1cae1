"""Connectivity as a table for people."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.text import Text

from firedoor.model.connections import Connectivity, PeerConnection
from firedoor.render.columns import print_columns
from firedoor.render.words import end_namespace, end_text, is_everyone, traffic_text


def print_reach(connectivity: Connectivity, console: Console) -> None:
    """Print the connections by namespace of the source, then one line of counts."""
    shown = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    ordered = sorted(shown, key=lambda pair: (end_namespace(pair.src), pair.src.ips))
    rows: list[list[str | Text]] = []
    for _, pairs in groupby(ordered, key=lambda pair: end_namespace(pair.src)):
        if rows:
            rows.append([])
        rows += [[end_text(pair.src), end_text(pair.dst), _traffic(pair)] for pair in pairs]
    if rows:
        print_columns(console, ("SOURCE", "DESTINATION", "TRAFFIC"), rows)
        console.print()
    console.print(Text(summary_text(connectivity)), soft_wrap=True)


def summary_text(connectivity: Connectivity) -> str:
    """Return how many connections, workloads, workloads open to everyone, and gaps there are."""
    sure = [pair for pair in connectivity.connections if pair.traffic]
    workloads = {end.workload for pair in sure for end in (pair.src, pair.dst) if end.workload is not None}
    exposed = {pair.dst.workload for pair in sure if pair.src.ips and is_everyone(pair.src.ips)} - {None}
    return (
        f"{_count(len(sure), 'connection')} between {_count(len(workloads), 'workload')}; "
        f"{len(exposed)} open to everyone; {_count(len(connectivity.gaps), 'gap')}"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _traffic(pair: PeerConnection) -> Text:
    text = Text(traffic_text(pair.traffic) if pair.traffic else "")
    if pair.unknown:
        text.append(f"{'  ' if pair.traffic else ''}? {traffic_text(pair.unknown)}", style="yellow")
    return text
