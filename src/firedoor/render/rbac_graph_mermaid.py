"""Who has what as a Mermaid flowchart."""

from __future__ import annotations

from firedoor.model.findings import Severity
from firedoor.model.rbac_graph import EdgeKind, GraphNode, NodeState, Part, RbacGraph
from firedoor.render.rbac_graph_words import gaps_of, kind_text, name_text, notes_of, pictured, risk_text, state_text
from firedoor.render.reach_mermaid import escaped

_SHAPES = {
    "User": ("([", "])"),
    "Group": ("[[", "]]"),
    "ServiceAccount": ("(", ")"),
    "RoleBinding": ("{{", "}}"),
    "ClusterRoleBinding": ("{{", "}}"),
    "Role": ("[", "]"),
    "ClusterRole": ("[/", "/]"),
}
_WORKLOAD = ("[(", ")]")
_ARROWS = {
    EdgeKind.RUNS_AS: '-.->|"runs as"|',
    EdgeKind.MEMBER: '-.->|"member of"|',
    EdgeKind.AGGREGATES: '-.->|"aggregates"|',
    EdgeKind.BOUND: "-->",
    EdgeKind.GRANTS: "-->",
}
_STYLES = {
    Severity.CRITICAL: "fill:#f28b82,color:#000",
    Severity.HIGH: "fill:#f7b58a,color:#000",
    Severity.MEDIUM: "fill:#f8dc8c,color:#000",
    Severity.LOW: "fill:#d3e3fd,color:#000",
    Severity.INFO: "fill:#eeeeee,color:#000",
    NodeState.MISSING: "stroke:#b3261e,stroke-width:3px,stroke-dasharray:6 4",
    NodeState.UNREAD: "stroke:#5f6368,stroke-dasharray:6 4",
}


def rbac_graph_mermaid(graph: RbacGraph) -> str:
    """Return a left-to-right flowchart: the shape says the kind, the colour the severity, dashes what lacks."""
    drawn = pictured(graph)
    # Numbered ids cannot collide or hold syntax, whatever the names are.
    ids = {each.id: f"n{number}" for number, each in enumerate(drawn.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  %% gap: {escaped(each)}" for each in gaps_of(drawn)]
    lines += [f"  {ids[each.id]}{_shaped(each)}" for each in drawn.nodes]
    lines += [f"  {ids[each.source]} {_ARROWS[each.kind]} {ids[each.target]}" for each in drawn.edges]
    for name, style in _STYLES.items():
        alike = [ids[each.id] for each in drawn.nodes if name in {each.severity, each.state}]
        if alike:
            lines += [f"  classDef {name} {style}", f"  class {','.join(alike)} {name}"]
    notes = notes_of(drawn)
    if notes:
        lines += [f'  notes["{_lines(notes)}"]', "  style notes fill:none,stroke:none"]
    return "\n".join(lines) + "\n"


def _shaped(node: GraphNode) -> str:
    before, after = _WORKLOAD if node.part is Part.WORKLOAD else _SHAPES.get(node.kind, ("[", "]"))
    label = list(filter(None, (kind_text(node), name_text(node), state_text(node), risk_text(node))))
    return f'{before}"{_lines(label)}"{after}'


def _lines(texts: list[str]) -> str:
    return "<br/>".join(map(escaped, texts))
