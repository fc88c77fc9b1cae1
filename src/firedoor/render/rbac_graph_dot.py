"""Who has what as a Graphviz graph."""

from __future__ import annotations

from firedoor.model.findings import Severity
from firedoor.model.rbac_graph import EdgeKind, GraphNode, NodeState, Part, RbacGraph
from firedoor.render.rbac_graph_words import (
    gaps_of,
    kind_text,
    lines_of,
    name_text,
    notes_of,
    pictured,
    risk_text,
    state_text,
)
from firedoor.render.reach_dot import quoted
from firedoor.render.words import visible

_SHAPES = {
    "User": "ellipse",
    "Group": "doubleoctagon",
    "ServiceAccount": "octagon",
    "RoleBinding": "cds",
    "ClusterRoleBinding": "cds",
    "Role": "box",
    "ClusterRole": "box3d",
}
_COLORS = {
    Severity.CRITICAL: "#f28b82",
    Severity.HIGH: "#f7b58a",
    Severity.MEDIUM: "#f8dc8c",
    Severity.LOW: "#d3e3fd",
    Severity.INFO: "#eeeeee",
    None: "white",
}
_STATES = {
    NodeState.THERE: 'style="filled"',
    NodeState.MISSING: 'style="filled,dashed", color="#b3261e", fontcolor="#b3261e", penwidth=2',
    NodeState.UNREAD: 'style="filled,dashed", color="#5f6368"',
}
_EDGES = {
    EdgeKind.RUNS_AS: 'label="runs as", style=dotted',
    EdgeKind.MEMBER: 'label="member of", style=dashed',
    EdgeKind.AGGREGATES: 'label="aggregates", style=dashed',
    EdgeKind.BOUND: "",
    EdgeKind.GRANTS: "",
}


def rbac_graph_dot(graph: RbacGraph) -> str:
    """Return a digraph from workloads to roles: the shape says the kind, the colour the severity, dashes what lacks."""
    drawn = pictured(graph)
    # Numbered ids cannot merge two nodes, whatever their names are.
    ids = {each.id: f"n{number}" for number, each in enumerate(drawn.nodes)}
    lines = [f"// gap: {each}" for each in gaps_of(drawn)]
    lines += ["digraph rbac {", "  rankdir=LR;", '  node [fontname="sans-serif", fontsize=11, margin="0.2,0.1"];']
    lines += ['  edge [fontname="sans-serif", fontsize=9];']
    notes = notes_of(drawn)
    if notes:
        lines.append(f'  labelloc=b; labeljust=l; fontname="sans-serif"; label={_text(notes, end=_LEFT)};')
    lines += [f"  {ids[each.id]} [{_node(each)}];" for each in drawn.nodes]
    for edge in drawn.edges:
        about = [_EDGES[edge.kind], f"edgetooltip={_text([visible(edge.place)])}" if edge.place else ""]
        attributes = ", ".join(filter(None, about))
        lines.append(f"  {ids[edge.source]} -> {ids[edge.target]}{f' [{attributes}]' if attributes else ''};")
    return "\n".join([*lines, "}"]) + "\n"


_LEFT, _CENTRED = "\\l", "\\n"


def _node(node: GraphNode) -> str:
    label = list(filter(None, (kind_text(node), name_text(node), state_text(node), risk_text(node))))
    shape = "folder" if node.part is Part.WORKLOAD else _SHAPES.get(node.kind, "box")
    look = f'shape={shape}, {_STATES[node.state]}, fillcolor="{_COLORS[node.severity]}"'
    return f"label={_text(label)}, tooltip={_text(lines_of(node))}, {look}"


def _text(lines: list[str], end: str = "") -> str:
    """Return lines as one string, each of them meaning nothing but itself: entities are read in strings too."""
    inner = [quoted(each.replace("&", "&amp;"))[1:-1] for each in lines]
    return f'"{(end or _CENTRED).join(inner)}{end}"'
