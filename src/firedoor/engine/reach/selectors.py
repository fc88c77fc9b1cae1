"""
Label selectors over all pods at once.

Only labels that some selector names can make a difference; a pod is reduced to
those. Two pods that agree on them, on namespace, named ports and address belong to
one profile. A selector is then a boolean mask over profiles, found once.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from itertools import chain, repeat
from operator import and_, or_
from typing import TYPE_CHECKING

import numpy as np

from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

ABSENT = -1
_NOWHERE = np.zeros(0, dtype=np.int32)
OTHER = 0
"""The code of a value that no selector names; its presence still counts."""


class LabelAxis:
    """The label keys and values that selectors name, each value with a code per key."""

    def __init__(self, selectors: Iterable[LabelSelector], whole: Iterable[str] = ()) -> None:
        """Collect the keys and values of all `selectors`; of the keys of `whole`, every value counts."""
        self._codes: dict[str, dict[str, int]] = defaultdict(dict)
        self._whole = frozenset(whole)
        # Most selectors are one of few objects.
        for selector in {id(selector): selector for selector in selectors}.values():
            for key, value in selector.match_labels.items():
                self._codes[key].setdefault(value, len(self._codes[key]) + 1)
            for requirement in selector.match_expressions:
                codes = self._codes[requirement.key]
                for value in requirement.values:
                    codes.setdefault(value, len(codes) + 1)
        for key in self._whole:
            self._codes.setdefault(key, {})
        self._sorted = sorted(self._codes.items())

    def reduce(self, labels: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
        """Return the relevant part of `labels` as sorted ``(key, code)`` pairs."""
        codes = self._codes
        if self._whole:
            for key in self._whole & labels.keys():
                codes[key].setdefault(labels[key], len(codes[key]) + 1)
        if len(codes) > len(labels):
            return tuple(sorted([(key, codes[key].get(value, OTHER)) for key, value in labels.items() if key in codes]))
        return tuple([(key, known.get(labels[key], OTHER)) for key, known in self._sorted if key in labels])

    def columns(self, labels: Sequence[dict[str, str]]) -> dict[str, NDArray[np.int32]]:
        """Return the codes of each key that any of `labels` has, one for each of them; `ABSENT` where it has none."""
        are_few = sum(map(len, self._codes.values())) > len(labels)
        if are_few or len(self._codes) * len(labels) > sum(map(len, labels)):
            return self._columns_one_by_one(labels)
        # Labels are read several times faster in the order in which they lie in memory.
        order = np.fromiter(map(id, labels), dtype=np.int64, count=len(labels)).argsort()
        lying = list(map(labels.__getitem__, order.tolist()))
        found: dict[str, NDArray[np.int32]] = {}
        for key, codes in self._codes.items():
            if key in self._whole:
                for each in labels:
                    if key in each:
                        codes.setdefault(each[key], len(codes) + 1)
            coded: dict[str | None, int] = dict(codes.items())
            coded[None] = ABSENT
            column = np.empty(len(labels), dtype=np.int32)
            values = map(dict.get, lying, repeat(key))
            column[order] = np.fromiter(map(coded.get, values, repeat(OTHER)), dtype=np.int32, count=len(labels))
            if (column != ABSENT).any():
                found[key] = column
        return found

    def _columns_one_by_one(self, labels: Sequence[dict[str, str]]) -> dict[str, NDArray[np.int32]]:
        """Return `columns` where it is faster to look each label up than each key."""
        numbers = {key: number for number, key in enumerate(self._codes)}
        # All labels of all of them one behind the other: most keys are known to no selector.
        keys = np.fromiter(map(numbers.get, chain.from_iterable(labels), repeat(-1)), dtype=np.int64)
        values = list(chain.from_iterable(map(dict.values, labels)))
        holders = np.repeat(np.arange(len(labels)), list(map(len, labels)))
        places = np.flatnonzero(keys >= 0)
        places = places[keys[places].argsort(kind="stable")]
        bounds = keys[places].searchsorted(np.arange(len(numbers) + 1)).tolist()
        found: dict[str, NDArray[np.int32]] = {}
        for (key, codes), low, high in zip(self._codes.items(), bounds, bounds[1:], strict=False):
            if low < high:
                own = places[low:high]
                written = map(values.__getitem__, own.tolist())
                if key in self._whole:
                    coded = [codes.setdefault(value, len(codes) + 1) for value in written]
                else:
                    coded = list(map(codes.get, written, repeat(OTHER)))
                column = found[key] = np.full(len(labels), ABSENT, dtype=np.int32)
                column[holders[own]] = coded
        return found

    def knows(self, selector: LabelSelector) -> bool:
        """Return whether the axis has all keys and values that `selector` names."""
        found = ((self._codes.get(each.key), each.values) for each in selector.requirements)
        return all(codes is not None and codes.keys() >= set(values) for codes, values in found)

    def values(self, key: str) -> Mapping[str, int]:
        """Return the codes of the values of a key that have some of their own."""
        return self._codes.get(key, {})

    def code(self, key: str, value: str) -> int:
        """Return the code of a value that a selector names."""
        return self._codes[key][value]


class SelectorIndex:
    """The masks of selectors over a fixed sequence of label sets."""

    def __init__(self, axis: LabelAxis, columns: dict[str, NDArray[np.int32]], size: int) -> None:
        """Index `size` label sets, given as `LabelAxis.columns` returns them."""
        self._axis = axis
        self._size = size
        self._columns = columns
        self._masks: dict[object, NDArray[np.bool_]] = {}
        self._having: dict[tuple[str, str], NDArray[np.int32]] = {}
        """The positions of single labels."""
        self._bits: dict[tuple[str, str], NDArray[np.uint8]] = {}
        self._no_bits = np.zeros(-(-self._size // 8), dtype=np.uint8)
        self._order: dict[str, tuple[NDArray[np.int32], list[int]]] = {}
        """Of keys that were asked about alone: positions by code, and where those of each code begin."""

    def mask(self, selector: LabelSelector) -> NDArray[np.bool_]:
        """Return which of the indexed label sets the selector matches, shape ``(size,)``."""
        key = selector.key
        found = self._masks.get(key)
        if found is None:
            parts = [self.is_in(name, (value,)) for name, value in selector.match_labels.items()]
            parts += map(self._requirement, selector.match_expressions)
            found = self._masks[key] = reduce(and_, parts) if parts else np.ones(self._size, dtype=bool)
        return found

    def bits(self, selector: LabelSelector) -> NDArray[np.uint8]:
        """Return `mask` as one bit for each label set, as numpy packs them; the bits behind the last mean nothing."""
        parts = [self._bits_of(name, (value,)) for name, value in selector.match_labels.items()]
        for each in selector.match_expressions:
            if each.operator in {Operator.IN, Operator.NOT_IN}:
                found = self._bits_of(each.key, each.values)
                parts.append(found if each.operator is Operator.IN else ~found)
            else:
                parts.append(np.packbits(self._requirement(each)))
        return parts[0] if len(parts) == 1 else reduce(and_, parts)

    def _bits_of(self, key: str, values: Iterable[str]) -> NDArray[np.uint8]:
        """Return which label sets have one of the values, one bit for each."""
        return reduce(or_, [self._bits_with(key, value) for value in values], self._no_bits)

    def _bits_with(self, key: str, value: str) -> NDArray[np.uint8]:
        found = self._bits.get((key, value))
        if found is None:
            found = self._bits[key, value] = np.packbits(self.is_in(key, (value,)))
        return found

    def positions(self, selector: LabelSelector) -> NDArray[np.int32]:
        """Return the positions of the label sets that the selector matches, sorted."""
        asked = selector.values_of_one_label
        if asked is None:
            return self.mask(selector).nonzero()[0].astype(np.int32)
        found = [self.having(asked[0], value) for value in set(asked[1])]
        return found[0] if len(found) == 1 else np.sort(np.concatenate([_NOWHERE, *found]))

    def among(self, positions: NDArray[np.int32], selector: LabelSelector) -> NDArray[np.int32]:
        """Return those of some positions whose label sets the selector matches."""
        if selector.match_expressions or not selector.match_labels.keys() <= self._columns.keys():
            return positions if selector.is_empty else positions[self.mask(selector)[positions]]
        for key, value in selector.match_labels.items():
            positions = positions[self._columns[key][positions] == self._axis.code(key, value)]
        return positions

    def having(self, key: str, value: str) -> NDArray[np.int32]:
        """Return the positions of the label sets with one label."""
        found = self._having.get((key, value))
        if found is not None:
            return found
        if key not in self._columns:
            return _NOWHERE
        if key not in self._order:
            order = self._columns[key].argsort(kind="stable").astype(np.int32)
            codes = self._columns[key][order]
            self._order[key] = order, codes.searchsorted(np.arange(len(self._axis.values(key)) + 2)).tolist()
        order, bounds = self._order[key]
        code = self._axis.code(key, value)
        found = self._having[key, value] = order[bounds[code] : bounds[code + 1]]
        return found

    def has(self, key: str) -> NDArray[np.bool_]:
        """Return which label sets have a label `key`, which some selector names."""
        column = self._columns.get(key)
        if column is None:
            return np.zeros(self._size, dtype=bool)
        present: NDArray[np.bool_] = column != ABSENT
        return present

    def where(self, key: str, test: Callable[[str], bool]) -> NDArray[np.bool_]:
        """Return which label sets have a value of `key` that passes; other values than those with codes do not."""
        return self._coded(key, [code for value, code in self._axis.values(key).items() if test(value)])

    def is_in(self, key: str, values: Iterable[str]) -> NDArray[np.bool_]:
        """Return which label sets have one of the values, which some selector names."""
        return self._coded(key, [self._axis.code(key, value) for value in values])

    def _coded(self, key: str, codes: list[int]) -> NDArray[np.bool_]:
        column = self._columns.get(key)
        if column is None:
            return np.zeros(self._size, dtype=bool)
        if len(codes) == 1:
            found: NDArray[np.bool_] = column == codes[0]
            return found
        # Codes are small and dense, so that a table of them answers faster than any search; its last entry is ABSENT's.
        wanted = np.zeros(len(self._axis.values(key)) + 2, dtype=bool)
        wanted[codes] = True
        return wanted[column]

    def _requirement(self, requirement: LabelSelectorRequirement) -> NDArray[np.bool_]:
        match requirement.operator:
            case Operator.EXISTS:
                return self.has(requirement.key)
            case Operator.DOES_NOT_EXIST:
                return ~self.has(requirement.key)
            case Operator.IN:
                return self.is_in(requirement.key, requirement.values)
            case _:
                return ~self.is_in(requirement.key, requirement.values)
