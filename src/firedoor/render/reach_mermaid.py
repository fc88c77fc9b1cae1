"""Connectivity as a Mermaid flowchart."""

from __future__ import annotations

import re

from firedoor.model.connections import Connectivity
from firedoor.render.words import end_names, end_namespace, traffic_text

_SPECIAL = re.compile(r"[^A-Za-z0-9 ./,;:()?_-]")


def reach_mermaid(connectivity: Connectivity) -> str:
    """Return a left-to-right flowchart with a subgraph per namespace; unknown traffic is dotted."""
    pairs = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    names = end_names(end for pair in pairs for end in (pair.src, pair.dst))
    # Numbered ids cannot collide or hold syntax, whatever the names are.
    ids = {end: f"n{number}" for number, end in enumerate(names)}
    lines = ["flowchart LR"]
    for number, namespace in enumerate(sorted({end_namespace(end) for end in names} - {""})):
        lines.append(f'  subgraph s{number}["{escaped(namespace)}"]')
        inside = [end for end in names if end_namespace(end) == namespace]
        lines += [f'    {ids[end]}["{escaped(names[end])}"]' for end in inside]
        lines.append("  end")
    lines += [f'  {ids[end]}(["{escaped(name)}"])' for end, name in names.items() if not end_namespace(end)]
    for pair in pairs:
        src, dst = ids[pair.src], ids[pair.dst]
        if pair.traffic:
            lines.append(f'  {src} -->|"{escaped(traffic_text(pair.traffic))}"| {dst}')
        if pair.unknown:
            lines.append(f'  {src} -.->|"? {escaped(traffic_text(pair.unknown))}"| {dst}')
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return a text for between quotes: what could be syntax or markup is written as its number."""
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", text)
