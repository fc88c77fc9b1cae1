"""Flows that are followed while they are told: where that stands, and what is remembered of them."""

from __future__ import annotations

from msgspec import Struct, field

from firedoor.model.flow_reading import FlowPart


class FlowPlace(Struct, frozen=True, gc=False):
    """
    How far a file was read.

    `path` is the name that is followed, `device` and `inode` the file that had it. `head` is what stands for its first
    `head_length` bytes, so that another file in the same place is not taken for it.
    """

    path: str
    device: int
    inode: int
    offset: int
    lines: int
    head: str
    head_length: int
    format: str


class FollowedPart(Struct, frozen=True, gc=False):
    """What a look at a file, or at another who tells flows, brought: its name, its format, and what is new."""

    name: str
    format: str
    part: FlowPart


class FollowedFlows(Struct, frozen=True, gc=False):
    """
    What is remembered of the flows of a cluster between two watches.

    `places` are where the files were read to, `marks` how far others were followed. `connections` are those that were
    told last and `known` the edges that are not new, both as hashes. `learned` is for how many seconds edges were
    learned.
    """

    places: tuple[FlowPlace, ...] = ()
    connections: tuple[int, ...] = ()
    known: tuple[int, ...] = ()
    learned: float = 0.0
    marks: dict[str, bytes] = field(default_factory=dict)
