"""Standard input, read as far as there is something."""

from __future__ import annotations

import os
from select import select
from typing import TYPE_CHECKING

from firedoor.adapters.flows.following.lines import HEAD, LONGEST, Lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firedoor.adapters.flows.formats import Format
    from firedoor.model.flow_following import FollowedPart

_NAME = "<stdin>"


class FollowedStream:
    """What somebody writes, until they end it; nothing of it can be remembered."""

    def __init__(self, descriptor: int, form: Format | None, say: Callable[[str], None]) -> None:
        """Wait for nothing."""
        self.path = _NAME
        self._descriptor = descriptor
        self._say = say
        self._held = bytearray()
        self._is_over = False
        self._lines = Lines(_NAME, form)

    @property
    def problem(self) -> str:
        """Why nothing can be taken."""
        return self._lines.problem

    def look(self) -> Iterator[FollowedPart]:
        """Yield what has come, of no more than some bytes."""
        if self._is_over:
            return
        is_over = self._gather()
        if self._held and self._lines.recognise(bytes(self._held[:HEAD])):
            del self._held[: self._lines.take(bytes(self._held))]
            if is_over:
                self._lines.finish(bytes(self._held))
        if part := self._lines.part():
            yield part
        if is_over:
            self._is_over = True
            self._held.clear()
            self._say(f"{_NAME} has ended: no more flows come from there")

    def _gather(self) -> bool:
        """Take what has come; return whether that was all there will be."""
        while len(self._held) < LONGEST and select([self._descriptor], [], [], 0)[0]:
            data = os.read(self._descriptor, min(HEAD, LONGEST - len(self._held)))
            if not data:
                return True
            self._held += data
        return False
