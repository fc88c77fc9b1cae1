"""What the policies of Istio name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.dialects.calico.vocabulary import SERVICE_ACCOUNT, account_of
from firedoor.engine.reach.dialects.istio.mesh import membership
from firedoor.model.istio import Action
from firedoor.model.labels import LabelSelector
from firedoor.model.networkpolicy import IPBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firedoor.engine.reach.vocabulary import Vocabulary
    from firedoor.model.istio import AuthorizationPolicy, AuthorizationRule
    from firedoor.model.snapshot import Snapshot
    from firedoor.model.typed_policies import TypedPolicies

MESH = "mesh"
"""The trait that says whether a pod is in the mesh."""

_ACCOUNT_FIELDS = ("principals", "not_principals", "service_accounts", "not_service_accounts")
_ACCOUNT_KEYS = ("source.principal", "source.serviceAccount")


def collect(typed: TypedPolicies, snapshot: Snapshot, vocabulary: Vocabulary) -> None:
    """Add what the policies name to the vocabulary."""
    if not is_needed(typed):
        return
    policies = tuple(deciding(typed.authorizations))
    vocabulary.traits[MESH] = membership(snapshot)
    selectors = [*(each.selector for each in policies), *(each.selector for each in typed.peer_authentications)]
    vocabulary.pod_selectors += (LabelSelector(each) for each in selectors if each)
    for authentication in typed.peer_authentications:
        vocabulary.port_ranges.update(("TCP", port, port) for port in authentication.port_modes)
    rules = [rule for policy in policies for rule in policy.rules or ()]
    for rule in rules:
        vocabulary.port_ranges.update(("TCP", port, port) for port in _ports(rule) if port)
    if any(map(_names_accounts, rules)):
        vocabulary.traits[SERVICE_ACCOUNT] = account_of
    blocks = [block_of(text) for rule in rules for text in source_addresses(rule)]
    if blocks:
        vocabulary.blocks.update(dict.fromkeys(blocks))
        vocabulary.pods_by_address = vocabulary.hosts_by_address = True


def is_needed(typed: TypedPolicies) -> bool:
    """Return whether any policy decides anything."""
    return bool(typed.peer_authentications) or any(deciding(typed.authorizations))


def deciding(policies: Iterable[AuthorizationPolicy]) -> Iterator[AuthorizationPolicy]:
    """Yield the policies that decide anything: those that audit or are tried out do not."""
    return (each for each in policies if each.action is not Action.AUDIT and not each.is_dry_run)


def block_of(text: str) -> IPBlock:
    """Return the block of an element of ``ipBlocks``, which may be a single address."""
    if "/" in text:
        return IPBlock(text)
    return IPBlock(f"{text}/{128 if ':' in text else 32}")


def source_addresses(rule: AuthorizationRule) -> Iterator[str]:
    """Yield the addresses and blocks that a rule compares with the address of a peer."""
    for source in rule.sources:
        yield from (*source.ip_blocks, *source.not_ip_blocks)
    for condition in rule.conditions:
        if condition.key == "source.ip":
            yield from (*condition.values, *condition.not_values)


def _ports(rule: AuthorizationRule) -> Iterator[int]:
    for operation in rule.operations:
        yield from (*operation.ports, *operation.not_ports)
    for condition in rule.conditions:
        if condition.key == "destination.port":
            yield from map(int, (*condition.values, *condition.not_values))


def _names_accounts(rule: AuthorizationRule) -> bool:
    return any(getattr(source, field) for source in rule.sources for field in _ACCOUNT_FIELDS) or any(
        condition.key in _ACCOUNT_KEYS for condition in rule.conditions
    )
