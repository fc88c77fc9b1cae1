"""Drafts as CiliumNetworkPolicies (``cilium.io/v2``)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import BlockPeer, DomainPeer, NodesPeer, PodsPeer, ServersPeer
from firedoor.engine.synth.kinds import naming
from firedoor.engine.synth.permitted import Abilities
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft, Peer, PortTerm
    from firedoor.engine.synth.groups import Group
    from firedoor.model.generation import GeneratedPolicy

ABILITIES = Abilities(domains=True, nodes=True, servers=True)
_NAMESPACE = "k8s:io.kubernetes.pod.namespace"
_API: dict[str, object] = {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy"}
_NOTHING: list[dict[str, object]] = [{}]
"""A rule that allows nothing, and makes a direction one in which the rest is denied."""
_MOST_PORTS = 40
_WORDS = {
    Direction.INGRESS: ("fromEndpoints", "fromCIDR", "fromEntities", ["remote-node"]),
    Direction.EGRESS: ("toEndpoints", "toCIDR", "toEntities", ["host", "remote-node"]),
}
_LEARNING = {"dns": [{"matchPattern": "*"}]}
"""Cilium learns the addresses of names from the answers that its DNS proxy sees."""

_DNS_PORTS = (53, 5353)

Rules = list[tuple[dict[str, object], tuple[str, ...]]]


def policies(drafts: Sequence[Draft], namespaces: Iterable[str]) -> Iterator[GeneratedPolicy]:
    """Yield a policy for each draft, and one for each namespace that denies the rest."""
    called = naming.names(each.group for each in drafts)
    for draft in drafts:
        group = draft.group
        sides = {each: _rules(draft, each) for each in Direction}
        spec: dict[str, object] = {"endpointSelector": naming.selector_fields(group.selector)}
        spec |= {str(each): [rule for rule, _ in rules] or _NOTHING for each, rules in sides.items()}
        document = {**_API, "metadata": naming.metadata(called[group], group.namespace), "spec": spec}
        notes = naming.comments(**{str(each): [why for _, why in rules] for each, rules in sides.items()})
        yield naming.allowing(draft, called[group], document, notes)
    for namespace in namespaces:
        spec = {"endpointSelector": {}, "ingress": _NOTHING, "egress": _NOTHING}
        document = {**_API, "metadata": naming.metadata(naming.DEFAULT_NAME, namespace), "spec": spec}
        yield naming.default(namespace, document)


def _rules(draft: Draft, direction: Direction) -> Rules:
    """Return the rules of a direction: one for each sort of peers, which no rule may mix."""
    learns = any(isinstance(peer, DomainPeer) for each in draft.egress for peer in each.peers)
    endpoints, blocks, entities, nodes = _WORDS[direction]
    found: Rules = []
    for each in draft.allowances(direction):
        why = naming.reasons(each)
        sorts: list[tuple[str, list[object]]] = [
            (endpoints, [_endpoints(peer.group, draft.group) for peer in each.peers if isinstance(peer, PodsPeer)]),
            (blocks, [peer.cidr for peer in each.peers if isinstance(peer, BlockPeer)]),
            ("toFQDNs", [{"matchName": peer.name} for peer in each.peers if isinstance(peer, DomainPeer)]),
            (entities, [name for peer in each.peers for name in _entities(peer, nodes)]),
        ]
        for field, peers in sorts:
            if peers:
                is_dns = learns and direction is Direction.EGRESS and field == endpoints
                found.append(({field: peers, **_ports(each, is_dns=is_dns)}, why))
                why = ()
    return found


def _entities(peer: Peer, nodes: list[str]) -> list[str]:
    if isinstance(peer, ServersPeer):
        return ["kube-apiserver"]
    return nodes if isinstance(peer, NodesPeer) else []


def _endpoints(group: Group, subject: Group) -> dict[str, object]:
    fields = naming.selector_fields(group.selector)
    if group.namespace == subject.namespace:
        return fields
    labels = fields.get("matchLabels", {})
    assert isinstance(labels, dict)  # noqa: S101 - as `selector_fields` has made it
    return {**fields, "matchLabels": {_NAMESPACE: group.namespace, **labels}}


def _ports(allowance: Allowance, *, is_dns: bool) -> dict[str, object]:
    """Return the ports of a rule; those of DNS apart, where it is looked into."""
    asked = [each for each in allowance.ports if is_dns and each.first == each.last and each.first in _DNS_PORTS]
    others = [each for each in allowance.ports if each not in asked]
    pieces: list[dict[str, object]] = [{"ports": [_port(each) for each in asked], "rules": _LEARNING}] if asked else []
    starts = range(0, len(others), _MOST_PORTS)
    pieces += [{"ports": [_port(each) for each in others[start : start + _MOST_PORTS]]} for start in starts]
    return {"toPorts": pieces} if pieces else {}


def _port(term: PortTerm) -> dict[str, object]:
    found: dict[str, object] = {"port": term.name or str(term.first), "protocol": term.protocol}
    if term.last > term.first:
        found["endPort"] = term.last
    return found
