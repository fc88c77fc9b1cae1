"""Connectivity as one HTML file that works offline and asks no other host for anything."""

from __future__ import annotations

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import Connectivity, PeerConnection, PeerEnd
from firedoor.render.html_page import html_page
from firedoor.render.reach_table import summary_text
from firedoor.render.words import detail_sides, end_names, end_namespace, traffic_text, visible


def reach_html(connectivity: Connectivity) -> str:
    """Return the page; names are data in it, never markup, and ends are numbers that names cannot merge."""
    shown = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    names = end_names(end for pair in shown for end in (pair.src, pair.dst))
    numbers = {end: number for number, end in enumerate(names)}
    data = {
        "summary": summary_text(connectivity),
        "ends": [{"name": name, "namespace": end_namespace(end)} for end, name in names.items()],
        "rows": [_row(pair, numbers) for pair in shown],
        "notes": [visible(note) for note in connectivity.notes],
        "gaps": [visible(f"{gap.source}: {gap.reason}") for gap in connectivity.gaps],
    }
    return html_page("reach.html", ("reach.css",), ("page.js", "map.js", "reach.js"), data)


def _row(pair: PeerConnection, numbers: dict[PeerEnd, int]) -> dict[str, object]:
    passing = [each for each in pair.details if each.traffic or each.unknown]
    return {
        "src": numbers[pair.src],
        "dst": numbers[pair.dst],
        **_words(pair.traffic, pair.unknown),
        "details": [
            {"src": src, "dst": dst, **_words(each.traffic, each.unknown)}
            for each, (src, dst) in zip(passing, detail_sides(passing), strict=True)
        ],
    }


def _words(traffic: Traffic, unknown: Traffic) -> dict[str, str]:
    return {
        "traffic": traffic_text(traffic) if traffic else "",
        "unknown": traffic_text(unknown) if unknown else "",
    }
