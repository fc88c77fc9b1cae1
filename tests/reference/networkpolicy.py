"""
The reference semantics of ``networking.k8s.io/v1`` NetworkPolicy, for one connection.

Written to be read against the API documentation, not to be fast. Expects
policies that the API server accepts. Where the manifests do not hold what a
rule asks for, the answer is unknown, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from tests.reference.addresses import WHOLE_IPV4, parse_address, parse_block
from tests.reference.domains import DomainName, blocks_match_a_name
from tests.reference.endpoints import NamedPort, RefPod, node_addresses, pods
from tests.reference.manifests import (
    Manifest,
    items,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    string_map,
    strings,
)
from tests.reference.matches import Match, any_of, certainly

__all__ = [
    "Connection",
    "DecideDirection",
    "Direction",
    "Endpoint",
    "Match",
    "NamedPort",
    "Options",
    "RefPod",
    "Verdict",
    "agreed",
    "by_both_ends",
    "decide",
    "decide_direction",
    "is_own_node",
    "isolating",
    "namespace_labels",
    "pods",
    "policy_types",
    "selector_matches",
    "subject_and_peer",
]


@dataclass(frozen=True, slots=True)
class Options:
    """What the API leaves to the network implementation."""

    ipblock_matches_pods: bool = False
    ipblock_matches_nodes: bool = True
    enforced: bool = True
    icmp_as_written: bool = False


class Verdict(Enum):
    """What is concluded of a connection."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    UNKNOWN = "unknown"


class Direction(Enum):
    """The end whose policies are asked: those of the destination, or those of the source."""

    INGRESS = "Ingress"
    EGRESS = "Egress"


Endpoint = RefPod | str
"""A pod, or something outside the cluster's pod network: its address or, as a ``DomainName``, its name."""


@dataclass(frozen=True, slots=True)
class Connection:
    """
    One attempt to open a connection: ``port`` is the destination's, ``protocol`` TCP, UDP or SCTP.

    With ICMP or ICMPv6 it is a message, of which ``port`` is the type.
    """

    src: Endpoint
    dst: Endpoint
    protocol: str
    port: int
    code: int = 0

    @property
    def is_icmp(self) -> bool:
        """Whether it is a message of ICMP."""
        return self.protocol in ("ICMP", "ICMPv6")


Decide = Callable[[list[Manifest], Connection, Options], Verdict]
"""Concludes what both ends say of a connection."""

DecideDirection = Callable[[list[Manifest], Connection, Direction, Options], Verdict]
"""Concludes what one end says."""


def by_both_ends(decide_direction: DecideDirection) -> Decide:
    """
    Return what decides whether a connection is accepted, which takes the consent of both ends.

    Replies belong to the connection and are not asked about again.
    """

    def decide(cluster: list[Manifest], connection: Connection, options: Options) -> Verdict:
        return agreed(decide_direction(cluster, connection, direction, options) for direction in Direction)

    return decide


def agreed(verdicts: Iterable[Verdict]) -> Verdict:
    """Return what comes of verdicts that must all be in favour: the worst of them."""
    found = set(verdicts)
    return next((each for each in (Verdict.DENIED, Verdict.UNKNOWN) if each in found), Verdict.ACCEPTED)


def subject_and_peer(connection: Connection, direction: Direction) -> tuple[RefPod, Endpoint] | None:
    """
    Return the pod whose policies are asked and the other end, nothing where no policy binds the pod.

    Outside the pod network there is nobody to bind, and a pod that contacts its
    own address is not subject to policies.
    """
    ends = connection.dst, connection.src
    subject, peer = ends if direction is Direction.INGRESS else reversed(ends)
    if not isinstance(subject, RefPod) or subject.host_network or subject == peer:
        return None
    return subject, peer


def decide_direction(
    cluster: list[Manifest], connection: Connection, direction: Direction, options: Options
) -> Verdict:
    """
    Return what the policies of one end say.

    They say nothing against the connection when that end is no pod, is on the
    host network, talks to itself, is contacted from its own node, or is
    selected by no policy for this direction. Otherwise one matching rule of any
    selecting policy accepts, and none denies. What policies do with ICMP is up to
    the network implementation.
    """
    ends = subject_and_peer(connection, direction)
    if not options.enforced or ends is None:
        return Verdict.ACCEPTED
    subject, peer = ends
    policies = isolating(cluster, subject, direction)
    if not policies:
        return Verdict.ACCEPTED
    reasons = [_rules_match(cluster, policy, connection, direction, options) for policy in policies]
    if connection.is_icmp and not options.icmp_as_written:
        reasons = [Match.MAYBE]
    if direction is Direction.INGRESS:
        reasons.append(is_own_node(cluster, subject, peer))
    return _verdict(any_of(reasons))


decide = by_both_ends(decide_direction)


def isolating(cluster: list[Manifest], subject: RefPod, direction: Direction) -> list[Manifest]:
    """Return the policies that select the pod and have the direction among their types."""
    return [
        policy
        for policy in objects(cluster, "networking.k8s.io", "NetworkPolicy")
        if _selects(policy, subject) and direction.value in policy_types(policy)
    ]


def policy_types(policy: Manifest) -> list[str]:
    """
    Return the directions a policy isolates (``spec.policyTypes``).

    An unset or empty list means Ingress, and Egress as well if there is at
    least one egress rule.
    """
    spec = section(policy, "spec")
    return strings(spec, "policyTypes") or ["Ingress"] + ["Egress"] * bool(spec.get("egress"))


def selector_matches(selector: Manifest, labels: dict[str, str]) -> bool:
    """
    Return whether a LabelSelector matches; all its requirements must, and an empty one has none.

    ``NotIn`` and ``DoesNotExist`` also match what lacks the key.
    """
    equal = all(labels.get(key) == value for key, value in string_map(selector, "matchLabels").items())
    return equal and all(_expression_matches(e, labels) for e in items(selector, "matchExpressions"))


def namespace_labels(cluster: list[Manifest], namespace: str) -> dict[str, str]:
    """Return the labels of a namespace, with the name label that the API server sets on every one."""
    labels: dict[str, str] = {}
    for manifest in objects(cluster, "", "Namespace"):
        if name_of(manifest) == namespace:
            labels = labels_of(manifest)
    return labels | {"kubernetes.io/metadata.name": namespace}


def _expression_matches(expression: Manifest, labels: dict[str, str]) -> bool:
    key, values = expression.get("key"), strings(expression, "values")
    match expression.get("operator"):
        case "In":
            return key in labels and labels[key] in values
        case "NotIn":
            return key not in labels or labels[key] not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case operator:
            raise ValueError(f"no API server accepts the selector operator {operator!r}")


def _selects(policy: Manifest, pod: RefPod) -> bool:
    """A policy applies to pods of its own namespace; an unset ``podSelector`` is the empty one."""
    in_namespace = namespace_of(policy) == pod.namespace
    return in_namespace and selector_matches(section(section(policy, "spec"), "podSelector"), pod.labels)


def _rules_match(
    cluster: list[Manifest],
    policy: Manifest,
    connection: Connection,
    direction: Direction,
    options: Options,
) -> Match:
    """Any rule of the direction suffices; a rule needs both a peer and a port to match."""
    field, peers = ("ingress", "from") if direction is Direction.INGRESS else ("egress", "to")
    other = connection.src if direction is Direction.INGRESS else connection.dst
    return any_of(
        _peers_match(cluster, namespace_of(policy), items(rule, peers), other, options)
        if _ports_match(items(rule, "ports"), connection)
        else Match.NO
        for rule in items(section(policy, "spec"), field)
    )


def _peers_match(
    cluster: list[Manifest], namespace: str, peers: list[Manifest], other: Endpoint, options: Options
) -> Match:
    """No peers at all means anyone: pods, nodes and the world outside."""
    if not peers:
        return Match.YES
    if isinstance(other, DomainName):
        return _blocks_match_a_name([peer["ipBlock"] for peer in peers if peer.get("ipBlock") is not None])
    return any_of(_peer_matches(cluster, namespace, peer, other, options) for peer in peers)


def _peer_matches(cluster: list[Manifest], namespace: str, peer: Manifest, other: Endpoint, options: Options) -> Match:
    """
    Match one ``NetworkPolicyPeer``; an empty selector is set, a null one is not.

    Selectors find pods of the pod network only: traffic of a pod on the host
    network carries its node's address.
    """
    if peer.get("ipBlock") is not None:
        return _block_matches(cluster, peer["ipBlock"], other, options)
    pod_selector, namespace_selector = peer.get("podSelector"), peer.get("namespaceSelector")
    if pod_selector is None and namespace_selector is None:
        return Match.NO
    if isinstance(other, str) or other.host_network:
        return Match.NO
    if namespace_selector is None:
        in_namespace = other.namespace == namespace
    else:
        in_namespace = selector_matches(namespace_selector, namespace_labels(cluster, other.namespace))
    return certainly(in_namespace and selector_matches(pod_selector or {}, other.labels))


def _block_matches(cluster: list[Manifest], ip_block: Manifest, other: Endpoint, options: Options) -> Match:
    """
    Match an ``IPBlock``: inside ``cidr`` and inside none of ``except``.

    Whether it applies to pods and to nodes is left to the implementation. Any
    address that a Node object has is a node's. A pod of unknown address is sure to
    be inside only when all of IPv4 is.
    """
    block = parse_block(ip_block["cidr"])
    holes = [parse_block(text) for text in strings(ip_block, "except")]
    if isinstance(other, str):
        addresses: tuple[object, ...] = (parse_address(other),)
        if not options.ipblock_matches_nodes and addresses[0] in _addresses_of_nodes(cluster):
            return Match.NO
    else:
        applies = options.ipblock_matches_nodes if other.host_network else options.ipblock_matches_pods
        if not applies:
            return Match.NO
        addresses = other.addresses
    if not addresses:
        return Match.YES if block == WHOLE_IPV4 and not holes else Match.MAYBE
    return certainly(any(a in block and not any(a in hole for hole in holes) for a in addresses))


def _addresses_of_nodes(cluster: list[Manifest]) -> set[object]:
    return {
        parse_address(address["address"])
        for node in objects(cluster, "", "Node")
        for address in items(section(node, "status"), "addresses")
        if address.get("type") in ("InternalIP", "ExternalIP")
    }


def _blocks_match_a_name(ip_blocks: list[Manifest]) -> Match:
    """Match the ``IPBlocks`` of one rule with a name: one with exceptions may hold it, but is never sure to."""
    unbroken = [parse_block(each["cidr"]) for each in ip_blocks if not strings(each, "except")]
    return any_of([blocks_match_a_name(unbroken), Match.MAYBE if ip_blocks else Match.NO])


def _ports_match(ports: list[Manifest], connection: Connection) -> bool:
    """No ports at all means every port of every protocol."""
    return not ports or any(_port_matches(port, connection) for port in ports)


def _port_matches(entry: Manifest, connection: Connection) -> bool:
    """
    Match one ``NetworkPolicyPort``; the protocol is TCP unless given.

    A name stands for what the destination pod declares under it, in both
    directions; outside the cluster nobody declares anything.
    """
    if (entry.get("protocol") or "TCP") != connection.protocol:
        return False
    port, end = entry.get("port"), entry.get("endPort")
    if port is None:
        return True
    if isinstance(port, str):
        wanted = NamedPort(port, connection.protocol, connection.port)
        return isinstance(connection.dst, RefPod) and wanted in connection.dst.named_ports
    return bool(port <= connection.port <= (port if end is None else end))


def is_own_node(cluster: list[Manifest], subject: RefPod, peer: Endpoint) -> Match:
    """Match a source on the subject's own node, which no policy can lock out (health checks)."""
    if isinstance(peer, RefPod):
        if not peer.host_network:
            return Match.NO
        if subject.node is None or peer.node is None:
            return Match.MAYBE
        return certainly(subject.node == peer.node)
    address = parse_address(peer)
    nodes = [name_of(node) for node in objects(cluster, "", "Node")]
    holders = [node for node in nodes if address in node_addresses(cluster, node)]
    if subject.node is None and holders:
        return Match.MAYBE
    return certainly(subject.node in holders)


def _verdict(accepting: Match) -> Verdict:
    return {Match.YES: Verdict.ACCEPTED, Match.MAYBE: Verdict.UNKNOWN, Match.NO: Verdict.DENIED}[accepting]
