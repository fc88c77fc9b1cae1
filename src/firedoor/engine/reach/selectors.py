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
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

ABSENT = -1
OTHER = 0
"""The code of a value that no selector names; its presence still counts."""


class LabelAxis:
    """The label keys and values that selectors name, each value with a code per key."""

    def __init__(self, selectors: Iterable[LabelSelector]) -> None:
        """Collect the keys and values of all `selectors`."""
        self._codes: dict[str, dict[str, int]] = defaultdict(dict)
        for selector in selectors:
            for requirement in selector.requirements:
                codes = self._codes[requirement.key]
                for value in requirement.values:
                    codes.setdefault(value, len(codes) + 1)

    def reduce(self, labels: Mapping[str, str]) -> tuple[tuple[str, int], ...]:
        """Return the relevant part of `labels` as sorted ``(key, code)`` pairs."""
        codes = self._codes
        return tuple(sorted((key, codes[key].get(value, OTHER)) for key, value in labels.items() if key in codes))

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
        self._masks: dict[tuple[LabelSelectorRequirement, ...], NDArray[np.bool_]] = {}

    def mask(self, selector: LabelSelector) -> NDArray[np.bool_]:
        """Return which of the indexed label sets the selector matches, shape ``(size,)``."""
        requirements = selector.requirements
        found = self._masks.get(requirements)
        if found is None:
            found = np.ones(self._size, dtype=bool)
            for requirement in requirements:
                found &= self._requirement(requirement)
            self._masks[requirements] = found
        return found

    def _requirement(self, requirement: LabelSelectorRequirement) -> NDArray[np.bool_]:
        column = self._columns.get(requirement.key)
        if column is None:
            negative = requirement.operator in {Operator.NOT_IN, Operator.DOES_NOT_EXIST}
            return np.full(self._size, negative, dtype=bool)
        if requirement.operator in {Operator.EXISTS, Operator.DOES_NOT_EXIST}:
            present: NDArray[np.bool_] = column != ABSENT
            return present if requirement.operator is Operator.EXISTS else ~present
        codes = [self._axis.code(requirement.key, value) for value in requirement.values]
        named: NDArray[np.bool_] = np.isin(column, codes)
        return named if requirement.operator is Operator.IN else ~named
