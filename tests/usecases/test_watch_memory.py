"""Nothing is kept of states that are over, and none of it waits until somebody looks for cycles."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator

import pytest

from firedoor.engine.attack.graph import AttackGraph
from firedoor.engine.blast.graph import HopGraph
from firedoor.engine.reach.cni import SPEC
from firedoor.engine.reach.columns import ColumnSets
from firedoor.engine.reach.matrix import DirectionMatrix
from firedoor.engine.reach.network import Network
from firedoor.model.feed import Turn
from firedoor.usecases.watch import Watcher
from tests.usecases.test_watch import BALANCER, DENY, LET_WEB_IN, SHOP, Clock, changes, pod, state, workload
from tests.usecases.test_watch_paths import ADMIN

LARGE = (Network, DirectionMatrix, ColumnSets, HopGraph, AttackGraph)
"""What holds most of the memory, each for one state of a cluster."""
OF_ONE = Counter({Network: 1, DirectionMatrix: 2, ColumnSets: 1})
"""What there is of them while nothing is judged."""
# Pods that share a node with one on its network, which is found out in a way of its own.
NODES = pod("shop", "agent", "agent").replace("spec: {", "spec: {hostNetwork: true, ") + pod("shop", "web-1", "web")
STATES = (
    SHOP + DENY + BALANCER + NODES,
    SHOP + DENY + BALANCER + NODES + LET_WEB_IN,
    SHOP + DENY + BALANCER + NODES + LET_WEB_IN + pod("shop", "web-2", "web"),
    SHOP + DENY + BALANCER + NODES + LET_WEB_IN + workload("new", "job") + ADMIN,
    SHOP + BALANCER + NODES + ADMIN,
)


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def living() -> Counter[type]:
    return Counter(form for each in gc.get_objects() for form in LARGE if isinstance(each, form))


def test_a_state_that_is_over_goes_at_once(without_collector: None) -> None:
    before = living()
    watcher, states = Watcher(SPEC, Clock(), pause=0.0), [state(each) for each in STATES]
    watcher.take(Turn(states[0]))
    assert living() - before == OF_ONE
    for _ in range(2):
        for old, new in zip(states, [*states[1:], states[0]], strict=True):
            watcher.take(Turn(new, changes(old, new)))
            assert living() - before == OF_ONE
    watcher.take(Turn(states[-1]))
    assert living() - before == OF_ONE
    del watcher
    assert living() == before
