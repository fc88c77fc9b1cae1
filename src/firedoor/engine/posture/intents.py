"""What the name or description of a policy says that it is for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firedoor.model.networkpolicy import NetworkPolicy

_FILLERS = frozenset({"allow", "allows", "access", "policy", "netpol", "np", "networkpolicy", "network", "traffic"})
_TELLING = re.compile(r"description|intent|purpose|comment", re.IGNORECASE)
_PHRASE = re.compile(r"\b([a-z0-9][a-z0-9-]*)\s+(?:to|->)\s+([a-z0-9][a-z0-9-]*)\b")
_DENYING = frozenset({"deny", "denies", "block", "isolate"})


@dataclass(frozen=True, slots=True)
class Pair:
    """
    Traffic from one application to another, as words tell it.

    `is_plain` says that the words leave no doubt which is which (``a-to-b``); a bare
    ``a-b`` mostly means a to b.
    """

    source: str
    destination: str
    told: str
    is_plain: bool


def pairs(policy: NetworkPolicy, known: frozenset[str]) -> Iterator[Pair]:
    """Yield the traffic that name and annotations tell of, between names that are `known`; denials are left out."""
    name = policy.metadata.name
    words = _trimmed(name.split("-"))
    if name not in known and not _DENYING.intersection(name.split("-")):
        found = _split(words, known)
        if found is not None:
            yield Pair(found[0], found[1], f"its name {name}", found[2])
    for key, text in sorted(policy.metadata.annotations.items()):
        lowered = text.lower()
        if not _TELLING.search(key) or _DENYING.intersection(lowered.split()):
            continue
        for source, destination in _PHRASE.findall(lowered):
            if source in known and destination in known and source != destination:
                yield Pair(source, destination, f'its annotation {key} ("{text}")', is_plain=True)


def _trimmed(words: list[str]) -> list[str]:
    while words and words[0] in _FILLERS:
        words = words[1:]
    while words and words[-1] in {*_FILLERS, "ingress", "egress"}:
        words = words[:-1]
    return words


def _split(words: list[str], known: frozenset[str]) -> tuple[str, str, bool] | None:
    """Return source, destination and whether a word between them says so."""
    if "-".join(words) in known:
        return None
    for position in range(1, len(words)):
        left, right = "-".join(_trimmed(words[:position])), "-".join(words[position:])
        after = "-".join(_trimmed(words[position + 1 :]))
        if words[position] in {"to", "from"}:
            if left in known and after in known and left != after:
                return (left, after, True) if words[position] == "to" else (after, left, True)
        elif left in known and right in known and left != right:
            return left, right, False
    return None
