"""
The selector expressions of Calico, read from their grammar.

    either     = both { "||" both }
    both       = operand { "&&" operand }
    operand    = { "!" } ( "(" either ")" | "all()" | "global()" | "has(" LABEL ")" | LABEL comparison )
    comparison = ( "==" | "!=" | "contains" | "starts with" | "ends with" ) STRING
               | ( "in" | "not in" ) "{" [ STRING { "," STRING } [ "," ] ] "}"

Spaces and tabs may stand between any two parts, and need not. A string stands
between single or double quotes and knows no escapes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

WHITESPACE = " \t"
LABEL = re.compile(r"[a-zA-Z0-9_./-]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What an expression is asked about; ``all()`` and ``global()`` mean different things in different fields."""

    labels: Mapping[str, str]
    matches_all: bool = True
    matches_global: bool = True


Test = Callable[[Labelled], bool]


def selects(expression: str, labels: Mapping[str, str]) -> bool:
    """Return whether an expression matches labels; the empty one matches everything, as ``all()`` does."""
    return parsed(expression)(Labelled(labels))


def selects_place(expression: str, namespace_labels: Mapping[str, str] | None) -> bool:
    """
    Return whether a rule's ``namespaceSelector`` matches, given labels of a namespace or none outside of any.

    There ``all()`` is every namespace, and ``global()`` what lies in none. What
    lies in none also matches for the lack of a label: ``env != 'prod'`` is true of it.
    """
    inside = namespace_labels is not None
    return parsed(expression)(Labelled(namespace_labels or {}, matches_all=inside, matches_global=not inside))


@cache
def parsed(expression: str) -> Test:
    """Return the test that an expression stands for."""
    reader = _Reader(expression)
    if reader.at_end():
        return lambda asked: asked.matches_all
    test = _either(reader)
    if not reader.at_end():
        raise reader.error("the end, '&&' or '||'")
    return test


def _either(reader: _Reader) -> Test:
    tests = [_both(reader)]
    while reader.take("||"):
        tests.append(_both(reader))
    return lambda asked: any(test(asked) for test in tests)


def _both(reader: _Reader) -> Test:
    tests = [_operand(reader)]
    while reader.take("&&"):
        tests.append(_operand(reader))
    return lambda asked: all(test(asked) for test in tests)


def _operand(reader: _Reader) -> Test:
    if reader.take("!"):
        negated = _operand(reader)
        return lambda asked: not negated(asked)
    if reader.take("("):
        inner = _either(reader)
        reader.expect(")")
        return inner
    if reader.take("all("):
        reader.expect(")")
        return lambda asked: asked.matches_all
    if reader.take("global("):
        reader.expect(")")
        return lambda asked: asked.matches_global
    if reader.take("has("):
        wanted = reader.label()
        reader.expect(")")
        return lambda asked: wanted in asked.labels
    return _comparison(reader, reader.label())


def _comparison(reader: _Reader, label: str) -> Test:
    """Read what follows a label; ``!=`` and ``not in`` also match where there is no such label."""
    if reader.take("=="):
        value = reader.string()
        return lambda asked: asked.labels.get(label) == value
    if reader.take("!="):
        value = reader.string()
        return lambda asked: asked.labels.get(label) != value
    if reader.take("contains"):
        part = reader.string()
        return lambda asked: label in asked.labels and part in asked.labels[label]
    if reader.take("starts"):
        reader.expect("with")
        start = reader.string()
        return lambda asked: label in asked.labels and asked.labels[label].startswith(start)
    if reader.take("ends"):
        reader.expect("with")
        end = reader.string()
        return lambda asked: label in asked.labels and asked.labels[label].endswith(end)
    if reader.take("not"):
        reader.expect("in")
        values = reader.strings()
        return lambda asked: asked.labels.get(label) not in values
    reader.expect("in")
    values = reader.strings()
    return lambda asked: asked.labels.get(label) in values


class _Reader:
    """The part of an expression that is still to be read."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._rest = expression

    def at_end(self) -> bool:
        self._rest = self._rest.lstrip(WHITESPACE)
        return not self._rest

    def take(self, text: str) -> bool:
        """Step over the text if it comes next."""
        if self.at_end() or not self._rest.startswith(text):
            return False
        self._rest = self._rest[len(text) :]
        return True

    def expect(self, text: str) -> None:
        if not self.take(text):
            raise self.error(repr(text))

    def label(self) -> str:
        found = None if self.at_end() else LABEL.match(self._rest)
        if found is None:
            raise self.error("a label")
        self._rest = self._rest[found.end() :]
        return found.group()

    def string(self) -> str:
        for quote in ("'", '"'):
            if self.take(quote):
                value, closing, self._rest = self._rest.partition(quote)
                if closing:
                    return value
        raise self.error("a string between quotes")

    def strings(self) -> list[str]:
        self.expect("{")
        values: list[str] = []
        while not self.take("}"):
            values.append(self.string())
            if not self.take(","):
                self.expect("}")
                break
        return values

    def error(self, expected: str) -> ValueError:
        return ValueError(f"selector {self._expression!r}: expected {expected} before {self._rest!r}")
