"""What permissions are about: the pods, accounts, nodes and namespaces of a cluster, as vertices."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.rbac.who_can import accounts_of
from firedoor.model.attack import Kind, Standing
from firedoor.model.rbac import Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.attack.graph import AttackGraph
    from firedoor.engine.attack.nodes import Nodes
    from firedoor.engine.attack.pods import Group
    from firedoor.engine.attack.techniques import Technique
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot

Names = frozenset[str] | None
"""Names of objects; None stands for all."""

_ENFORCE = "pod-security.kubernetes.io/enforce"
_KINDS = {"ServiceAccount": Kind.SERVICE_ACCOUNT, "User": Kind.USER, "Group": Kind.GROUP}


class Ground:
    """
    The things of a cluster by namespace, and what techniques give of them.

    Each method returns the vertex of a technique, with all that it gives; the empty
    namespace stands for all of them.
    """

    def __init__(
        self, graph: AttackGraph, snapshot: Snapshot, groups: Sequence[Group], members: Sequence[Member], nodes: Nodes
    ) -> None:
        """Sort everything by namespace."""
        self.graph = graph
        self.nodes = nodes
        self._groups: dict[str, list[Group]] = defaultdict(list)
        self._members = members
        for group in groups:
            self._groups[group.workload.namespace].append(group)
        self.accounts: dict[str, dict[str, int]] = defaultdict(dict)
        """The vertices of the service accounts of each namespace by name."""
        labels = snapshot.namespace_labels()
        # The control plane makes an account of that name in each namespace, so that none need be written.
        defaults = (Subject("ServiceAccount", "default", namespace) for namespace in labels)
        for each in dict.fromkeys((*accounts_of(snapshot), *defaults)):
            self.accounts[each.namespace][each.name] = self.subject(each)
        self._existing: dict[tuple[str, str], set[str]] = defaultdict(set)
        for workload in snapshot.workloads:
            self._existing[workload.kind, workload.metadata.namespace].add(workload.metadata.name)
        self.namespaces = tuple(labels)
        """The names of all namespaces."""
        self.is_open = {name: labels[name].get(_ENFORCE, "privileged") == "privileged" for name in self.namespaces}
        """Whether the Pod Security admission lets privileged pods into each namespace."""

    def subject(self, subject: Subject) -> int:
        """Return the vertex of a subject of bindings."""
        return self.graph.standing(Standing(_KINDS[subject.kind], subject.namespace, subject.name))

    def workloads_named(self, kind: str, namespace: str, names: Names) -> list[str]:
        """Return the namespaces, or the one, in which there are workloads of a kind and of some names."""
        found = ((each, self._existing.get((kind, each))) for each in ([namespace] if namespace else self.namespaces))
        return [each for each, existing in found if existing and (names is None or names & existing)]

    def pods(self, technique: Technique, namespace: str, names: Names) -> int | None:
        """Return a technique that leads into pods, of some names or all of a namespace."""
        is_new = self.graph.is_new(technique, "pods", namespace, names)
        means = self.graph.means(technique, "pods", namespace, names)
        for group in self._in(namespace) if is_new else ():
            if names is None or any(self._is_called(position, names) for position in group.members):
                self.graph.link(means, group.vertex)
        return means

    def pods_on(self, technique: Technique, nodes: Names) -> int | None:
        """Return a technique that leads into all pods of some nodes."""
        is_new = self.graph.is_new(technique, "nodes", nodes)
        means = self.graph.means(technique, "nodes", nodes)
        if is_new:
            groups = self._in("") if nodes is None else self.nodes.pods_of(nodes)
            for group in groups:
                self.graph.link(means, group.vertex)
        return means

    def take(self, technique: Technique, namespace: str, names: Names, *, possible: bool = False) -> int | None:
        """Return a technique that leads to service accounts, of some names or all of a namespace."""
        is_new = self.graph.is_new(technique, "accounts", namespace, names, possible=possible)
        means = self.graph.means(technique, "accounts", namespace, names, possible=possible)
        if is_new and means is not None:
            for space in [namespace] if namespace else list(self.accounts):
                for name, vertex in self.accounts.get(space, {}).items():
                    if names is None or name in names:
                        self.graph.link(means, vertex)
        return means

    def secrets(self, technique: Technique, namespace: str) -> int | None:
        """Return a technique that leads to all Secrets of a namespace."""
        is_new = self.graph.is_new(technique, "secrets", namespace)
        means = self.graph.means(technique, "secrets", namespace)
        if is_new:
            for each in [namespace] if namespace else ["", *self.namespaces]:
                self.graph.link(means, self.graph.standing(Standing(Kind.SECRETS, each)))
        return means

    def to_nodes(self, technique: Technique, *at: str) -> int | None:
        """Return a technique that leads to any node."""
        is_new = self.graph.is_new(technique, *at)
        means = self.graph.means(technique, *at)
        if is_new:
            self.nodes.reached_by(means)
        return means

    def to(self, technique: Technique, *targets: Standing) -> int | None:
        """Return a technique that leads to certain standings."""
        is_new = self.graph.is_new(technique, targets)
        means = self.graph.means(technique, targets)
        for each in targets if is_new else ():
            self.graph.link(means, self.graph.standing(each))
        return means

    def _in(self, namespace: str) -> Iterable[Group]:
        if namespace:
            return self._groups.get(namespace, ())
        return (group for groups in self._groups.values() for group in groups)

    def _is_called(self, position: int, names: frozenset[str]) -> bool:
        """Return whether a pod has one of some names; only a StatefulSet gives names that are known beforehand."""
        member = self._members[position]
        is_known = not member.is_template or (
            member.workload.kind == "StatefulSet" and member.name != member.workload.name
        )
        return is_known and member.name in names
