"""Ports of NetworkPolicies as a plugin would read them that does not know all of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from firedoor.model.networkpolicy import Direction, EgressRule, IngressRule, NetworkPolicy, NetworkPolicyPort

RuleT = TypeVar("RuleT", IngressRule, EgressRule)
Read = Callable[[NetworkPolicyPort], NetworkPolicyPort | None]
"""What becomes of a port; None where it matches nothing."""


def read_otherwise(policy: NetworkPolicy, read: Read) -> NetworkPolicy:
    """Return the policy with its ports read in another way; a rule of which no port is left is dropped."""
    spec = policy.spec
    types = tuple(each.value.capitalize() for each in Direction if policy.isolates(each))
    ingress, egress = _rules(spec.ingress, read), _rules(spec.egress, read)
    if (ingress, egress) == (spec.ingress, spec.egress):
        return policy
    other = msgspec.structs.replace(spec, ingress=ingress, egress=egress, policy_types=types)
    return msgspec.structs.replace(policy, spec=other)


def _rules(rules: tuple[RuleT, ...], read: Read) -> tuple[RuleT, ...]:
    found = []
    for rule in rules:
        ports = tuple(port for each in rule.ports if (port := read(each)) is not None)
        if ports or not rule.ports:
            found.append(msgspec.structs.replace(rule, ports=ports))
    return tuple(found)


def _without_names(port: NetworkPolicyPort) -> NetworkPolicyPort | None:
    return None if isinstance(port.port, str) else port


def _as_any(port: NetworkPolicyPort) -> NetworkPolicyPort:
    return msgspec.structs.replace(port, port=None) if isinstance(port.port, str) else port


def _without_end(port: NetworkPolicyPort) -> NetworkPolicyPort:
    return port if port.end_port is None else msgspec.structs.replace(port, end_port=None)


_NAMES = "write numbers instead of names, or see which release of the network plugin resolves names"
READINGS: tuple[tuple[str, str, str, Read], ...] = (
    ("named-ports", "ports that rules give by name match nothing", _NAMES, _without_names),
    ("named-ports", "ports that rules give by name match every port of the protocol", _NAMES, _as_any),
    (
        "end-port",
        "endPort of ranges is not read: only the first port of each counts",
        "see which release of the network plugin reads endPort, or list the ports",
        _without_end,
    ),
)
"""An id, what is read otherwise, a remedy, and how."""
