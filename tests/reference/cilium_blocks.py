"""
The peers of Cilium rules that stand for addresses: CIDRs, groups of them, and Services.

They match nodes where ``policy-cidr-match-mode`` has ``nodes``, and pods where it
has ``pods``; by default neither, whatever their addresses. A Service that selects
pods is another matter: it stands for those pods themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from tests.reference.addresses import WHOLE_IPV4, Address, Block, parse_address, parse_block
from tests.reference.cilium_labels import ANY, Requirement, matches_plainly, requirements
from tests.reference.cilium_peers import Kind, Possibility, addresses_in, slices_of
from tests.reference.endpoints import RefPod
from tests.reference.manifests import (
    Manifest,
    labels_of,
    name_of,
    namespace_of,
    objects,
    section,
    string_map,
    strings,
)
from tests.reference.matches import Match, all_of, any_of, certainly, negated
from tests.reference.networkpolicy import Options

CIDR_GROUP = "cidrgroup"
NAME_OF_GROUP = "io.cilium.policy.cidrgroupname/"


def block_matches(cidr: str, holes: list[str], peer: Possibility, options: Options) -> Match:
    """
    Match an element of ``fromCIDR`` or ``toCIDR``, or the ``cidr`` and ``except`` of a ``CIDRRule``.

    A node of unknown address is sure to be inside only when all of IPv4 is. A
    name may stand for any address.

    To Cilium all addresses of a pod are labels of one identity, so that any of them
    may be the one inside, but none may be in an ``except``.
    """
    if not _can_match(peer, options):
        return Match.NO
    if peer.kind is Kind.NAME:
        return Match.MAYBE
    block, cut = _parse(cidr), [_parse(text) for text in holes]
    if peer.kind is Kind.POD:
        return _pod_matches(block, cut, peer.addresses)
    if not peer.addresses:
        whole = block == WHOLE_IPV4 and all(hole.version != block.version for hole in cut)
        return Match.YES if whole else Match.MAYBE
    return certainly(any(a in block and not any(a in hole for hole in cut) for a in peer.addresses))


def cidr_rule_matches(cluster: list[Manifest], rule: Manifest, peer: Possibility, options: Options) -> Match:
    """
    Match a ``CIDRRule``: one ``cidr``, the CIDRs of a CiliumCIDRGroup, or addresses by labels, without its ``except``.

    A group that the cluster does not have holds nothing.
    """
    holes = strings(rule, "except")
    if rule.get("cidr"):
        return block_matches(rule["cidr"], holes, peer, options)
    if rule.get("cidrGroupSelector") is not None:
        return _labels_match(cluster, rule["cidrGroupSelector"], holes, peer, options)
    return any_of(
        block_matches(cidr, holes, peer, options)
        for group in objects(cluster, "cilium.io", "CiliumCIDRGroup")
        if rule["cidrGroupRef"] == name_of(group)
        for cidr in strings(section(group, "spec"), "externalCIDRs")
    )


def group_matches(peer: Possibility, options: Options) -> Match:
    """Match an element of ``fromGroups`` or ``toGroups``: CIDRs that a cloud provider is asked for."""
    return Match.MAYBE if _can_match(peer, options) else Match.NO


def service_matches(cluster: list[Manifest], entry: Manifest, peer: Possibility, options: Options) -> Match:
    """
    Match an element of ``toServices``; of its two fields ``k8sServiceSelector`` counts first.

    One that names no namespace means all of them. A Service with a selector
    stands for the pods it selects, one without for the addresses of its
    EndpointSlices, which are unknown if there are none.
    """
    return any_of(_backends_match(cluster, service, peer, options) for service in _services(cluster, entry))


def leads_somewhere(cluster: list[Manifest], entry: Manifest) -> Match:
    """
    Return whether an element of ``toServices`` leads to pods or addresses at all.

    A Service with a selector does, even if no pod is selected; an alias does not.
    """
    return any_of(_has_backends(cluster, service) for service in _services(cluster, entry))


def _has_backends(cluster: list[Manifest], service: Manifest) -> Match:
    spec = section(service, "spec")
    if spec.get("type") == "ExternalName":
        return Match.NO
    if string_map(spec, "selector"):
        return Match.YES
    slices = slices_of(cluster, namespace_of(service), name_of(service))
    return certainly(bool(addresses_in(slices))) if slices else Match.MAYBE


def _can_match(peer: Possibility, options: Options) -> bool:
    """Look at ``policy-cidr-match-mode``."""
    match peer.kind:
        case Kind.POD:
            return options.ipblock_matches_pods
        case Kind.NODE:
            return options.ipblock_matches_nodes
        case Kind.ADDRESS | Kind.NAME:
            return True


def _pod_matches(block: Block, cut: list[Block], addresses: tuple[Address, ...]) -> Match:
    """A pod of unknown address has one of IPv4 at least."""
    if addresses:
        inside, is_cut = (any(a in each for a in addresses for each in blocks) for blocks in ([block], cut))
        return certainly(inside and not is_cut)
    if WHOLE_IPV4 in cut:
        return Match.NO
    return Match.YES if block == WHOLE_IPV4 and not cut else Match.MAYBE


def _parse(text: str) -> Block:
    """An address without a mask is itself alone."""
    return parse_block(text) if "/" in text else ip_network(parse_address(text))


def _labels_match(
    cluster: list[Manifest], selector: Manifest, holes: list[str], peer: Possibility, options: Options
) -> Match:
    """
    Match a ``cidrGroupSelector``, which is asked about all labels of whatever a CIDR can match.

    Which of its addresses a node uses is not known; those of a pod are one identity.
    """
    if not _can_match(peer, options):
        return Match.NO
    alone = [(each,) for each in peer.addresses] if peer.kind is Kind.NODE else [peer.addresses]
    answers = {_has_labels(cluster, selector, holes, peer, each) for each in alone or [()]}
    return answers.pop() if len(answers) == 1 else Match.MAYBE


def _has_labels(
    cluster: list[Manifest], selector: Manifest, holes: list[str], peer: Possibility, addresses: tuple[Address, ...]
) -> Match:
    labels = [(source, key, value, Match.YES) for (source, key), value in peer.labels.items()]
    for group in objects(cluster, "cilium.io", "CiliumCIDRGroup"):
        is_inside = _holds(strings(section(group, "spec"), "externalCIDRs"), peer, addresses)
        labels.append((CIDR_GROUP, f"{NAME_OF_GROUP}{name_of(group)}", "", is_inside))
        own = {key: value for key, value in labels_of(group).items() if not key.startswith("io.cilium.k8s")}
        labels.extend((CIDR_GROUP, key, value, is_inside) for key, value in own.items())
    wanted = requirements(selector, CIDR_GROUP)
    return all_of([negated(_holds(holes, peer, addresses)), *(_is_met(each, labels) for each in wanted)])


def _is_met(requirement: Requirement, labels: list[tuple[str, str, str, Match]]) -> Match:
    """Where labels of one key disagree, it depends on the version of Cilium which of them counts."""
    found = [
        (value, is_there)
        for source, key, value, is_there in labels
        if key == requirement.key and requirement.source in (ANY, source)
    ]
    is_listed = requirement.operator in ("In", "NotIn")
    met = any_of(is_there for value, is_there in found if not is_listed or value in requirement.values)
    unmet = any_of(is_there for value, is_there in found if is_listed and value not in requirement.values)
    answer = Match.MAYBE if met is Match.YES and unmet is not Match.NO else met
    return answer if requirement.operator in ("In", "Exists") else negated(answer)


def _holds(blocks: list[str], peer: Possibility, addresses: tuple[Address, ...]) -> Match:
    """Return whether one of some blocks holds an address; a pod or node of unknown address has one of IPv4."""
    parsed = [_parse(each) for each in blocks]
    if addresses:
        return certainly(any(address in block for address in addresses for block in parsed))
    if not parsed:
        return Match.NO
    return Match.YES if WHOLE_IPV4 in parsed and peer.kind is not Kind.NAME else Match.MAYBE


def _services(cluster: list[Manifest], entry: Manifest) -> Iterator[Manifest]:
    selector, reference = entry.get("k8sServiceSelector"), section(entry, "k8sService")
    for service in objects(cluster, "", "Service"):
        wanted = reference if selector is None else selector
        if wanted.get("namespace") not in (None, "", namespace_of(service)):
            continue
        if selector is None:
            if reference.get("serviceName") == name_of(service):
                yield service
        elif matches_plainly(section(selector, "selector"), labels_of(service)):
            yield service


def _backends_match(cluster: list[Manifest], service: Manifest, peer: Possibility, options: Options) -> Match:
    spec, namespace = section(service, "spec"), namespace_of(service)
    if spec.get("type") == "ExternalName":
        return Match.NO
    selector = string_map(spec, "selector")
    if selector:
        pod = peer.peer
        if not isinstance(pod, RefPod) or pod.host_network or pod.namespace != namespace:
            return Match.NO
        return certainly(selector.items() <= pod.labels.items())
    slices = slices_of(cluster, namespace, name_of(service))
    if not slices:
        return group_matches(peer, options)
    addresses = [str(address) for address in addresses_in(slices)]
    return any_of(block_matches(address, [], peer, options) for address in addresses)
