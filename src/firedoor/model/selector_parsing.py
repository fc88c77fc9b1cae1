"""Label selectors of untyped objects (``metav1.LabelSelector``), where the API server checks only their shape."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from firedoor.model.labels import LabelSelector, LabelSelectorRequirement, Operator
from firedoor.model.untyped import described, either

if TYPE_CHECKING:
    from firedoor.model.untyped import Reader

LONGEST_NAME = 63
LONGEST_PREFIX = 253
_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_FIELDS = ("matchLabels", "matchExpressions")
_EXPRESSION_FIELDS = ("key", "operator", "values")
_WITH_VALUES = (Operator.IN, Operator.NOT_IN)
_KEY_REMEDY = "write a key like app or example.com/app, of at most 63 letters, digits, '-', '_' and '.' after the slash"
_VALUE_REMEDY = "use at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or a digit"


def read_selector(reader: Reader, parent: dict[str, Any], key: str, path: str) -> LabelSelector | None:
    """
    Return the label selector in a field; None where there is none.

    The schema of a custom resource lets operators, keys and values through that no
    implementation can turn into a selector. Such a requirement is doubted and left
    out, so that the selector matches at least what its author can have meant.
    """
    selector = reader.mapping(parent, key, path)
    if selector is None:
        return None
    where = f"{path}.{key}"
    reader.unknown(selector, _FIELDS, where)
    expressions = [_expression(reader, *each) for each in reader.mappings(selector, "matchExpressions", where)]
    return LabelSelector(_labels(reader, selector, where), tuple(each for each in expressions if each is not None))


def _labels(reader: Reader, selector: dict[str, Any], path: str) -> dict[str, str]:
    labels = reader.mapping(selector, "matchLabels", path) or {}
    kept: dict[str, str] = {}
    for key, value in labels.items():
        where = f"{path}.matchLabels[{key}]"
        if value is None:
            reader.doubt(where, "found null, expected a text", "write a value, or '' for an empty one")
        elif reader.is_text(value, where) and _is_key(reader, key, where) and _is_value(reader, value, where):
            kept[key] = value
    return kept


def _expression(reader: Reader, expression: dict[str, Any], path: str) -> LabelSelectorRequirement | None:
    doubts = reader.doubts
    reader.unknown(expression, _EXPRESSION_FIELDS, path)
    reader.required(expression, "key", path, "name the label that the requirement is about")
    reader.required(expression, "operator", path, f"write one of {either(tuple(Operator))}")
    key, written = reader.text(expression, "key", path), reader.text(expression, "operator", path)
    values = reader.texts(expression, "values", path)
    if key is None or written is None:
        return None
    if written not in tuple(Operator):
        remedy = f"write one of {either(tuple(Operator))}, exactly so"
        reader.doubt(f"{path}.operator", f"found {described(written)}, which is no operator of label selectors", remedy)
        return None
    operator = Operator(written)
    if operator in _WITH_VALUES and not values:
        reader.doubt(f"{path}.values", f"found no values, and {operator} needs at least one", "list the values")
    elif operator not in _WITH_VALUES and values:
        reader.doubt(f"{path}.values", f"found values, and {operator} takes none", "remove them, or write In or NotIn")
    _is_key(reader, key, f"{path}.key")
    for value, where in values:
        _is_value(reader, value, where)
    known = tuple(value for value, _ in values)
    return LabelSelectorRequirement(key, operator, known) if reader.doubts == doubts else None


def _is_key(reader: Reader, key: Any, path: str) -> bool:
    """Return whether a label key has the syntax of one: a name, or a DNS subdomain, a slash and a name."""
    prefix, slash, name = key.rpartition("/") if isinstance(key, str) else ("", "", "")
    is_name = len(name) <= LONGEST_NAME and _NAME.fullmatch(name) is not None
    is_prefix = not slash or (len(prefix) <= LONGEST_PREFIX and _PREFIX.fullmatch(prefix) is not None)
    if not (is_name and is_prefix):
        reader.doubt(path, f"found {described(key)}, which cannot be the key of a label", _KEY_REMEDY)
    return is_name and is_prefix


def _is_value(reader: Reader, value: str, path: str) -> bool:
    """Return whether a label value has the syntax of one; it may be empty."""
    is_value = not value or (len(value) <= LONGEST_NAME and _NAME.fullmatch(value) is not None)
    if not is_value:
        reader.doubt(path, f"found {described(value)}, which cannot be the value of a label", _VALUE_REMEDY)
    return is_value
