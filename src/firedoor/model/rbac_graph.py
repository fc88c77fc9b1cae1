"""Who has what by roles and bindings, as a graph."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.findings import Severity
from firedoor.model.places import Gap, ObjectRef
from firedoor.model.rbac import PolicyRule


class Part(StrEnum):
    """What a node is in the way from whoever runs to what may be done."""

    WORKLOAD = "workload"
    SUBJECT = "subject"
    BINDING = "binding"
    ROLE = "role"


class EdgeKind(StrEnum):
    """What an edge says of its two ends."""

    RUNS_AS = "runs-as"
    """A workload runs as a service account."""
    MEMBER = "member"
    """A subject is in a group."""
    BOUND = "bound"
    """A binding names a subject."""
    GRANTS = "grants"
    """A binding gives a role."""
    AGGREGATES = "aggregates"
    """A ClusterRole has the rules of another."""


class NodeState(StrEnum):
    """Whether what a binding names is there."""

    THERE = ""
    MISSING = "missing"
    """A cluster that was listed does not have it."""
    UNREAD = "unread"
    """It is not among what was read, and may be in the cluster."""


class GraphRisk(Struct, frozen=True, gc=False):
    """A risk of the catalogue that a node has, and how bad it is there."""

    id: str
    title: str
    severity: Severity


class GraphNode(Struct, frozen=True, gc=False):
    """
    A workload, subject, binding or role, or several that are drawn as one.

    `risks` are worst first, `rules` what a role permits once aggregation is done. Of
    several, `members` are the names; `kind`, `namespace` and `name` are empty where
    they differ.
    """

    id: str
    part: Part
    kind: str
    namespace: str
    name: str
    state: NodeState = NodeState.THERE
    risks: tuple[GraphRisk, ...] = ()
    rules: tuple[PolicyRule, ...] = ()
    place: str = ""
    members: tuple[ObjectRef, ...] = ()

    @property
    def severity(self) -> Severity | None:
        """The worst severity of its risks."""
        return self.risks[0].severity if self.risks else None

    @property
    def ref(self) -> ObjectRef:
        """Its kind, namespace and name."""
        return ObjectRef(self.kind, self.namespace, self.name)


class GraphEdge(Struct, frozen=True, gc=False):
    """An edge between the nodes of two ids; `place` is where it is written, empty where nobody wrote it."""

    source: str
    target: str
    kind: EdgeKind
    place: str = ""


class LeftOut(Struct, frozen=True, gc=False):
    """
    How many bindings and aggregated roles that come with Kubernetes are not in a graph, and roles nobody is bound to.

    The last are counted only where the question is about no subject.
    """

    bindings: int = 0
    roles: int = 0
    unbound: int = 0


class Merging(StrEnum):
    """What of a graph is drawn as one; each includes those before it, but for the last two, which stand alone."""

    NOTHING = ""
    SUBJECTS = "subjects"
    """Subjects with exactly the same bindings, and workloads that run as the same ones."""
    BINDINGS = "bindings"
    """Also bindings of the same role."""
    ROLES = "roles"
    """Also roles with the same rules."""
    NAMES = "names"
    """Also roles of the same name and risks, whatever their rules."""
    NAMESPACES = "namespaces"
    """All of one kind, namespace and severity."""
    KINDS = "kinds"
    """All of one kind and severity."""


class RbacGraph(Struct, frozen=True, gc=False):
    """
    Nodes and edges in a fixed order, each edge between two of the nodes.

    `total` counts the nodes before any were drawn as one.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    left_out: LeftOut = LeftOut()
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    merging: Merging = Merging.NOTHING
    total: int = 0


def in_order(nodes: dict[str, GraphNode], edges: dict[tuple[str, str, EdgeKind], str]) -> RbacGraph:
    """Return a graph of nodes by id and of the places of edges, sorted by what they are and their names."""
    parts, kinds = list(Part), list(EdgeKind)
    ordered = sorted(nodes.values(), key=lambda each: (parts.index(each.part), each.ref, each.id))
    positions = {each.id: position for position, each in enumerate(ordered)}
    found = [GraphEdge(source, target, kind, place) for (source, target, kind), place in edges.items()]
    found.sort(key=lambda each: (positions[each.source], positions[each.target], kinds.index(each.kind)))
    return RbacGraph(tuple(ordered), tuple(found), total=len(ordered))
