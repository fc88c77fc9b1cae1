"""
The network of a snapshot under one CNI profile: compiled once, then asked.

Implements NetworkPolicy of ``networking.k8s.io/v1``: a pod that some policy isolates
in a direction accepts there what the rules of all such policies list together; a
pod that none isolates accepts everything; a connection needs both ends.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, parse_address
from firedoor.algebra.ports import PortAxis
from firedoor.engine.reach.addresses import AddressAxis
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.matrix import DirectionMatrix
from firedoor.engine.reach.peers import PeerIndex
from firedoor.engine.reach.profiles import profiles_of
from firedoor.engine.reach.rules import compile_policy, port_names, port_ranges
from firedoor.engine.reach.selectors import LabelAxis
from firedoor.engine.reach.values import Value, both
from firedoor.model.networkpolicy import Direction
from firedoor.model.population import members
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.rules import CompiledPolicy
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import IPBlock, NetworkPolicy, NetworkPolicyPeer
    from firedoor.model.places import Gap
    from firedoor.model.population import Member
    from firedoor.model.snapshot import Snapshot


class Network:
    """
    Who can connect to whom, exactly.

    Ends of a connection are members (by position in `members`) or addresses outside
    the cluster (as text). Values are pairs of port masks of `axis`.
    """

    def __init__(self, snapshot: Snapshot, cni: CniProfile = SPEC) -> None:
        """Compile the policies of `snapshot` as a cluster with `cni` enforces them."""
        self.snapshot = snapshot
        self.cni = cni
        self.members: tuple[Member, ...] = members(snapshot)
        self.policies: tuple[NetworkPolicy, ...] = snapshot.network_policies if cni.enforced else ()
        self.axis = PortAxis(relevant_ports(self.policies, self.members))
        self.addresses = AddressAxis(_blocks(self.policies))
        self.namespaces = snapshot.namespace_labels()
        axes = (LabelAxis(_pod_selectors(self.policies)), LabelAxis(_namespace_selectors(self.policies)))
        names = port_names(self.policies)
        self.profiles, self.profile_of = profiles_of(self.members, axes[0], names, self.addresses, cni)
        self.index = PeerIndex(self.profiles, self.namespaces, axes, self.addresses, cni)
        self.compiled: dict[Direction, tuple[CompiledPolicy, ...]] = {}
        self.matrix: dict[Direction, DirectionMatrix] = {}
        columns = len(self.profiles) + self.addresses.size
        for direction in Direction:
            isolating = [policy for policy in self.policies if policy.isolates(direction)]
            compiled = tuple(compile_policy(policy, direction, self.index, self.axis) for policy in isolating)
            self.compiled[direction] = compiled
            self.matrix[direction] = DirectionMatrix(direction, compiled, self.profiles, self.axis, columns)
        self.everything: Value = (self.axis.everything, self.axis.everything)
        self._holders: dict[tuple[Family, int], list[str]] = {}
        for node in snapshot.nodes:
            for address in node.addresses:
                self._holders.setdefault(parse_address(address), []).append(node.metadata.name)
        self._scoped_gaps = [gap for gap in snapshot.gaps if gap.scope is not None]

    def gaps_of(self, member: Member, direction: Direction) -> Iterator[Gap]:
        """Yield the gaps that make verdicts on `member` in `direction` unknown."""
        if member.host_network:
            return
        for gap in self._scoped_gaps:
            scope = gap.scope
            if scope is None or scope.namespace not in {"", member.namespace}:
                continue
            if scope.ingress if direction is Direction.INGRESS else scope.egress:
                yield gap

    def column(self, end: int | str) -> int:
        """Return the column of a member or of an address outside the cluster."""
        if isinstance(end, int):
            return self.profile_of[end]
        return len(self.profiles) + self.addresses.external(end)

    def direction_value(self, direction: Direction, subject: int, peer: int | str) -> Value:
        """Return what the policies on `subject` accept from, or allow towards, `peer`."""
        member = self.members[subject]
        if direction is Direction.INGRESS and self.same_node(peer, member) is True:
            return self.everything
        if next(self.gaps_of(member, direction), None) is not None:
            return 0, self.axis.everything
        value = self.matrix[direction].value(self.profile_of[subject], self.column(peer))
        if direction is Direction.INGRESS and self.same_node(peer, member) is None:
            return value[0], self.axis.everything
        return value

    def value(self, source: int | str, destination: int | str) -> Value:
        """Return what is accepted from `source` to `destination`; a pod always reaches itself."""
        if source == destination:
            return self.everything
        egress = self.everything
        if isinstance(source, int):
            egress = self.direction_value(Direction.EGRESS, source, destination)
        if isinstance(destination, int):
            return both(egress, self.direction_value(Direction.INGRESS, destination, source))
        return egress

    def verdict(self, source: int | str, destination: int | str, protocol: str, port: int) -> Verdict:
        """Return the verdict on one connection."""
        return self.judge(self.value(source, destination), protocol, port)

    def judge(self, value: Value, protocol: str, port: int) -> Verdict:
        """Return what a value says of one port."""
        bit = 1 << self.axis.atom(protocol, port)
        if value[0] & bit:
            return Verdict.ACCEPTED
        return Verdict.UNKNOWN if value[1] & bit else Verdict.DENIED

    def same_node(self, peer: int | str, member: Member) -> bool | None:
        """
        Return whether `peer` is the node of `member`, or a pod on that node's own network.

        A node always reaches its own pods (kubelet probes). None when it is a node
        or a host-network pod and nobody knows yet where the two run.
        """
        if isinstance(peer, str):
            holders = self._holders.get(parse_address(peer), ())
            if holders and not member.node:
                return None
            return member.node in holders
        other = self.members[peer]
        if not other.host_network or member.host_network:
            return False
        if not other.node or not member.node:
            return None
        return other.node == member.node

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """Return the IP families in use: IPv4, and IPv6 where any pod, node, service or policy shows it."""
        texts = [each for member in self.members for each in member.addresses]
        texts += [each for node in self.snapshot.nodes for each in (*node.addresses, *node.spec.pod_cidrs)]
        texts += [each for service in self.snapshot.services for each in service.spec.cluster_ips]
        dual = any("IPv6" in service.spec.ip_families for service in self.snapshot.services)
        if dual or self.addresses.has_blocks(Family.V6) or any(":" in each for each in texts):
            return Family.V4, Family.V6
        return (Family.V4,)


def relevant_ports(policies: Sequence[NetworkPolicy], population: Sequence[Member]) -> Iterator[tuple[str, int, int]]:
    """Yield every port range that can make a difference: those of rules, and what port names stand for."""
    yield from port_ranges(policies)
    names = port_names(policies)
    for member in population:
        for name, protocol, number in member.ports:
            if name in names:
                yield protocol, number, number


def _peers(policies: Sequence[NetworkPolicy]) -> Iterator[NetworkPolicyPeer]:
    for policy in policies:
        for direction in Direction:
            for rule in policy.rules(direction):
                yield from rule.peers


def _blocks(policies: Sequence[NetworkPolicy]) -> list[IPBlock]:
    return list(dict.fromkeys(peer.ip_block for peer in _peers(policies) if peer.ip_block is not None))


def _pod_selectors(policies: Sequence[NetworkPolicy]) -> Iterator[LabelSelector]:
    for policy in policies:
        yield policy.spec.pod_selector
    yield from (peer.pod_selector for peer in _peers(policies) if peer.pod_selector is not None)


def _namespace_selectors(policies: Sequence[NetworkPolicy]) -> Iterator[LabelSelector]:
    return (peer.namespace_selector for peer in _peers(policies) if peer.namespace_selector is not None)
