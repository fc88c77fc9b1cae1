"""Connectivity as a table for people."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby

from rich.console import Console
from rich.text import Text

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd
from firedoor.render.columns import print_columns
from firedoor.render.words import (
    count_text,
    cover_everyone,
    detail_sides,
    end_names,
    end_namespace,
    traffic_text,
    visible,
)


def print_reach(connectivity: Connectivity, console: Console) -> None:
    """Print the connections by namespace of the source, then notes and one line of counts."""
    shown = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    names = end_names(end for pair in shown for end in (pair.src, pair.dst))
    ordered = sorted(shown, key=lambda pair: (end_namespace(pair.src), pair.src.ips))
    rows: list[list[str | Text]] = []
    for _, pairs in groupby(ordered, key=lambda pair: end_namespace(pair.src)):
        if rows:
            rows.append([])
        for pair in pairs:
            rows.append([names[pair.src], names[pair.dst], _traffic(pair.traffic, pair.unknown)])
            rows += (
                ["", "", Text(f"  only {traffic_text(each.traffic)}: {visible(each.requests)}", style="dim")]
                for each in pair.demands
            )
            rows += _details(pair)
    if rows:
        print_columns(console, ("SOURCE", "DESTINATION", "TRAFFIC"), rows)
        console.print()
    for note in connectivity.notes:
        console.print(Text(f"note: {visible(note)}"), soft_wrap=True)
    console.print(Text(summary_text(connectivity)), soft_wrap=True)


def summary_text(connectivity: Connectivity) -> str:
    """Return how many connections, ends, ends open to everyone, and gaps there are."""
    sure = [pair for pair in connectivity.connections if pair.traffic]
    ends = {end for pair in sure for end in (pair.src, pair.dst) if end.workload is not None}
    outside: dict[PeerEnd, list[str]] = defaultdict(list)
    for pair in sure:
        if pair.src.ips and pair.dst.workload is not None:
            outside[pair.dst].append(pair.src.ips)
    exposed = sum(cover_everyone(ranges) for ranges in outside.values())
    noun = "pod" if any(end.pod for end in ends) else "workload"
    return (
        f"{count_text(len(sure), 'connection')} between {count_text(len(ends), noun)}; "
        f"{exposed} open to everyone; {count_text(len(connectivity.gaps), 'gap')}"
    )


def _details(pair: PeerConnection) -> list[list[str | Text]]:
    passing = [each for each in pair.details if each.traffic or each.unknown]
    return [
        [f"  {src}" if src else "", f"  {dst}" if dst else "", _traffic(each.traffic, each.unknown)]
        for each, (src, dst) in zip(passing, detail_sides(passing), strict=True)
    ]


def _traffic(sure: Traffic, unknown: Traffic) -> Text:
    text = Text(traffic_text(sure) if sure else "")
    if unknown:
        text.append(f"{'  ' if sure else ''}? {traffic_text(unknown)}", style="yellow")
    return text
