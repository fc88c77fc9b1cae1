"""
Sightings of connections, counted into rows that can be added up in any order.

A connection that was seen in the part before goes on rather than begins, and is not counted again; so
is one that was seen both at the address of a service and at that of the pod behind it.
"""

from __future__ import annotations

import numpy as np

from firedoor.engine.flows.attributing import Attributed
from firedoor.engine.flows.columns import VERDICTS
from firedoor.engine.flows.remembering import Remembered, base_of, hashes_of
from firedoor.engine.flows.resolving import Resolved, Resolver
from firedoor.engine.flows.rows import Counted, Rows
from firedoor.engine.flows.sightings import HOUR
from firedoor.model.flow_reading import FlowPart, FlowRow, Sighting


def count_part(part: FlowPart, resolver: Resolver, remembered: Remembered) -> list[FlowRow]:
    """Return the rows of a part, and put into its tally what could not be attributed."""
    tally = part.tally
    tally.direction_unknown += sum(each.connections for each in part.undirected)
    rows = Rows()
    resolved = [(each, resolver.resolve(each)) for each in part.connections]
    columns = None if part.columns is None else Attributed(part.columns, resolver)
    to_services = [] if columns is None else list(columns.clients(is_translated=True))
    direct: set[tuple[object, ...]] = set()
    if to_services or any(found.is_translated for _, found in resolved):
        direct.update(_client(each, found) for each, found in resolved if not found.is_translated)
        if columns is not None:
            direct.update(client for _, client in columns.clients(is_translated=False))
    for (seen, found), own in zip(resolved, _hashes(part.connections), strict=True):
        is_known = remembered.renew(own)
        count = 0 if is_known or (found.is_translated and _client(seen, found) in direct) else seen.count
        _add(rows, seen, found, count)
        tally.connections += count
        if not found.is_attributed:
            tally.unattributed += count
    if columns is not None:
        counts = np.array([0 if remembered.renew(own) else 1 for own in columns.hashes], np.int64)
        counts[[row for row, client in to_services if client in direct]] = 0
        tally.connections += int(counts.sum())
        tally.unattributed += columns.count(counts, rows)
    for seen in part.totals:
        found = resolver.resolve(seen)
        _add(rows, seen, found, seen.count)
        tally.connections += seen.count
        tally.unattributed += 0 if found.is_attributed else seen.count
    return rows.rows()


def _add(rows: Rows, seen: Sighting, found: Resolved, count: int) -> None:
    counted = Counted(
        seen.protocol,
        seen.verdict,
        seen.side,
        seen.first // HOUR,
        count,
        seen.first,
        seen.last,
        seen.packets,
        seen.octets,
    )
    rows.add(found, counted, seen.policies)


def _client(seen: Sighting, found: Resolved) -> tuple[object, ...]:
    """Return what a connection to a service and the same one to the pod behind it have in common."""
    return (seen.source.address, seen.source.port, seen.protocol, seen.side, found.destination, found.port)


def _hashes(sightings: list[Sighting]) -> list[int]:
    bases = [base_of(each.protocol, each.source.address, each.destination.address, each.side) for each in sightings]
    ports = np.array([(each.source.port, each.destination.port) for each in sightings], np.int64).reshape(-1, 2)
    verdicts = np.array([VERDICTS.index(each.verdict) for each in sightings], np.int64)
    return hashes_of(np.array(bases, np.uint64), ports[:, 0], ports[:, 1], verdicts)
