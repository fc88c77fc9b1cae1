from typing import TypeAlias

Columns: TypeAlias = tuple[
    list[str],
    list[str],
    list[str],
    list[tuple[int, list[str]]],
    bytes,
    list[str],
    list[tuple[bytes, bytes, bytes]],
    list[tuple[int, bool, tuple[bytes, ...]]],
]
Others: TypeAlias = list[tuple[int, int, bytes]]

class PodList:
    """
    The elements of a JSON list in a file, its served pods as columns, read by a thread of its own.

    `descriptor` is of the open file, `offset` and `line` say where the first element is,
    `stop` where the last one ends, and None where it ends with the list; `namespace` is
    that of pods that name none; `api_version` and `kind` are those of elements that name
    none.
    """

    def __init__(
        self,
        descriptor: int,
        offset: int,
        line: int,
        stop: int | None,
        namespace: str,
        api_version: str,
        kind: str,
    ) -> None: ...
    def batch(self) -> tuple[Columns, Others] | None:
        """
        Return the next pods, as `PodBatch` has them, and the elements that are none.

        Those are ``(pods of the batch before them, line, text)``. None at the end. Raises
        ``ValueError`` for what is no list, or an unusual one.
        """
    @property
    def end(self) -> tuple[int, int, bytes | None] | None:
        """
        Where the last element ended, on which line, and the order of the pods by namespace and name.

        That is int32, and None where a pod has no name or is there twice. None before the end.
        """
    def close(self) -> None:
        """End the reading."""

Lines: TypeAlias = tuple[int, bytes, bytes, list[bytes], list[bytes]]
"""
How many lines there were, those of the usual shape as rows, those that are left, and what is new.

A row is, in the machine's order of bytes: time in nanoseconds since 1970 and where the line begins
(int64), its number from 0, its length, and the numbers of its source, its destination and its frame
(int32), and both ports (uint16). Of a line that is left: number, where it begins, length (int64).
New are ends and frames, which are numbered in the order in which they are told of: an end is a JSON
object with `address`, `endpoint`, and `names` and `service` where these are there; a frame is a flow
without time and ends, with ports 11 and 22.
"""

class FlowLines:
    """Hubble's lines as columns; what was told of texts in one call holds for the next ones."""

    def __init__(self) -> None: ...
    def read(self, descriptor: int, start: int, end: int) -> Lines:
        """Read whole lines of an open file. Raises ``OSError``."""
    def take(self, data: bytes, start: int) -> Lines:
        """Take whole lines that begin at `start` of some source."""
