"""
What a NetworkPolicy says, as CEL: whether its selectors and peers may mean, or surely mean, what an intent names.

Pods and namespaces may have any labels beside those that an intent names. Written for objects as an API server hands
them to an expression: defaults are filled in.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from firedoor.algebra.ports import ALL_TRAFFIC
from firedoor.model.intents import EndTerm, Word
from firedoor.model.labels import Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from firedoor.algebra.ports import Traffic
    from firedoor.engine.reach.cni import CniProfile
    from firedoor.model.labels import LabelSelector, LabelSelectorRequirement

NAME_LABEL = "kubernetes.io/metadata.name"
TRUE, FALSE = "true", "false"


def quoted(text: str) -> str:
    """Return a text as CEL writes it."""
    return json.dumps(text)


def every(parts: Iterable[str]) -> str:
    """Return that all parts are true."""
    found = [each for each in dict.fromkeys(parts) if each != TRUE]
    if FALSE in found:
        return FALSE
    return found[0] if len(found) == 1 else " && ".join(f"({each})" for each in found) or TRUE


def some(parts: Iterable[str]) -> str:
    """Return that any part is true."""
    found = [each for each in dict.fromkeys(parts) if each != FALSE]
    if TRUE in found:
        return TRUE
    return found[0] if len(found) == 1 else " || ".join(f"({each})" for each in found) or FALSE


def may_select(selector: str, labels: Mapping[str, str]) -> str:
    """Return whether a selector that is there may match something that has some labels, and any others."""
    if not labels:
        return TRUE
    known = "{" + ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in sorted(labels.items())) + "}"
    by_labels = (
        f"!has({selector}.matchLabels) || {selector}.matchLabels.all(k, "
        f"!(k in {known}) || {selector}.matchLabels[k] == {known}[k])"
    )
    by_expressions = (
        f"!has({selector}.matchExpressions) || {selector}.matchExpressions.all(e, !(e.key in {known}) || "
        f'(e.operator == "In" ? {known}[e.key] in e.values : e.operator == "NotIn" ? '
        f'!({known}[e.key] in e.values) : e.operator == "Exists"))'
    )
    return every((by_labels, by_expressions))


def demands(selector: str, labels: Mapping[str, str]) -> str:
    """Return whether a selector that is there matches nothing but what has some labels."""
    return every(
        f"(has({selector}.matchLabels) && {quoted(key)} in {selector}.matchLabels && "
        f"{selector}.matchLabels[{quoted(key)}] == {quoted(value)}) || "
        f"(has({selector}.matchExpressions) && {selector}.matchExpressions.exists(e, e.key == {quoted(key)} && "
        f'e.operator == "In" && e.values.all(v, v == {quoted(value)})))'
        for key, value in sorted(labels.items())
    )


def labels_of(term: EndTerm) -> Mapping[str, str]:
    """Return the labels that pods of a term surely have."""
    return _sure(term.labels)


def space_labels_of(term: EndTerm) -> Mapping[str, str]:
    """Return the labels that namespaces of a term surely have."""
    return {**_sure(term.namespace_labels), **({NAME_LABEL: term.namespace} if term.namespace else {})}


def has_more_than_labels(term: EndTerm) -> bool:
    """Return whether a term asks more of labels than that they have one value."""
    given = [each for each in (term.labels, term.namespace_labels) if each is not None]
    return any(not _is_sure(one) for each in given for one in each.match_expressions)


def _sure(selector: LabelSelector | None) -> dict[str, str]:
    if selector is None:
        return {}
    single = {each.key: each.values[0] for each in selector.match_expressions if _is_sure(each)}
    return {**single, **selector.match_labels}


def _is_sure(requirement: LabelSelectorRequirement) -> bool:
    return requirement.operator is Operator.IN and len(set(requirement.values)) == 1


def own_namespace_has(labels: Mapping[str, str]) -> str:
    """Return whether the namespace of the policy has some labels."""
    place = "namespaceObject.metadata"
    found = []
    for key, value in sorted(labels.items()):
        name, text = quoted(key), quoted(value)
        there = f"has({place}.labels) && {name} in {place}.labels && {place}.labels[{name}] == {text}"
        found.append(f"{place}.name == {text}" if key == NAME_LABEL else there)
    return every(found)


def port_met(traffic: Traffic) -> str:
    """Return whether a rule ``r`` may be about any of some ports; what a name stands for is not known."""
    if traffic == ALL_TRAFFIC:
        return TRUE
    found = []
    for protocol, first, last in traffic:
        last_of = "(has(p.endPort) ? int(p.endPort) : int(p.port))"
        # Asked for text, not for a whole number: where Kyverno reads files, numbers are floating-point.
        number = f"!has(p.port) || type(p.port) == string || (int(p.port) <= {last} && {last_of} >= {first})"
        found.append(every((f'(has(p.protocol) ? p.protocol : "TCP") == {quoted(protocol)}', number)))
    one = some(found)
    return f"!has(r.ports) || size(r.ports) == 0 || r.ports.exists(p, {one})"


def peer_may_be(term: EndTerm, cni: CniProfile) -> str:
    """Return whether a peer ``f`` may stand for something that a term means."""
    block = "has(f.ipBlock)"
    match term.word:
        case Word.ANY:
            return TRUE
        case Word.OUTSIDE:
            return block
        case Word.NODES:
            return block if cni.ipblock_matches_nodes else FALSE
        case _:
            pass
    if term.addresses:
        own = quoted(term.addresses if "/" in term.addresses else f"{term.addresses}/{_bits(term.addresses)}")
        meets = f"cidr(f.ipBlock.cidr).containsCIDR({own}) || cidr({own}).containsCIDR(f.ipBlock.cidr)"
        return every((block, meets))
    if term.domain:
        return block
    spaces = space_labels_of(term)
    selected = every(
        (
            "!has(f.ipBlock)",
            _unless_absent("f.podSelector", may_select("f.podSelector", labels_of(term))),
            f"has(f.namespaceSelector) ? ({may_select('f.namespaceSelector', spaces)}) : ({own_namespace_has(spaces)})",
        )
    )
    return some((selected, block)) if cni.ipblock_matches_pods else selected


def peer_is_within(term: EndTerm) -> str:
    """Return whether a peer ``f`` stands for nothing but what a term means."""
    match term.word:
        case Word.ANY:
            return TRUE
        case Word.OUTSIDE:
            return "has(f.ipBlock)"
        case Word.NODES:
            return FALSE
        case _:
            pass
    if term.addresses:
        own = quoted(term.addresses if "/" in term.addresses else f"{term.addresses}/{_bits(term.addresses)}")
        return every(("has(f.ipBlock)", f"cidr({own}).containsCIDR(f.ipBlock.cidr)"))
    spaces, labels = space_labels_of(term), labels_of(term)
    pods = every(("has(f.podSelector)", demands("f.podSelector", labels))) if labels else TRUE
    inside = f"has(f.namespaceSelector) ? ({demands('f.namespaceSelector', spaces)}) : ({own_namespace_has(spaces)})"
    return every(("!has(f.ipBlock)", pods, inside if spaces else TRUE))


def rules_of(way: str) -> str:
    """Return where the rules of a direction are, ``ingress`` or ``egress``, and that they count."""
    kind = quoted(way.capitalize())
    return f"has(object.spec.{way}) && (!has(object.spec.policyTypes) || {kind} in object.spec.policyTypes)"


def may_be_for(labels: Mapping[str, str]) -> str:
    """Return whether the policy may be for a pod with some labels."""
    return _unless_absent("object.spec.podSelector", may_select("object.spec.podSelector", labels))


def _unless_absent(field: str, condition: str) -> str:
    return condition if condition == TRUE else f"!has({field}) || ({condition})"


def _bits(address: str) -> int:
    return 128 if ":" in address else 32
