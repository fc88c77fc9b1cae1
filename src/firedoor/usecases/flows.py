"""Ask the store for edges that were observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.flows.sightings import HOUR
from firedoor.errors import NothingInScopeError
from firedoor.model.flow_reading import FlowEdges, FlowHoldings, FlowQuestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from firedoor.interfaces import FlowReader, FlowStore
    from firedoor.model.flow_reading import FlowCoverage
    from firedoor.model.flows import FlowEdge


def covered(flows: FlowReader, asked: FlowQuestion) -> FlowCoverage:
    """Return what the answers to a question are based on; raises ``NothingInScopeError`` where that is nothing."""
    coverage = flows.coverage(asked)
    if not coverage.sources:
        raise NothingInScopeError(
            "the store holds no flows of that cluster and time", remedy="import some with `firedoor flows import FILE`"
        )
    return coverage


def observed(flows: FlowReader, asked: FlowQuestion, most: int | None = None) -> FlowEdges:
    """Return the edges that are asked for, those with most connections first, and no more than `most` of them."""
    coverage = covered(flows, asked)
    found: list[FlowEdge] = []
    total = 0
    for edge in flows.edges(asked):
        total += 1
        if most is None or total <= most:
            found.append(edge)
    return FlowEdges(tuple(found), total, coverage)


def held(store: FlowStore) -> FlowHoldings:
    """Return what was imported into the store, and what it holds; raises ``NothingInScopeError`` if nothing."""
    return FlowHoldings(tuple(store.sources()), tuple(store.hours()), covered(store, FlowQuestion()))


def older_than(end: int, cluster: str) -> Callable[[str, int, int], bool]:
    """Return what says of an hour that it ended before a time, in nanoseconds since 1970."""

    def is_old(own: str, hour: int, _octets: int) -> bool:
        return (not cluster or own == cluster) and (hour + 1) * HOUR <= end

    return is_old


def beyond(octets: int, cluster: str) -> Callable[[str, int, int], bool]:
    """Return what says of hours, newest first, that they no longer fit into so many bytes."""
    used = 0

    def is_old(own: str, _hour: int, size: int) -> bool:
        nonlocal used
        if cluster and own != cluster:
            return False
        used += size
        return used > octets

    return is_old
