"""Ways through the graph as steps that people can read."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from firedoor.engine.attack.core import stopping
from firedoor.engine.attack.graph import Means
from firedoor.model.attack import AttackPath, AttackStep, Standing

if TYPE_CHECKING:
    from firedoor.engine.attack.core import Core, Walk
    from firedoor.engine.attack.graph import Changes
    from firedoor.model.attack import Evidence


def told(core: Core, walk: Walk) -> AttackPath:
    """Return a way as steps, each with what it rests on and what would stop it."""
    stands = [number for number, vertex in enumerate(walk) if isinstance(core.vertices[vertex], Standing)]
    return AttackPath(tuple(_step(core, walk[first : last + 1]) for first, last in pairwise(stands)))


def signature(core: Core, walk: Walk) -> tuple[object, ...]:
    """Return what tells ways apart for people: what is held on the way, and by which techniques."""
    found = (core.vertices[vertex] for vertex in walk)
    return tuple(each.technique.id if isinstance(each, Means) else each for each in found)


def _step(core: Core, walk: Walk) -> AttackStep:
    source, target = core.vertices[walk[0]], core.vertices[walk[-1]]
    means = core.vertices[walk[1]]
    assert isinstance(source, Standing)  # noqa: S101 - a step begins and ends with a standing
    assert isinstance(target, Standing)  # noqa: S101 - the same
    assert isinstance(means, Means)  # noqa: S101 - from a standing only means lead on
    evidence: dict[Evidence, None] = {}
    options: dict[Changes, None] = {}
    is_sure = not means.is_possible
    for first, second in pairwise(walk):
        links = core.ahead[first][second]
        options |= dict.fromkeys(stopping(links))
        for link in links:
            if link.evidence is not None:
                evidence |= dict.fromkeys(link.evidence(walk[0], walk[-1]))
            is_sure = is_sure and (link.is_sure is None or link.is_sure(walk[0], walk[-1]))
    changes = tuple(tuple(sorted(each)) for each in options)
    return AttackStep(source, means.technique.id, target, tuple(evidence), changes, not is_sure)
