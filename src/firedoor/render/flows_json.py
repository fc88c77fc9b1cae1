"""Edges that were observed, as JSON contracts: ``firedoor/flows/v1`` and ``firedoor/flows-status/v1``."""

from __future__ import annotations

from firedoor.model.flow_reading import FlowCoverage, FlowEdges, FlowHoldings, FlowTally, SourceEntry, StoredHours
from firedoor.model.flows import FlowEdge, FlowPeer
from firedoor.render.flows_words import exact_time

FLOWS_SCHEMA = "firedoor/flows/v1"
STATUS_SCHEMA = "firedoor/flows-status/v1"


def flows_document(found: FlowEdges) -> dict[str, object]:
    """Return the document: the edges, how many there are, and what they are based on."""
    return {
        "schema": FLOWS_SCHEMA,
        "coverage": coverage_document(found.coverage),
        "total": found.total,
        "edges": [_edge(each) for each in found.edges],
    }


def status_document(found: FlowHoldings) -> dict[str, object]:
    """Return the document: the sources, and what is held of each cluster."""
    return {
        "schema": STATUS_SCHEMA,
        "coverage": coverage_document(found.coverage),
        "sources": [source_document(each) for each in found.sources],
        "clusters": [_hours(each) for each in found.hours],
    }


def coverage_document(coverage: FlowCoverage) -> dict[str, object]:
    """Return how much of what happened is known; `share` is null where nothing was told."""
    return {"share": coverage.share, "sources": coverage.sources, **tally_document(coverage.tally)}


def tally_document(tally: FlowTally) -> dict[str, object]:
    """Return the counts."""
    return {
        "lines": tally.lines,
        "flows": tally.records,
        "lost": tally.lost,
        "malformed": tally.malformed,
        "ignored": dict(sorted(tally.ignored.items())),
        "direction_unknown": tally.direction_unknown,
        "connections": tally.connections,
        "unattributed": tally.unattributed,
        "first": exact_time(tally.first),
        "last": exact_time(tally.last),
    }


def source_document(entry: SourceEntry) -> dict[str, object]:
    """Return a source as the ledger has it."""
    return {
        "id": entry.id,
        "name": entry.name,
        "format": entry.format,
        "cluster": entry.cluster,
        "position": entry.position,
        **tally_document(entry.tally),
    }


def _edge(edge: FlowEdge) -> dict[str, object]:
    return {
        "source": _peer(edge.source),
        "destination": _peer(edge.destination),
        "protocol": edge.protocol,
        "port": edge.port,
        "verdict": str(edge.verdict),
        "count": edge.count,
        "first": exact_time(edge.first),
        "last": exact_time(edge.last),
    }


def _peer(peer: FlowPeer) -> dict[str, object]:
    return {
        "kind": str(peer.kind),
        "namespace": peer.namespace,
        "owner": peer.owner,
        "name": peer.name,
        "address": peer.address,
    }


def _hours(each: StoredHours) -> dict[str, object]:
    return {
        "cluster": each.cluster,
        "first": exact_time(each.first),
        "last": exact_time(each.last),
        "hours": each.hours,
        "files": each.files,
        "bytes": each.octets,
        "rows": each.rows,
    }
