"""Files of flow edges: JSON Lines, one edge each, as a flow store gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from firedoor.errors import SourceError
from firedoor.model.flows import FlowEdge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_LINE_BYTES = 64 * 1024
"""How long a line may be."""

_REMEDY = "give one JSON object a line, with source, destination, protocol, port, verdict, count, first and last"


def read_edges(lines: Iterable[bytes], source: str) -> Iterator[FlowEdge]:
    """Yield the edges of a file; raises ``SourceError`` at the first line that is none. Empty lines are passed over."""
    decoder = msgspec.json.Decoder(FlowEdge)
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text:
            continue
        place = f"{source}:{number}"
        if len(text) > MOST_LINE_BYTES:
            raise SourceError(f"more than {MOST_LINE_BYTES:,} bytes are no edge", place=place, remedy=_REMEDY)
        try:
            edge = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SourceError(f"this is no flow edge: {error}", place=place, remedy=_REMEDY) from error
        if edge.count < 1 or edge.first > edge.last:
            problem = "count is less than 1" if edge.count < 1 else "first is later than last"
            raise SourceError(problem, place=place, remedy="correct the line, or leave it out")
        yield edge
