"""Connectivity as one HTML file that works offline and asks no other host for anything."""

from __future__ import annotations

import re
from importlib.resources import files

import msgspec

from firedoor.model.connections import Connectivity, PeerConnection
from firedoor.render.reach_table import summary_text
from firedoor.render.words import end_namespace, end_text, traffic_text


def reach_html(connectivity: Connectivity) -> str:
    """Return the page; names are data in it, never markup."""
    folder = files("firedoor.render") / "html"
    rows = [_row(pair) for pair in connectivity.connections if pair.traffic or pair.unknown]
    ends = [end for pair in connectivity.connections for end in (pair.src, pair.dst)]
    data = {
        "summary": summary_text(connectivity),
        "namespaces": sorted({end_namespace(end) for end in ends} - {""}),
        "rows": rows,
        "gaps": [f"{gap.source}: {gap.reason}" for gap in connectivity.gaps],
    }
    parts = {
        "CSS": (folder / "reach.css").read_text(encoding="utf-8"),
        "JS": (folder / "reach.js").read_text(encoding="utf-8"),
        # Without "<" no name can end the script element that holds the data.
        "DATA": msgspec.json.encode(data).decode().replace("<", "\\u003c"),
    }
    template = (folder / "reach.html").read_text(encoding="utf-8")
    # One pass, so that a name which looks like a placeholder stays a name.
    return re.sub("@(CSS|JS|DATA)@", lambda match: parts[match.group(1)], template)


def _row(pair: PeerConnection) -> dict[str, object]:
    return {
        "src": end_text(pair.src),
        "dst": end_text(pair.dst),
        "traffic": traffic_text(pair.traffic) if pair.traffic else "",
        "unknown": traffic_text(pair.unknown) if pair.unknown else "",
        "namespaces": sorted({end_namespace(pair.src), end_namespace(pair.dst)} - {""}),
    }
