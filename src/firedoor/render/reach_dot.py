"""Connectivity as a Graphviz graph."""

from __future__ import annotations

from firedoor.model.connections import Connectivity
from firedoor.render.words import end_names, end_namespace, traffic_text


def reach_dot(connectivity: Connectivity) -> str:
    """Return a digraph with a cluster per namespace; unknown traffic is dashed."""
    pairs = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    names = end_names(end for pair in pairs for end in (pair.src, pair.dst))
    # Numbered ids cannot merge two ends, whatever their names are.
    ids = {end: f"n{number}" for number, end in enumerate(names)}
    lines = ["digraph reach {", "  rankdir=LR;", "  node [shape=box];"]
    for number, namespace in enumerate(sorted({end_namespace(end) for end in names} - {""})):
        lines += [f"  subgraph cluster_{number} {{", f"    label={quoted(namespace)};"]
        for end, name in names.items():
            if end_namespace(end) == namespace:
                lines.append(f"    {ids[end]} [label={quoted(name)}];")
        lines.append("  }")
    for end, name in names.items():
        if not end_namespace(end):
            lines.append(f"  {ids[end]} [label={quoted(name)}, shape=ellipse];")
    for pair in pairs:
        edge = f"  {ids[pair.src]} -> {ids[pair.dst]}"
        if pair.traffic:
            lines.append(f"{edge} [label={quoted(traffic_text(pair.traffic))}];")
        if pair.unknown:
            lines.append(f"{edge} [label={quoted('? ' + traffic_text(pair.unknown))}, style=dashed];")
    return "\n".join([*lines, "}"]) + "\n"


def quoted(text: str) -> str:
    """Return a text as a string of the language, which means nothing but itself."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
