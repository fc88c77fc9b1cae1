"""Who has what as the JSON contract ``firedoor/rbac-graph/v1``."""

from __future__ import annotations

from firedoor.model.rbac_graph import GraphNode, RbacGraph
from firedoor.render.json_text import json_text
from firedoor.render.reach_json import object_document

SCHEMA = "firedoor/rbac-graph/v1"


def rbac_graph_json(graph: RbacGraph) -> str:
    """Return the whole graph as indented JSON, with a newline at its end; nothing is drawn as one in it."""
    left = graph.left_out
    return json_text(
        {
            "schema": SCHEMA,
            "nodes": [_node(each) for each in graph.nodes],
            "edges": [
                {"from": each.source, "to": each.target, "kind": each.kind.value, "place": each.place}
                for each in graph.edges
            ],
            "left_out": {"bindings": left.bindings, "roles": left.roles, "unbound": left.unbound},
            "notes": list(graph.notes),
            "gaps": [
                {"source": each.source, "reason": each.reason, "object": object_document(each.object)}
                for each in graph.gaps
            ],
        }
    )


def _node(node: GraphNode) -> dict[str, object]:
    return {
        "id": node.id,
        "part": node.part.value,
        "kind": node.kind,
        "namespace": node.namespace,
        "name": node.name,
        "state": node.state.value,
        "severity": node.severity.value if node.severity is not None else None,
        "risks": [{"id": each.id, "severity": each.severity.value} for each in node.risks],
        "place": node.place,
    }
