"""Drafts as policies of Calico (``projectcalico.org/v3``), in force or staged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import BlockPeer, PodsPeer
from firedoor.engine.synth.kinds import naming
from firedoor.engine.synth.permitted import Abilities
from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firedoor.engine.synth.drafts import Allowance, Draft, PortTerm
    from firedoor.engine.synth.groups import Group
    from firedoor.model.generation import GeneratedPolicy

ABILITIES = Abilities()
_ORDER_ALLOWING, _ORDER_DENYING = 500, 2000
_BOTH = ["Ingress", "Egress"]

Rules = list[tuple[dict[str, object], tuple[str, ...]]]


def policies(drafts: Sequence[Draft], namespaces: Iterable[str], *, staged: bool = False) -> Iterator[GeneratedPolicy]:
    """Yield a policy for each draft, and one for each namespace that denies the rest."""
    api: dict[str, object] = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "StagedNetworkPolicy" if staged else "NetworkPolicy",
    }
    called = naming.names(each.group for each in drafts)
    for draft in drafts:
        group = draft.group
        sides = {each: _rules(draft, each) for each in Direction}
        spec = _spec(selector_text(group.selector), _ORDER_ALLOWING, staged=staged)
        spec |= {str(each): [rule for rule, _ in rules] for each, rules in sides.items() if rules}
        document = {**api, "metadata": naming.metadata(called[group], group.namespace), "spec": spec}
        notes = naming.comments(**{str(each): [why for _, why in rules] for each, rules in sides.items()})
        yield naming.allowing(draft, called[group], document, notes)
    for namespace in namespaces:
        spec = _spec("all()", _ORDER_DENYING, staged=staged)
        document = {**api, "metadata": naming.metadata(naming.DEFAULT_NAME, namespace), "spec": spec}
        yield naming.default(namespace, document)


def selector_text(selector: LabelSelector) -> str:
    """Return a selector in Calico's language."""
    parts = [f"{key} == '{value}'" for key, value in sorted(selector.match_labels.items())]
    parts += [f"!has({each.key})" for each in selector.match_expressions]
    return " && ".join(parts) or "all()"


def _spec(selector: str, order: int, *, staged: bool) -> dict[str, object]:
    action = {"stagedAction": "Set"} if staged else {}
    return {**action, "tier": "default", "order": order, "selector": selector, "types": _BOTH}


def _rules(draft: Draft, direction: Direction) -> Rules:
    """Return the rules of a direction: one for each protocol and group of pods, or all blocks together."""
    found: Rules = []
    for each in draft.allowances(direction):
        why = naming.reasons(each)
        nets = [peer.cidr for peer in each.peers if isinstance(peer, BlockPeer)]
        entities = [_entity(peer.group, draft.group) for peer in each.peers if isinstance(peer, PodsPeer)]
        if nets:
            entities.append({"nets": nets})
        for entity in entities:
            for protocol, ports in _by_protocol(each):
                found.append((_rule(direction, entity, protocol, ports), why))
                why = ()
    return found


def _entity(group: Group, subject: Group) -> dict[str, object]:
    found: dict[str, object] = {"selector": selector_text(group.selector)}
    if group.namespace != subject.namespace:
        found["namespaceSelector"] = f"{NAMESPACE_NAME_LABEL} == '{group.namespace}'"
    return found


def _by_protocol(allowance: Allowance) -> Iterator[tuple[str, list[PortTerm]]]:
    if not allowance.ports:
        yield "", []
    for protocol in dict.fromkeys(each.protocol for each in allowance.ports):
        yield protocol, [each for each in allowance.ports if each.protocol == protocol]


def _rule(direction: Direction, entity: dict[str, object], protocol: str, ports: list[PortTerm]) -> dict[str, object]:
    served = [each.name or (each.first if each.first == each.last else f"{each.first}:{each.last}") for each in ports]
    there: dict[str, object] = {"ports": served} if served else {}
    source, destination = (entity, there) if direction is Direction.INGRESS else ({}, {**entity, **there})
    parts: dict[str, object] = {"protocol": protocol, "source": source, "destination": destination}
    return {"action": "Allow", **{key: value for key, value in parts.items() if value}}
