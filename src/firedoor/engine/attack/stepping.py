"""The fewest steps from some vertices of an attack graph to all others, or to them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from firedoor.model.attack import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firedoor.engine.attack.graph import AttackGraph


def fewest_steps(attack: AttackGraph, start: Sequence[int], *, backward: bool) -> dict[int, int]:
    """Return the fewest steps from, or with `backward` to, some vertices; what has no way is not in it."""
    graph = attack.graph
    follow = graph.predecessor_indices if backward else graph.successor_indices
    is_standing = [isinstance(each, Standing) for each in attack.vertices]
    found = dict.fromkeys(start, 0)
    queue = deque(start)
    while queue:
        vertex = queue.popleft()
        for other in follow(vertex):
            cost = int(is_standing[other])
            steps = found[vertex] + cost
            if steps < found.get(other, steps + 1):
                found[other] = steps
                (queue.append if cost else queue.appendleft)(other)
    return found
