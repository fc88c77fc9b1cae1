"""The whole attack graph of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.attack.graph import AttackGraph
from firedoor.engine.attack.ground import Ground
from firedoor.engine.attack.hops import Connections, Doors
from firedoor.engine.attack.identities import Identities
from firedoor.engine.attack.needs import Holdings, needs
from firedoor.engine.attack.nodes import Nodes
from firedoor.engine.attack.outside import link_outside
from firedoor.engine.attack.pods import groups_of, link_tokens
from firedoor.engine.attack.single import SingleSteps
from firedoor.engine.blast.graph import HopGraph
from firedoor.engine.exposure import ChainFinder
from firedoor.engine.rbac.authorizer import Authorizer
from firedoor.model.server_version import minor_version

if TYPE_CHECKING:
    from firedoor.engine.attack.pods import Group
    from firedoor.engine.reach.network import Network

_TOKEN_SECRETS_UNTIL = 24
_WEBSOCKETS_CREATE_SINCE = 35


class Attack:
    """The attack graph of a network, and the groups of pods in it."""

    def __init__(self, network: Network, *, possible: bool = False, any_port: bool = False) -> None:
        """
        Build it.

        With `possible` what may work counts as well; with `any_port` connections to
        ports that no container and no Service tells of.
        """
        self.network = network
        self.graph = graph = AttackGraph(possible=possible)
        snapshot, members = network.snapshot, network.members
        minor = minor_version(snapshot.origin.server_version)
        finder = ChainFinder(network)
        doors = None if any_port else Doors(network, finder.services)
        masks = None if doors is None else doors.masks
        hops = HopGraph(network, network.axis.everything, possible=possible, doors=masks)
        self.groups: list[Group] = groups_of(graph, hops)
        nodes = Nodes(graph, snapshot, self.groups, members)
        nodes.link()
        link_tokens(graph, self.groups, members)
        Connections(graph, hops, self.groups, doors).link()
        link_outside(graph, network, finder, self.groups)
        ground = Ground(graph, snapshot, self.groups, members, nodes)
        opens_by_get = minor is None or minor < _WEBSOCKETS_CREATE_SINCE
        self.authorizer = Authorizer(snapshot)
        holdings = Holdings(self.authorizer, needs(opens_by_get=opens_by_get))
        single = SingleSteps(ground, has_token_secrets=minor is not None and minor < _TOKEN_SECRETS_UNTIL)
        Identities(graph, ground, holdings, single).link(group.vertex for group in self.groups)
        graph.finish()
