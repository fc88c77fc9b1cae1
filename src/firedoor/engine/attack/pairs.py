"""Who gets to what matters most: the internet and each workload, to every right, all Secrets, or a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from firedoor.engine.attack.core import Core
from firedoor.engine.attack.stepping import fewest_steps
from firedoor.engine.attack.telling import told
from firedoor.model.attack import Kind, Standing

if TYPE_CHECKING:
    from firedoor.engine.attack.building import Attack
    from firedoor.model.attack import AttackPath

GOALS = (Kind.CLUSTER_ADMIN, Kind.SECRETS, Kind.NODE)
"""What paths are looked for to, the worst first: who has the first has the others, too."""


class Pair(NamedTuple):
    """Where paths begin, and what they lead to."""

    source: Standing
    goal: Kind


class Pairs:
    """The pairs between which there is a path; `steps` are the fewest of each."""

    def __init__(self, attack: Attack) -> None:
        """Look for them in an attack graph."""
        self._attack = attack
        graph = attack.graph
        self._starts: dict[Standing, list[int]] = {}
        for vertex, standing in graph.standings(lambda each: each.kind in {Kind.INTERNET, Kind.PODS}):
            self._starts.setdefault(standing, []).append(vertex)
        self._goals: dict[Kind, list[int]] = {kind: [] for kind in GOALS}
        for vertex, standing in graph.standings(_is_goal):
            self._goals[standing.kind].append(vertex)
        self.steps: dict[Pair, int] = {}
        for goal, vertices in self._goals.items():
            steps = fewest_steps(graph, vertices, backward=True)
            for source, starts in self._starts.items():
                found = [steps[each] for each in starts if each in steps]
                if found:
                    self.steps[Pair(source, goal)] = min(found)

    def path(self, pair: Pair) -> AttackPath | None:
        """Return a path of the fewest steps between a pair; None where there is none."""
        core = Core(self._attack.graph, self._starts.get(pair.source, ()), self._goals[pair.goal])
        walk = core.shortest()
        return None if walk is None else told(core, walk)


def _is_goal(standing: Standing) -> bool:
    # The Secrets of one namespace are none.
    return standing.kind in GOALS and not (standing.kind is Kind.SECRETS and standing.namespace)
