"""A graph of RBAC with what is alike drawn as one, so that a person can look at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator

from msgspec.structs import replace

from firedoor.model.rbac_graph import EdgeKind, GraphNode, GraphRisk, Merging, Part, RbacGraph, in_order

_Key = Callable[[GraphNode], Hashable]
_Targets = dict[str, set[tuple[EdgeKind, str]]]
_STEPS = (Merging.SUBJECTS, Merging.BINDINGS, Merging.ROLES, Merging.NAMES)


def merged(graph: RbacGraph, most_nodes: int) -> RbacGraph:
    """
    Return a graph as it is if it has no more than so many nodes, else with nodes that are alike drawn as one.

    As little is merged as is enough; where nothing is enough, as much as there is.
    """
    if len(graph.nodes) <= most_nodes:
        return graph
    found = graph
    for merging in list(Merging)[1:]:
        found = _drawn(graph, _by_likeness(graph, merging), merging)
        if len(found.nodes) <= most_nodes:
            break
    return found


def _by_likeness(graph: RbacGraph, merging: Merging) -> dict[str, str]:
    """Return for each node the first of those that it is drawn with."""
    if merging is Merging.NAMESPACES:
        return _first_alike(graph.nodes, lambda each: (each.part, each.kind, each.state, each.severity, each.namespace))
    if merging is Merging.KINDS:
        return _first_alike(graph.nodes, lambda each: (each.part, each.kind, each.state, each.severity))
    steps = _STEPS[: _STEPS.index(merging) + 1]
    firsts: dict[str, str] = {}
    targets: _Targets = defaultdict(set)
    for edge in graph.edges:
        targets[edge.source].add((edge.kind, edge.target))

    def as_drawn(node: GraphNode) -> Hashable:
        below = frozenset((kind, firsts.get(target, target)) for kind, target in targets[node.id])
        kind = () if node.part is Part.WORKLOAD else (node.kind, node.state, node.risks)
        return (kind, below)

    def as_permitting(node: GraphNode) -> Hashable:
        # Two roles that are missing may become different ones.
        by_name = bool(node.state) or Merging.NAMES in steps
        what = node.name if by_name else node.rules
        return (node.kind, node.state, node.risks, what, frozenset(targets[node.id]))

    # From the roles on backwards, so that what is pointed at is merged first; groups before their members.
    for nodes, step, key in (
        (_of(graph, Part.ROLE), Merging.ROLES, as_permitting),
        (_of(graph, Part.BINDING), Merging.BINDINGS, as_drawn),
        (_of(graph, Part.SUBJECT, is_group=True), Merging.SUBJECTS, as_drawn),
        (_of(graph, Part.SUBJECT), Merging.SUBJECTS, as_drawn),
        (_of(graph, Part.WORKLOAD), Merging.SUBJECTS, as_drawn),
    ):
        if step in steps:
            firsts |= _first_alike(nodes, key)
    return firsts


def _of(graph: RbacGraph, part: Part, *, is_group: bool = False) -> Iterator[GraphNode]:
    for each in graph.nodes:
        if each.part is part and (part is not Part.SUBJECT or (each.kind == "Group") is is_group):
            yield each


def _first_alike(nodes: Iterable[GraphNode], key: _Key) -> dict[str, str]:
    firsts: dict[Hashable, str] = {}
    return {each.id: firsts.setdefault(key(each), each.id) for each in nodes}


def _drawn(graph: RbacGraph, firsts: dict[str, str], merging: Merging) -> RbacGraph:
    together: dict[str, list[GraphNode]] = defaultdict(list)
    for node in graph.nodes:
        together[firsts.get(node.id, node.id)].append(node)
    drawn = {first: members[0] if len(members) == 1 else _one(members) for first, members in together.items()}
    places: dict[tuple[str, str, EdgeKind], set[str]] = defaultdict(set)
    for edge in graph.edges:
        source, target = (drawn[firsts.get(each, each)].id for each in (edge.source, edge.target))
        if source != target:
            places[source, target, edge.kind].add(edge.place)
    edges = {ends: found.pop() if len(found) == 1 else "" for ends, found in places.items()}
    ordered = in_order({each.id: each for each in drawn.values()}, edges)
    return replace(graph, nodes=ordered.nodes, edges=ordered.edges, merging=merging)


def _one(members: list[GraphNode]) -> GraphNode:
    """Return one node for several; what they do not share is empty, and each risk has its worst severity."""
    first = members[0]
    risks = {risk.id: risk for risk in sorted(_risks(members), key=lambda each: each.severity.rank)}
    return GraphNode(
        f"alike/{first.id}",
        first.part,
        _shared(each.kind for each in members),
        _shared(each.namespace for each in members),
        _shared(each.name for each in members),
        first.state,
        tuple(sorted(risks.values(), key=lambda each: (-each.severity.rank, each.id))),
        first.rules if all(each.rules == first.rules for each in members) else (),
        members=tuple(each.ref for each in members),
    )


def _risks(members: list[GraphNode]) -> Iterator[GraphRisk]:
    return (each for node in members for each in node.risks)


def _shared(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""
