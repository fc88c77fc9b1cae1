"""Bytes that arrive in pieces, into what their lines tell."""

from __future__ import annotations

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import BinaryFormat, Format, detect
from firedoor.adapters.flows.parts import PartReader
from firedoor.model.flow_following import FollowedPart

HEAD = 1 << 16
"""So many of the first bytes tell the format."""
LONGEST = 2 << 20
"""A line may be as long as what is read in one look."""


class Lines:
    """
    The lines of one file, in order.

    Give it what comes after `offset`; it says how much of that it has taken. `problem` is why nothing can be taken,
    empty where something can be.
    """

    def __init__(self, name: str, form: Format | None, offset: int = 0, lines: int = 0) -> None:
        """`form` is None where it is to be recognised."""
        self.name = name
        self.form = form
        self.offset = offset
        self.lines = lines
        self.problem = ""
        self._reader = PartReader(form) if form is not None else None
        self._is_skipping = False

    def warm(self, first: bytes, last: bytes) -> None:
        """Let the parser see lines of before, such as a header, without taking in what they tell."""
        if self._reader is not None:
            self._reader.take(Chunk(0, len(first), first), 1)
            self._reader.take(Chunk(0, len(last), last), 2)
            self._reader.part()

    def recognise(self, head: bytes) -> bool:
        """Return whether the format is known; `head` are the first bytes of the file, as far as they are there."""
        if self._reader is not None:
            return True
        if b"\n" not in head:
            # A file that only begins to be written is in no format yet.
            self.problem = "it has no whole line that tells its format" if len(head) >= HEAD else ""
            return False
        found = detect(head)
        if not isinstance(found, Format):
            self.problem = _unusable(found, head)
            return False
        self.problem = ""
        self.form, self._reader = found, PartReader(found)
        return True

    def take(self, data: bytes, most: int = LONGEST) -> int:
        """Take whole lines of what stands at the offset, and return how many bytes they are."""
        assert self._reader is not None  # noqa: S101 - recognised before
        if self._is_skipping:
            return self._skip(data)
        end = data.rfind(b"\n") + 1
        if end:
            self.lines += self._reader.take(Chunk(self.offset, self.offset + end, data[:end]), self.lines + 1)
        elif len(data) >= most:
            self._reader.reject(self.lines + 1, self.offset, f"the line is longer than {most >> 20} MiB", data)
            self._is_skipping, end = True, len(data)
        self.offset += end
        return end

    def finish(self, rest: bytes) -> None:
        """Take a last line without an end, after which nothing comes."""
        assert self._reader is not None  # noqa: S101 - recognised before
        if rest and not self._is_skipping:
            reason = self._reader.try_last(rest, self.lines + 1)
            if reason:
                self._reader.reject(self.lines + 1, self.offset, reason, rest)
        self.offset += len(rest)

    def part(self) -> FollowedPart | None:
        """Return what was told since the last time; None where nothing was taken."""
        if self._reader is None or self.form is None:
            return None
        part = self._reader.part()
        is_empty = not (part.tally.lines or part.malformed or part.tally.records)
        return None if is_empty else FollowedPart(self.name, self.form.name, part)

    def _skip(self, data: bytes) -> int:
        """Leave out the rest of a line that is too long."""
        end = data.find(b"\n") + 1
        if end:
            self._is_skipping = False
            self.lines += 1
        self.offset += end or len(data)
        return end or len(data)


def _unusable(found: BinaryFormat | None, head: bytes) -> str:
    if found is not None:
        return f"{found.title} has no lines that could be followed: read it with flows import"
    if head[:2] == b"\x1f\x8b" or head[:4] == b"\x28\xb5\x2f\xfd":
        return "it is compressed: follow the file that is being written"
    return "the format of the flows is not recognised: say it with --flows-format"
