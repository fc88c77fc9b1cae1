"""The rows of one direction in a cluster with Cilium, one matrix for each guise of the peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.engine.reach.dialects.cilium.folding import FoldedMatrix, all_of
from firedoor.engine.reach.dialects.cilium.guises import PLAIN
from firedoor.engine.reach.programs import judge, terms_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from firedoor.engine.reach.dialects.cilium.guises import Ground, Guise
    from firedoor.engine.reach.layering import Layering
    from firedoor.engine.reach.matrix import DirectionMatrix
    from firedoor.engine.reach.values import Value
    from firedoor.model.members import Member
    from firedoor.model.networkpolicy import Direction


class Views:
    """
    All that the policies say in one direction.

    `matrix` holds what is true of pods that do not run on their peers, nor on the nodes
    of these.
    """

    def __init__(
        self, direction: Direction, ground: Ground, everything: int, build: Callable[[Guise], DirectionMatrix]
    ) -> None:
        """Build the rows; `build` returns the matrix of a guise."""
        self._direction = direction
        self._ground = ground
        self._everything = everything
        self._build = build
        self._built: dict[Guise, DirectionMatrix] = {}
        index = ground.index
        masks: dict[Guise, NDArray[np.bool_]] = {}
        for column in range(index.size):
            for guise in ground.apart(column, direction)[1:]:
                masks.setdefault(guise, np.zeros(index.size, dtype=bool))[column] = True
        base = self._of(PLAIN)
        others = [(self._of(guise), mask) for guise, mask in masks.items()]
        self.matrix: DirectionMatrix = FoldedMatrix(base, others) if others else base

    @property
    def tells_own_nodes(self) -> bool:
        """Whether it makes a difference to some rule if a node is the own one."""
        return self._ground.tells_own_nodes(self._direction)

    def value(self, member: Member, profile: int, peer: int | str, columns: Sequence[int]) -> Value:
        """Return what is accepted for a member whatever the guise of its peer, which is in any of `columns`."""
        found = [
            self._value(self._of(guise), profile, columns)
            for guise in self._ground.guises(member, peer, columns[0], self._direction)
        ]
        return all_of(found)

    def layerings(self, member: Member, peer: int | str, column: int) -> list[Layering]:
        """Return how the policies are asked, once for each guise of the peer."""
        guises = self._ground.guises(member, peer, column, self._direction)
        return [self._of(guise).layering for guise in guises]

    def is_own_node(self, member: Member, peer: int | str, column: int) -> bool | None:
        """Return whether a peer is the node of a member; None where it may be or not."""
        found = {guise.own_node for guise in self._ground.guises(member, peer, column, self._direction)}
        return None if len(found) > 1 else found.pop()

    def _value(self, matrix: DirectionMatrix, profile: int, columns: Sequence[int]) -> Value:
        if len(columns) == 1:
            return matrix.value(profile, columns[0])
        program = matrix.programs[int(matrix.program_of[profile])]
        matched = sum(
            1 << position
            for position, term in enumerate(terms_of(program))
            if any(matrix.sets.holds(term.columns, column) for column in columns)
        )
        return judge(program, matched, self._everything)

    def _of(self, guise: Guise) -> DirectionMatrix:
        found = self._built.get(guise)
        if found is None:
            found = self._built[guise] = self._build(guise)
        return found
