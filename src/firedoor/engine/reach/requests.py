"""What rules ask of the requests inside of connections that they accept (L7), carried beside the ports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.reach.programs import ACCEPT, terms_of
from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from firedoor.engine.reach.network import Network

Demand = tuple[int, str]
"""A mask of ports, and what a request there must be, in words."""


class RequestIndex:
    """The demands on requests between profiles and columns, each found once."""

    def __init__(self, network: Network) -> None:
        """Look whether any rule has demands at all."""
        self._network = network
        self.directions = [
            direction
            for direction in Direction
            if any(
                rule.l7
                for layer in network.matrix[direction].layering.layers
                for policy in layer.policies
                for rule in policy.rules
            )
        ]
        """The directions in which some rule has demands."""
        self._found: dict[tuple[Direction, int, int], tuple[Demand, ...]] = {}

    def between(self, source: int, destination: int) -> tuple[Demand, ...]:
        """Return what connections from one profile to another must hold, of both ends."""
        found: dict[Demand, None] = {}
        for direction in self.directions:
            ends = (destination, source) if direction is Direction.INGRESS else (source, destination)
            found |= dict.fromkeys(self.of(direction, *ends))
        return tuple(found)

    def of(self, direction: Direction, subject: int, column: int) -> tuple[Demand, ...]:
        """Return what the policies of one end demand; a port that some rule accepts as it is has no demands."""
        key = direction, subject, column
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(direction, subject, column)
        return found

    def _find(self, direction: Direction, subject: int, column: int) -> tuple[Demand, ...]:
        network = self._network
        program, origins = network.matrix[direction].layering.traced(subject)
        demands: dict[str, dict[str, int]] = {}
        plain: dict[str, int] = {}
        for term, origin in zip(terms_of(program), origins, strict=True):
            if term.action != ACCEPT or not term.sure or not network.index.sets.holds(term.columns, column):
                continue
            layer = origin.layer.name
            if origin.rule is not None and origin.rule.l7:
                of_layer = demands.setdefault(layer, {})
                of_layer[origin.rule.l7] = of_layer.get(origin.rule.l7, 0) | term.ports
            else:
                plain[layer] = plain.get(layer, 0) | term.ports
        return tuple(
            (ports & ~plain.get(layer, 0), words)
            for layer, of_layer in demands.items()
            for words, ports in sorted(of_layer.items())
            if ports & ~plain.get(layer, 0)
        )
