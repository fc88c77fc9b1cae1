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
