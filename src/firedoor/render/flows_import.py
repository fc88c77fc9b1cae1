"""What an import of flows came to, for people and as a JSON contract: ``firedoor/flows-import/v1``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from firedoor.model.flow_reading import FlowCoverage, Imported
from firedoor.render.flows_json import coverage_document, source_document
from firedoor.render.flows_words import coverage_text, many_text
from firedoor.render.words import visible

IMPORT_SCHEMA = "firedoor/flows-import/v1"
_MOST_TEXT = 100
_LIVE = {"hubble-relay", "goldmane"}


def import_text(found: Imported, folder: str) -> str:
    """Return some lines on one source."""
    return "".join(f"{visible(line)}\n" for line in _lines(found, folder))


def _lines(found: Imported, folder: str) -> Iterator[str]:
    entry, tally = found.entry, found.tally
    noun = "message" if entry.format in _LIVE else "line"
    new = f"{many_text(tally.lines, noun)}, {many_text(tally.records, 'flow')}"
    before = f"; {found.skipped:,} bytes were imported before" if found.skipped else ""
    yield f"{entry.name} ({entry.format}): {new}{before}"
    if tally.connections:
        yield f"  {many_text(tally.connections, 'connection')}, at each end that reported it"
    if found.note:
        yield f"  warning: {found.note}"
    if found.is_cut:
        yield "  the last line is cut short: it is left for the next import"
    for reason, count in sorted(tally.ignored.items()):
        yield f"  ignored: {count:,} {reason}"
    if tally.lines or tally.records or tally.lost:
        yield f"  {coverage_text(FlowCoverage(1, tally))}"
    for each in found.malformed:
        text = each.text[:_MOST_TEXT] + ("..." if len(each.text) > _MOST_TEXT else "")
        yield f"  malformed: line {each.line}, byte {each.offset:,}: {each.reason}: {text}"
    if tally.malformed:
        more = tally.malformed - len(found.malformed)
        rest = f"; {more:,} more are not shown" if more else ""
        yield f"  rejects: {', '.join(f'{folder}/{path}' for path in entry.rejects)}{rest}"


def import_document(found: Sequence[Imported], folder: str) -> dict[str, object]:
    """Return the document: what was new of each source."""
    return {"schema": IMPORT_SCHEMA, "store": folder, "sources": [_source(each, folder) for each in found]}


def _source(found: Imported, folder: str) -> dict[str, object]:
    return {
        "new": coverage_document(FlowCoverage(1, found.tally)),
        "skipped": found.skipped,
        "cut": found.is_cut,
        "note": found.note,
        "malformed": [
            {"line": each.line, "offset": each.offset, "reason": each.reason, "text": each.text[:_MOST_TEXT]}
            for each in found.malformed
        ],
        "rejects": [f"{folder}/{path}" for path in found.entry.rejects],
        "source": source_document(found.entry),
    }
