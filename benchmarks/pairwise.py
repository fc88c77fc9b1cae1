"""A plain pairwise evaluator, as a textbook would write it, to measure against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from benchmarks.tiers import ADMIN, BASELINE, ClusterTiers
from firedoor.model.members import Member
from firedoor.model.networkpolicy import (
    Direction,
    EgressRule,
    IngressRule,
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
)
from firedoor.model.snapshot import Snapshot


class PairwiseEvaluator:
    """
    Judges one pair of pods at a time: policies by namespace, every selector matched anew.

    Knows NetworkPolicy and ClusterNetworkPolicy. Pods on the network of their node are what the API
    makes of them: no policy selects them, no selector matches them, blocks of
    addresses may, and a node reaches its own pods.
    """

    def __init__(self, snapshot: Snapshot, members: Sequence[Member]) -> None:
        self._members = members
        self._namespaces = snapshot.namespace_labels()
        self._tiers = ClusterTiers(snapshot, self._namespaces)
        self._policies: dict[str, list[NetworkPolicy]] = defaultdict(list)
        for policy in snapshot.network_policies:
            self._policies[policy.metadata.namespace].append(policy)

    def accepts(self, source: int, destination: int, protocol: str, port: int) -> bool:
        """Return whether the connection is accepted."""
        if source == destination:
            return True
        first, second = self._members[source], self._members[destination]
        if not self._side(Direction.EGRESS, first, second, second, protocol, port):
            return False
        from_own_node = first.host_network and first.node == second.node
        return from_own_node or self._side(Direction.INGRESS, second, first, second, protocol, port)

    def _side(
        self, direction: Direction, subject: Member, peer: Member, target: Member, protocol: str, port: int
    ) -> bool:
        if subject.host_network:
            return True
        decided = self._tiers.decide(ADMIN, direction, subject, peer, protocol, port)
        if decided is not None:
            return decided
        isolated = False
        for policy in self._policies[subject.namespace]:
            if policy.isolates(direction) and policy.selects(subject.namespace, subject.labels):
                isolated = True
                if any(self._rule(policy, rule, peer, target, protocol, port) for rule in policy.rules(direction)):
                    return True
        if isolated:
            return False
        return self._tiers.decide(BASELINE, direction, subject, peer, protocol, port) is not False

    def _rule(
        self,
        policy: NetworkPolicy,
        rule: IngressRule | EgressRule,
        peer: Member,
        target: Member,
        protocol: str,
        port: int,
    ) -> bool:
        if rule.ports and not any(self._port(each, target, protocol, port) for each in rule.ports):
            return False
        return not rule.peers or any(self._peer(policy, each, peer) for each in rule.peers)

    def _peer(self, policy: NetworkPolicy, each: NetworkPolicyPeer, peer: Member) -> bool:
        if each.ip_block is not None or peer.host_network:
            return peer.host_network and each.ip_block is not None and _holds(each.ip_block, peer)
        if each.namespace_selector is None:
            if peer.namespace != policy.metadata.namespace:
                return False
        elif not each.namespace_selector.matches(self._namespaces[peer.namespace]):
            return False
        return each.pod_selector is None or each.pod_selector.matches(peer.labels)

    @staticmethod
    def _port(each: NetworkPolicyPort, target: Member, protocol: str, port: int) -> bool:
        if each.protocol != protocol:
            return False
        if each.port is None:
            return True
        if isinstance(each.port, str):
            return (each.port, protocol, port) in target.ports
        return each.port <= port <= (each.end_port if each.end_port is not None else each.port)


def _holds(block: IPBlock, peer: Member) -> bool:
    addresses = [ip_address(each) for each in peer.addresses]
    inside = ip_network(block.cidr, strict=False)
    outside = [ip_network(each, strict=False) for each in block.excepts]
    return any(each in inside and not any(each in other for other in outside) for each in addresses)
