"""
Domain names, and the patterns of them, as the policies of all APIs write them.

ClusterNetworkPolicies write ``*.`` for one or more labels. In Cilium's patterns ``*``
stays within a label, ``**.`` at the beginning is one or more labels, and nothing but
stars is every name. To tell the two apart, Cilium's carry a mark here; see
`cilium_pattern`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARK = "="
"""Stands before a pattern of Cilium; no name has one."""

_FRESH = ("#", "#.#", "#.#.#")
"""Labels that only stars match, for no name and no pattern has the character."""


def canonical_name(name: str) -> str:
    """Return a domain name as it is compared: case and the final dot have no meaning."""
    return name.strip().lower().removesuffix(".")


def cilium_pattern(pattern: str) -> str:
    """Return a ``matchPattern`` of Cilium as it is compared."""
    found = canonical_name(pattern)
    return _MARK + found if "*" in found else found


def written(pattern: str) -> str:
    """Return a name or pattern as policies write it."""
    return pattern.removeprefix(_MARK)


def any_matches(patterns: Iterable[str], name: str) -> bool:
    """Return whether a pattern matches a canonical name, or all names that another pattern matches."""
    return any(_matches(each, name) for each in patterns)


@lru_cache(maxsize=16384)
def _matches(pattern: str, name: str) -> bool:
    if pattern == name:
        return True
    expression = _expression(pattern)
    return expression is not None and all(expression.fullmatch(each) for each in _samples(name))


@lru_cache(maxsize=16384)
def _expression(pattern: str) -> re.Pattern[str] | None:
    """Return the regular expression of a pattern; None for an exact name."""
    text = written(pattern)
    if text.startswith("*.") and text == pattern:
        return re.compile(_LABELS + re.escape(text[2:]))
    if text == pattern:
        return None
    if not text.strip("*"):
        return re.compile(r".+")
    rest = re.sub(r"^\*{2,}\.", "", text)
    within = r"[^.]*".join(re.escape(each) for each in re.split(r"\*+", rest))
    return re.compile((_LABELS if rest != text else "") + within)


_LABELS = r"(?:[^.]+\.)+"


def _samples(name: str) -> tuple[str, ...]:
    """Return names of which a pattern matches all if it matches all that `name`, a name or pattern, stands for."""
    text = written(name)
    if not text.strip("*"):  # every name, or (nothing) all those that no policy names
        return _FRESH
    if text.startswith("*.") and text == name:
        return tuple(f"{each}.{text[2:]}" for each in _FRESH)
    rest = re.sub(r"^\*{2,}\.", "", text)
    within = re.sub(r"\*+", _FRESH[0], rest)
    return (within,) if rest == text else tuple(f"{each}.{within}" for each in _FRESH)
