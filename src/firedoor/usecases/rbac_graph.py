"""Who has what by roles and bindings, as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.engine.rbac_risks import find_risks
from firedoor.engine.rbac_risks.risk import RiskContext
from firedoor.errors import NothingInScopeError
from firedoor.model.access import MASTERS
from firedoor.model.rbac import Subject
from firedoor.model.rbac_graph import LeftOut, in_order
from firedoor.usecases.rbac_graph_building import GraphBuilder
from firedoor.usecases.rbac_graph_choice import GraphQuestion, chosen, starts
from firedoor.usecases.rbac_graph_marks import Marks
from firedoor.usecases.rbac_risks import gaps_in, of_version, require_namespace_of_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.rbac_graph import RbacGraph
    from firedoor.model.rbac_risks import RiskFinding
    from firedoor.model.snapshot import Snapshot
    from firedoor.usecases.rbac_graph_choice import Starts

_UNUSED = "unused-role"


def rbac_graph(snapshot: Snapshot, asked: GraphQuestion) -> RbacGraph:
    """
    Return the graph of workloads, subjects, bindings and roles, complete and in a fixed order.

    Raises ``NothingInScopeError`` where there is no role or binding, or nothing of the
    namespace, and ``UsageError`` for a subject that nothing names.
    """
    if not (snapshot.roles or snapshot.role_bindings or snapshot.gaps):
        raise NothingInScopeError(
            "no role or binding was found", remedy="check the path, or the context of the cluster"
        )
    authorizer = Authorizer(of_version(snapshot, asked.version))
    context = RiskContext(authorizer.snapshot, authorizer)
    begun = starts(authorizer, asked)
    found = chosen(authorizer, asked, begun)
    if not found.bound and not found.usual:
        require_namespace_of_any(snapshot, asked.namespace)
    builder = GraphBuilder(context, asked, begun)
    builder.add_bindings(found.bound)
    builder.add_members()
    builder.add_workloads()
    findings = find_risks(authorizer)
    marks = Marks(findings, found.bound)
    nodes = {each.id: replace(each, risks=marks.of(each.ref)) for each in builder.nodes.values()}
    unbound = 0 if begun else sum(_is_unbound(each, asked) for each in findings)
    return replace(
        in_order(nodes, builder.edges),
        left_out=LeftOut(found.usual, builder.left_out, unbound),
        notes=tuple(_notes(asked, begun, is_empty=not found.bound)),
        gaps=gaps_in(authorizer, asked.namespace),
    )


def _is_unbound(risk: RiskFinding, asked: GraphQuestion) -> bool:
    """Return whether a finding is about a role that no binding refers to, and that the question is about."""
    is_asked = risk.finding.object.namespace == asked.namespace or not asked.namespace
    return risk.finding.check == _UNUSED and is_asked and (asked.usual or not risk.is_usual)


def _notes(asked: GraphQuestion, begun: Starts, *, is_empty: bool) -> Iterator[str]:
    for subject, groups in begun.items():
        if MASTERS in groups or subject == Subject("Group", MASTERS):
            yield f"{subject.kind} {subject.name}: members of {MASTERS} may do everything, whatever roles say"
    if is_empty:
        whom = ", ".join(asked.subjects)
        where = f" in namespace {asked.namespace} and of the cluster" if whom and asked.namespace else ""
        own = f" in namespace {asked.namespace}, or for its service accounts," if asked.namespace and not whom else ""
        yield f"no binding{f' for {whom}' if whom else ''}{where}{own} is there to show"
