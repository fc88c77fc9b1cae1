"""Bytes of a source into what they tell, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

from firedoor import native
from firedoor.adapters.flows.chunks import LONGEST_LINE, Chunk
from firedoor.adapters.flows.formats import Format, Ignored, LineParser, MalformedLine, Told
from firedoor.adapters.flows.hubble import read_line
from firedoor.adapters.flows.hubble_lines import HubbleLines
from firedoor.engine.flows.sightings import Sightings
from firedoor.model.flow_reading import FlowPart, MalformedFlow
from firedoor.model.flows import FlowRecord, LostFlows

HUBBLE = "hubble"
_MOST_TEXT = 1 << 16


class _NoLines:
    def parse(self, line: bytes, number: int) -> Iterable[Told]:  # noqa: ARG002 - the interface of parsers
        return ()

    def finish(self) -> Iterable[Told]:
        return ()


class PartReader:
    """Reads the lines of a source in order, and gives what they tell in parts."""

    def __init__(self, form: Format | None) -> None:
        """Take a parser of its own; a format without lines has none."""
        self._parser: LineParser = form.parser() if form is not None else _NoLines()
        self._is_hubble = form is not None and form.name == HUBBLE
        self._together = (
            HubbleLines(form.parser()) if form is not None and self._is_hubble and native.is_there() else None
        )
        self._begin()

    def _begin(self) -> None:
        self._sightings = Sightings()
        self._malformed: list[MalformedFlow] = []

    def take(self, chunk: Chunk, line: int) -> int:
        """Take whole lines, the first of which is number `line`; return how many."""
        if chunk.is_too_long:
            self.reject(line, chunk.start, f"the line is longer than {LONGEST_LINE >> 20} MiB", chunk.read())
            self._sightings.tally.lines += 1
            return 1
        first, offset = line, chunk.start
        if self._together is None:
            for block in chunk.blocks():
                for text in BytesIO(block):
                    self._take(text, line, offset)
                    offset += len(text)
                    line += 1
        else:
            count, left = self._together.take(chunk)
            for each, text in left:
                self._take(text, line + each.number, each.start)
            line += count
        self._sightings.tally.lines += line - first
        return line - first

    def _take(self, text: bytes, number: int, offset: int) -> None:
        try:
            self._parse(text, number)
        except MalformedLine as error:
            self.reject(number, offset, error.reason, text.rstrip(b"\r\n"))

    def try_last(self, text: bytes, line: int) -> str:
        """Take a last line without an end; return why it is malformed, empty where it is not."""
        try:
            self._parse(text, line)
        except MalformedLine as error:
            return error.reason
        self._sightings.tally.lines += 1
        return ""

    def reject(self, line: int, offset: int, reason: str, text: bytes) -> None:
        """Count a malformed line."""
        self._sightings.tally.malformed += 1
        shown = text[:_MOST_TEXT].decode("utf-8", "backslashreplace")
        self._malformed.append(MalformedFlow(line, offset, reason, shown))

    def end(self) -> tuple[str, bool]:
        """Take what the end tells; return why it is malformed (empty where it is not), and whether it told anything."""
        before = self._sightings.tally.records
        try:
            for told in self._parser.finish():
                self._told(told)
        except MalformedLine as error:
            return error.reason, False
        return "", self._sightings.tally.records > before

    @property
    def malformed(self) -> Sequence[MalformedFlow]:
        """The lines that were malformed since the last part."""
        return self._malformed

    def told(self, told: Told) -> None:
        """Take what a format without lines tells."""
        self._told(told)

    def part(self) -> FlowPart:
        """Return what was told since the last part."""
        if self._together is not None:
            self._together.finish(self._sightings)
        part = self._sightings.part()
        part.malformed = self._malformed
        self._begin()
        return part

    def _parse(self, line: bytes, number: int) -> None:
        parser = self._parser
        for told in read_line(line, number, parser) if self._is_hubble else parser.parse(line, number):
            self._told(told)

    def _told(self, told: Told) -> None:
        if type(told) is FlowRecord:
            self._sightings.add(told)
        elif type(told) is LostFlows:
            self._sightings.lose(told)
        elif type(told) is Ignored:
            ignored = self._sightings.tally.ignored
            ignored[told.reason] = ignored.get(told.reason, 0) + 1
