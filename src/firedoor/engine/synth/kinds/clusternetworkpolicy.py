"""Drafts as ClusterNetworkPolicies (``policy.networking.k8s.io/v1alpha2``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import BlockPeer, DomainPeer, PodsPeer
from firedoor.engine.synth.kinds import naming
from firedoor.engine.synth.permitted import Abilities
from firedoor.model.clusterpolicy import Tier
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft, Peer, PortTerm
    from firedoor.engine.synth.groups import Group
    from firedoor.model.generation import GeneratedPolicy

ABILITIES = Abilities(domains=True, outside_in=False)
_API: dict[str, object] = {"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy"}
_MOST = 25
"""Rules of a direction, peers of a rule and ports of a rule that the API takes."""
_PRIORITY_ALLOWING, _PRIORITY_DENYING = 100, 900
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_EVERY_POD: dict[str, object] = {"namespaces": {}}
_EVERY_ADDRESS: dict[str, object] = {"networks": ["0.0.0.0/0", "::/0"]}

Rules = list[tuple[dict[str, object], tuple[str, ...]]]


def policies(drafts: Sequence[Draft], namespaces: Iterable[str], tier: Tier = Tier.ADMIN) -> Iterator[GeneratedPolicy]:
    """Yield the policies of each draft, as many as its rules take, and one for each namespace that denies the rest."""
    called = naming.names(each.group for each in drafts)
    for draft in drafts:
        group = draft.group
        sides = {each: _rules(draft, each) for each in Direction}
        rounds = -(-max(map(len, sides.values())) // _MOST)
        for number in range(rounds):
            pieces = {each: rules[number * _MOST : (number + 1) * _MOST] for each, rules in sides.items()}
            name = called[group] + (f"-{number + 1}" if number else "")
            spec = _spec(tier, _PRIORITY_ALLOWING, {"pods": _pods(group)})
            spec |= {str(each): [rule for rule, _ in rules] for each, rules in pieces.items() if rules}
            notes = naming.comments(**{str(each): [why for _, why in rules] for each, rules in pieces.items()})
            document = {**_API, "metadata": naming.metadata(f"{group.namespace}.{name}"), "spec": spec}
            yield naming.allowing(draft, name, document, notes)
    for namespace in namespaces:
        spec = _spec(tier, _PRIORITY_DENYING, {"namespaces": naming.namespace_selector(namespace)})
        spec["ingress"] = [{"action": "Deny", "from": [_EVERY_POD]}]
        spec["egress"] = [{"action": "Deny", "to": [_EVERY_POD, _EVERY_ADDRESS]}]
        document = {**_API, "metadata": naming.metadata(f"{namespace}.{naming.DEFAULT_NAME}"), "spec": spec}
        yield naming.default(namespace, document)


def _spec(tier: Tier, priority: int, subject: dict[str, object]) -> dict[str, object]:
    return {"tier": str(tier), "priority": priority, "subject": subject}


def _pods(group: Group) -> dict[str, object]:
    return {
        "namespaceSelector": naming.namespace_selector(group.namespace),
        "podSelector": naming.selector_fields(group.selector),
    }


def _rules(draft: Draft, direction: Direction) -> Rules:
    found: Rules = []
    for each in draft.allowances(direction):
        why = naming.reasons(each)
        for peers, ports in _pieces(each):
            rule: dict[str, object] = {"action": "Accept", _PEERS[direction]: [_peer(peer) for peer in peers]}
            if ports:
                rule["protocols"] = [_port(port) for port in ports]
            found.append((rule, why))
            why = ()
    return found


def _pieces(allowance: Allowance) -> Iterator[tuple[tuple[Peer, ...], tuple[PortTerm, ...]]]:
    """Yield the peers and ports of an allowance, no more of them together than a rule may have."""
    for start in range(0, len(allowance.peers), _MOST):
        for begin in range(0, max(1, len(allowance.ports)), _MOST):
            yield allowance.peers[start : start + _MOST], allowance.ports[begin : begin + _MOST]


def _peer(peer: Peer) -> dict[str, object]:
    if isinstance(peer, BlockPeer):
        return {"networks": [peer.cidr]}
    if isinstance(peer, DomainPeer):
        return {"domainNames": [peer.name]}
    assert isinstance(peer, PodsPeer)  # noqa: S101 - as ABILITIES says
    return {"pods": _pods(peer.group)}


def _port(term: PortTerm) -> dict[str, object]:
    if term.name:
        return {"destinationNamedPort": term.name}
    port: dict[str, object] = (
        {"number": term.first} if term.first == term.last else {"range": {"start": term.first, "end": term.last}}
    )
    return {term.protocol.lower(): {"destinationPort": port}}
