"""
Rules of other APIs as their manifests have them: the lists of peers and of ports in them, and how these get shorter.

What is left out of a rule that allows, or written as the ports that were used, leaves all else as it means now.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from firedoor.algebra.ports import PROTOCOLS
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from firedoor.engine.reach.rules import AnyPolicy
    from firedoor.model.policies import PolicyObject
    from firedoor.model.review import Manifest

Keys = tuple[str | int, ...]
Ports = list[tuple[str, int]]
"""Protocols and numbers."""


class Element(NamedTuple):
    """An element of a list in a rule: where the list is, and the number of the element."""

    keys: Keys
    number: int


class Dialect(NamedTuple):
    """How the rules of an API are written."""

    peers: Callable[[Manifest, Direction], list[Keys]]
    ports: Callable[[Manifest], list[Keys]]
    exact: Callable[[Any, Ports], list[Any]]
    """Writes the ports that were used of an element that stands for several; none for one that stands for one."""
    added: Callable[[Manifest, Ports], Manifest | None]
    """Returns a rule for all ports with those that were used; None where it has no way to name them."""
    is_dns_over_tcp: Callable[[Any], bool]


def elements(rule: Manifest, lists: Iterable[Keys]) -> list[Element]:
    """Return all elements of lists in a rule."""
    return [Element(keys, number) for keys in lists for number in range(len(_at(rule, keys)))]


def element_of(rule: Manifest, element: Element) -> Any:
    """Return an element as it is written."""
    return _at(rule, element.keys)[element.number]


def rewritten(rule: Manifest, lists: Sequence[Keys], kept: Mapping[Element, Sequence[Any]]) -> Manifest:
    """Return a rule with other elements in its lists, in the place of each old one; lists without any are gone."""
    found = deepcopy(rule)
    for keys in reversed(lists):
        parent = _at(found, keys[:-1])
        new = [each for number in range(len(parent[keys[-1]])) for each in kept.get(Element(keys, number), ())]
        if new:
            parent[keys[-1]] = list({repr(each): each for each in new}.values())
        else:
            # A list that is there and empty would mean something else.
            where = keys[:1] if len(keys) == 1 else keys[:-1]
            del _at(found, where[:-1])[where[-1]]
    return found


def rule_at(policy: PolicyObject, path: str) -> Manifest:
    """Return the rule at ``spec.ingress[0]`` or ``specs[0].egress[1]``."""
    found: Manifest = _at({"spec": policy.spec, "specs": policy.specs}, _keys(path))
    return found


def with_rules(policy: PolicyObject, rules: Mapping[str, Manifest]) -> PolicyObject:
    """Return a policy with other rules at some paths."""
    both = deepcopy({"spec": policy.spec, "specs": policy.specs})
    for path, rule in rules.items():
        *outer, last = _keys(path)
        _at(both, tuple(outer))[last] = rule
    return replace(policy, spec=both["spec"], specs=both["specs"])


def with_rule_alone(policy: PolicyObject, path: str, rule: Manifest) -> PolicyObject:
    """Return a policy that has no rule but one."""
    spec, section, _ = _split(path)
    own = deepcopy(_at({"spec": policy.spec, "specs": policy.specs}, spec))
    for each in ("ingress", "egress", "ingressDeny", "egressDeny", "types"):
        own.pop(each, None)
    return replace(policy, spec={**own, section: [rule]}, specs=None)


def path_alone(path: str) -> str:
    """Return the path that a rule has in a policy without others."""
    return f"spec.{_split(path)[1]}[0]"


def object_of(objects: Iterable[PolicyObject], policy: AnyPolicy) -> PolicyObject | None:
    """Return the object that a policy was read from; None where that is not sure."""
    found = [each for each in objects if each.kind == policy.ref.kind and str(each.place) == str(policy.place)]
    found = [each for each in found if each.ref == policy.ref] or found
    return found[0] if len(found) == 1 else None


def dialect_of(policy: PolicyObject) -> Dialect | None:
    """Return how the rules of a policy are written; None for kinds whose rules are not made narrower."""
    return _DIALECTS.get((policy.group, policy.kind))


def _split(path: str) -> tuple[Keys, str, int]:
    *spec, section, number = _keys(path)
    return tuple(spec), str(section), int(number)


def _keys(path: str) -> Keys:
    parts = path.replace("]", "").replace("[", ".").split(".")
    return tuple(int(each) if each.isdecimal() else each for each in parts)


def _at(value: Any, keys: Keys) -> Any:
    for key in keys:
        value = value[key]
    return value


def _lists(rule: Manifest, names: Iterable[str]) -> list[Keys]:
    return [(each,) for each in names if isinstance(rule.get(each), list | tuple) and rule[each]]


def _cluster_peers(rule: Manifest, direction: Direction) -> list[Keys]:
    return _lists(rule, ("from",) if direction is Direction.INGRESS else ("to",))


def _cluster_exact(element: Any, used: Ports) -> list[Any]:
    ranged = any("range" in (each.get("destinationPort") or {}) for each in element.values() if isinstance(each, dict))
    return [_cluster_port(*each) for each in used] if ranged else []


def _cluster_port(protocol: str, number: int) -> Manifest:
    return {protocol.lower(): {"destinationPort": {"number": number}}}


def _admin_exact(element: Any, used: Ports) -> list[Any]:
    return [_admin_port(*each) for each in used] if "portRange" in element else []


def _admin_port(protocol: str, number: int) -> Manifest:
    return {"portNumber": {"protocol": protocol, "port": number}}


_CILIUM_PEERS = {
    Direction.INGRESS: ("fromEndpoints", "fromCIDR", "fromCIDRSet", "fromEntities", "fromNodes", "fromGroups"),
    Direction.EGRESS: (
        "toEndpoints", "toCIDR", "toCIDRSet", "toEntities", "toNodes", "toGroups", "toServices", "toFQDNs",
    ),
}  # fmt: skip


def _cilium_peers(rule: Manifest, direction: Direction) -> list[Keys]:
    return _lists(rule, _CILIUM_PEERS[direction])


def _cilium_ports(rule: Manifest) -> list[Keys]:
    entries = rule.get("toPorts") or ()
    assert isinstance(entries, list | tuple)  # noqa: S101 - as the reader has found
    return [("toPorts", number, "ports") for number, each in enumerate(entries) if each.get("ports")]


def _cilium_exact(element: Any, used: Ports) -> list[Any]:
    is_wide = element.get("endPort") or element.get("protocol") in {None, "", "ANY"} or str(element.get("port")) == "0"
    return [_cilium_port(*each) for each in used] if is_wide and str(element.get("port", "")).isdecimal() else []


def _cilium_port(protocol: str, number: int) -> Manifest:
    return {"port": str(number), "protocol": protocol}


def _cilium_added(rule: Manifest, used: Ports) -> Manifest | None:
    if any(rule.get(each) for each in ("toPorts", "toServices")):
        return None
    return {**deepcopy(rule), "toPorts": [{"ports": [_cilium_port(*each) for each in used]}]}


def _calico_peers(rule: Manifest, direction: Direction) -> list[Keys]:
    side = "source" if direction is Direction.INGRESS else "destination"
    return [(side, "nets")] if _entity(rule, side).get("nets") else []


def _calico_ports(rule: Manifest) -> list[Keys]:
    return [("destination", "ports")] if _entity(rule, "destination").get("ports") else []


def _calico_exact(element: Any, used: Ports) -> list[Any]:
    return [number for _, number in used] if ":" in str(element) else []


def _calico_added(rule: Manifest, used: Ports) -> Manifest | None:
    entity = _entity(rule, "destination")
    if rule.get("protocol") not in PROTOCOLS or entity.get("notPorts") or entity.get("services"):
        return None
    return {**deepcopy(rule), "destination": {**deepcopy(entity), "ports": [number for _, number in used]}}


def _entity(rule: Manifest, side: str) -> Manifest:
    found = rule.get(side) or {}
    assert isinstance(found, dict)  # noqa: S101 - as the reader has found
    return found


def _listing(field: str, port: Callable[[str, int], Manifest]) -> Callable[[Manifest, Ports], Manifest | None]:
    """Return what puts ports into a field of a rule."""
    return lambda rule, used: {**deepcopy(rule), field: [port(*each) for each in used]}


def _equal_to(*known: Manifest) -> Callable[[Any], bool]:
    return lambda element: element in known


_CLUSTER = Dialect(
    _cluster_peers,
    lambda rule: _lists(rule, ("protocols",)),
    _cluster_exact,
    _listing("protocols", _cluster_port),
    _equal_to(_cluster_port("TCP", 53)),
)
_ADMIN = Dialect(
    _cluster_peers,
    lambda rule: _lists(rule, ("ports",)),
    _admin_exact,
    _listing("ports", _admin_port),
    _equal_to(_admin_port("TCP", 53), {"portNumber": {"port": 53}}),
)
_CILIUM = Dialect(
    _cilium_peers,
    _cilium_ports,
    _cilium_exact,
    _cilium_added,
    _equal_to(_cilium_port("TCP", 53), {"port": 53, "protocol": "TCP"}),
)
_CALICO = Dialect(_calico_peers, _calico_ports, _calico_exact, _calico_added, _equal_to())
_DIALECTS: dict[tuple[str, str], Dialect] = {
    ("policy.networking.k8s.io", "ClusterNetworkPolicy"): _CLUSTER,
    ("policy.networking.k8s.io", "AdminNetworkPolicy"): _ADMIN,
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"): _ADMIN,
    ("cilium.io", "CiliumNetworkPolicy"): _CILIUM,
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): _CILIUM,
    **{
        (group, kind): _CALICO
        for group in ("projectcalico.org", "crd.projectcalico.org")
        for kind in ("NetworkPolicy", "GlobalNetworkPolicy")
    },
}


def shortened(rule: Manifest, lists: Sequence[Keys], kept: Collection[Element]) -> Manifest:
    """Return a rule with some elements of its lists alone."""
    return rewritten(rule, lists, {each: (element_of(rule, each),) for each in kept})
