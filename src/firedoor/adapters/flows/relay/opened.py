"""Somebody who tells flows over gRPC, and has answered, as a source of an import."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from firedoor.adapters.flows.relay.asking import Wanted
from firedoor.adapters.flows.relay.stream import Stream
from firedoor.errors import SourceError
from firedoor.model.flow_reading import SourceEntry

Cursor = TypeVar("Cursor")


class Opened:
    """To be read once."""

    def __init__(self, name: str, form: str, cluster: str, stream: Stream, wanted: Wanted) -> None:
        """Keep whom to read."""
        self.name = name
        self.format = form
        self.head = f"{form} of {cluster}".encode()
        self.is_cut = False
        self.note = ""
        self._cluster = cluster
        self._stream = stream
        self._wanted = wanted

    def is_same(self, entry: SourceEntry) -> bool:
        """Return whether it is of the same cluster."""
        return entry.format == self.format and entry.cluster == self._cluster

    def _gone_on(self, make: Callable[[bytes], Cursor], mark: bytes) -> Cursor:
        """Return a cursor that goes on from a mark; raises ``SourceError`` where it is none."""
        try:
            return make(mark)
        except msgspec.DecodeError as error:
            raise SourceError(
                f"where the last import ended cannot be read: {error}",
                place=self.name,
                remedy="import into another store, with --store",
            ) from error

    def _lost(self, problem: SourceError, taken: int) -> SourceError:
        """Return that the connection was lost after so many messages."""
        return SourceError(
            f"the connection was lost, and {taken:,} messages are kept: {problem.problem}",
            place=self.name,
            remedy="import again: it goes on where it ended",
        )
