"""Several files of flows, each followed by its name."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from stat import S_ISREG
from typing import IO, TYPE_CHECKING

from firedoor.adapters.flows.files import mapped_format
from firedoor.adapters.flows.following.lines import LONGEST
from firedoor.adapters.flows.following.renamed import siblings
from firedoor.adapters.flows.following.segment import Segment, opened
from firedoor.adapters.flows.following.stream import FollowedStream
from firedoor.adapters.flows.formats import FORMATS, Format, format_named
from firedoor.adapters.flows.opening import failure
from firedoor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from firedoor.model.flow_following import FlowPlace, FollowedPart

_PATIENCE = 5.0
"""So long whoever wrote to a file may go on with it after it was renamed."""
_ABSENCE = 10.0
"""A file that was there may be gone for so long before that is told: it is being rotated."""
_MOST_RENAMED = 8


def line_format(name: str, mapping: str = "") -> Format | None:
    """
    Return the format of that name, or that a mapping of columns tells; None for neither.

    Raises ``UsageError`` where its files cannot be followed.
    """
    if mapping:
        return mapped_format(mapping)
    if not name:
        return None
    form = format_named(name)
    if isinstance(form, Format):
        return form
    known = ", ".join(each.name for each in FORMATS if isinstance(each, Format))
    problem = f"there is no format {name!r}" if form is None else f"{form.title} has no lines that could be followed"
    raise UsageError(problem, remedy=f"use one of {known}")


class FollowedFile:
    """A name, the file that has it, and those that had it before and may still be written to."""

    def __init__(
        self, path: str, form: Format | None, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Open nothing yet."""
        self.path = path
        self.problem = ""
        self._form = form
        self._say = say
        self._clock = clock
        self._segments: list[Segment] = []
        self._seen = -_ABSENCE

    def begin(self, places: Sequence[FlowPlace]) -> None:
        """Go on from the places that are of this name; where there are none, from the end of what is there."""
        mine = [each for each in places if each.path == self.path]
        if mine:
            self._resume(mine)
        else:
            with suppress(OSError):
                self._open().go_to_end()

    def look(self) -> Iterator[FollowedPart]:
        """Yield what is new, of no more than some bytes."""
        try:
            is_there = self._notice()
            left, now = LONGEST, self._clock()
            for each in self._segments:
                before = each.lines.offset
                if each.read(now):
                    self._say(f"{self.path} was cut, and is read from its beginning")
                left -= max(0, each.lines.offset - before)
                if part := each.lines.part():
                    yield part
                if left <= 0:
                    break
            for each in self._segments[:-1]:
                if now - each.since >= _PATIENCE:
                    self._segments.remove(each)
                    each.finish()
                    if part := each.lines.part():
                        yield part
            if is_there:
                self.problem = self._segments[-1].lines.problem
        except OSError as error:
            self.problem = failure(self.path, error).problem

    def places(self) -> list[FlowPlace]:
        """Return where it was read to."""
        return [each.place for each in self._segments]

    def close(self) -> None:
        """Close what is open."""
        for each in self._segments:
            each.close()
        self._segments = []

    def _notice(self) -> bool:
        """Look which file has the name now; return whether there is one that can be followed."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - a path as the person wrote it
        except FileNotFoundError:
            # While a file is rotated there is none for a moment.
            if self._clock() - self._seen >= _ABSENCE:
                self.problem = "no such file"
            return False
        self._seen = self._clock()
        if not S_ISREG(found.st_mode):
            self.problem = "it is no regular file: send what it yields to standard input, and follow -"
            return False
        current = self._segments[-1] if self._segments else None
        if current is None or (found.st_dev, found.st_ino) != (current.device, current.inode):
            form = current.lines.form if current is not None else None
            self._open(form)
            if current is not None:
                current.since = self._clock()
        return True

    def _open(self, form: Format | None = None) -> Segment:
        return self._add(opened(self.path, self._form or form, self._clock))

    def _add(self, segment: Segment) -> Segment:
        self._segments.append(segment)
        if len(self._segments) > _MOST_RENAMED:
            self._segments.pop(0).close()
            self._say(f"{self.path} is rotated faster than it can be read: some of it is left out")
        return segment

    def _resume(self, places: list[FlowPlace]) -> None:
        """Find the files that were read before, whatever they are called now, and what came after them."""
        others = siblings(os.path.realpath(self.path))
        by_file = {(each.device, each.inode): each for each in others}
        taken: list[tuple[int, int]] = []
        oldest: int | None = None
        for place in places:
            file = place.device, place.inode
            renamed = by_file.get(file)
            if renamed is not None and self._go_on(renamed.path, place):
                taken.append(file)
                oldest = renamed.changed if oldest is None else min(oldest, renamed.changed)
        for each in others:
            if oldest is not None and each.changed >= oldest and (each.device, each.inode) not in taken:
                with suppress(OSError):
                    self._add(self._of_path(each.path, places[0].format))
        current = [each for each in places if (each.device, each.inode) not in taken]
        went_on = any(self._go_on(self.path, each) for each in current)
        if current and not went_on:
            self._say(f"{self.path}: what came after byte {current[-1].offset} is not there any more")

    def _go_on(self, path: str, place: FlowPlace) -> bool:
        """Open a file and go on from a place in it; return whether it is that of the place."""
        try:
            segment = self._of_path(path, place.format)
        except OSError:
            return False
        is_it = (segment.device, segment.inode) == (place.device, place.inode) and segment.is_at(place)
        if is_it:
            segment.go_to(place.offset, place.lines)
            self._add(segment)
        else:
            segment.close()
        return is_it

    def _of_path(self, path: str, form: str) -> Segment:
        known = self._form or format_named(form)
        segment = opened(path, known if isinstance(known, Format) else None, self._clock)
        segment.path = segment.lines.name = self.path
        return segment


class FlowTail:
    """Files that are followed, or ``-`` for standard input; implements ``interfaces.FlowFollower``."""

    def __init__(
        self,
        paths: Sequence[str],
        form: Format | None,
        open_stdin: Callable[[], IO[bytes]],
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open nothing yet."""
        self._files = [FollowedFile(os.path.abspath(each), form, say, clock) for each in paths if each != "-"]  # noqa: PTH100 - links stay as they are
        streams = [FollowedStream(open_stdin().fileno(), form, say) for each in paths if each == "-"]
        self._all: tuple[FollowedFile | FollowedStream, ...] = (*self._files, *streams)

    @property
    def troubles(self) -> dict[str, str]:
        """The files that cannot be followed at this time, and why."""
        return {each.path: each.problem for each in self._all if each.problem}

    def begin(self, places: Sequence[FlowPlace], marks: Mapping[str, bytes]) -> None:  # noqa: ARG002 - files have none
        """Go on from some places; a file that has none is followed from its end, or from when it appears."""
        for each in self._files:
            each.begin(places)

    def look(self) -> Iterator[FollowedPart]:
        """Yield what is new, of no more than some bytes of each file."""
        for each in self._all:
            yield from each.look()

    def places(self) -> tuple[FlowPlace, ...]:
        """Return where the files were read to."""
        return tuple(place for each in self._files for place in each.places())

    def marks(self) -> dict[str, bytes]:
        """Return none."""
        return {}

    def close(self) -> None:
        """Close the files."""
        for each in self._files:
            each.close()
