"""Ends of edges, times and what was seen, in words."""

from __future__ import annotations

from datetime import UTC, datetime

from firedoor.model.flow_reading import FlowCoverage, FlowTally
from firedoor.model.flows import FlowPeer, PeerKind
from firedoor.render.words import count_text, visible

_SECOND = 1_000_000_000


def peer_text(peer: FlowPeer) -> str:
    """Return an end as ``namespace/name``, or as what it is and its address."""
    name = f" ({peer.name})" if peer.name else ""
    match peer.kind:
        case PeerKind.WORKLOAD:
            kind = "" if peer.owner else " (pod, owner unknown)"
            return visible(f"{peer.namespace}/{peer.name}{kind}")
        case PeerKind.NODE:
            return visible(f"node {peer.name or peer.address}")
        case PeerKind.EXTERNAL:
            return visible(f"{peer.address}{name}")
        case PeerKind.UNATTRIBUTED:
            return visible(f"? {peer.address}{name}")


def port_text(protocol: str, port: int) -> str:
    """Return ``443/TCP``, or the protocol alone where it has no ports."""
    return f"{port}/{visible(protocol)}" if port else visible(protocol) or "unknown"


def time_text(moment: int) -> str:
    """Return a time to the second, as RFC 3339 writes it; empty for none."""
    return f"{datetime.fromtimestamp(moment // _SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def exact_time(moment: int) -> str:
    """Return a time to the nanosecond, as RFC 3339 writes it; empty for none."""
    return f"{time_text(moment)[:-1]}.{moment % _SECOND:09d}Z" if moment else ""


def coverage_text(coverage: FlowCoverage) -> str:
    """Return in one line how much of what happened is known, and what of it is not understood."""
    tally, share = coverage.tally, coverage.share
    seen = "nothing was told" if share is None else f"{_percent(share)} of the flows were told"
    parts = [
        f"coverage: {seen} ({tally.records:,} told, {tally.lost:,} lost) by {count_text(coverage.sources, 'source')}"
    ]
    parts += unsure_texts(tally)
    return "; ".join(parts)


def many_text(number: int, noun: str) -> str:
    """Return a number, which may be large, with its noun."""
    return f"{number:,} {noun if number == 1 else noun + 's'}"


def unsure_texts(tally: FlowTally) -> list[str]:
    """Return what was told and is in no edge, or in one whose end is not known."""
    found = []
    if tally.direction_unknown:
        found.append(f"{tally.direction_unknown:,} of unknown direction, in no edge")
    if tally.unattributed:
        found.append(f"{many_text(tally.unattributed, 'connection')} unattributed at an end")
    if tally.malformed:
        found.append(many_text(tally.malformed, "malformed line"))
    return found


def _percent(share: float) -> str:
    if share == 1:
        return "100 %"
    # What is not all is not shown as all.
    return f"{min(share * 100, 99.99):.2f} %"
