"""The graph of standings and means, while it is built and when it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import rustworkx as rx

from firedoor.model.attack import Evidence, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from firedoor.engine.attack.techniques import Technique
    from firedoor.model.attack import Change

Changes = frozenset["Change"]
"""Changes that stop something if all of them are made."""


class Link(NamedTuple):
    """
    What an edge rests on.

    Any one of `options` stops it; where there is none, nothing does. `evidence` is found
    out when it is asked for. It is known only for the two standings that a step joins, so
    that it is given their vertices; so is what tells whether the step is sure.
    """

    options: tuple[Changes, ...] = ()
    evidence: Callable[[int, int], Iterable[Evidence]] | None = None
    is_sure: Callable[[int, int], bool] | None = None


PLAIN = Link()


def told(text: str, place: str = "") -> Callable[[int, int], tuple[Evidence, ...]]:
    """Return what gives one fact as the evidence of any step."""
    fact = (Evidence(text, place),)
    return lambda _source, _target: fact


class Means(NamedTuple):
    """A technique at one place; `is_possible` says that it is not known to work."""

    technique: Technique
    is_possible: bool = False


class AttackGraph:
    """
    Standings and means, and which lead to which.

    Several vertices may be of one standing, where what they lead to differs. Parallel
    edges are alternatives: a step is stopped when all of them are.
    """

    def __init__(self, *, possible: bool) -> None:
        """Start empty; with `possible` what may work counts as well."""
        self.possible = possible
        self.graph: rx.PyDiGraph[Standing | Means, Link] = rx.PyDiGraph()
        self._vertices: list[Standing | Means] = []
        self._numbers: dict[Hashable, int] = {}
        self._links: list[tuple[int, int, Link]] = []

    @property
    def vertices(self) -> list[Standing | Means]:
        """All vertices, by number."""
        return self._vertices

    def standing(self, standing: Standing, *apart: Hashable) -> int:
        """Return the vertex of a standing; `apart` tells several of the same standing apart."""
        return self._vertex((standing, *apart), standing)

    def means(self, technique: Technique, *at: Hashable, possible: bool = False) -> int | None:
        """Return the vertex of a technique at a place; None where it only may work, and that does not count."""
        if possible and not self.possible:
            return None
        return self._vertex((technique, possible, *at), Means(technique, possible))

    def is_new(self, technique: Technique, *at: Hashable, possible: bool = False) -> bool:
        """Return whether a technique has no vertex at a place yet, so that what it gives is still to be said."""
        return (technique, possible, *at) not in self._numbers

    def link(self, source: int | None, target: int | None, link: Link = PLAIN) -> None:
        """Add an edge; one at a vertex that does not count is left out."""
        if source is not None and target is not None:
            self._links.append((source, target, link))

    def of_standing(self, wanted: Callable[[Standing], bool]) -> list[int]:
        """Return the vertices of all standings that are wanted."""
        return [number for number, _ in self.standings(wanted)]

    def standings(self, wanted: Callable[[Standing], bool]) -> list[tuple[int, Standing]]:
        """Return all standings that are wanted, each with its vertex."""
        return [
            (number, each) for number, each in enumerate(self._vertices) if isinstance(each, Standing) and wanted(each)
        ]

    def finish(self) -> None:
        """Hand everything over to the graph; nothing can be added afterwards."""
        self.graph.add_nodes_from(self._vertices)
        self.graph.add_edges_from(self._links)
        self._links.clear()

    def _vertex(self, key: Hashable, each: Standing | Means) -> int:
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._vertices)
            self._vertices.append(each)
        return number
