"""A graph of RBAC with all that a node can be, and names that try to be more than names."""

from __future__ import annotations

from firedoor.model.findings import Severity
from firedoor.model.places import Gap, GapKind, ObjectRef
from firedoor.model.rbac import PolicyRule
from firedoor.model.rbac_graph import EdgeKind, GraphNode, GraphRisk, LeftOut, NodeState, Part, RbacGraph, in_order

EVIL = '"><script>alert(1)</script>'
READS, EXECS = (
    GraphRisk("secrets-read", "Reads Secrets", Severity.HIGH),
    GraphRisk("pod-exec", "Runs commands in pods", Severity.MEDIUM),
)
GAP = Gap(
    GapKind.INCOMPLETE,
    "a.yaml:3",
    'there is no %%{init: {"theme": "dark"}}%%\n};',
    "add it",
    ObjectRef("ClusterRoleBinding", "", "b"),
)


def node(part: Part, kind: str, namespace: str, name: str, **more: object) -> GraphNode:
    return GraphNode(f"{part}/{kind}/{namespace}/{name}", part, kind, namespace, name, **more)  # type: ignore[arg-type]


WEB = node(Part.WORKLOAD, "Deployment", "shop", "web", place="web.yaml:1")
ACCOUNT = node(Part.SUBJECT, "ServiceAccount", "shop", "web", risks=(READS,), place="web.yaml:9")
GONE = node(Part.SUBJECT, "ServiceAccount", "shop", "gone", state=NodeState.MISSING)
ANNA = node(Part.SUBJECT, "User", "", 'anna & co\\n"</b>', risks=(READS, EXECS))
GROUP = node(Part.SUBJECT, "Group", "", "system:serviceaccounts")
LOCAL = node(Part.BINDING, "RoleBinding", "shop", "web", risks=(READS,), place="rbac.yaml:1")
WIDE = node(Part.BINDING, "ClusterRoleBinding", "", "wide\x1b[31m", place="rbac.yaml:9")
EMPTY = node(Part.BINDING, "RoleBinding", "shop", "for-nobody", place="rbac.yaml:19")
RULES = (PolicyRule(("get",), ("",), ("secrets",)),)
HOSTILE = node(Part.ROLE, "Role", "shop", EVIL, risks=(READS,), rules=RULES, place="rbac.yaml:30")
UNREAD = node(Part.ROLE, "ClusterRole", "", "view", state=NodeState.UNREAD)
TOP = node(Part.ROLE, "ClusterRole", "", "end", rules=RULES * 10, place="rbac.yaml:40")
BELOW = node(Part.ROLE, "ClusterRole", "", "below", risks=(EXECS, GraphRisk("a-risk", "A", Severity.LOW), *[EXECS] * 2))
NODES = (WEB, ACCOUNT, GONE, ANNA, GROUP, LOCAL, WIDE, EMPTY, HOSTILE, UNREAD, TOP, BELOW)
EDGES = {
    (WEB.id, ACCOUNT.id, EdgeKind.RUNS_AS): "web.yaml:1",
    (ACCOUNT.id, GROUP.id, EdgeKind.MEMBER): "",
    (GONE.id, GROUP.id, EdgeKind.MEMBER): "",
    (ACCOUNT.id, LOCAL.id, EdgeKind.BOUND): "rbac.yaml:1",
    (GONE.id, LOCAL.id, EdgeKind.BOUND): "rbac.yaml:1",
    (ANNA.id, WIDE.id, EdgeKind.BOUND): "rbac.yaml:9",
    (GROUP.id, WIDE.id, EdgeKind.BOUND): "rbac.yaml:9",
    (LOCAL.id, HOSTILE.id, EdgeKind.GRANTS): "rbac.yaml:1",
    (WIDE.id, TOP.id, EdgeKind.GRANTS): "rbac.yaml:9",
    (EMPTY.id, UNREAD.id, EdgeKind.GRANTS): "rbac.yaml:19",
    (TOP.id, BELOW.id, EdgeKind.AGGREGATES): "rbac.yaml:41",
}


def graph() -> RbacGraph:
    found = in_order({each.id: each for each in NODES}, EDGES)
    return RbacGraph(
        found.nodes, found.edges, LeftOut(1, 2, 1), ("a note </script> @JS@",), (GAP,), total=len(found.nodes)
    )


def tenants(number: int) -> RbacGraph:
    """A graph of so many namespaces, each with one account, one binding and one role, all alike."""
    nodes: dict[str, GraphNode] = {}
    edges: dict[tuple[str, str, EdgeKind], str] = {}
    for each in range(number):
        space = f"team-{each:04}"
        account = node(Part.SUBJECT, "ServiceAccount", space, "app")
        binding = node(Part.BINDING, "RoleBinding", space, f"app-{each}")
        role = node(Part.ROLE, "Role", space, "app", rules=RULES, risks=(READS,))
        nodes |= {one.id: one for one in (account, binding, role)}
        edges[account.id, binding.id, EdgeKind.BOUND] = edges[binding.id, role.id, EdgeKind.GRANTS] = f"{space}.yaml:1"
    return in_order(nodes, edges)
