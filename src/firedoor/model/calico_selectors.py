"""Selector expressions of Calico as trees, what they match, and their canonical text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Equal(Struct, frozen=True, gc=False):
    """``key == "value"``."""

    key: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there with this value."""
        return labels.get(self.key) == self.value

    def __str__(self) -> str:
        return f"{self.key} == {_quoted(self.value)}"


class NotEqual(Struct, frozen=True, gc=False):
    """``key != "value"``, which holds where the label is absent."""

    key: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is absent or has another value."""
        return labels.get(self.key) != self.value

    def __str__(self) -> str:
        return f"{self.key} != {_quoted(self.value)}"


class In(Struct, frozen=True, gc=False):
    """``key in {"a", "b"}``; the parser sorts the values and drops repeated ones."""

    key: str
    values: tuple[str, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there with one of the values."""
        return labels.get(self.key) in self.values

    def __str__(self) -> str:
        return f"{self.key} in {{{', '.join(map(_quoted, self.values))}}}"


class NotIn(Struct, frozen=True, gc=False):
    """``key not in {"a", "b"}``, which holds where the label is absent."""

    key: str
    values: tuple[str, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is absent or has none of the values."""
        return labels.get(self.key) not in self.values

    def __str__(self) -> str:
        return f"{self.key} not in {{{', '.join(map(_quoted, self.values))}}}"


class Has(Struct, frozen=True, gc=False):
    """``has(key)``."""

    key: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there."""
        return self.key in labels

    def __str__(self) -> str:
        return f"has({self.key})"


class Contains(Struct, frozen=True, gc=False):
    """``key contains "value"``."""

    key: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there and the text is a part of its value."""
        return self.key in labels and self.value in labels[self.key]

    def __str__(self) -> str:
        return f"{self.key} contains {_quoted(self.value)}"


class StartsWith(Struct, frozen=True, gc=False):
    """``key starts with "value"``."""

    key: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there and its value begins with the text."""
        return self.key in labels and labels[self.key].startswith(self.value)

    def __str__(self) -> str:
        return f"{self.key} starts with {_quoted(self.value)}"


class EndsWith(Struct, frozen=True, gc=False):
    """``key ends with "value"``."""

    key: str
    value: str

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the label is there and its value ends with the text."""
        return self.key in labels and labels[self.key].endswith(self.value)

    def __str__(self) -> str:
        return f"{self.key} ends with {_quoted(self.value)}"


class All(Struct, frozen=True, gc=False):
    """``all()``; in a ``namespaceSelector`` it stands for whatever lies in a namespace."""

    def matches(self, labels: Mapping[str, str]) -> bool:  # noqa: ARG002 - all nodes are asked alike
        """Return true: it holds for any labels."""
        return True

    def __str__(self) -> str:
        return "all()"


class Global(Struct, frozen=True, gc=False):
    """``global()``; in the ``namespaceSelector`` of a rule it stands for whatever lies in no namespace."""

    def matches(self, labels: Mapping[str, str]) -> bool:  # noqa: ARG002 - all nodes are asked alike
        """Return true: it holds for any labels, and only the field it stands in gives it its meaning."""
        return True

    def __str__(self) -> str:
        return "global()"


class Not(Struct, frozen=True, gc=False):
    """``!operand``."""

    operand: Selector

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether the operand does not hold."""
        return not self.operand.matches(labels)

    def __str__(self) -> str:
        return _text(self)


class And(Struct, frozen=True, gc=False):
    """``first && second``, with two operands or more."""

    operands: tuple[Selector, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether every operand holds."""
        for operand in self.operands:  # noqa: SIM110 - a generator would double the depth of the stack
            if not operand.matches(labels):
                return False
        return True

    def __str__(self) -> str:
        return _text(self)


class Or(Struct, frozen=True, gc=False):
    """``first || second``, with two operands or more."""

    operands: tuple[Selector, ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Return whether some operand holds."""
        for operand in self.operands:  # noqa: SIM110 - a generator would double the depth of the stack
            if operand.matches(labels):
                return True
        return False

    def __str__(self) -> str:
        return _text(self)


Leaf = Equal | NotEqual | In | NotIn | Has | Contains | StartsWith | EndsWith | All | Global
"""A part of a selector that holds no other."""

Selector = Leaf | Not | And | Or
"""A selector expression; ``str`` gives the text that parses into the same tree."""


def matches(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Return whether a selector matches `labels`; ``all()`` and ``global()`` match any."""
    return selector.matches(labels)


def _quoted(value: str) -> str:
    # The language has no escapes: a text that could be parsed holds at most one kind of quotation mark.
    quote = "'" if '"' in value else '"'
    return f"{quote}{value}{quote}"


def _text(selector: Selector) -> str:
    # A loop: the deepest selector that can be parsed would need more of the stack than there may be left.
    written: list[str] = []
    ahead: list[Selector | str] = [selector]
    while ahead:
        part = ahead.pop()
        if isinstance(part, Not | And | Or):
            ahead.extend(reversed(_parts(part)))
        else:
            written.append(str(part))
    return "".join(written)


def _parts(selector: Not | And | Or) -> list[Selector | str]:
    if isinstance(selector, Not):
        return ["!", *_grouped(selector.operand, (Not, And, Or))]
    sign, looser = (" && ", (And, Or)) if isinstance(selector, And) else (" || ", (Or,))
    return [part for operand in selector.operands for part in (sign, *_grouped(operand, looser))][1:]


def _grouped(operand: Selector, looser: tuple[type, ...]) -> list[Selector | str]:
    return ["(", operand, ")"] if isinstance(operand, looser) else [operand]
