"""
Whom a cluster-wide policy selects as subject, and whom its rules name as peers.

Selectors of pods find those of the pod network only: pods on the host network
are neither subject nor peer, and count as their nodes.
"""

from __future__ import annotations

from tests.reference.addresses import WHOLE_IPV4, Address, Block, parse_address, parse_block
from tests.reference.domains import DomainName, blocks_match_a_name, name_matches
from tests.reference.endpoints import RefPod
from tests.reference.manifests import Manifest, items, labels_of, name_of, objects, section, strings
from tests.reference.matches import Match, all_of, any_of, certainly
from tests.reference.networkpolicy import Endpoint, namespace_labels, selector_matches

NODE_ADDRESS_TYPES = ("InternalIP", "ExternalIP")


def subject_matches(cluster: list[Manifest], policy: Manifest, pod: RefPod) -> Match:
    """
    Return whether ``spec.subject`` selects a pod; it sets exactly one of ``namespaces`` and ``pods``.

    A subject of a later version of the API sets neither, and may be anyone.
    """
    subject = section(section(policy, "spec"), "subject")
    if subject.get("namespaces") is None and subject.get("pods") is None:
        return Match.NO if pod.host_network else Match.MAYBE
    return pods_match(cluster, [subject], pod)


def pods_match(cluster: list[Manifest], peers: list[Manifest], other: Endpoint) -> Match:
    """Return whether the ``namespaces`` and ``pods`` among peers find a pod; nobody else is found by them."""
    if not isinstance(other, RefPod) or other.host_network:
        return Match.NO
    of_namespace = namespace_labels(cluster, other.namespace)
    return certainly(
        any(_selected(peer["namespaces"], of_namespace) for peer in peers if peer.get("namespaces") is not None)
        or any(
            _selected(section(peer["pods"], "namespaceSelector"), of_namespace)
            and _selected(section(peer["pods"], "podSelector"), other.labels)
            for peer in peers
            if peer.get("pods") is not None
        )
    )


def elsewhere_matches(cluster: list[Manifest], peers: list[Manifest], other: Endpoint, *, accepting: bool) -> Match:
    """
    Return whether the ``nodes``, ``networks`` and ``domainNames`` among peers find the other end.

    Only an ``Accept`` rule may name domains. The API server does not insist on
    it, and no text says what one means elsewhere, so that it may or may not match.
    """
    blocks = [parse_block(cidr) for peer in peers for cidr in strings(peer, "networks")]
    patterns = [pattern for peer in peers for pattern in strings(peer, "domainNames")]
    named = _domains_match(cluster, patterns, other)
    return any_of(
        [
            *(_nodes_match(cluster, peer["nodes"], other) for peer in peers if peer.get("nodes") is not None),
            _networks_match(blocks, other),
            named if accepting else all_of([named, Match.MAYBE]),
        ]
    )


def _nodes_match(cluster: list[Manifest], selector: Manifest, other: Endpoint) -> Match:
    """
    Match nodes by their labels: their addresses, and the pods that use them.

    Of a node without Node object, as of one that no manifest names, the labels
    are not known; only the empty selector is sure to select it.
    """
    nodes = list(objects(cluster, "", "Node"))
    if isinstance(other, DomainName):
        return Match.NO
    if isinstance(other, str):
        holders = [node for node in nodes if parse_address(other) in _addresses_of(node)]
        return certainly(any(_selected(selector, labels_of(node)) for node in holders))
    if not other.host_network:
        return Match.NO
    placed = [node for node in nodes if name_of(node) == other.node]
    if not placed:
        return certainly(True) if _is_empty(selector) else Match.MAYBE
    return certainly(any(_selected(selector, labels_of(node)) for node in placed))


def _networks_match(blocks: list[Block], other: Endpoint) -> Match:
    """
    Match ``networks``, which hold for pods and nodes as for anything else with an address.

    An end with addresses inside and outside is matched or not by the family
    that the connection happens to use. A pod of unknown address is sure to be
    inside only when all of IPv4 is.
    """
    if isinstance(other, DomainName):
        return blocks_match_a_name(blocks)
    if isinstance(other, RefPod) and not other.addresses:
        return Match.YES if WHOLE_IPV4 in blocks else Match.MAYBE if blocks else Match.NO
    addresses = other.addresses if isinstance(other, RefPod) else (parse_address(other),)
    inside = [any(address in block for block in blocks) for address in addresses]
    return certainly(all(inside)) if all(inside) or not any(inside) else Match.MAYBE


def _domains_match(cluster: list[Manifest], patterns: list[str], other: Endpoint) -> Match:
    """Match ``domainNames``: a name by its letters; an address may be that of any name, unless a pod or node has it."""
    if isinstance(other, DomainName):
        return certainly(any(name_matches(pattern, other) for pattern in patterns))
    if isinstance(other, RefPod) or not patterns:
        return Match.NO
    is_node = any(parse_address(other) in _addresses_of(node) for node in objects(cluster, "", "Node"))
    return Match.NO if is_node else Match.MAYBE


def _addresses_of(node: Manifest) -> list[Address]:
    """Return every IP address among ``status.addresses``."""
    return [
        parse_address(entry["address"])
        for entry in items(section(node, "status"), "addresses")
        if entry.get("type") in NODE_ADDRESS_TYPES
    ]


def _selected(selector: Manifest, labels: dict[str, str]) -> bool:
    """Match a LabelSelector of a custom resource, out of which the API server drops what is null."""
    kept = {key: value for key, value in section(selector, "matchLabels").items() if value is not None}
    return selector_matches(selector | {"matchLabels": kept}, labels)


def _is_empty(selector: Manifest) -> bool:
    kept = [value for value in section(selector, "matchLabels").values() if value is not None]
    return not kept and not items(selector, "matchExpressions")
