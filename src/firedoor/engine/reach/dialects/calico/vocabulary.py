"""What Calico's policies name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.algebra.cidrs import is_address
from firedoor.engine.reach.dialects.calico.services import BEHIND, behind, named_target_ports, target_ports
from firedoor.model.calico_selectors import (
    And,
    Contains,
    EndsWith,
    Equal,
    Has,
    In,
    Not,
    NotEqual,
    NotIn,
    Or,
    StartsWith,
)
from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.networkpolicy import Direction, IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.calico import CalicoRule
    from firedoor.model.calico_selectors import Selector
    from firedoor.model.members import Member
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.typed_policies import TypedPolicies

SERVICE_ACCOUNT = "serviceaccount"
"""The trait that is the name of a pod's service account."""

WHOLE = ("0.0.0.0/0", "::/0")


def collect(typed: TypedPolicies, snapshot: Snapshot, members: Sequence[Member], vocabulary: Vocabulary) -> None:
    """Add what the policies name, and the addresses of what they refer to, to the vocabulary."""
    if not typed.calico:
        return
    vocabulary.traits[SERVICE_ACCOUNT] = account_of
    for policy in typed.calico:
        for selector in (policy.selector, policy.namespace_selector, policy.service_account_selector):
            _collect_selector(selector, vocabulary)
    rules = [rule for policy in typed.calico for direction in Direction for rule in policy.rules(direction)]
    for rule in rules:
        _collect_rule(rule, vocabulary)
    ends = [end for rule in rules for end in (rule.source, rule.destination)]
    services = {(end.services.namespace, end.services.name) for end in ends if end.services is not None}
    if services:
        _collect_services(services, snapshot, members, vocabulary)
    for each in typed.network_sets:
        _collect_blocks(each.nets, vocabulary)
    for endpoint in typed.host_endpoints:
        _collect_blocks(map(host_cidr, endpoint.expected_ips), vocabulary)
    if vocabulary.pods_by_address or typed.network_sets or typed.host_endpoints:
        _collect_blocks(WHOLE, vocabulary)


def account_of(member: Member) -> str:
    """Return the name of a pod's service account (``spec.serviceAccountName``)."""
    return member.spec.account


def host_cidr(address: str) -> str:
    """Return the CIDR of one address."""
    return f"{address}/{128 if ':' in address else 32}"


def leaves(selector: Selector) -> Iterator[Selector]:
    """Yield the comparisons that a selector is made of."""
    ahead = [selector]
    while ahead:
        part = ahead.pop()
        match part:
            case Not(operand):
                ahead.append(operand)
            case And(operands) | Or(operands):
                ahead.extend(operands)
            case _:
                yield part


def _collect_selector(selector: Selector | None, vocabulary: Vocabulary) -> None:
    requirements = []
    for leaf in leaves(selector) if selector is not None else ():
        match leaf:
            case Equal(key, value) | NotEqual(key, value):
                requirements.append(LabelSelectorRequirement(key, Operator.IN, (value,)))
            case In(key, values) | NotIn(key, values):
                requirements.append(LabelSelectorRequirement(key, Operator.IN, values))
            case Has(key):
                requirements.append(LabelSelectorRequirement(key, Operator.EXISTS))
            case Contains(key) | StartsWith(key) | EndsWith(key):
                vocabulary.whole_pod_keys.add(key)
    if requirements:
        vocabulary.pod_selectors.append(LabelSelector(match_expressions=tuple(requirements)))


def _collect_rule(rule: CalicoRule, vocabulary: Vocabulary) -> None:
    if rule.ip_version is not None:
        _collect_blocks(WHOLE, vocabulary)
    for end in (rule.source, rule.destination):
        for selector in (end.selector, end.not_selector):
            _collect_selector(selector, vocabulary)
        _collect_blocks((*end.nets, *end.not_nets), vocabulary)
        vocabulary.port_names.update(port.name for port in (*end.ports, *end.not_ports) if port.name)
    for port in (*rule.destination.ports, *rule.destination.not_ports):
        if not port.name and port.last:
            for protocol in ("TCP", "UDP", "SCTP"):
                vocabulary.port_ranges.add((protocol, max(port.first, 1), port.last))


def _collect_services(
    wanted: set[tuple[str, str]], snapshot: Snapshot, members: Sequence[Member], vocabulary: Vocabulary
) -> None:
    _collect_blocks(WHOLE, vocabulary)
    for each in snapshot.endpoint_slices:
        if (each.metadata.namespace, each.service) in wanted:
            for endpoint in each.endpoints:
                _collect_blocks(map(host_cidr, filter(is_address, endpoint.addresses)), vocabulary)
            vocabulary.port_ranges.update((p.protocol, p.port, p.port) for p in each.ports if p.port)
    services = [each for each in snapshot.services if (each.metadata.namespace, each.metadata.name) in wanted]
    for service in services:
        vocabulary.port_ranges.update((protocol, port, port) for protocol, port in target_ports(service))
        vocabulary.port_names.update(name for name, _ in named_target_ports(service))
    vocabulary.traits[BEHIND] = behind(services)
    vocabulary.hosts_by_node = True
    for member in members:
        if member.host_network:
            _collect_blocks(map(host_cidr, member.addresses), vocabulary)


def _collect_blocks(cidrs: Iterable[str], vocabulary: Vocabulary) -> None:
    for cidr in cidrs:
        vocabulary.blocks[IPBlock(cidr)] = None
        vocabulary.pods_by_address = vocabulary.hosts_by_address = True
