"""The nodes of a graph of RBAC, and what is left out of it, in the words that people read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from firedoor.model.findings import Severity
from firedoor.model.rbac_graph import GraphNode, Merging, NodeState, Part, RbacGraph
from firedoor.model.rbac_graph_merging import merged
from firedoor.render.rbac_words import count_text, gap_text, rule_text
from firedoor.render.words import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_DRAWN = 100
"""The nodes of a picture; where there are more, those that are alike are drawn as one."""

_MOST_RISKS = 2
_MOST_RULES = 8
_MOST_MEMBERS = 10
_STATES = {NodeState.MISSING: "is not there", NodeState.UNREAD: "is not among what was read"}
_NOUNS = {"ServiceAccount": "service account", "User": "user", "Group": "group"}
_ALIKE = {
    Merging.SUBJECTS: "subjects with exactly the same bindings are drawn as one",
    Merging.BINDINGS: "bindings of the same role are drawn as one, and so are subjects that only such bindings are for",
    Merging.ROLES: "roles with the same rules are drawn as one, and so are their bindings and subjects",
    Merging.NAMES: "roles of the same name and risks are drawn as one, and so are their bindings and subjects",
    Merging.NAMESPACES: "all of one kind, namespace and severity is drawn as one",
    Merging.KINDS: "all of one kind and severity is drawn as one",
}


def pictured(graph: RbacGraph) -> RbacGraph:
    """Return the graph as pictures show it."""
    return merged(graph, MOST_DRAWN)


def kind_text(node: GraphNode) -> str:
    """Return the kind of a node, of several what they are together: ``37 service accounts of shop``."""
    if not node.members:
        return visible(node.kind)
    noun = count_text(len(node.members), _NOUNS.get(node.kind, visible(node.kind) or node.part.value))
    return f"{noun} of {visible(node.namespace)}" if node.namespace else noun


def name_text(node: GraphNode) -> str:
    """Return ``namespace/name`` of a node; of several the name that they share, or the first."""
    if not node.members:
        return visible(f"{node.namespace}/{node.name}" if node.namespace else node.name)
    spaces = {each.namespace for each in node.members}
    if node.name and len(spaces) > 1:
        return f"{visible(node.name)} in {len(spaces)} namespaces"
    first = node.members[0]
    name = f"{first.namespace}/{first.name}" if first.namespace else first.name
    return f"{visible(name)} and {len(node.members) - 1} more"


def state_text(node: GraphNode) -> str:
    """Return what is to be said where a node is not there, or was not read."""
    return _STATES.get(node.state, "")


def risk_text(node: GraphNode) -> str:
    """Return the severity of a node with the ids of its worst risks: ``high: secrets-read``."""
    if not node.risks:
        return ""
    more = len(node.risks) - _MOST_RISKS
    ids = ", ".join(each.id for each in node.risks[:_MOST_RISKS])
    return f"{node.risks[0].severity}: {ids}{f' and {more} more' if more > 0 else ''}"


def lines_of(node: GraphNode) -> list[str]:
    """Return all that is known of a node, a line for each: where it is written, risks, rules, members."""
    state = state_text(node)
    found = [f"{kind_text(node)} {name_text(node)}{f', which {state}' if state else ''}"]
    found += [visible(node.place)] if node.place else []
    found += [f"{each.severity}: {each.id}, {each.title}" for each in node.risks]
    found += _first([f"permits {visible(rule_text(each))}" for each in node.rules], _MOST_RULES)
    members = [visible(str(each)) for each in node.members]
    return found + _first(members, _MOST_MEMBERS)


def _first(texts: list[str], most: int) -> list[str]:
    more = len(texts) - most
    return [*texts[:most], f"and {more} more"] if more > 0 else texts


def notes_of(graph: RbacGraph) -> list[str]:
    """Return what there is to know of a graph that its nodes do not show: what is left out, and drawn as one."""
    return [*_notes(graph)]


def _notes(graph: RbacGraph) -> Iterator[str]:
    yield from (visible(each) for each in graph.notes)
    left = graph.left_out
    if left.bindings:
        what = "1 binding that comes" if left.bindings == 1 else f"{left.bindings} bindings that come"
        yield f"{what} with Kubernetes {_is_are(left.bindings)} left out, --all shows {_it(left.bindings)}"
    if left.roles:
        what = "1 aggregated role that comes" if left.roles == 1 else f"{left.roles} aggregated roles that come"
        yield f"{what} with Kubernetes {_is_are(left.roles)} left out, --all shows {_it(left.roles)}"
    if left.unbound:
        yield (
            f"{count_text(left.unbound, 'role')} that no binding refers to {_is_are(left.unbound)} left out, "
            "`firedoor rbac risks` lists such as unused-role"
        )
    if graph.merging:
        yield f"{count_text(len(graph.nodes), 'node')} for {graph.total}: {_ALIKE[graph.merging]}"
    if graph.gaps:
        yield f"{count_text(len(graph.gaps), 'gap')}: what was not understood or not read may hide more"


def gaps_of(graph: RbacGraph) -> list[str]:
    """Return the gaps of a graph as texts."""
    return [visible(gap_text(each)) for each in graph.gaps]


def summary_of(graph: RbacGraph) -> str:
    """Return how many there are of each part, and how many of those are dangerous."""
    parts = Counter(each.part for each in graph.nodes)
    counts = ", ".join(count_text(parts[each], each.value) for each in Part)
    worst = Counter(each.severity for each in graph.nodes if each.part is Part.ROLE)
    risky = ", ".join(f"{worst[each]} {each}" for each in reversed(Severity) if worst[each])
    return f"{counts}{f'; roles with risks: {risky}' if risky else ''}"


def _is_are(number: int) -> str:
    return "is" if number == 1 else "are"


def _it(number: int) -> str:
    return "it" if number == 1 else "them"
