"""
Policies of every API in one compiled shape: which pods, which peers, which ports, what then.

A rule is compiled once. Its named ports are resolved where the APIs resolve them,
on the pod that the connection goes to: for ingress on each selected pod, for egress
on each pod that the rule's peers match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
from msgspec import Struct

from firedoor.engine.reach.columns import NOBODY, Peers, distinct
from firedoor.engine.reach.programs import ACCEPT
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from firedoor.algebra.ports import PortAxis
    from firedoor.engine.reach.matches import Match
    from firedoor.engine.reach.profiles import NamedPorts
    from firedoor.model.places import ObjectRef, Place


class AnyPolicy(Protocol):
    """What every policy object of the model can tell of itself."""

    @property
    def ref(self) -> ObjectRef:
        """Kind, namespace and name."""

    @property
    def place(self) -> Place:
        """Where it was read."""


PolicyT_co = TypeVar("PolicyT_co", bound=AnyPolicy, covariant=True)


@dataclass(frozen=True, slots=True)
class PortTest:
    """
    The ports of a rule: numbers as a mask, and names as ``(name, protocol)``; less those of `without`.

    `without` and `without_names` are what ``notPorts`` and the like take away.
    """

    mask: int
    names: tuple[tuple[str, str], ...] = ()
    without: int = 0
    without_names: tuple[tuple[str, str], ...] = ()

    @property
    def has_names(self) -> bool:
        """Whether the answer depends on what the destination pod declares."""
        return bool(self.names or self.without_names)

    def resolve(self, declared: NamedPorts, axis: PortAxis) -> int:
        """Return the ports on a destination that declares `declared`, ``(name, protocol, number)`` each."""
        if not self.has_names:
            return self.mask & ~self.without
        mask = self.mask | _named(self.names, declared, axis)
        return mask & ~(self.without | _named(self.without_names, declared, axis))


@dataclass(frozen=True, slots=True)
class Term:
    """Peers and the ports (a mask of `PortAxis`) that a rule means for them."""

    peers: Peers
    ports: int


class CompiledRule(Struct, frozen=True, gc=False):
    """
    One rule, or one case of it: its path in the policy, its peers, its ports, and what it says of them.

    `subjects` narrows the pods that the policy selects, for APIs whose rules do that;
    `l7` is what it asks of requests beyond the connection, in words.
    """

    path: str
    peers: Peers
    ports: PortTest
    action: int = ACCEPT
    subjects: Match | None = None
    l7: str = ""


class CompiledPolicy(Struct, Generic[PolicyT_co], frozen=True, gc=False):
    """
    One policy in one direction: the profiles that it applies to, and its rules.

    `perhaps` are profiles that it may apply to, which is not known. A policy that does
    not `isolate` leaves what its rules do not decide to others.
    """

    policy: PolicyT_co
    selected: NDArray[np.int32]
    rules: tuple[CompiledRule, ...]
    perhaps: NDArray[np.int32] = NOBODY
    isolates: bool = True


def terms(rule: CompiledRule, direction: Direction, declared: NamedPorts, axis: PortAxis) -> Iterator[Term]:
    """Yield the terms that a rule comes to for a pod that has the named ports `declared`."""
    if rule.ports.has_names and direction is Direction.EGRESS:
        yield from _split_by_names(rule, axis)
        return
    ports = rule.ports.resolve(declared, axis)
    if ports:
        yield Term(rule.peers, ports)


def _split_by_names(rule: CompiledRule, axis: PortAxis) -> Iterator[Term]:
    """Yield one term for each set of ports that the names resolve to on the peers; external peers have none."""
    sets, sure, maybe = rule.peers.sets, rule.peers.sure, rule.peers.maybe
    of_sure, of_maybe = sets.declaring[sure], sets.declaring[maybe]
    groups: dict[int, list[int]] = {}
    for number in distinct(np.concatenate([of_sure, of_maybe])).tolist():
        ports = rule.ports.resolve(sets.declared[number], axis)
        if ports:
            groups.setdefault(ports, []).append(number)
    for ports, numbers in groups.items():
        yield Term(sets.peers(sure[np.isin(of_sure, numbers)], maybe[np.isin(of_maybe, numbers)]), ports)


def _named(names: Iterable[tuple[str, str]], declared: NamedPorts, axis: PortAxis) -> int:
    wanted = frozenset(names)
    mask = 0
    for name, protocol, number in declared:
        if (name, protocol) in wanted:
            mask |= axis.mask(protocol, number, number)
    return mask
