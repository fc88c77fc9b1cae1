"""
A large list in a file, read by compiled code: its pods as columns, and all other elements as they are written.

The compiled part (``firedoor._native``, in Rust) need not be there: it is built where
there is a Rust compiler at installation, and everything is read without it, too.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from firedoor.adapters.manifests.json_stream import MOST_REST_BYTES, ListStream, UnusualError
from firedoor.model.pod_columns import PodBatch, PodCollector, UnlikeError

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from firedoor.model.pod_table import PodTable

SWITCH = "FIREDOOR_NATIVE"
"""The variable that turns the compiled part off, with ``0``."""


class PodsApart(NamedTuple):
    """
    A list whose pods are columns.

    `places` are how many of the pods stand before each element that is none of them, and
    `is_plain` says that the pods are sorted, with a name each, and none there twice.
    """

    found: ListStream
    pods: PodTable
    places: list[int]
    is_plain: bool


def is_there() -> bool:
    """Return whether there is a compiled part, and nobody turned it off."""
    if os.environ.get(SWITCH) == "0":
        return False
    try:
        import firedoor._native  # noqa: F401, PLC0415 - only large lists want it
    except ImportError:
        return False
    return True


def read_apart(
    stream: BufferedReader, source: str, namespace: str, others: Callable[[ListStream], Callable[[bytes, int], None]]
) -> PodsApart | None:
    """
    Return the list that a file holds; None for one that is laid out in an unusual way, or holds unusual pods.

    All elements but pods go to what `others` returns for the list, with their lines.
    Where `stream` stands afterwards is not said.
    """
    from firedoor._native import PodList  # noqa: PLC0415 - it may not be there

    try:
        found = ListStream(stream)
        take = others(found)
        pods, places = PodCollector(source), list[int]()
        kind = found.kind.removesuffix("List")
        with closing(PodList(stream.fileno(), found.start, found.line, namespace, found.api_version, kind)) as part:
            while (batch := part.batch()) is not None:
                columns, elements = batch
                before = len(pods)
                pods.take(PodBatch(*columns))
                for position, line, element in elements:
                    places.append(before + position)
                    take(element, line)
            end = part.end
        if end is None:
            return None
        offset, _, order = end
        stream.seek(offset)
        rest = stream.read(MOST_REST_BYTES + 1)
        if len(rest) > MOST_REST_BYTES:
            return None
        found.end(rest.decode())
    except (UnusualError, UnlikeError, ValueError, OSError):
        return None
    return PodsApart(found, pods.table(order), places, order is not None)


__all__ = ["SWITCH", "PodsApart", "is_there", "read_apart"]
