"""
One element of ``ingress``, ``ingressDeny``, ``egress`` or ``egressDeny`` of a Cilium rule.

It matches by peers (``from...`` or ``to...``) and by ports (``toPorts``, ``icmps``):

- with peers only, on every port of every protocol;
- with ports only, from or to anyone;
- with both, where both match;
- with neither, nothing at all.

A list of peers that is set but empty matches nothing. What layer 7 asks for
(``rules``, ``serverNames``, ``listener``) is judged after the connection is
open, and so is ``authentication``. ``fromRequires`` and ``toRequires`` are no
part of the API any more and are not read.
"""

from __future__ import annotations

import re

from tests.reference.cilium_blocks import (
    block_matches,
    cidr_rule_matches,
    group_matches,
    leads_somewhere,
    service_matches,
)
from tests.reference.cilium_labels import (
    ANY,
    CLUSTER,
    CLUSTER_NAME,
    KUBERNETES,
    NODE,
    RESERVED,
    Labels,
    peer_matches,
    requirements,
)
from tests.reference.cilium_peers import Kind, Possibility
from tests.reference.domains import DomainName
from tests.reference.endpoints import NamedPort, RefPod
from tests.reference.manifests import Manifest, items, labels_of, name_of, objects, strings
from tests.reference.matches import Match, all_of, any_of, certainly
from tests.reference.networkpolicy import Connection, Direction, Options

ENTITIES_WITH_A_LABEL = (
    "health",
    "host",
    "ingress",
    "init",
    "kube-apiserver",
    "none",
    "remote-node",
    "unmanaged",
    "world",
    "world-ipv4",
    "world-ipv6",
)
PART_OF_CLUSTER = ("health", "host", "ingress", "init", "kube-apiserver", "remote-node", "unmanaged")
PROTOCOLS = ("TCP", "UDP", "SCTP")
DNS_CHARACTER = "[-a-z0-9_]"


def rule_matches(
    cluster: list[Manifest],
    namespace: str | None,
    rule: Manifest,
    direction: Direction,
    connection: Connection,
    peer: Possibility,
    options: Options,
) -> Match:
    """Return whether a rule matches a connection with a peer; ``namespace`` is that of its policy, if it has one."""
    side = "from" if direction is Direction.INGRESS else "to"
    has_ports = bool(rule.get("toPorts") or rule.get("icmps"))
    if has_ports and not _ports_or_messages_match(rule, connection):
        return Match.NO
    services = items(rule, "toServices") if side == "to" else []
    if services:
        return _services_match(cluster, services, peer, options, has_ports=has_ports)
    matches = _peers_match(cluster, namespace, rule, side, peer, options)
    return certainly(has_ports) if matches is None else matches


def entity_matches(entity: str, labels: Labels) -> bool:
    """
    Return whether a peer with these labels belongs to an entity (``fromEntities``, ``toEntities``).

    An API server is part of the cluster wherever it is. The manifests are those of
    one cluster, so that its mesh is the cluster.
    """
    if entity == "all":
        return True
    if entity in ("cluster", "cluster-mesh"):
        return labels.get((KUBERNETES, CLUSTER)) == CLUSTER_NAME or any(
            (RESERVED, name) in labels for name in PART_OF_CLUSTER
        )
    if entity not in ENTITIES_WITH_A_LABEL:
        raise ValueError(f"no API server accepts the entity {entity!r}")
    return (RESERVED, entity) in labels


def name_matches(selector: Manifest, name: str) -> bool:
    """
    Return whether an element of ``toFQDNs`` matches a name.

    In a ``matchPattern``, ``*`` stands for any characters of one label, none
    included, ``**.`` at the start for one or more whole labels, and a pattern
    of nothing but stars for every name.
    """
    exact, pattern = selector.get("matchName"), selector.get("matchPattern")
    if exact and _canonical(exact) == _canonical(name):
        return True
    return re.fullmatch(_expression(pattern), _canonical(name)) is not None if pattern else False


def _peers_match(
    cluster: list[Manifest], namespace: str | None, rule: Manifest, side: str, peer: Possibility, options: Options
) -> Match | None:
    """Return whether any peer of a rule matches, and nothing if the rule has no peers at all."""
    if any(rule.get(side + kind) == [] for kind in ("Endpoints", "Nodes", "Entities", "CIDR", "CIDRSet")):
        return Match.NO
    found = [
        *(certainly(peer_matches(each, namespace, peer.labels)) for each in items(rule, side + "Endpoints")),
        *(certainly(entity_matches(each, peer.labels)) for each in strings(rule, side + "Entities")),
        *(_other_node_matches(cluster, each, peer) for each in items(rule, side + "Nodes")),
        *(block_matches(each, [], peer, options) for each in strings(rule, side + "CIDR")),
        *(cidr_rule_matches(cluster, each, peer, options) for each in items(rule, side + "CIDRSet")),
        *(group_matches(peer, options) for _ in items(rule, side + "Groups")),
    ]
    if side == "to":
        found.extend(_is_named(each, peer) for each in items(rule, "toFQDNs"))
    return any_of(found) if found else None


def _services_match(
    cluster: list[Manifest], entries: list[Manifest], peer: Possibility, options: Options, *, has_ports: bool
) -> Match:
    """
    Match ``toServices``, in the place of which Cilium puts what the Services lead to.

    Where that is nothing at all, the rule is left without peers, and that is for
    anyone if it has ports.
    """
    leads = any_of(leads_somewhere(cluster, each) for each in entries)
    anyone = {Match.YES: Match.NO, Match.MAYBE: Match.MAYBE, Match.NO: Match.YES}[leads] if has_ports else Match.NO
    return any_of([anyone, *(service_matches(cluster, each, peer, options) for each in entries)])


def _other_node_matches(cluster: list[Manifest], selector: Manifest, peer: Possibility) -> Match:
    """
    Match an element of ``fromNodes`` or ``toNodes``, to which Cilium adds that the peer is a remote node.

    The labels of the Node object have the source ``node``; besides, a node has its
    reserved labels and that of its cluster. Takes ``enable-node-selector-labels`` to
    be set, without which such rules are refused.
    """
    if (RESERVED, "remote-node") not in peer.labels:
        return Match.NO
    fixed: Labels = peer.labels | {(KUBERNETES, CLUSTER): CLUSTER_NAME}
    nodes = [node for node in objects(cluster, "", "Node") if name_of(node) == peer.node]
    found = []
    for requirement in requirements(selector):
        about_fixed = requirement.source not in (ANY, NODE) or any(requirement.key == key for _, key in fixed)
        if not nodes and not about_fixed:
            found.append(Match.MAYBE)
            continue
        own: Labels = {(NODE, key): value for node in nodes for key, value in labels_of(node).items()}
        found.append(certainly(requirement.holds(fixed if about_fixed else own)))
    return all_of(found)


def _is_named(selector: Manifest, peer: Possibility) -> Match:
    """An address outside may be what any name stands for; names of pods and nodes are not asked about."""
    if peer.kind is Kind.ADDRESS:
        return Match.MAYBE
    return certainly(isinstance(peer.peer, DomainName) and name_matches(selector, peer.peer))


def _canonical(name: str) -> str:
    return name.strip().lower().removesuffix(".")


def _expression(pattern: str) -> str:
    text = _canonical(pattern)
    if not text.strip("*"):
        return f"({DNS_CHARACTER}+[.])*{DNS_CHARACTER}+"
    rest = re.sub(r"^[*]{2,}[.]", "", text)
    start = f"({DNS_CHARACTER}+[.])+" if rest != text else ""
    return start + re.sub(r"[*]+", f"{DNS_CHARACTER}*", rest.replace(".", "[.]"))


def _ports_or_messages_match(rule: Manifest, connection: Connection) -> bool:
    """Of a message, ``icmps`` tell IP version and type, not the code."""
    if not connection.is_icmp:
        return _ports_match(items(rule, "toPorts"), connection)
    fields = [field for entry in items(rule, "icmps") for field in items(entry, "fields")]
    return any(_message_matches(field, connection) for field in fields)


def _message_matches(field: Manifest, connection: Connection) -> bool:
    family = {"ICMP": "IPv4", "ICMPv6": "IPv6"}[connection.protocol]
    own, kind = field.get("family") or "IPv4", str(field["type"])
    number = int(kind) if kind.isdigit() else {"IPv4": 8, "IPv6": 128}[own]
    return own == family and number == connection.port


def _ports_match(rules: list[Manifest], connection: Connection) -> bool:
    """A ``PortRule`` without ports matches none; ``icmps`` are about no protocol that has ports."""
    return any(_port_matches(port, connection) for rule in rules for port in items(rule, "ports"))


def _port_matches(entry: Manifest, connection: Connection) -> bool:
    """
    Match one ``PortProtocol``.

    Without a protocol it is for all that have ports. Port 0 is every port. A
    name stands for what the destination pod declares under it, in both
    directions; outside the cluster nobody declares anything.
    """
    protocol = (entry.get("protocol") or "ANY").upper()
    if protocol != connection.protocol and not (protocol == "ANY" and connection.protocol in PROTOCOLS):
        return False
    text, end = str(entry["port"]), entry.get("endPort") or 0
    if not text.isdecimal():
        wanted = NamedPort(text.lower(), connection.protocol, connection.port)
        return isinstance(connection.dst, RefPod) and wanted in connection.dst.named_ports
    first = int(text)
    if first == 0 and end == 0:
        return True
    return first <= connection.port <= max(first, end)
