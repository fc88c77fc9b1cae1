"""
Policies as terms: which columns, which ports.

A rule is compiled once. Its named ports are resolved where the API resolves them,
on the pod that the connection goes to: for ingress on each selected pod, for egress
on each pod that the rule's peers match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.ports import FIRST_PORT, LAST_PORT
from firedoor.engine.reach.peers import Peers
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.peers import PeerIndex
    from firedoor.engine.reach.profiles import NamedPorts, Profile
    from firedoor.model.networkpolicy import EgressRule, IngressRule, NetworkPolicy, NetworkPolicyPort


@dataclass(frozen=True, slots=True)
class Term:
    """Peers and the ports (a mask of `PortAxis`) that are accepted for them."""

    peers: Peers
    ports: int


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule: its path in the policy, its peers, its numeric ports and its named ones (name, protocol)."""

    path: str
    peers: Peers
    ports: int
    names: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """One policy in one direction: the profiles that it isolates, and its rules."""

    policy: NetworkPolicy
    selected: NDArray[np.int32]
    rules: tuple[CompiledRule, ...]


def port_ranges(policies: Iterable[NetworkPolicy]) -> Iterator[tuple[str, int, int]]:
    """Yield the numeric port ranges that any rule names."""
    for port in _ports(policies):
        if isinstance(port.port, int):
            yield port.protocol, port.port, port.port if port.end_port is None else port.end_port


def port_names(policies: Iterable[NetworkPolicy]) -> frozenset[str]:
    """Return the names of ports that any rule refers to."""
    return frozenset(port.port for port in _ports(policies) if isinstance(port.port, str))


def compile_policy(policy: NetworkPolicy, direction: Direction, index: PeerIndex, axis: PortAxis) -> CompiledPolicy:
    """Return a policy compiled for a direction in which it isolates."""
    namespace = policy.metadata.namespace
    rules = tuple(
        _compile_rule(f"spec.{direction}[{number}]", namespace, rule, index, axis)
        for number, rule in enumerate(policy.rules(direction))
    )
    return CompiledPolicy(policy, index.selected(namespace, policy.spec.pod_selector), rules)


def terms(
    rule: CompiledRule, direction: Direction, subject: Profile, profiles: Sequence[Profile], axis: PortAxis
) -> Iterator[Term]:
    """Yield the terms that a rule comes to for a pod of profile `subject`."""
    if not rule.names:
        yield Term(rule.peers, rule.ports)
    elif direction is Direction.INGRESS:
        ports = rule.ports | resolve(rule.names, subject.ports, axis)
        if ports:
            yield Term(rule.peers, ports)
    else:
        yield from _split_by_names(rule, profiles, axis)


def resolve(names: Iterable[tuple[str, str]], declared: NamedPorts, axis: PortAxis) -> int:
    """Return the ports that `names` (name, protocol) stand for on a pod that declares `declared`."""
    wanted = frozenset(names)
    mask = 0
    for name, protocol, number in declared:
        if (name, protocol) in wanted:
            mask |= axis.mask(protocol, number, number)
    return mask


def _split_by_names(rule: CompiledRule, profiles: Sequence[Profile], axis: PortAxis) -> Iterator[Term]:
    """Yield one term for each set of ports that the names resolve to on the peers; external peers have none."""
    if rule.ports:
        yield Term(rule.peers, rule.ports)
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for side, columns in enumerate((rule.peers.sure, rule.peers.maybe)):
        for column in columns.tolist():
            if column < len(profiles) and (ports := resolve(rule.names, profiles[column].ports, axis)):
                groups.setdefault(ports, ([], []))[side].append(column)
    for ports, (sure, maybe) in groups.items():
        yield Term(Peers(np.asarray(sure, dtype=np.int32), np.asarray(maybe, dtype=np.int32)), ports)


def _compile_rule(
    path: str, namespace: str, rule: IngressRule | EgressRule, index: PeerIndex, axis: PortAxis
) -> CompiledRule:
    peers = index.of_rule(namespace, rule.peers)
    if not rule.ports:
        return CompiledRule(path, peers, axis.everything, ())
    mask, names = 0, []
    for port in rule.ports:
        if port.port is None:
            mask |= axis.mask(port.protocol, FIRST_PORT, LAST_PORT)
        elif isinstance(port.port, str):
            names.append((port.port, port.protocol))
        else:
            mask |= axis.mask(port.protocol, port.port, port.port if port.end_port is None else port.end_port)
    return CompiledRule(path, peers, mask, tuple(sorted(set(names))))


def _ports(policies: Iterable[NetworkPolicy]) -> Iterator[NetworkPolicyPort]:
    for policy in policies:
        for direction in Direction:
            for rule in policy.rules(direction):
                yield from rule.ports
