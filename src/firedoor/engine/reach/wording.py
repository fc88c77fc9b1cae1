"""What a rule says, in a few words for explanations, whatever API it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firedoor.engine.reach.dialects.istio import words as istio_words
from firedoor.model.calico import CalicoPolicy
from firedoor.model.cilium import CiliumPolicy
from firedoor.model.icmp import PROTOCOLS
from firedoor.model.istio import AuthorizationPolicy, PeerAuthentication
from firedoor.model.networkpolicy import Direction, NetworkPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.engine.reach.rules import CompiledPolicy
    from firedoor.model.calico import CalicoRule, EntityRule
    from firedoor.model.cilium import CiliumDirectionRule


def rule_words(policy: Any, direction: Direction, path: str) -> str:
    """Return ports and peers of the rule at `path`, as in ``TCP 80 from pods app=web``."""
    if isinstance(policy, CalicoPolicy):
        return _calico(next(rule for rule in policy.rules(direction) if rule.path == path), direction)
    if isinstance(policy, CiliumPolicy):
        sections = (each for rule in policy.rules for each in (*rule.allows(direction), *rule.denies(direction)))
        return _cilium(next(rule for rule in sections if rule.path == path), direction)
    if isinstance(policy, AuthorizationPolicy | PeerAuthentication):
        return istio_words.rule_words(policy, path)
    spoken = policy.rules(direction)[int(path.rpartition("[")[2][:-1])]
    way = "from" if direction is Direction.INGRESS else "to"
    peers = " or ".join(map(str, spoken.peers)) or "anyone"
    ports = ", ".join(map(str, spoken.ports or ())) or "all ports"
    return f"{ports} {way} {peers}"


def isolation_words(compiled: CompiledPolicy[Any], direction: Direction, tier: str) -> str:
    """Return how a policy isolates, whose rules do not accept a connection."""
    policy = compiled.policy
    count = len({rule.path for rule in compiled.rules})
    what = "lists no rule" if not count else "its rule does not match" if count == 1 else _none_of(count)
    if isinstance(policy, NetworkPolicy):
        selector = policy.spec.pod_selector
        whom = "every pod of its namespace" if selector.is_empty else f"pods {selector}"
        return f"isolates {whom} for {direction}, and {what}"
    if isinstance(policy, CiliumPolicy):
        return f"isolates the pods that it selects for {direction}, and {what}"
    return f"applies to the pod for {direction}, {what}, and tier {tier} denies the rest"


def _none_of(count: int) -> str:
    return f"none of its {count} rules matches"


def _cilium(rule: CiliumDirectionRule, direction: Direction) -> str:
    listed = [*map(str, rule.ports or ()), *(f"{PROTOCOLS[version]} type {kind}" for version, kind in rule.icmps)]
    ports = "all ports" if rule.ports is None else ", ".join(listed) or "no ports"
    peers = "anyone" if rule.peers is None else " or ".join(map(str, rule.peers)) or "nobody"
    return f"{ports} {'from' if direction is Direction.INGRESS else 'to'} {peers}"


def _calico(rule: CalicoRule, direction: Direction) -> str:
    ingress = direction is Direction.INGRESS
    own, peer = (rule.destination, rule.source) if ingress else (rule.source, rule.destination)
    ports = ", ".join(map(str, rule.destination.ports))
    refused = ", ".join(map(str, rule.destination.not_ports))
    messages = [f"{word}{each}" for word, each in (("", rule.icmp), ("not ", rule.not_icmp)) if each and str(each)]
    what = " ".join(
        filter(
            None,
            (
                rule.protocol or (f"all but {rule.not_protocol}" if rule.not_protocol else ""),
                *messages,
                ports,
                f"other than {refused}" if refused else "",
            ),
        )
    )
    whom = " and ".join(_calico_end(peer)) or "anyone"
    narrowed = " and ".join(_calico_end(own))
    at = f", for pods {narrowed}" if narrowed else ""
    asked = "" if rule.http is None else f", as far as requests are {rule.http}"
    return f"{what or 'all ports'} {'from' if ingress else 'to'} {whom}{at}{asked}"


def _calico_end(end: EntityRule) -> Iterator[str]:
    if end.nets:
        yield f"addresses {', '.join(end.nets)}"
    if end.not_nets:
        yield f"addresses outside {', '.join(end.not_nets)}"
    if end.selector is not None:
        yield f"selector {end.selector}"
    if end.not_selector is not None:
        yield f"selector !({end.not_selector})"
    if end.namespace_selector is not None:
        yield f"namespaces {end.namespace_selector}"
    accounts = end.service_accounts
    if accounts is not None and accounts.names:
        yield f"service accounts {', '.join(accounts.names)}"
    if accounts is not None and accounts.selector is not None:
        yield f"service accounts {accounts.selector}"
    if end.services is not None:
        yield f"service {end.services.namespace}/{end.services.name}"
