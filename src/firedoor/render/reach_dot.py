"""Connectivity as a Graphviz graph."""

from __future__ import annotations

from firedoor.model.connections import Connectivity
from firedoor.render.words import end_namespace, end_text, traffic_text


def reach_dot(connectivity: Connectivity) -> str:
    """Return a digraph with a cluster per namespace; unknown traffic is dashed."""
    pairs = [pair for pair in connectivity.connections if pair.traffic or pair.unknown]
    ends = sorted({(end_namespace(end), end_text(end)) for pair in pairs for end in (pair.src, pair.dst)})
    lines = ["digraph reach {", "  rankdir=LR;", "  node [shape=box];"]
    for number, namespace in enumerate(sorted({namespace for namespace, _ in ends if namespace})):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(namespace)};"]
        lines += [f"    {_quoted(name)};" for owner, name in ends if owner == namespace]
        lines.append("  }")
    lines += [f"  {_quoted(name)} [shape=ellipse];" for namespace, name in ends if not namespace]
    for pair in pairs:
        edge = f"  {_quoted(end_text(pair.src))} -> {_quoted(end_text(pair.dst))}"
        if pair.traffic:
            lines.append(f"{edge} [label={_quoted(traffic_text(pair.traffic))}];")
        if pair.unknown:
            lines.append(f"{edge} [label={_quoted('? ' + traffic_text(pair.unknown))}, style=dashed];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
