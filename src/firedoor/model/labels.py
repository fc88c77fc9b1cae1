"""Label selectors and what they match (``metav1.LabelSelector``)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name"
"""The API server sets this label on every namespace (KEP-2161)."""


class Operator(StrEnum):
    """The four operators of ``metav1.LabelSelectorRequirement``."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


class LabelSelectorRequirement(Struct, frozen=True, gc=False, rename="camel"):
    """One requirement on one label key."""

    key: str = ""
    operator: Operator = Operator.IN
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether `labels` meet the requirement; NotIn and DoesNotExist hold where the key is absent."""
        match self.operator:
            case Operator.IN:
                return labels.get(self.key) in self.values
            case Operator.NOT_IN:
                return labels.get(self.key) not in self.values
            case Operator.EXISTS:
                return self.key in labels
            case _:
                return self.key not in labels

    def __str__(self) -> str:
        """Return the requirement in kubectl's selector syntax."""
        match self.operator:
            case Operator.IN if len(self.values) == 1:
                return f"{self.key}={self.values[0]}"
            case Operator.IN:
                return f"{self.key} in ({', '.join(self.values)})"
            case Operator.NOT_IN:
                return f"{self.key} notin ({', '.join(self.values)})"
            case Operator.EXISTS:
                return self.key
            case _:
                return f"!{self.key}"


class LabelSelector(Struct, frozen=True, gc=False, rename="camel"):
    """A conjunction of requirements; the empty selector matches everything."""

    match_labels: dict[str, str] = {}
    match_expressions: tuple[LabelSelectorRequirement, ...] = ()

    @property
    def key(self) -> tuple[tuple[tuple[str, str], ...], tuple[LabelSelectorRequirement, ...]]:
        """What selectors written alike have in common, cheaper to find and to hash than `requirements`."""
        labels = self.match_labels
        return tuple(sorted(labels.items()) if len(labels) > 1 else labels.items()), self.match_expressions

    @property
    def values_of_one_label(self) -> tuple[str, tuple[str, ...]] | None:
        """The label and its values, if all that is asked is whether it has one of them."""
        labels, expressions = self.match_labels, self.match_expressions
        if len(labels) == 1 and not expressions:
            ((key, value),) = labels.items()
            return key, (value,)
        if len(expressions) == 1 and not labels and expressions[0].operator is Operator.IN:
            return expressions[0].key, expressions[0].values
        return None

    @property
    def requirements(self) -> tuple[LabelSelectorRequirement, ...]:
        """All requirements, those of ``matchLabels`` written as ``In`` with one value, in canonical order."""
        simple = [LabelSelectorRequirement(key, Operator.IN, (value,)) for key, value in self.match_labels.items()]
        several = [
            LabelSelectorRequirement(each.key, each.operator, tuple(sorted(set(each.values))))
            for each in self.match_expressions
        ]
        return tuple(sorted({*simple, *several}, key=lambda each: (each.key, each.operator, each.values)))

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether `labels` meet every requirement."""
        if any(labels.get(key) != value for key, value in self.match_labels.items()):
            return False
        return all(requirement.matches(labels) for requirement in self.match_expressions)

    @property
    def is_empty(self) -> bool:
        """Whether the selector matches everything by having no requirement."""
        return not self.match_labels and not self.match_expressions

    def __str__(self) -> str:
        """Return the selector in kubectl's syntax; ``everything`` when it is empty."""
        return ",".join(map(str, self.requirements)) or "everything"


EVERYTHING = LabelSelector()
