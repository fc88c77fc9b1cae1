"""What the policies of Cilium name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.dialects.calico.vocabulary import SERVICE_ACCOUNT, account_of, host_cidr
from firedoor.engine.reach.domains import canonical_name, cilium_pattern
from firedoor.model.cilium_peers import CidrGroupPeer, CidrPeer, EndpointPeer, FqdnPeer, ServicePeer
from firedoor.model.cilium_selector_parsing import ANY, CIDR_GROUP, K8S, of_pods, split_key
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement
from firedoor.model.networkpolicy import Direction, IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.cilium import CiliumDirectionRule, CiliumPort, CiliumRule
    from firedoor.model.cilium_peers import CiliumPeer
    from firedoor.model.cilium_selector import CiliumSelector
    from firedoor.model.services import EndpointSlice, Service
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.typed_policies import TypedPolicies


def collect(typed: TypedPolicies, snapshot: Snapshot, vocabulary: Vocabulary) -> None:
    """Add what the policies name, and the addresses by which Cilium knows nodes and API servers."""
    if not typed.cilium:
        return
    vocabulary.hosts_by_address = vocabulary.hosts_by_node = True
    known = [address for node in snapshot.nodes for address in node.addresses]
    known += serving_addresses(slices_of(snapshot, "default", "kubernetes"))
    vocabulary.blocks.update((IPBlock(host_cidr(each)), None) for each in known)
    for rule in (rule for policy in typed.cilium for rule in policy.rules):
        if rule.endpoint_selector is not None:
            _collect_selector(rule.endpoint_selector, vocabulary)
            for each in rules_of(rule):
                for peer in each.peers or ():
                    _collect_peer(peer, typed, snapshot, vocabulary)
                _collect_ports(each.ports or (), vocabulary)


def rules_of(rule: CiliumRule, direction: Direction | None = None) -> Iterator[CiliumDirectionRule]:
    """Yield all that a rule allows and denies, in one direction or both."""
    for each in Direction if direction is None else (direction,):
        yield from rule.denies(each)
        yield from rule.allows(each)


def blocks_of(peer: CidrPeer | CidrGroupPeer, typed: TypedPolicies) -> Iterator[IPBlock]:
    """Yield the blocks that a peer stands for by its CIDR or the name of a group; none if that is not there."""
    if isinstance(peer, CidrPeer):
        yield IPBlock(peer.cidr, peer.excepts)
        return
    for group in typed.cidr_groups:
        if peer.name == group.metadata.name:
            yield from (IPBlock(cidr, peer.excepts) for cidr in group.cidrs)


def requirements_of(peer: CidrGroupPeer) -> list[tuple[str, LabelSelectorRequirement]]:
    """Return what the selector of a peer asks for: the source of labels, and a requirement on a key without it."""
    found = []
    for each in () if peer.selector is None else peer.selector.requirements:
        source, key = split_key(each.key, CIDR_GROUP)
        found.append((source, LabelSelectorRequirement(key, each.operator, each.values)))
    return found


def services_of(peer: ServicePeer, snapshot: Snapshot) -> Iterator[Service]:
    """Yield the services that a peer selects, but for those that are only a name of something else."""
    for each in snapshot.services:
        metadata = each.metadata
        if each.spec.type != "ExternalName" and peer.selects(metadata.namespace, metadata.name, metadata.labels):
            yield each


def slices_of(snapshot: Snapshot, namespace: str, service: str) -> list[EndpointSlice]:
    """Return the EndpointSlices of a service."""
    return [
        each for each in snapshot.endpoint_slices if (each.metadata.namespace, each.service) == (namespace, service)
    ]


def serving_addresses(slices: Iterable[EndpointSlice]) -> list[str]:
    """Return the addresses in slices that take traffic."""
    return [
        address
        for each in slices
        for endpoint in each.endpoints
        if endpoint.takes_traffic
        for address in endpoint.addresses
        if is_address(address)
    ]


def pattern_of(peer: FqdnPeer) -> str:
    """Return the name or pattern of a peer as it is compared."""
    return canonical_name(peer.match_name) if peer.match_name else cilium_pattern(peer.match_pattern)


def _collect_peer(peer: CiliumPeer, typed: TypedPolicies, snapshot: Snapshot, vocabulary: Vocabulary) -> None:
    match peer:
        case EndpointPeer(selector):
            _collect_selector(selector, vocabulary)
        case CidrGroupPeer(selector=LabelSelector()):
            _collect_labels(peer, typed, vocabulary)
        case CidrPeer() | CidrGroupPeer():
            vocabulary.blocks.update((each, None) for each in blocks_of(peer, typed))
            if vocabulary.pods_by_address:
                vocabulary.blocks.update((IPBlock(each), None) for each in peer.excepts)
        case ServicePeer():
            for service in services_of(peer, snapshot):
                if service.spec.selector:
                    vocabulary.pod_selectors.append(LabelSelector(service.spec.selector))
                    continue
                slices = slices_of(snapshot, service.metadata.namespace, service.metadata.name)
                vocabulary.blocks.update((IPBlock(host_cidr(each)), None) for each in serving_addresses(slices))
        case FqdnPeer():
            vocabulary.domains.add(pattern_of(peer))
        case _:
            pass


def _collect_labels(peer: CidrGroupPeer, typed: TypedPolicies, vocabulary: Vocabulary) -> None:
    """Add what tells apart whom a selector over the labels of addresses finds."""
    vocabulary.blocks.update((IPBlock(each), None) for each in peer.excepts)
    for source, requirement in requirements_of(peer):
        if source in {ANY, CIDR_GROUP}:
            held = (group.cidrs for group in typed.cidr_groups if requirement.key in group.marks)
            vocabulary.blocks.update((IPBlock(cidr), None) for cidrs in held for cidr in cidrs)
        if source in {ANY, K8S} and vocabulary.pods_by_address:
            _collect_selector(of_pods(requirement), vocabulary)


def _collect_selector(selector: CiliumSelector, vocabulary: Vocabulary) -> None:
    vocabulary.pod_selectors.append(LabelSelector(match_expressions=selector.labels))
    vocabulary.namespace_selectors.append(LabelSelector(match_expressions=selector.namespace_labels))
    if selector.service_accounts:
        vocabulary.traits[SERVICE_ACCOUNT] = account_of


def _collect_ports(ports: Iterable[CiliumPort], vocabulary: Vocabulary) -> None:
    for port in ports:
        if isinstance(port.port, str):
            vocabulary.port_names.add(port.port)
        elif port.port is not None:
            last = port.port if port.end_port is None else port.end_port
            vocabulary.port_ranges.update((protocol, port.port, last) for protocol in port.protocols)
