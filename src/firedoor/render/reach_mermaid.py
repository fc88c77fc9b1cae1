"""Connectivity as a Mermaid flowchart."""

from __future__ import annotations

import re

from firedoor.model.connections import Connectivity
from firedoor.render.words import end_namespace, end_text, traffic_text

_SPECIAL = re.compile(r"[^A-Za-z0-9 ./,;:()?_-]")


def reach_mermaid(connectivity: Connectivity) -> str:
    """Return a left-to-right flowchart with a subgraph per namespace; unknown traffic is dotted."""
    pairs = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    ends = sorted({(end_namespace(end), end_text(end)) for pair in pairs for end in (pair.src, pair.dst)})
    # Numbered ids cannot collide or hold syntax, whatever the names are.
    ids = {end: f"n{number}" for number, end in enumerate(ends)}
    lines = ["flowchart LR"]
    for number, namespace in enumerate(sorted({namespace for namespace, _ in ends if namespace})):
        lines.append(f'  subgraph s{number}["{_escaped(namespace)}"]')
        lines += [f'    {ids[end]}["{_escaped(end[1])}"]' for end in ends if end[0] == namespace]
        lines.append("  end")
    lines += [f'  {ids[end]}(["{_escaped(end[1])}"])' for end in ends if not end[0]]
    for pair in pairs:
        src = ids[end_namespace(pair.src), end_text(pair.src)]
        dst = ids[end_namespace(pair.dst), end_text(pair.dst)]
        if pair.traffic:
            lines.append(f'  {src} -->|"{_escaped(traffic_text(pair.traffic))}"| {dst}')
        if pair.unknown:
            lines.append(f'  {src} -.->|"? {_escaped(traffic_text(pair.unknown))}"| {dst}')
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"#{ord(match.group())};", text)
