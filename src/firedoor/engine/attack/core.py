"""The part of an attack graph that lies between two ends, and the paths in it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import rustworkx as rx

from firedoor.engine.attack.graph import PLAIN
from firedoor.model.attack import Kind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from firedoor.engine.attack.graph import AttackGraph, Changes, Link
    from firedoor.model.attack import Change

MOST_TRIES = 400_000
"""Vertices that are looked at in search of further paths, before it is said that there may be more."""

Walk = tuple[int, ...]
"""Vertices from the first standing to the last."""


_END = Standing(Kind.INTERNET)
"""What stands, for a while, before all sources and behind all targets; nobody looks at it."""


class _Try(NamedTuple):
    vertex: int
    steps: int
    ahead: Iterator[int]


class Core:
    """
    All vertices on ways from some standings to others, with the edges between them.

    No way comes back to where it began, or goes on from where it wants to get.
    """

    def __init__(self, attack: AttackGraph, sources: Sequence[int], targets: Sequence[int]) -> None:
        """Cut everything off that is on no such way."""
        self.vertices = attack.vertices
        graph = attack.graph
        start, end = graph.add_node(_END), graph.add_node(_END)
        graph.add_edges_from([(start, each, PLAIN) for each in sources])
        graph.add_edges_from([(each, end, PLAIN) for each in targets])
        kept = (rx.descendants(graph, start) | {start}) & (rx.ancestors(graph, end) | {end})
        first, last = frozenset(sources), frozenset(targets)
        self.ahead: dict[int, dict[int, list[Link]]] = {}
        """What each vertex leads to, by which edges."""
        self._behind: dict[int, list[int]] = {}
        self._touched: dict[Change, set[tuple[int, int]]] = {}
        """The edges that each change has a part in stopping."""
        for vertex in sorted(kept):
            found: dict[int, list[Link]] = {}
            for _, other, link in graph.out_edges(vertex) if vertex not in last else [(vertex, end, PLAIN)]:
                if other in kept and (other not in first or vertex == start):
                    found.setdefault(other, []).append(link)
            self.ahead[vertex] = dict(sorted(found.items()))
            for other, links in found.items():
                self._behind.setdefault(other, []).append(vertex)
                for change in {each for link in links for option in link.options for each in option}:
                    self._touched.setdefault(change, set()).add((vertex, other))
        graph.remove_nodes_from([start, end])
        self._start, self._end = start, end
        most = max(start, end) + 1
        self._steps = [isinstance(each, Standing) for each in self.vertices] + [False] * (most - len(self.vertices))

    def shortest(self, made: Changes = frozenset()) -> Walk | None:
        """Return a way of the fewest steps, once some changes are made; None where there is none."""
        touched = {edge for change in made for edge in self._touched.get(change, ())}
        cut = {edge for edge in touched if self._is_cut(*edge, made)}
        toward: dict[int, int] = {self._end: self._end}
        queue = deque([self._end])
        later: deque[int] = deque()
        while queue:
            vertex = queue.popleft()
            is_step = self._is_standing(vertex)
            for other in self._behind.get(vertex, ()):
                if other not in toward and (other, vertex) not in cut:
                    toward[other] = vertex
                    (later if is_step else queue).append(other)
            if self._start in toward:
                break
            if not queue:
                queue, later = later, queue
        if self._start not in toward:
            return None
        walk, vertex = [], toward[self._start]
        while vertex != self._end:
            walk.append(vertex)
            vertex = toward[vertex]
        return tuple(walk)

    def walks(self, bound: int) -> Iterator[Walk | None]:
        """
        Yield all ways of at most so many steps on which nothing is held twice, those of fewest steps first.

        None comes last where the search was given up before all were found. Where there are only ways
        on which pods of one workload, that differ, are held one after the other, a shortest one is yielded.
        """
        distance = self._distances()
        least = distance.get(self._start)
        if least is None:
            return
        tries, is_empty = MOST_TRIES, True
        # The first standing is where it begins, and no step.
        for length in range(least, bound + 2):
            for found in self._of_length(length, distance):
                if found is None:
                    tries -= 1
                    if not tries:
                        yield None
                        return
                else:
                    is_empty = False
                    yield found
        walk = self.shortest() if is_empty else None
        if walk is not None and sum(map(self._is_standing, walk)) <= bound + 1:
            yield walk

    def _of_length(self, length: int, distance: dict[int, int]) -> Iterator[Walk | None]:
        """Yield the ways of exactly so many standings, and None for each vertex that is tried."""
        stack = [_Try(self._start, 0, iter(self.ahead[self._start]))]
        met: set[object] = set()
        while stack:
            at = stack[-1]
            other = next(at.ahead, None)
            if other is None:
                stack.pop()
                met.discard(self._key(at.vertex))
                continue
            if other == self._end:
                if at.steps == length:
                    yield tuple(each.vertex for each in stack[1:])
                continue
            steps = at.steps + self._is_standing(other)
            key = self._key(other)
            # What leads back to where it began only has no way to the end.
            if key not in met and other in distance and steps + distance[other] <= length:
                yield None
                met.add(key)
                stack.append(_Try(other, steps, iter(self.ahead[other])))

    def _distances(self) -> dict[int, int]:
        """Return the standings still to come from each vertex to the end."""
        found = {self._end: 0}
        queue = deque([self._end])
        while queue:
            vertex = queue.popleft()
            cost = int(self._is_standing(vertex))
            for other in self._behind.get(vertex, ()):
                steps = found[vertex] + cost
                if steps < found.get(other, steps + 1):
                    found[other] = steps
                    (queue.append if cost else queue.appendleft)(other)
        return found

    def _is_standing(self, vertex: int) -> bool:
        return self._steps[vertex]

    def _key(self, vertex: int) -> object:
        """Return what must not be met twice: a standing, however many vertices it has, or a means."""
        if vertex >= len(self.vertices):
            return vertex
        each = self.vertices[vertex]
        return each if isinstance(each, Standing) and (each.name or each.namespace) else vertex

    def _is_cut(self, source: int, target: int, made: Changes) -> bool:
        return all(any(option <= made for option in link.options) for link in self.ahead[source][target])


def stopping(links: Sequence[Link]) -> tuple[Changes, ...]:
    """Return the sets of changes that stop parallel edges, none a part of another; none where one cannot be stopped."""
    found: set[Changes] = {frozenset()}
    for link in dict.fromkeys(each.options for each in links):
        found = {one | other for one in found for other in link}
    least = [each for each in found if not any(other < each for other in found)]
    return tuple(sorted(least, key=lambda each: (len(each), sorted(each))))
