"""
Label selectors over all pods at once.

Only labels that some selector names can make a difference; a pod is reduced to
those. Two pods that agree on them, on namespace, named ports and address belong to
one profile. A selector is then a boolean mask over profiles, found once.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

ABSENT = -1
OTHER = 0
"""The code of a value that no selector names; its presence still counts."""


class LabelAxis:
    """The label keys and values that selectors name, each value with a code per key."""

    def __init__(self, selectors: Iterable[LabelSelector], whole: Iterable[str] = ()) -> None:
        """Collect the keys and values of all `selectors`; of the keys of `whole`, every value counts."""
        self._codes: dict[str, dict[str, int]] = defaultdict(dict)
        self._whole = frozenset(whole)
        for selector in {selector.key: selector for selector in selectors}.values():
            for requirement in selector.requirements:
                codes = self._codes[requirement.key]
                for value in requirement.values:
                    codes.setdefault(value, len(codes) + 1)
        for key in self._whole:
            self._codes.setdefault(key, {})

    def reduce(self, labels: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
        """Return the relevant part of `labels` as sorted ``(key, code)`` pairs."""
        codes = self._codes
        if self._whole:
            for key in self._whole & labels.keys():
                codes[key].setdefault(labels[key], len(codes[key]) + 1)
        return tuple(sorted((key, codes[key].get(value, OTHER)) for key, value in labels.items() if key in codes))

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
    """The masks of selectors over a fixed sequence of reduced label sets."""

    def __init__(self, axis: LabelAxis, reduced: Sequence[tuple[tuple[str, int], ...]]) -> None:
        """Index `reduced`, as `LabelAxis.reduce` returns them."""
        self._axis = axis
        self._size = len(reduced)
        self._columns: dict[str, NDArray[np.int32]] = {}
        for position, labels in enumerate(reduced):
            for key, code in labels:
                if key not in self._columns:
                    self._columns[key] = np.full(self._size, ABSENT, dtype=np.int32)
                self._columns[key][position] = code
        self._masks: dict[object, NDArray[np.bool_]] = {}

    def mask(self, selector: LabelSelector) -> NDArray[np.bool_]:
        """Return which of the indexed label sets the selector matches, shape ``(size,)``."""
        key = selector.key
        found = self._masks.get(key)
        if found is None:
            found = np.ones(self._size, dtype=bool)
            for requirement in selector.requirements:
                found &= self._requirement(requirement)
            self._masks[key] = found
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
        found: NDArray[np.bool_] = column == codes[0] if len(codes) == 1 else np.isin(column, codes)
        return found

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
