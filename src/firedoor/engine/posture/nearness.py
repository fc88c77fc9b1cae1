"""Labels that are almost what a selector asks for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from firedoor.engine.posture.words import listed
from firedoor.model.labels import LabelSelector, Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MOST_VALUES = 6
_CLOSE = 0.6


class Neighbourhood:
    """The labels that a group of objects carries."""

    def __init__(self, labels: Iterable[Mapping[str, str]], whose: str) -> None:
        """Collect `labels`; `whose` names their owners, as in ``pods of namespace shop``."""
        self._whose = whose
        self._sets = list(labels)
        self.values: dict[str, set[str]] = {}
        for each in self._sets:
            for key, value in each.items():
                self.values.setdefault(key, set()).add(value)

    def evidence(self, selector: LabelSelector) -> Iterator[str]:
        """Yield, for each requirement that nothing meets, what there is instead."""
        if not self._sets:
            yield f"there are no {self._whose}"
            return
        failing = [each for each in selector.requirements if not any(each.matches(labels) for labels in self._sets)]
        for requirement in failing:
            known = sorted(self.values.get(requirement.key, ()))
            if known:
                shown = listed((f"{requirement.key}={value}" for value in known), MOST_VALUES)
                yield f"{requirement} is met by none of the {self._whose}: they have {shown}"
            else:
                near = get_close_matches(requirement.key, sorted(self.values), 2, _CLOSE)
                hint = f"; near is {listed(near)}" if near else ""
                yield f"none of the {self._whose} has a label {requirement.key}{hint}"
        if not failing:
            yield f"each requirement of {selector} is met by some of the {self._whose}, but all by none"

    def corrected(self, selector: LabelSelector) -> LabelSelector | None:
        """Return the selector with near labels in place of those that nothing carries; None without any near enough."""
        changed = {key: self._near(key, value) for key, value in selector.match_labels.items()}
        if any(each.operator is not Operator.IN for each in selector.match_expressions):
            return None
        pairs = dict(pair for pair in changed.values() if pair is not None)
        corrected = LabelSelector(pairs, selector.match_expressions)
        if None in changed.values() or pairs == selector.match_labels:
            return None
        return corrected if any(corrected.matches(labels) for labels in self._sets) else None

    def _near(self, key: str, value: str) -> tuple[str, str] | None:
        values = self.values.get(key)
        if values is None:
            for other in get_close_matches(key, sorted(self.values), 3, _CLOSE):
                if value in self.values[other]:
                    return other, value
            carriers = sorted(other for other, known in self.values.items() if value in known)
            return (carriers[0], value) if carriers else None
        if value in values:
            return key, value
        near = get_close_matches(value, sorted(values), 1, _CLOSE)
        return (key, near[0]) if near else None
