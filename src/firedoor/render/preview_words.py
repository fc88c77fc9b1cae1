"""What becomes of connections, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firedoor.engine.synth.drafts import evidence_text
from firedoor.model.generation import Evidence
from firedoor.model.preview import Fate
from firedoor.render.words import count_text

if TYPE_CHECKING:
    from firedoor.model.preview import Preview, Replayed

TITLES = {
    Fate.BREAKS: "Would break",
    Fate.OPENS: "Would be opened",
    Fate.UNKNOWN: "Cannot be decided",
}


def summary_text(found: Preview) -> str:
    """Return how many connections break, open and stay."""
    counts = {fate: sum(each.fate is fate for each in found.changes) for fate in TITLES}
    told = ", ".join(f"{count} {fate}" for fate, count in counts.items())
    return f"{count_text(len(found.changes) + found.staying, 'connection')} replayed: {told}, {found.staying} as before"


def replayed_text(found: Replayed) -> str:
    """Return a connection, when it was seen, and both verdicts."""
    seen = evidence_text(Evidence("", "", found.count, found.first, found.last))
    ends = f"{found.source} -> {found.destination} {found.protocol}/{found.port}"
    return f"{ends}: {seen}; now {found.now}, then {found.then}"
