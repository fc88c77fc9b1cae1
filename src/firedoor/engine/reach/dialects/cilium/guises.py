"""
What the other end of a connection may turn out to be.

Cilium decides by identity. A node is the host to the pods that run on it and a remote
node to all others; a node or an address outside may be an API server; an address that
several nodes have is one of them; and a name leads to addresses of either IP version.
Where the objects leave that open, each of the answers is a guise, and the verdict is
known where it is the same under all guises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from firedoor.algebra.cidrs import Family
from firedoor.engine.reach.dialects.cilium.vocabulary import requirements_of, rules_of, serving_addresses, slices_of
from firedoor.engine.reach.matches import Match
from firedoor.model.cilium_peers import CidrGroupPeer, EndpointPeer, EntityPeer, NodePeer
from firedoor.model.cilium_selector_parsing import ANY, RESERVED
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.scene import Scene
    from firedoor.model.cilium_peers import CiliumPeer
    from firedoor.model.members import Member
    from firedoor.model.typed_policies import TypedPolicies


WHOLE_CLUSTER = ("cluster", "cluster-mesh")
"""Entities that stand for all that is part of a cluster; the objects are of one cluster."""


class Guise(NamedTuple):
    """What is settled about the peers of which the objects do not tell."""

    own_node: bool = False
    """Whether nodes are the subject's own node."""
    api_server: bool = False
    """Whether those that may be an API server are one."""
    holder: int = 0
    """Which of the nodes that have an address is meant, by its position among them."""
    version: int = Family.V4
    """The IP version of the addresses behind names."""


PLAIN = Guise()
"""The guise of what has no other."""


class Ground:
    """What is known of each column, whatever its guise."""

    def __init__(self, scene: Scene, typed: TypedPolicies) -> None:
        """Look at a scene with the policies of Cilium."""
        index = scene.index
        self.index = index
        self._asks = {direction: _Asked(typed, direction) for direction in Direction}
        self._nodes = {each.metadata.name: each.metadata.labels for each in scene.snapshot.nodes}
        self.holders: dict[int, tuple[str, ...]] = {}
        """The nodes that have the addresses of a column, for those columns of addresses that are of nodes."""
        for node in sorted(scene.snapshot.nodes, key=lambda each: each.metadata.name):
            for column in {index.first_external + scene.addresses.external(each) for each in node.addresses}:
                self.holders[column] = (*self.holders.get(column, ()), node.metadata.name)
        self.is_pod = np.zeros(index.size, dtype=bool)
        self.is_pod[: index.first_external] = index.is_pod
        self.is_node = np.zeros(index.size, dtype=bool)
        self.is_node[: index.first_external] = ~index.is_pod
        self.is_node[list(self.holders)] = True
        self.is_world = ~(self.is_pod | self.is_node)
        self.is_name = np.zeros(index.size, dtype=bool)
        self.is_name[index.first_domain :] = True
        self.is_v6 = np.zeros(index.size, dtype=bool)
        self.is_v6[index.first_external + scene.addresses.first_v6 : index.first_domain] = True
        self.api_server = self._api_servers(scene)
        """Which columns are an API server."""

    def node_labels(self, column: int, guise: Guise) -> dict[str, str] | None:
        """Return the labels of the node that a column is; None where they are not known."""
        if column < self.index.first_external:
            return self._nodes.get(self.index.profiles[column].node)
        holders = self.holders[column]
        return self._nodes[holders[min(guise.holder, len(holders) - 1)]]

    def guises(self, member: Member, peer: int | str, column: int, direction: Direction) -> tuple[Guise, ...]:
        """Return all guises of a peer, which is in `column`, to a member."""
        places: list[tuple[bool, int]] = [(False, 0)]
        if column in self.holders:
            places = list(self._places(member.node, self.holders[column]))
        elif isinstance(peer, int) and self.is_node[column]:
            other = self.index.profiles[column].node
            is_unknown = not member.node or not other
            places = [(own, 0) for own in (True, False) if is_unknown or own is (member.node == other)]
        return self._asked(direction, places, column)

    def apart(self, column: int, direction: Direction) -> tuple[Guise, ...]:
        """
        Return all guises of a column to pods that do not share a node with pods on host networks, `PLAIN` the first.

        Pairs of pods on one node are asked about one by one; addresses of nodes are not,
        but at ingress, so that at egress they may be the pod's own node's.
        """
        places = [(False, number) for number in range(len(self.holders.get(column, ("",))))]
        if direction is Direction.EGRESS and column in self.holders:
            places.append((True, 0))
        return self._asked(direction, places, column)

    def tells_own_nodes(self, direction: Direction) -> bool:
        """Return whether it makes a difference to some rule if a node is the own one."""
        return self._asks[direction].places

    def _places(self, node: str, holders: tuple[str, ...]) -> Iterator[tuple[bool, int]]:
        for number, holder in enumerate(holders):
            if node in {"", holder}:
                yield True, 0
            if node != holder:
                yield False, number

    def _asked(self, direction: Direction, places: Iterable[tuple[bool, int]], column: int) -> tuple[Guise, ...]:
        """Return the guises that make a difference to some rule."""
        asks, servers = self._asks[direction], self.api_server
        may_be = asks.api_servers and bool(servers.upper[column]) and not servers.lower[column]
        versions = tuple(Family) if asks.versions and self.is_name[column] else (Family.V4,)
        found = (
            Guise(own and asks.places, is_api_server, holder if asks.nodes else 0, version)
            for own, holder in places
            for is_api_server in ((False, True) if may_be else (False,))
            for version in versions
        )
        return tuple(dict.fromkeys(found))

    def _api_servers(self, scene: Scene) -> Match:
        """
        Return the condition to be an API server: to have an address of the service ``default/kubernetes``.

        Where its addresses are not known, every node may be one, and what is outside only
        if no nodes are known either.
        """
        slices = slices_of(scene.snapshot, "default", "kubernetes")
        surely, maybe = np.zeros(self.index.size, dtype=bool), np.zeros(self.index.size, dtype=bool)
        if not slices:
            return Match(surely, self.is_node if scene.snapshot.nodes else ~self.is_pod)
        listed = {scene.addresses.external(each) for each in serving_addresses(slices)}
        surely[[self.index.first_external + each for each in listed]] = True
        maybe[self.is_name] = any(self.index.first_external + each not in self.holders for each in listed)
        for column in np.flatnonzero(~self.index.is_pod).tolist():
            externals = self.index.profiles[column].externals
            surely[column] = not listed.isdisjoint(externals or ())
            maybe[column] = not externals and bool(listed)
        return Match(surely, surely | maybe)


class _Asked:
    """What the rules of one direction ask of peers."""

    def __init__(self, typed: TypedPolicies, direction: Direction) -> None:
        rules = [each for policy in typed.cilium for rule in policy.rules for each in rules_of(rule, direction)]
        peers = [peer for rule in rules for peer in rule.peers or ()]
        names = {peer.name for peer in peers if isinstance(peer, EntityPeer)}
        self.nodes = any(isinstance(peer, NodePeer) for peer in peers)
        """Whether some rule asks for the labels of nodes."""
        self.versions = any(_asks_of_marks(peer) for peer in peers)
        """Whether some selector may ask for anything that Cilium knows of what is no pod."""
        # At ingress the own node is let in without being asked for.
        self.places = direction is Direction.INGRESS or self.nodes or self.versions or bool(names & _PLACES)
        self.api_servers = self.nodes or self.versions or bool(names & _WITH_API_SERVERS)


def _asks_of_marks(peer: CiliumPeer) -> bool:
    """Return whether labels that Cilium gives to what is no pod may decide whom a peer stands for."""
    if isinstance(peer, CidrGroupPeer):
        return any(source in {ANY, RESERVED} for source, _ in requirements_of(peer))
    return isinstance(peer, EndpointPeer) and bool(peer.selector.reserved)


_PLACES = {"host", "remote-node"}
_WITH_API_SERVERS = {"kube-apiserver", *WHOLE_CLUSTER}
