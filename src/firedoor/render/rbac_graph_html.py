"""Who has what as one HTML file that works offline and asks no other host for anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from firedoor.model.rbac_graph import EdgeKind, GraphEdge, GraphNode, Part, RbacGraph
from firedoor.render.html_page import html_page
from firedoor.render.rbac_graph_words import (
    gaps_of,
    kind_text,
    lines_of,
    name_text,
    notes_of,
    pictured,
    state_text,
    summary_of,
)
from firedoor.render.words import visible

_COLUMNS = ("What runs", "Subjects", "Groups", "Bindings", "Roles", "Aggregated roles")
_PARTS = {Part.WORKLOAD: 0, Part.SUBJECT: 1, Part.BINDING: 3, Part.ROLE: 4}
_GROUPS, _AGGREGATED = 2, 5
_THROUGH = {
    EdgeKind.RUNS_AS: "runs as it",
    EdgeKind.MEMBER: "is a member",
    EdgeKind.AGGREGATES: "aggregates it",
}
_NOBODY = "nobody"


def rbac_graph_html(graph: RbacGraph) -> str:
    """Return the page: a map in which what is alike may be drawn as one, and a table that leaves nothing out."""
    drawn = pictured(graph)
    numbers = {each.id: number for number, each in enumerate(drawn.nodes)}
    granted = {each.target for each in drawn.edges if each.kind is EdgeKind.GRANTS}
    has_members = any(each.kind is EdgeKind.MEMBER for each in drawn.edges)
    data = {
        "summary": summary_of(graph),
        "columns": _COLUMNS,
        "nodes": [_node(each, is_granted=each.id in granted, has_members=has_members) for each in drawn.nodes],
        "edges": [[numbers[each.source], numbers[each.target], each.kind.value] for each in drawn.edges],
        "rows": [*_rows(graph, _on_map(drawn))],
        "notes": notes_of(drawn),
        "gaps": gaps_of(graph),
    }
    return html_page(
        "rbac_graph.html", ("reach.css", "rbac_graph.css"), ("page.js", "layers.js", "rbac_graph.js"), data
    )


def _node(node: GraphNode, *, is_granted: bool, has_members: bool) -> dict[str, object]:
    column = _PARTS[node.part]
    if node.part is Part.SUBJECT and node.kind == "Group" and has_members:
        column = _GROUPS
    if node.part is Part.ROLE and not is_granted:
        column = _AGGREGATED
    return {
        "kind": kind_text(node),
        "name": name_text(node),
        "shape": node.part.value if node.part is Part.WORKLOAD else node.kind,
        "column": column,
        "severity": node.severity or "none",
        "state": node.state,
        "lines": lines_of(node),
    }


def _on_map(drawn: RbacGraph) -> dict[tuple[Part, str], int]:
    """Return for each node of the whole graph, by part and name, the one on the map that it is, or is drawn with."""
    return {
        (node.part, str(ref)): number
        for number, node in enumerate(drawn.nodes)
        for ref in (node.members or (node.ref,))
    }


def _rows(graph: RbacGraph, on_map: dict[tuple[Part, str], int]) -> Iterator[dict[str, object]]:
    nodes = {each.id: each for each in graph.nodes}
    roles = {each.source: nodes[each.target] for each in graph.edges if each.kind is EdgeKind.GRANTS}
    bound: dict[str, list[GraphEdge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.kind is EdgeKind.BOUND:
            bound[edge.target].append(edge)

    def row(who: GraphNode | None, has: GraphNode, through: str, place: str, *also: GraphNode) -> dict[str, object]:
        shown = [each for each in (who, *also, has) if each is not None]
        return {
            "who": _named(who) if who is not None else _NOBODY,
            "has": _named(has),
            "through": through,
            "risks": _risks(has),
            "severity": has.severity or "none",
            "place": visible(place),
            "spaces": sorted({visible(each.namespace) for each in shown} - {""}),
            "on": [on_map[each.part, str(each.ref)] for each in shown],
        }

    for node in graph.nodes:
        if node.part is Part.BINDING:
            # A binding has one role, and may have no subject.
            subjects: Iterable[GraphNode | None] = [nodes[each.source] for each in bound[node.id]] or [None]
            for who in subjects:
                yield row(who, roles[node.id], _named(node), node.place, node)
    for edge in graph.edges:
        if edge.kind in _THROUGH:
            yield row(nodes[edge.source], nodes[edge.target], _THROUGH[edge.kind], edge.place)


def _named(node: GraphNode) -> str:
    state = state_text(node)
    return f"{kind_text(node)} {name_text(node)}{f', which {state}' if state else ''}"


def _risks(node: GraphNode) -> str:
    """Return the ids of the risks by severity: ``high: secrets-read; low: pod-logs``."""
    alike = groupby(node.risks, key=lambda each: each.severity)
    return "; ".join(f"{severity}: {', '.join(each.id for each in risks)}" for severity, risks in alike)
