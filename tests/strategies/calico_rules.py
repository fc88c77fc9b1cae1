"""Strategies for the rules of Calico policies, in the shapes that the API server accepts."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from typing import Any

from hypothesis import strategies as st

from tests.strategies.calico_selectors import (
    ACCOUNTS,
    account_selectors,
    endpoint_selectors,
    mostly,
    scopes,
)
from tests.strategies.policies import CIDRS, PORT_NAMES, PORT_NUMBERS, PROTOCOLS
from tests.strategies.selectors import NAMESPACES, Manifest

SERVICE = "api"
SERVICE_NAMESPACES = ("alpha", "default")
NETS = {
    4: tuple(dict.fromkeys(str(ip_network(cidr, strict=False)) for cidr in CIDRS if ":" not in cidr)),
    6: tuple(
        dict.fromkeys(str(ip_network(cidr, strict=False)) for cidr in CIDRS if ":" in cidr and "::ffff" not in cidr)
    ),
}
WHOLE = ("0.0.0.0/0", "::/0")
NUMBERED = {"TCP": 6, "UDP": 17, "SCTP": 132}
OTHER_PROTOCOLS: tuple[str | int, ...] = ("UDPLite", 47)
ICMP = {4: "ICMP", 6: "ICMPv6"}

ACTIONS = mostly(st.sampled_from(("Allow", "Deny")), st.sampled_from(("Allow", "Pass", "Log")))
FAMILIES = mostly(st.just(4), st.just(6))
SELDOM = mostly(st.just(value=False), st.just(value=True))
PORTFUL: st.SearchStrategy[str | int] = st.sampled_from(("TCP", "TCP", "TCP", *PROTOCOLS, *NUMBERED.values()))
PROTOCOL_KINDS = mostly(st.sampled_from(("none", "portful")), st.sampled_from(("none", "portful", "other", "icmp")))
PEER_KINDS = mostly(st.sampled_from(("labels", "nets")), st.sampled_from(("services", "none", "services", "both")))


@cache
@st.composite
def rules(draw: st.DrawFn, direction: str, *, namespaced: bool) -> Manifest:
    """Generate a rule for ``ingress`` or ``egress``; its nets are of the IP version it may be limited to."""
    rule: Manifest = {"action": draw(ACTIONS)}
    family = draw(FAMILIES)
    rule |= draw(_protocols(family))
    portful = rule.get("protocol") in (*NUMBERED, *NUMBERED.values())
    near, far = ("destination", "source") if direction == "ingress" else ("source", "destination")
    entities = {far: draw(_peers(family, namespaced=namespaced)), near: draw(_subjects(family))}
    for side, seldom in (("destination", False), ("source", True)):
        if portful and "services" not in entities[side] and draw(SELDOM if seldom else st.booleans()):
            entities[side] |= draw(_port_lists())
    left_out = draw(st.booleans())
    rule |= {side: entity for side, entity in entities.items() if entity or not left_out}
    if draw(SELDOM):
        rule["ipVersion"] = family
    if direction == "ingress" and rule["action"] == "Allow" and rule.get("protocol", "TCP") == "TCP" and draw(SELDOM):
        rule["http"] = {"methods": ["GET"]}
    return rule


@cache
@st.composite
def _protocols(draw: st.DrawFn, family: int) -> Manifest:
    fields: Manifest = {}
    kind = draw(PROTOCOL_KINDS)
    if kind == "portful":
        fields["protocol"] = draw(PORTFUL)
    elif kind == "other":
        fields["protocol"] = draw(st.sampled_from(OTHER_PROTOCOLS))
    elif kind == "icmp":
        types = st.sampled_from(({}, {"type": 8}, {"type": 8, "code": 0}, {"type": 8, "code": 1}, {"type": 128}))
        fields |= {"protocol": ICMP[family]} | draw(
            st.fixed_dictionaries({}, optional={"icmp": types, "notICMP": types})
        )
    if draw(SELDOM):
        fields["notProtocol"] = draw(PORTFUL | st.sampled_from(OTHER_PROTOCOLS))
    return fields


@cache
@st.composite
def _peers(draw: st.DrawFn, family: int, *, namespaced: bool) -> Manifest:
    """Generate the end that is not the policy's own: by labels, by nets, by both, by Service, or anybody."""
    kind = draw(PEER_KINDS)
    if kind == "services":
        return {"services": draw(_services(namespaced=namespaced))}
    entity: Manifest = draw(_labels()) if kind in ("labels", "both") else {}
    return entity | draw(_nets(family)) if kind in ("nets", "both") else entity


@cache
def _subjects(family: int) -> st.SearchStrategy[Manifest]:
    """Generate the end that the policy selects anyway, on which most rules say nothing more."""
    nothing: st.SearchStrategy[Manifest] = st.builds(dict)
    return mostly(nothing, _nets(family) | _labels())


@cache
def _port_lists() -> st.SearchStrategy[Manifest]:
    ports = st.lists(_ports(), min_size=1, max_size=2)
    return st.fixed_dictionaries({"ports": ports}, optional={"notPorts": ports}) | _alone("notPorts", ports)


@cache
def _labels() -> st.SearchStrategy[Manifest]:
    accounts = st.fixed_dictionaries(
        {},
        optional={
            "names": st.lists(st.sampled_from((*ACCOUNTS, "nobody")), max_size=2, unique=True),
            "selector": account_selectors(),
        },
    )
    fields: dict[str, st.SearchStrategy[Any]] = {
        "selector": endpoint_selectors(),
        "notSelector": endpoint_selectors(),
        "namespaceSelector": scopes(),
        "serviceAccounts": accounts,
    }
    one = st.one_of([_alone(field, values) for field, values in fields.items()])
    return mostly(one, st.fixed_dictionaries({}, optional=fields))


@cache
def _nets(family: int) -> st.SearchStrategy[Manifest]:
    nets = st.lists(st.sampled_from(NETS[family]), min_size=1, max_size=2, unique=True)
    excluded = [net for net in NETS[family] if net not in WHOLE]
    not_nets = st.lists(st.sampled_from(excluded), min_size=1, max_size=2, unique=True)
    return st.fixed_dictionaries({"nets": nets}, optional={"notNets": not_nets}) | _alone("notNets", not_nets)


def _alone(field: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries({field: values})


@cache
def _services(*, namespaced: bool) -> st.SearchStrategy[Manifest]:
    """Generate references to Services; a global policy has to say in which namespace."""
    name = {"name": st.just(SERVICE)}
    namespace = {"namespace": st.sampled_from((*SERVICE_NAMESPACES, *NAMESPACES))}
    if namespaced:
        return st.fixed_dictionaries(name, optional=namespace)
    return st.fixed_dictionaries(name | namespace)


@cache
def _ports() -> st.SearchStrategy[int | str]:
    number = st.sampled_from(PORT_NUMBERS)
    ranges = st.tuples(number, number).map(lambda ends: f"{min(ends)}:{max(ends)}")
    return number | number | ranges | number.map(str) | st.sampled_from(PORT_NAMES)
