"""The texts, places and fingerprints of what a review finds."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from firedoor.model.flows import FlowEdge
    from firedoor.model.labels import LabelSelector
    from firedoor.model.networkpolicy import EgressRule, IngressRule, NetworkPolicyPeer, NetworkPolicyPort
    from firedoor.model.places import ObjectRef
    from firedoor.model.review import Manifest

_LAST_SECOND = 253_402_300_799
"""The last second of the year 9999."""
_DIGITS = 32


def time_text(nanoseconds: int) -> str:
    """Return a time as ISO 8601 in UTC, to the second."""
    seconds = min(max(nanoseconds // 10**9, 0), _LAST_SECOND)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(kind: str, about: ObjectRef, *parts: str) -> str:
    """Return what something of a kind has in common with itself whenever it is found, as 32 hexadecimal digits."""
    text = "\n".join((kind, about.kind, about.namespace, about.name, *parts))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def written(rule: IngressRule | EgressRule) -> str:
    """Return what a rule says, the same wherever it stands."""
    return msgspec.json.encode(rule, order="sorted").decode()


def counted(edges: Iterable[FlowEdge]) -> str:
    """Return how many connections edges are, and when the last of them was; there is one edge at least."""
    found = list(edges)
    count, last = sum(each.count for each in found), max(each.last for each in found)
    return f"{count} connection{'s' * (count != 1)}, the last at {time_text(last)}"


def difference_texts(old: IngressRule | EgressRule, new: IngressRule | EgressRule) -> tuple[str, ...]:
    """Return what was used of the peers and of the ports of a rule, where that is not all."""
    told = []
    if new.peers != old.peers:
        told.append(f"peers as written: {_list(old.peers, 'anybody')}; used: {_list(new.peers, 'anybody')}")
    if new.ports != old.ports:
        told.append(f"ports as written: {_list(old.ports, 'all')}; used: {_list(new.ports, 'all')}")
    return tuple(told)


def shortening_texts(old: Manifest, new: Manifest) -> tuple[str, ...]:
    """Return which fields of a rule, as manifests have it, would be written otherwise."""
    return tuple(
        f"{field} as written: {_compact(old.get(field))}; used: {_compact(new.get(field))}"
        for field in dict.fromkeys((*old, *new))
        if old.get(field) != new.get(field)
    )


def _compact(value: object) -> str:
    return "all" if value is None else msgspec.json.encode(value).decode()


def rule_document(key: str, rule: IngressRule | EgressRule) -> dict[str, object]:
    """Return a rule as its manifest has it; `key` is ``from`` or ``to``."""
    document: dict[str, object] = {}
    if rule.peers:
        document[key] = [_peer(each) for each in rule.peers]
    if rule.ports:
        document["ports"] = [_port(each) for each in rule.ports]
    return document


def _list(some: Iterable[NetworkPolicyPeer | NetworkPolicyPort], without: str) -> str:
    return ", ".join(map(str, some)) or without


def _peer(peer: NetworkPolicyPeer) -> dict[str, object]:
    if peer.ip_block is not None:
        block: dict[str, object] = {"cidr": peer.ip_block.cidr}
        return {"ipBlock": {**block, "except": list(peer.ip_block.excepts)} if peer.ip_block.excepts else block}
    selectors = {"namespaceSelector": peer.namespace_selector, "podSelector": peer.pod_selector}
    return {name: _selector(each) for name, each in selectors.items() if each is not None}


def _selector(selector: LabelSelector) -> dict[str, object]:
    document: dict[str, object] = {"matchLabels": dict(selector.match_labels)} if selector.match_labels else {}
    if selector.match_expressions:
        document["matchExpressions"] = [
            {"key": each.key, "operator": str(each.operator), **({"values": list(each.values)} if each.values else {})}
            for each in selector.match_expressions
        ]
    return document


def _port(port: NetworkPolicyPort) -> dict[str, object]:
    document: dict[str, object] = {"protocol": port.protocol}
    if port.port is not None:
        document["port"] = port.port
    return {**document, "endPort": port.end_port} if port.end_port is not None else document
