"""
The grammar of Calico's selector expressions.

A tokenizer and a parser by recursive descent. ``&&`` binds tighter than ``||``,
and ``!`` tighter than both. Spaces and tabs separate, other white space is an
error. A word is an operator only right after a label, so that a label may be
called ``in`` or ``contains``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from firedoor.model.calico_selectors import (
    All,
    And,
    Contains,
    EndsWith,
    Equal,
    Global,
    Has,
    In,
    Not,
    NotEqual,
    NotIn,
    Or,
    StartsWith,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.model.calico_selectors import Selector

DEEPEST_NESTING = 100
_LONGEST_QUOTE = 30


class _Kind(StrEnum):
    """What a token is, in the words of error messages."""

    LABEL = "a label"
    TEXT = "a text in quotation marks"
    SYMBOL = "a symbol"
    OPERATOR = "an operator"
    CALL = "a function"
    END = "the end"


class _Token(NamedTuple):
    kind: _Kind
    text: str
    at: int
    source: str = ""


_SPACE = re.compile(r"[ \t]*")
_SYMBOL = re.compile(r"==|!=|&&|\|\||[(){},!]")
_TEXT = re.compile("\"([^\"]*)\"|'([^']*)'")
_OPERATOR = re.compile(r"contains|starts[ \t]*with|ends[ \t]*with|not[ \t]*in|in")
_FUNCTION = re.compile(r"(?:has|all|global)\(")
_CALL = re.compile(r"has\([ \t]*([a-zA-Z0-9_./-]+)[ \t]*\)|(?:all|global)\([ \t]*\)")
_LABEL = re.compile(r"[a-zA-Z0-9_./-]+")

_COMPARISONS: dict[str, Callable[[str, str], Selector]] = {
    "==": Equal,
    "!=": NotEqual,
    "contains": Contains,
    "startswith": StartsWith,
    "endswith": EndsWith,
}
_MEMBERSHIPS: dict[str, Callable[[str, tuple[str, ...]], Selector]] = {"in": In, "notin": NotIn}
_DOUBLED = "=&|"
_OPERANDS = "a label, has(label), all(), global(), ! or ("
_OPERATORS = "==, !=, in, not in, contains, starts with or ends with"


class SelectorError(ValueError):
    """A selector expression that cannot be parsed."""

    def __init__(self, position: int, found: str, expected: str) -> None:
        super().__init__(f"found {found} at character {position + 1}, expected {expected}")
        self.position = position
        """Where the trouble is, counted from 0."""
        self.expected = expected
        """What would have been right there."""


def parse_selector(text: str) -> Selector:
    """
    Return the tree of a selector expression; the empty one is ``all()``.

    Raises `SelectorError` when `text` is not a selector expression, or is nested
    deeper than `DEEPEST_NESTING` parentheses.
    """
    tokens = _tokens(text)
    if len(tokens) == 1:
        return All()
    parser = _Parser(tokens)
    selector = parser.disjunction(0)
    if parser.ahead.kind is not _Kind.END:
        raise parser.error("&&, || or the end")
    return selector


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = _after(_SPACE, text, 0)
    while at < len(text):
        follows_label = bool(tokens) and tokens[-1].kind is _Kind.LABEL
        token = _token(text, at, follows_label=follows_label)
        tokens.append(token)
        at = _after(_SPACE, text, at + len(token.source))
    return [*tokens, _Token(_Kind.END, "", at)]


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at


def _token(text: str, at: int, *, follows_label: bool) -> _Token:
    if symbol := _SYMBOL.match(text, at):
        return _Token(_Kind.SYMBOL, symbol[0], at, symbol[0])
    if text[at] in "\"'":
        literal = _TEXT.match(text, at)
        if literal is None:
            raise SelectorError(at, "the beginning of a text", f"its closing quotation mark {text[at]}")
        return _Token(_Kind.TEXT, literal[0][1:-1], at, literal[0])
    if text[at] in _DOUBLED:
        raise SelectorError(at, _excerpt(text, at), text[at] * 2)
    if follows_label:
        operator = _OPERATOR.match(text, at)
        if operator is None:
            raise SelectorError(at, _excerpt(text, at), _OPERATORS)
        return _Token(_Kind.OPERATOR, re.sub(r"[ \t]", "", operator[0]), at, operator[0])
    if function := _FUNCTION.match(text, at):
        call = _CALL.match(text, at)
        if call is None:
            expected = "has(label)" if function[0] == "has(" else f"{function[0]})"
            raise SelectorError(at, _excerpt(text, at), expected)
        return _Token(_Kind.CALL, call[1] or function[0], at, call[0])
    if label := _LABEL.match(text, at):
        return _Token(_Kind.LABEL, label[0], at, label[0])
    raise SelectorError(at, _excerpt(text, at), _OPERANDS)


def _excerpt(text: str, at: int) -> str:
    return repr(text[at] if text[at].isspace() else text[at : at + _LONGEST_QUOTE].split(maxsplit=1)[0])


class _Parser:
    """Reads tokens from left to right; every method leaves `ahead` at the first token that it did not use."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._index = 0

    @property
    def ahead(self) -> _Token:
        return self._tokens[self._index]

    def error(self, expected: str) -> SelectorError:
        """Return the error that says what would have been right instead of the token ahead."""
        token = self.ahead
        found = repr(token.source) if token.source else str(token.kind)
        return SelectorError(token.at, found, expected)

    def disjunction(self, depth: int) -> Selector:
        operands = [self._conjunction(depth)]
        while self._take_symbol("||"):
            operands.append(self._conjunction(depth))
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def _conjunction(self, depth: int) -> Selector:
        operands = [self._operand(depth)]
        while self._take_symbol("&&"):
            operands.append(self._operand(depth))
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def _operand(self, depth: int) -> Selector:
        is_negated = False
        while self._take_symbol("!"):
            is_negated = not is_negated
        operand = self._plain_operand(depth)
        return Not(operand) if is_negated else operand

    def _plain_operand(self, depth: int) -> Selector:
        token = self.ahead
        if token.kind is _Kind.LABEL:
            self._index += 1
            return self._comparison(token.text)
        if token.kind is _Kind.CALL:
            self._index += 1
            return _called(token)
        if not self._take_symbol("("):
            raise self.error(_OPERANDS)
        if depth >= DEEPEST_NESTING:
            raise SelectorError(token.at, "one more (", f"at most {DEEPEST_NESTING} nested parentheses")
        selector = self.disjunction(depth + 1)
        if not self._take_symbol(")"):
            raise self.error("&&, || or )")
        return selector

    def _comparison(self, label: str) -> Selector:
        operator = self.ahead.text if self.ahead.kind in (_Kind.OPERATOR, _Kind.SYMBOL) else ""
        if operator in _COMPARISONS:
            self._index += 1
            return _COMPARISONS[operator](label, self._text())
        if operator in _MEMBERSHIPS:
            self._index += 1
            return _MEMBERSHIPS[operator](label, self._set())
        raise self.error(_OPERATORS)

    def _text(self) -> str:
        token = self.ahead
        if token.kind is not _Kind.TEXT:
            raise self.error(str(_Kind.TEXT))
        self._index += 1
        return token.text

    def _set(self) -> tuple[str, ...]:
        if not self._take_symbol("{"):
            raise self.error('a set like {"a", "b"}')
        values = set()
        while self.ahead.kind is _Kind.TEXT:
            values.add(self._text())
            if not self._take_symbol(","):
                break
        if not self._take_symbol("}"):
            raise self.error("a text in quotation marks or }")
        return tuple(sorted(values))

    def _take_symbol(self, symbol: str) -> bool:
        is_ahead = self.ahead.kind is _Kind.SYMBOL and self.ahead.text == symbol
        self._index += is_ahead
        return is_ahead


def _called(token: _Token) -> Selector:
    match token.text:
        case "all(":
            return All()
        case "global(":
            return Global()
        case label:
            return Has(label)
