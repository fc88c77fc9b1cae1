"""Needed connections, each once, with all that speaks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.model.generation import Evidence, Need, Party

if TYPE_CHECKING:
    from collections.abc import Iterable

_Key = tuple[Party, Party, str, int, int]


class Gathering:
    """Collects needs; the same connection with other evidence is the same need."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[_Key, dict[tuple[str, str], Evidence]] = {}

    def add(
        self, source: Party, destination: Party, protocol: str, ports: tuple[int, int], evidence: Iterable[Evidence]
    ) -> None:
        """Take in a connection; evidence of the same text and place is counted together."""
        known = self._found.setdefault((source, destination, protocol, *ports), {})
        for each in evidence:
            key = (each.text, each.place)
            known[key] = _together(known[key], each) if key in known else each

    def needs(self) -> tuple[Need, ...]:
        """Return all needs, sorted."""
        found = (Need(*key, evidence=tuple(sorted(known.values()))) for key, known in self._found.items())
        return tuple(sorted(found, key=lambda each: each.sort_key))


def _together(one: Evidence, other: Evidence) -> Evidence:
    return Evidence(
        one.text,
        one.place,
        one.count + other.count,
        min(one.first, other.first),
        max(one.last, other.last),
    )
