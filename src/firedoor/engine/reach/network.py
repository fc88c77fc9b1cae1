"""
The network of a snapshot under one CNI profile: compiled once, then asked.

A connection needs both ends: the policies of every API on the source, in the order
that they are asked (`Order`), and those on the destination.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import Family, is_address, parse_address
from firedoor.algebra.ports import PortAxis
from firedoor.engine.reach.addresses import AddressAxis
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.dialects.cilium.guises import PLAIN, Guise
from firedoor.engine.reach.dialects.cilium.views import Views
from firedoor.engine.reach.dialects.networkpolicy import PolicyCompiler
from firedoor.engine.reach.dialects.written import WrittenPolicies
from firedoor.engine.reach.domains import canonical_name
from firedoor.engine.reach.icmp import with_icmp
from firedoor.engine.reach.layering import Layering
from firedoor.engine.reach.matrix import DirectionMatrix
from firedoor.engine.reach.order import Order, collect
from firedoor.engine.reach.peers import PeerIndex
from firedoor.engine.reach.profiles import profiles_of
from firedoor.engine.reach.scene import Scene
from firedoor.engine.reach.secondary import BY_ADDRESS, on_network
from firedoor.engine.reach.selectors import LabelAxis
from firedoor.engine.reach.values import Value, both
from firedoor.engine.reach.vocabulary import Vocabulary
from firedoor.model.icmp import ICMP
from firedoor.model.networkpolicy import Direction, NetworkPolicy
from firedoor.model.population import populate
from firedoor.model.typed_policies import typed_policies
from firedoor.model.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from firedoor.engine.reach.cni import CniProfile
    from firedoor.engine.reach.dialects.networkpolicy import CompiledNetworkPolicy
    from firedoor.engine.reach.profiles import Profile
    from firedoor.model.icmp import IcmpMessage
    from firedoor.model.members import Member
    from firedoor.model.places import Gap
    from firedoor.model.snapshot import Snapshot

    Population = tuple[Sequence[Member], Mapping[str, dict[str, str]]]


class Network:
    """
    Who can connect to whom, exactly.

    Ends of a connection are members (by position in `members`) or addresses outside
    the cluster (as text). Values are pairs of port masks of `axis`.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        cni: CniProfile = SPEC,
        *,
        network: str = "",
        icmp: IcmpMessage | None = None,
        domains: Iterable[str] = (),
        ports: Iterable[tuple[str, int, int]] = (),
        population: Population | None = None,
    ) -> None:
        """
        Compile the policies of `snapshot` as a cluster with `cni` enforces them.

        `network` is the ``namespace/name`` of a secondary network, to ask about connections
        over it: then its pods and its policies are all there is, whatever `cni` does. `icmp`
        is a message that is asked about besides ports, as the protocol `ICMP`, and `domains`
        are names that are asked about, whether or not policies name any; `ports` are ranges
        that are told apart besides those that policies name. `population` is who takes part,
        and the labels of namespaces, where they are found already.
        """
        self.network = network
        self.members: Sequence[Member] = ()
        self.namespaces: Mapping[str, dict[str, str]]
        if network:
            there = on_network(snapshot, network)
            snapshot, cni, self.members = there.snapshot, BY_ADDRESS, there.members
            self.namespaces = snapshot.namespace_labels()
        elif population is not None:
            self.members, self.namespaces = population
        else:
            self.members, of_pods = populate(snapshot)
            self.namespaces = snapshot.namespace_labels(of_pods)
        self.snapshot = snapshot
        self.cni = cni
        typed = typed_policies(snapshot)
        self.typed = typed if cni.enforced else typed.of_mesh
        vocabulary = Vocabulary()
        written = WrittenPolicies(self.policies)
        collect(snapshot, written, self.typed, self.members, cni, vocabulary)
        vocabulary.domains.update(map(canonical_name, domains))
        vocabulary.port_ranges.update(ports)
        self.addresses = AddressAxis(vocabulary.blocks, vocabulary.node_addresses)
        axes = (
            LabelAxis(vocabulary.pod_selectors, vocabulary.whole_pod_keys),
            LabelAxis(vocabulary.namespace_selectors),
        )
        self.profiles, self.profile_of = profiles_of(self.members, axes[0], self.addresses, vocabulary)
        # Every port range that can make a difference: those of rules, and what the names in rules stand for.
        named = {(protocol, number, number) for each in self.profiles.ports for _, protocol, number in each}
        self.axis = PortAxis(vocabulary.port_ranges | named, () if icmp is None else (ICMP,))
        self.index = PeerIndex(
            self.profiles,
            self.namespaces,
            axes,
            self.addresses,
            sorted(vocabulary.domains),
            snapshot.nodes,
        )
        self.scene = Scene(snapshot, cni, self.members, vocabulary, self.index, self.addresses, self.axis, icmp)
        order = Order(self.scene, self.typed)
        self.compiled: dict[Direction, Sequence[CompiledNetworkPolicy]] = {}
        self.matrix: dict[Direction, DirectionMatrix] = {}
        self._views: dict[Direction, Views] = {}
        compiler = PolicyCompiler(written, self.index, self.axis, cni)
        for direction in Direction:
            self.compiled[direction] = self._kept(with_icmp(compiler.compiled(direction), self.scene, self.typed))
            build = partial(self._build, order, direction)
            if order.cilium is None:
                self.matrix[direction] = build(PLAIN)
            else:
                views = Views(direction, order.cilium.ground, self.axis.everything, build)
                self._views[direction], self.matrix[direction] = views, views.matrix
        self.everything: Value = (self.axis.everything, self.axis.everything)
        self._scoped_gaps = [gap for gap in snapshot.gaps if gap.scope is not None]

    @property
    def policies(self) -> tuple[NetworkPolicy, ...]:
        """The NetworkPolicies that count."""
        return self.snapshot.network_policies if self.cni.enforced else ()

    def _kept(self, compiled: Sequence[CompiledNetworkPolicy]) -> Sequence[CompiledNetworkPolicy]:
        """Return compiled policies in the form that they are kept in."""
        return compiled

    def is_dark(self, profile: Profile, direction: Direction) -> bool:
        """Return whether gaps make all verdicts on pods of `profile` in `direction` unknown."""
        return not profile.host_network and any(self._gaps_in(profile.namespace, direction))

    def gaps_of(self, member: Member, direction: Direction) -> Iterator[Gap]:
        """Yield the gaps that make verdicts on `member` in `direction` unknown."""
        return iter(()) if member.host_network else self._gaps_in(member.namespace, direction)

    def _gaps_in(self, namespace: str, direction: Direction) -> Iterator[Gap]:
        for gap in self._scoped_gaps:
            scope = gap.scope
            if scope is None or scope.namespace not in {"", namespace}:
                continue
            if scope.ingress if direction is Direction.INGRESS else scope.egress:
                yield gap

    def column(self, end: int | str) -> int:
        """Return the column of a member, of an address outside the cluster or of a domain name that policies name."""
        if isinstance(end, int):
            return self.profile_of[end]
        domain = self.index.domain_column(end)
        return self.index.first_external + self.addresses.external(end) if domain is None else domain

    def columns(self, end: int | str) -> tuple[int, ...]:
        """Return the columns of an end: that of `column`, or all those of a domain name that several patterns match."""
        return (isinstance(end, str) and self.index.domain_columns(end)) or (self.column(end),)

    def _build(self, order: Order, direction: Direction, guise: Guise) -> DirectionMatrix:
        layers = order.layers(direction, self.compiled[direction], guise)
        layering = Layering(direction, layers, self.profiles, self.axis)
        return DirectionMatrix(layering, self.index.sets, self.axis)

    def selecting(self, direction: Direction, profile: int) -> Iterator[CompiledNetworkPolicy]:
        """Yield the NetworkPolicies of Kubernetes that surely apply to a profile in a direction."""
        for compiled in self.matrix[direction].layering.policies(profile):
            if isinstance(compiled.policy, NetworkPolicy) and profile in compiled.selected:
                yield compiled

    def layerings(self, direction: Direction, subject: int, peer: int | str) -> list[Layering]:
        """Return how the policies on `subject` are asked: more than once if it is open what `peer` is to them."""
        views = self._views.get(direction)
        if views is None:
            return [self.matrix[direction].layering]
        return views.layerings(self.members[subject], peer, self.column(peer))

    @property
    def tells_own_nodes(self) -> bool:
        """Whether what a pod may send to a node depends on whether it runs there."""
        views = self._views.get(Direction.EGRESS)
        return views is not None and views.tells_own_nodes

    def lets_in(self, direction: Direction, subject: int, peer: int | str) -> bool | None:
        """
        Return whether `subject` accepts from `peer` because that is its node; None where nobody knows.

        Rules that deny it count only where there are policies of Cilium.
        """
        if direction is Direction.EGRESS:
            return False
        views = self._views.get(direction)
        member = self.members[subject]
        return self.same_node(peer, member) if views is None else views.is_own_node(member, peer, self.column(peer))

    def direction_value(self, direction: Direction, subject: int, peer: int | str) -> Value:
        """Return what the policies on `subject` accept from, or allow towards, `peer`."""
        member = self.members[subject]
        views = self._views.get(direction)
        lets_in = views is None and self.lets_in(direction, subject, peer)
        if lets_in:
            return self.everything
        if next(self.gaps_of(member, direction), None) is not None:
            return 0, self.axis.everything
        if views is not None:
            return views.value(member, self.profile_of[subject], peer, self.columns(peer))
        value = self.decided(direction, self.profile_of[subject], self.column(peer))
        return (value[0], self.axis.everything) if lets_in is None else value

    def decided(self, direction: Direction, profile: int, column: int) -> Value:
        """Return what the policies on a profile accept from, or allow towards, a column."""
        return self.matrix[direction].value(profile, column)

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

    def version(self, source: int | str, destination: int | str) -> Family | None:
        """
        Return the IP version of connections between two ends; None for domain names, which may be of either.

        Between pods it is IPv4, unless both have IPv6 addresses and no others.
        """
        ends = (source, destination)
        addresses = [each for each in ends if isinstance(each, str)]
        if addresses:
            return next((parse_address(each)[0] for each in addresses if is_address(each)), None)
        members = [self.members[each] for each in ends if isinstance(each, int)]
        only_v6 = all(each.addresses and all(":" in text for text in each.addresses) for each in members)
        return Family.V6 if only_v6 else Family.V4

    def same_node(self, peer: int | str, member: Member) -> bool | None:
        """
        Return whether `peer` is the node of `member`, or a pod on that node's own network.

        A node always reaches its own pods (kubelet probes). None when it is a node
        or a host-network pod and nobody knows yet where the two run.
        """
        if isinstance(peer, str):
            holders = self._holders.get(parse_address(peer), ()) if is_address(peer) else ()
            if holders and not member.node:
                return None
            return member.node in holders
        other = self.members[peer]
        if not other.host_network or member.host_network:
            return False
        if not other.node or not member.node:
            return None
        return other.node == member.node

    def is_judged_by_column(self, end: int | str) -> bool:
        """Return whether what is said of an end hangs on its `column`, and on its node if it is a pod: on no gap."""
        if self._views:
            return False
        if isinstance(end, str):
            return is_address(end) and parse_address(end) not in self._holders
        profile = self.profiles[self.profile_of[end]]
        return not any(self.is_dark(profile, each) for each in Direction)

    @cached_property
    def _holders(self) -> dict[tuple[Family, int], list[str]]:
        """The nodes that have each address."""
        found: dict[tuple[Family, int], list[str]] = {}
        for node in self.snapshot.nodes:
            for address in node.internal_addresses:
                found.setdefault(parse_address(address), []).append(node.metadata.name)
        return found

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
