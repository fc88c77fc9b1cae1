"""What a stream has said since the last look, without waiting for what it will say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from firedoor.adapters.flows.relay.stream import Stream

_MOST = 25_000
"""So many messages are taken in one look."""
_LONGEST = 6.0
"""Nor does a look go on for more seconds."""
_FIRST, _QUIET, _STEP = 5.0, 0.5, 0.02
"""Seconds in which somebody begins to answer, after which all that was held was told, and between looks at that."""


class Looking:
    """The looks at one stream."""

    def __init__(self, stream: Stream, request: Callable[[], Any], *, is_awaited: bool) -> None:
        """Ask nothing yet; `is_awaited` says that something may be told that happened before."""
        self._stream = stream
        self._responses = stream.responses(request)
        self._is_first = is_awaited

    def heard(self) -> Iterator[bytes]:
        """Yield the messages that are there; at first also those that are awaited: it may be the last look, too."""
        now = time.monotonic()
        end, quiet, left = now + _LONGEST, now + (_FIRST if self._is_first else 0), _MOST
        for data in self._responses:
            now = time.monotonic()
            if data is not None:
                yield data
                left -= 1
                quiet = now + _QUIET if self._is_first else now
            elif now >= quiet or self._stream.problem is not None:
                break
            else:
                time.sleep(_STEP)
            if now >= end or not left:
                break
        self._is_first = False

    def close(self) -> None:
        """Ask for no more."""
        self._responses.close()
