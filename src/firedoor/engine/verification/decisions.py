"""
Decisions: what makes a direction say what it says of a connection.

The decision of a direction about a connection is the program of its subject, the protocol, and
those terms of the program that hold both the peer and the port. Connections with one decision
have one verdict in that direction, whatever pods and ports they are between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from firedoor.algebra.ports import PROTOCOLS
from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.programs import terms_of
from firedoor.engine.verification.tables import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from firedoor.engine.reach.network import Network
    from firedoor.engine.reach.programs import Program
    from firedoor.engine.verification.populace import Populace
    from firedoor.engine.verification.tables import DirectionTable

_NO_DECISION = 0
"""The pattern of subjects of which nothing is known."""


class Decisions:
    """
    The decisions of one direction between all groups.

    A *pattern* is a program with the terms that match a peer; it holds decisions, each on some
    of the atoms of ports.
    """

    def __init__(self, network: Network, populace: Populace, table: DirectionTable) -> None:
        """Find the patterns of every row."""
        matrix = network.matrix[table.direction]
        self._atoms = len(network.axis)
        self._protocols = [network.axis.mask(protocol) for protocol in PROTOCOLS]
        self._everything = network.axis.everything
        self._row_of, self._dark = table.row_of, populace.dark[table.direction]
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._held: list[list[tuple[int, int]]] = [[]]
        """For each pattern its decisions, each with the mask of its atoms."""
        self._holders: list[list[tuple[int, int]]] = []
        """For each decision the patterns that hold it, each with the mask of its atoms."""
        self._rows: list[int] = []
        """For each decision its row."""
        self._sets: dict[int, NDArray[np.uint8]] = {}
        self._profiles = populace.profiles
        rows = [self._patterns(row, matrix.programs[each], matrix.sets) for row, each in enumerate(table.rows)]
        self._pattern_of: NDArray[np.int64] = np.stack(rows)
        """The pattern of each row with each group as its peer."""

    def _patterns(self, row: int, program: Program, sets: ColumnSets) -> NDArray[np.int64]:
        terms = list(terms_of(program))
        parts = self._parts([term.ports for term in terms])
        packed = np.zeros((len(self._profiles), -(-len(terms) // 8) or 1), dtype=np.uint8)
        for position, term in enumerate(terms):
            if term.columns not in self._sets:
                self._sets[term.columns] = sets.arrays.mask(term.columns)[self._profiles]
            packed[:, position // 8] |= self._sets[term.columns] << np.uint8(position % 8)
        distinct, numbers = np.unique(packed.view(f"V{packed.shape[1]}").reshape(-1), return_inverse=True)
        start = len(self._held)
        for each in distinct:
            matched = int.from_bytes(each.tobytes(), "little")
            found: dict[int, int] = {}
            for atoms, protocol, holding in parts:
                decision = self._number((row, protocol, matched & holding))
                found[decision] = found.get(decision, 0) | atoms
            for decision, atoms in found.items():
                self._holders[decision].append((len(self._held), atoms))
            self._held.append(list(found.items()))
        return numbers + start

    def _number(self, key: tuple[int, int, int]) -> int:
        number = self._numbers.setdefault(key, len(self._numbers))
        if number == len(self._rows):
            self._rows.append(key[0])
            self._holders.append([])
        return number

    def _parts(self, ports: Iterable[int]) -> list[tuple[int, int, int]]:
        """Return atoms that the same terms hold: their mask, the number of their protocol, and the terms."""
        parts = [(mask, number, 0) for number, mask in enumerate(self._protocols)]
        for position, mask in enumerate(ports):
            if mask == self._everything:
                parts = [(atoms, protocol, terms | 1 << position) for atoms, protocol, terms in parts]
                continue
            split = [(atoms & mask, protocol, terms | 1 << position) for atoms, protocol, terms in parts]
            split += [(atoms & ~mask, protocol, terms) for atoms, protocol, terms in parts]
            parts = [each for each in split if each[0]]
        return parts

    def patterns_with_subject(self, subject: int) -> NDArray[np.int64]:
        """Return the patterns of one group as the subject, for all peers."""
        if self._dark[subject]:
            return np.full(len(self._profiles), _NO_DECISION, dtype=np.int64)
        found: NDArray[np.int64] = self._pattern_of[self._row_of[subject]]
        return found

    def patterns_with_peer(self, peer: int) -> NDArray[np.int64]:
        """Return the patterns of all groups as subjects, for one peer."""
        found: NDArray[np.int64] = self._pattern_of[self._row_of, peer]
        return np.where(self._dark, _NO_DECISION, found)

    def decision(self, subject: int, peer: int, atom: int) -> int | None:
        """Return the number of the decision about one connection; None where nothing is known."""
        if self._dark[subject]:
            return None
        held = self._held[int(self._pattern_of[self._row_of[subject], peer])]
        return next(decision for decision, atoms in held if atoms >> atom & 1)

    def row(self, decision: int) -> int:
        """Return the row of a decision."""
        return self._rows[decision]

    def row_of(self, subject: int) -> int:
        """Return the row of a group."""
        return int(self._row_of[subject])

    def words(self, decisions: Iterable[int]) -> NDArray[np.uint64]:
        """Return for each pattern the atoms that are decided by any of some decisions, shape ``(patterns, words)``."""
        masks: dict[int, int] = {}
        for decision in decisions:
            for pattern, atoms in self._holders[decision]:
                masks[pattern] = masks.get(pattern, 0) | atoms
        found = np.zeros((len(self._held), words_of([0], self._atoms).shape[1]), dtype=np.uint64)
        found[list(masks)] = words_of(masks.values(), self._atoms)
        return found
