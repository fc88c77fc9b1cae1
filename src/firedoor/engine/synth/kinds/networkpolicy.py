"""Drafts as NetworkPolicies (``networking.k8s.io/v1``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import BlockPeer, PodsPeer
from firedoor.engine.synth.kinds import naming
from firedoor.engine.synth.permitted import Abilities
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft, Peer, PortTerm
    from firedoor.model.generation import GeneratedPolicy

ABILITIES = Abilities()
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}
_API: dict[str, object] = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy"}
_BOTH = ["Ingress", "Egress"]


def policies(drafts: Sequence[Draft], namespaces: Iterable[str]) -> Iterator[GeneratedPolicy]:
    """Yield a policy for each draft, and one for each namespace that denies the rest."""
    called = naming.names(each.group for each in drafts)
    for draft in drafts:
        group = draft.group
        spec: dict[str, object] = {"podSelector": naming.selector_fields(group.selector), "policyTypes": _BOTH}
        for direction in Direction:
            rules = [_rule(each, direction, group.namespace) for each in draft.allowances(direction)]
            if rules:
                spec[str(direction)] = rules
        document = {**_API, "metadata": naming.metadata(called[group], group.namespace), "spec": spec}
        notes = naming.comments(
            ingress=[naming.reasons(each) for each in draft.ingress],
            egress=[naming.reasons(each) for each in draft.egress],
        )
        yield naming.allowing(draft, called[group], document, notes)
    for namespace in namespaces:
        spec = {"podSelector": {}, "policyTypes": _BOTH}
        document = {**_API, "metadata": naming.metadata(naming.DEFAULT_NAME, namespace), "spec": spec}
        yield naming.default(namespace, document)


def _rule(allowance: Allowance, direction: Direction, namespace: str) -> dict[str, object]:
    found: dict[str, object] = {_PEERS[direction]: [_peer(each, namespace) for each in allowance.peers]}
    if allowance.ports:
        found["ports"] = [_port(each) for each in allowance.ports]
    return found


def _peer(peer: Peer, namespace: str) -> dict[str, object]:
    if isinstance(peer, BlockPeer):
        return {"ipBlock": {"cidr": peer.cidr}}
    assert isinstance(peer, PodsPeer)  # noqa: S101 - as ABILITIES says
    pods: dict[str, object] = {"podSelector": naming.selector_fields(peer.group.selector)}
    if peer.group.namespace == namespace:
        return pods
    return {"namespaceSelector": naming.namespace_selector(peer.group.namespace), **pods}


def _port(term: PortTerm) -> dict[str, object]:
    found: dict[str, object] = {"protocol": term.protocol, "port": term.name or term.first}
    if term.last > term.first:
        found["endPort"] = term.last
    return found
