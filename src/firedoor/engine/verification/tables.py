"""What every group sends to and accepts from every other, as words of bits that whole columns are searched in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.model.networkpolicy import Direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.values import Value
    from firedoor.engine.verification.populace import Populace

_WORD = 64


def words_of(masks: Iterable[int], atoms: int) -> NDArray[np.uint64]:
    """Return masks of so many atoms as words, shape ``(masks, words)``."""
    size = -(-atoms // _WORD)
    data = b"".join(mask.to_bytes(size * 8, "little") for mask in masks)
    return np.frombuffer(data, dtype="<u8").reshape(-1, size)


class DirectionTable:
    """The values of one direction: of each group as the subject, with each group as the peer."""

    def __init__(self, network: Network, populace: Populace, direction: Direction) -> None:
        """Evaluate the rows of all groups."""
        matrix = network.matrix[direction]
        self.direction = direction
        self._dark = populace.dark[direction]
        used, self.row_of = np.unique(matrix.program_of[populace.profiles], return_inverse=True)
        self.rows: list[int] = used.tolist()
        """The rows of the matrix that are used; `row_of` has the position among them of each group."""
        self.numbers: NDArray[np.int32] = np.stack([matrix.row(each)[populace.profiles] for each in self.rows])
        """The numbers of values, shape ``(rows, groups)``."""
        unknown: Value = (0, network.axis.everything)
        self.values: list[Value] = [*matrix.table.values, unknown]
        atoms = len(network.axis)
        self.sure = words_of((value[0] for value in self.values), atoms)
        self.possible = words_of((value[1] for value in self.values), atoms)

    @property
    def unknown(self) -> int:
        """The number of the value that says nothing."""
        return len(self.values) - 1

    def with_peer(self, peer: int) -> NDArray[np.int32]:
        """Return the numbers of the values of all groups as subjects, for one peer."""
        found: NDArray[np.int32] = self.numbers[self.row_of, peer]
        return np.where(self._dark, np.int32(self.unknown), found)

    def value(self, subject: int, peer: int) -> Value:
        """Return the value of one group with another."""
        if self._dark[subject]:
            return self.values[self.unknown]
        return self.values[int(self.numbers[self.row_of[subject], peer])]
