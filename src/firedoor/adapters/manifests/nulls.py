"""Nulls as the API server's decoder takes them."""

from __future__ import annotations

from typing import Any

_STRING_MAPS = frozenset({"labels", "annotations", "matchLabels", "nodeSelector", "data"})


def without_nulls(value: Any, key: str = "") -> Any:
    """
    Return a document as the server decodes it.

    A null field is an absent field. A null element of a list is the zero value (Go
    decodes it into an empty object), so that ``ingress: [null]`` has one empty rule;
    a null in a map of strings is the empty string.
    """
    if isinstance(value, dict):
        if key in _STRING_MAPS:
            return {name: "" if each is None else without_nulls(each, name) for name, each in value.items()}
        return {name: without_nulls(each, name) for name, each in value.items() if each is not None}
    if isinstance(value, list):
        return [{} if each is None else without_nulls(each, key) for each in value]
    return value
