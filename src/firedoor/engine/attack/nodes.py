"""Nodes: who gets out to them, and what root on a node gives."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from firedoor.engine.attack import techniques as by
from firedoor.engine.attack.graph import PLAIN, Link, told
from firedoor.model.access import NODES
from firedoor.model.attack import ADMIN, Change, ChangeKind, Kind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from firedoor.engine.attack.escapes import Escape
    from firedoor.engine.attack.graph import AttackGraph
    from firedoor.engine.attack.pods import Group
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot

_CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
_OF_CONTROL_PLANE = ("kube-apiserver", "etcd", "kube-controller-manager")


class Nodes:
    """
    The nodes of a cluster as standings.

    A pod without a known node runs on a node of its own here, which is only possibly that of
    others. `choice` is a node of the attacker's choice, where such pods run.
    """

    def __init__(
        self, graph: AttackGraph, snapshot: Snapshot, groups: Sequence[Group], members: Sequence[Member]
    ) -> None:
        """Find the nodes that objects or pods tell of, and who runs there."""
        self._graph = graph
        self._groups = groups
        self._members = members
        names = {each.metadata.name for each in snapshot.nodes} | {each.node for each in members if each.node}
        self.vertices = {name: graph.standing(Standing(Kind.NODE, name=name), name) for name in sorted(names)}
        """The vertex of each node by name."""
        self._on: dict[str, list[Group]] = defaultdict(list)
        for group in groups:
            for node in dict.fromkeys(members[position].node for position in group.members):
                self._on[node].append(group)
        self._leading = {
            each.metadata.name
            for each in snapshot.nodes
            if any(label in each.metadata.labels for label in _CONTROL_PLANE)
        } | {each.node for each in members if each.namespace == "kube-system" and _is_control_plane(each)}
        self._identity = Standing(Kind.GROUP, name=NODES)

    def link(self) -> None:
        """Say what root on each node gives, and who gets out to it."""
        for name, vertex in self.vertices.items():
            means = self._graph.means(by.NODE_PODS, vertex)
            self._graph.link(vertex, means)
            self._lead_into(means, self._on[name])
            self._credentials(vertex)
            if name in self._leading:
                means = self._graph.means(by.CONTROL_PLANE, vertex)
                self._graph.link(vertex, means, Link((), told("the control plane runs on this node")))
                self._graph.link(means, self._graph.standing(ADMIN))
        for group in self._groups:
            for each in group.ways_out:
                self._out(group, each)

    def reached_by(self, means: int | None, link: Link = PLAIN) -> None:
        """Lead from a means to all nodes; to one of one's choice where pods name none."""
        for vertex in self.vertices.values():
            self._graph.link(means, vertex, link)
        if self._on.get(""):
            choice = self._graph.standing(Standing(Kind.NODE), "of one's choice")
            self._graph.link(means, choice, link)
            if self._graph.is_new(by.NODE_PODS, choice):
                pods = self._graph.means(by.NODE_PODS, choice)
                self._graph.link(choice, pods)
                self._lead_into(pods, self._on[""])
                self._credentials(choice)

    def pods_of(self, names: frozenset[str]) -> list[Group]:
        """Return the pods that run on nodes of some names."""
        found = {group.vertex: group for name in sorted(names & self._on.keys()) for group in self._on[name]}
        return list(found.values())

    def _out(self, group: Group, way: Escape) -> None:
        """Lead from pods to their node, or into the other pods there."""
        options = [frozenset({Change(ChangeKind.POD_SPEC, group.workload)})]
        if way.volume is not None:
            options.append(frozenset({Change(ChangeKind.VOLUME, way.volume)}))
        link = Link(tuple(options), told(way.words, str(self._members[group.members[0]].place)))
        node = self.vertices[group.node] if group.node else self._unknown_node(group)
        if way.to_pods:
            # Of a node nobody knows, it is not known either who else runs there.
            is_possible = way.is_possible or not group.node
            means = self._graph.means(way.technique, "pods", node, possible=is_possible)
            self._lead_into(means, self._on[group.node])
        else:
            means = self._graph.means(way.technique, node, possible=way.is_possible)
            self._graph.link(means, node)
        self._graph.link(group.vertex, means, link)

    def _unknown_node(self, group: Group) -> int:
        node = self._graph.standing(Standing(Kind.NODE), group.vertex)
        means = self._graph.means(by.NODE_PODS, node, possible=True)
        self._graph.link(node, means)
        self._lead_into(means, self._on[""])
        self._credentials(node)
        return node

    def _lead_into(self, means: int | None, groups: Iterable[Group]) -> None:
        for group in groups:
            self._graph.link(means, group.vertex)

    def _credentials(self, node: int) -> None:
        means = self._graph.means(by.NODE_CREDENTIALS, "nodes")
        self._graph.link(node, means)
        self._graph.link(means, self._graph.standing(self._identity))


def _is_control_plane(member: Member) -> bool:
    """Return whether a pod is of the control plane: by the label of kubeadm, or by name, as static pods have it."""
    return member.labels.get("component") in _OF_CONTROL_PLANE or member.name in {
        f"{each}-{member.node}" for each in _OF_CONTROL_PLANE
    }
