"""The nodes and edges of a graph of RBAC."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.rbac.roles import CLUSTER_ROLE
from firedoor.engine.rbac.who_can import accounts_of
from firedoor.engine.rbac_risks.objects.accounts import uses
from firedoor.engine.rbac_risks.objects.missing_account import missing_accounts
from firedoor.engine.rbac_risks.risk import ref_of
from firedoor.engine.rbac_risks.subjects import implied_groups, is_bootstrap, reference
from firedoor.model.places import ObjectRef
from firedoor.model.rbac import Subject
from firedoor.model.rbac_graph import EdgeKind, GraphNode, NodeState, Part

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.engine.rbac_risks.risk import RiskContext
    from firedoor.model.rbac import Role, RoleBinding
    from firedoor.usecases.rbac_graph_choice import Bound, GraphQuestion, Starts

_ACCOUNTS = "serviceaccounts"


class GraphBuilder:
    """Collects nodes by id and the places of edges, and counts the aggregated roles that it leaves out."""

    def __init__(self, context: RiskContext, asked: GraphQuestion, begun: Starts) -> None:
        """Begin with the subjects that are asked about, and the groups that they are said to be in."""
        self.nodes: dict[str, GraphNode] = {}
        self.edges: dict[tuple[str, str, EdgeKind], str] = {}
        self._context = context
        self._asked = asked
        self._begun = begun
        self._subjects: dict[Subject, str] = {}
        self._left_out: set[str] = set()
        self._here: set[Subject] = set()
        """The groups that a binding in the namespace that is asked about is for."""
        snapshot = context.snapshot
        self._accounts = {(each.metadata.namespace, each.metadata.name): each for each in snapshot.service_accounts}
        self._missing = {subject for _, subject in missing_accounts(context)}
        for subject in (*begun, *(Subject("Group", each) for each in asked.groups)):
            self._subject(subject)

    @property
    def left_out(self) -> int:
        """How many aggregated roles that come with Kubernetes are left out."""
        return len(self._left_out)

    def add_bindings(self, found: Iterable[Bound]) -> None:
        """Add bindings with their subjects and roles, and the roles that those aggregate."""
        granted: dict[str, Role] = {}
        for binding, subjects in found:
            ref = ref_of(binding)
            binding_id = self._add(Part.BINDING, ref, str(binding.place))
            for each in subjects:
                self._join(self._subject(each), binding_id, EdgeKind.BOUND, str(binding.place))
                if each.kind == "Group" and ref.namespace:
                    self._here.add(each)
            role_id = self._role_of(binding, granted)
            self._join(binding_id, role_id, EdgeKind.GRANTS, binding.place.at("roleRef"))
        self._add_aggregated(granted)

    def add_members(self) -> None:
        """Add who is in the groups that are there: for being what it is, or because it was said."""
        if not self._begun and any(each.kind == "Group" for each in self._subjects):
            for account in accounts_of(self._context.snapshot):
                if any(self._is_shown_in(account, group) for group in implied_groups(account)):
                    self._subject(account)
        for subject, own in tuple(self._subjects.items()):
            for each in self._begun.get(subject, implied_groups(subject)):
                group = self._subjects.get(Subject("Group", each))
                if group is not None:
                    self._join(own, group, EdgeKind.MEMBER, "")

    def add_workloads(self) -> None:
        """Add the workloads, and the pods without one, that run as the service accounts that are there."""
        for (namespace, name), found in uses(self._context).items():
            account = self._subjects.get(Subject("ServiceAccount", name, namespace))
            for use in found if account is not None else ():
                self._join(self._add(Part.WORKLOAD, use.by, use.place), str(account), EdgeKind.RUNS_AS, use.place)

    def _is_shown_in(self, account: Subject, group: str) -> bool:
        subject = Subject("Group", group)
        is_asked = self._asked.namespace in {"", account.namespace} or subject in self._here
        return is_asked and subject in self._subjects

    def _subject(self, subject: Subject) -> str:
        known = self._subjects.get(subject)
        if known is None:
            account = self._accounts.get((subject.namespace, subject.name))
            place = str(account.place) if account is not None and subject.kind == "ServiceAccount" else ""
            state = self._account_state() if subject in self._missing else NodeState.THERE
            known = self._subjects[subject] = self._add(Part.SUBJECT, reference(subject), place, state)
        return known

    def _account_state(self) -> NodeState:
        """Return what it means that a service account was not read: without any, they were perhaps not listed."""
        listed = self._context.is_whole and self._accounts
        hidden = any(_ACCOUNTS in each.source.partition(" ")[0].split("/") for each in self._context.snapshot.gaps)
        return NodeState.MISSING if listed and not hidden else NodeState.UNREAD

    def _role_of(self, binding: RoleBinding, granted: dict[str, Role]) -> str:
        role = self._context.authorizer.role_of(binding)
        if role is not None:
            role_id = self._role(role)
            granted[role_id] = role
            return role_id
        unread = self._context.authorizer.unread
        # What hides bindings hides no role: it is there whether or not this binding is.
        hidden = set(unread.leaves_open("", (binding,))) - set(unread.leaves_open("", ()))
        kind, name = binding.role.kind, binding.role.name
        ref = ObjectRef(kind, "" if kind == CLUSTER_ROLE else ref_of(binding).namespace, name)
        return self._add(Part.ROLE, ref, "", NodeState.UNREAD if hidden else NodeState.MISSING)

    def _role(self, role: Role) -> str:
        ref = ObjectRef(role.kind, "" if role.kind == CLUSTER_ROLE else role.metadata.namespace, role.metadata.name)
        node_id = _id(Part.ROLE, ref)
        if node_id not in self.nodes:
            rules = tuple(each for each, _, _ in self._context.authorizer.roles.rules(role))
            self.nodes[node_id] = GraphNode(node_id, Part.ROLE, *_parts(ref), rules=rules, place=str(role.place))
        return node_id

    def _add_aggregated(self, granted: dict[str, Role]) -> None:
        """Add what roles aggregate, down to the last; what comes with Kubernetes only where it is granted itself."""
        pending = dict(granted)
        while pending:
            above, role = pending.popitem()
            for each in self._context.authorizer.roles.aggregated(role):
                each_id = _id(Part.ROLE, ObjectRef(each.kind, "", each.metadata.name))
                if each_id not in self.nodes:
                    if not self._asked.usual and is_bootstrap(each.metadata.labels):
                        self._left_out.add(each_id)
                        continue
                    self._role(each)
                    pending[each_id] = each
                self._join(above, each_id, EdgeKind.AGGREGATES, role.place.at("aggregationRule"))

    def _add(self, part: Part, ref: ObjectRef, place: str, state: NodeState = NodeState.THERE) -> str:
        node_id = _id(part, ref)
        self.nodes.setdefault(node_id, GraphNode(node_id, part, *_parts(ref), state, place=place))
        return node_id

    def _join(self, source: str, target: str, kind: EdgeKind, place: str) -> None:
        self.edges.setdefault((source, target, kind), place)


def _parts(ref: ObjectRef) -> tuple[str, str, str]:
    return (ref.kind, ref.namespace, ref.name)


def _id(part: Part, ref: ObjectRef) -> str:
    """Return ``PART/KIND/NAMESPACE/NAME``; only the name, at its end, may have slashes of its own."""
    kind, namespace = (each.replace("%", "%25").replace("/", "%2F") for each in (ref.kind, ref.namespace))
    return f"{part}/{kind}/{namespace}/{ref.name}"
