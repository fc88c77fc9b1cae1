"""What was sent, read as the lines of files are, until somebody looks at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import groupby
from threading import Lock
from typing import NamedTuple

from firedoor.adapters.flows.chunks import Chunk
from firedoor.adapters.flows.formats import Format, detect
from firedoor.adapters.flows.otlp.bodies import Group, lines_of
from firedoor.adapters.flows.parts import PartReader
from firedoor.model.flow_following import FollowedPart

HEAD = 1 << 16
MOST_WAITING = 64 << 20
"""So many bytes may wait to be looked at before no more are taken."""
_NO_TEXT = "the body of a log record is neither text nor a map"
_UNKNOWN = "the format of the flows is not recognised: send lines as their sources write them, or say --flows-format"


class Verdict(NamedTuple):
    """How many log records of a request were rejected, and why the first of them was."""

    rejected: int
    why: str


class Intake:
    """
    Takes requests, in whatever thread, and gives what they tell.

    Each body is of the format that is recognised in it, or that all are said to be of. One in which none is
    recognised is of the format of those beside it, or of the only one there ever was.
    """

    def __init__(self, name: str, form: Format | None) -> None:
        """`form` is None where it is to be recognised."""
        self._name = name
        self._form = form
        self._lock = Lock()
        self._readers: dict[str, PartReader] = {}
        self._forms: dict[str, Format] = {}
        self._last: Format | None = form
        self._lines = self._offset = self._waiting = 0

    @property
    def is_full(self) -> bool:
        """Whether no more can be taken until somebody looks."""
        return self._waiting >= MOST_WAITING

    def take(self, groups: list[Group]) -> Verdict:
        """Take the bodies of a request."""
        rejected, first = 0, ""
        with self._lock:
            for group in groups:
                for form, run in groupby(self._formed(group), key=lambda each: each[0]):
                    faults = self._take(form, [data for _, data in run])
                    rejected += len(faults)
                    first = first or next(iter(faults.values()), "")
        return Verdict(rejected, first)

    def look(self) -> Iterator[FollowedPart]:
        """Yield what was told since the last look."""
        with self._lock:
            parts = [FollowedPart(self._name, name, each.part()) for name, each in self._readers.items()]
            self._waiting = 0
        yield from (each for each in parts if each.part.tally.lines or each.part.malformed)

    def _formed(self, group: Group) -> Iterator[tuple[Format | None, bytes | None]]:
        """Yield each body as text, with the format of it; None where there is none."""
        texts = [lines_of(body) for body in group]
        forms = [self._recognised(each) for each in texts]
        beside = next(filter(None, forms), self._only())
        for text, form in zip(texts, forms, strict=True):
            yield (form or beside) if text is not None else None, text

    def _take(self, form: Format | None, texts: list[bytes | None]) -> dict[int, str]:
        """Take bodies of one format; return which of them are rejected, and why."""
        reader = self._reader(form)
        before = len(reader.malformed)
        begins, start = [], self._offset
        for each in texts:
            begins.append(self._offset)
            self._offset += len(each or b"")
            if form is None:
                self._lines += 1
                reader.reject(self._lines, begins[-1], _NO_TEXT if each is None else _UNKNOWN, each or b"")
        self._waiting += self._offset - start
        if form is not None:
            chunk = Chunk(start, self._offset, b"".join(filter(None, texts)))
            self._lines += reader.take(chunk, self._lines + 1)
            return {bisect_right(begins, each.offset): each.reason for each in reader.malformed[before:]}
        return {number: each.reason for number, each in enumerate(reader.malformed[before:])}

    def _recognised(self, data: bytes | None) -> Format | None:
        if self._form is not None or data is None:
            return self._form
        head = data[:HEAD]
        if self._last is not None and self._last.sniff(head):
            # Most are of the format of the one before, and asking all formats takes its time.
            return self._last
        found = detect(head)
        if not isinstance(found, Format):
            return None
        self._last = self._forms[found.name] = found
        return found

    def _only(self) -> Format | None:
        return next(iter(self._forms.values())) if len(self._forms) == 1 else None

    def _reader(self, form: Format | None) -> PartReader:
        name = form.name if form is not None else ""
        if name not in self._readers:
            self._readers[name] = PartReader(form)
        return self._readers[name]
