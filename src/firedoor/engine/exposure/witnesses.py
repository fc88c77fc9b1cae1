"""Pods that do not exist: one that a pair of selectors matches, with exactly the labels that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, product
from typing import TYPE_CHECKING

from firedoor.model.labels import NAMESPACE_NAME_LABEL, LabelSelector, Operator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_WITNESSES = 16
"""Combinations of listed values that are tried for one selector."""

_ANY_VALUE = "x"


@dataclass(frozen=True, slots=True)
class Anyone:
    """Whom a rule admits: a namespace by name, or namespaces by a selector, and pods by a selector."""

    namespace: str
    namespaces: LabelSelector
    pods: LabelSelector

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for the same meaning."""
        return self.namespace, self.namespaces.requirements, self.pods.requirements

    @property
    def is_everyone(self) -> bool:
        """Whether it is any pod of any namespace."""
        return not self.namespace and self.namespaces.is_empty and self.pods.is_empty

    def holds(self, namespace: str, labels: Mapping[str, str]) -> bool:
        """Return whether pods of a namespace with these labels are meant, as far as that goes."""
        return namespace == self.namespace if self.namespace else self.namespaces.matches(labels)


@dataclass(frozen=True, slots=True)
class Witness:
    """A pod that would be admitted; `namespace_labels` is None where its namespace exists."""

    namespace: str
    namespace_labels: dict[str, str] | None
    labels: dict[str, str]


def witnesses(anyone: Anyone, namespaces: Mapping[str, Mapping[str, str]], fresh: str) -> Iterator[Witness]:
    """
    Yield pods that `anyone` means, in namespaces that exist only where their names are asked for.

    No namespace has a name that begins with `fresh`. Nothing is yielded where no such pod can be
    created without changing a namespace that is there.
    """
    found = (
        Witness(namespace, own, labels)
        for namespace, own in _homes(anyone, namespaces, fresh)
        for labels in _labels(anyone.pods)
    )
    yield from islice(found, MOST_WITNESSES)


def _homes(
    anyone: Anyone, namespaces: Mapping[str, Mapping[str, str]], fresh: str
) -> Iterator[tuple[str, dict[str, str] | None]]:
    if anyone.namespace:
        yield anyone.namespace, None
        return
    for number, labels in enumerate(_labels(anyone.namespaces)):
        name = labels.get(NAMESPACE_NAME_LABEL, _ANY_VALUE)
        # Any value will do where only the presence of the label is asked for, which every namespace has.
        if name == _ANY_VALUE:
            name = f"{fresh}-{number}"
        known = namespaces.get(name)
        own = {**labels, NAMESPACE_NAME_LABEL: name}
        if known is None and anyone.namespaces.matches(own):
            yield name, own
        elif known is not None and anyone.namespaces.matches(known):
            yield name, None


def _labels(selector: LabelSelector) -> Iterator[dict[str, str]]:
    """Yield the smallest sets of labels that a selector matches, one for each combination of listed values."""
    wanted: dict[str, list[str]] = {}
    refused: dict[str, set[str]] = {}
    for requirement in selector.requirements:
        key, values = requirement.key, requirement.values
        if requirement.operator is Operator.IN:
            wanted[key] = [each for each in wanted.get(key, list(values)) if each in values]
        elif requirement.operator is Operator.NOT_IN:
            refused.setdefault(key, set()).update(values)
    for requirement in selector.requirements:
        if requirement.operator is Operator.EXISTS and requirement.key not in wanted:
            wanted[requirement.key] = [_unlike(refused.get(requirement.key, set()))]
    for values in product(*wanted.values()):
        labels = dict(zip(wanted, values, strict=True))
        if selector.matches(labels):
            yield labels


def _unlike(refused: set[str]) -> str:
    value = _ANY_VALUE
    while value in refused:
        value += _ANY_VALUE
    return value
