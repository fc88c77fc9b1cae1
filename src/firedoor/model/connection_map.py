"""A cluster as a map that can be looked at from afar or near: namespaces or their workloads, and what connects them."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.algebra.ports import Traffic
from firedoor.model.connections import PeerConnection
from firedoor.model.places import Gap
from firedoor.model.verdicts import Verdict

OUTSIDE = "outside"
"""The id of everything that is no pod."""


class PlaceKind(StrEnum):
    """What a place of the map stands for."""

    NAMESPACE = "namespace"
    WORKLOAD = "workload"
    OUTSIDE = "outside"


class LinkState(StrEnum):
    """What is to be said of a link first: what policies say, and where flows are known, what was seen."""

    ALLOWED = "allowed"
    """Something is accepted; no flows are known that could tell whether it is used."""
    USED = "used"
    UNUSED = "unused"
    """Something is accepted, and nothing was seen."""
    TRIED = "tried"
    """Connections were seen to be denied, and none to be let through."""
    AGAINST = "against"
    """Connections were seen to be let through that the policies deny."""
    UNKNOWN = "unknown"
    """Whether anything is accepted is not known, and nothing was seen."""


class MapPlace(Struct, frozen=True, gc=False):
    """
    A namespace, a workload or the outside.

    `id` is ``namespace``, ``namespace/Kind/name`` or ``outside``. `open_ingress` and `open_egress` are how many of
    its `pods` no policy restricts in that direction; `workloads` is how many a namespace holds.
    """

    id: str
    kind: PlaceKind
    namespace: str = ""
    name: str = ""
    workload_kind: str = ""
    pods: int = 0
    workloads: int = 0
    open_ingress: int = 0
    open_egress: int = 0


class MapLink(Struct, frozen=True, gc=False):
    """
    What may pass, and what was seen to pass, from one place to another (by id).

    `all`, `some` and `unknown` are how many ordered pairs of pods may connect on every port, on some, or perhaps; with
    the outside they are pods. `used`, `against` and `tried` count connections that were seen: let through, let
    through although the policies deny them, and denied.
    """

    source: str
    destination: str
    all: int = 0
    some: int = 0
    unknown: int = 0
    used: int = 0
    against: int = 0
    tried: int = 0

    def state(self, *, is_seen: bool) -> LinkState:
        """Return what is to be said of it first; `is_seen` says whether flows are known."""
        if self.against:
            return LinkState.AGAINST
        if self.used:
            return LinkState.USED
        if self.tried:
            return LinkState.TRIED
        if self.all + self.some:
            return LinkState.UNUSED if is_seen else LinkState.ALLOWED
        return LinkState.UNKNOWN


class ConnectionMap(Struct, frozen=True, gc=False):
    """
    Places and links, sorted by their ids.

    `is_seen` says whether flows are known; `unplaced` is how many kinds of connections were seen whose ends are not
    known here.
    """

    places: tuple[MapPlace, ...]
    links: tuple[MapLink, ...]
    is_seen: bool
    unplaced: int = 0
    gaps: tuple[Gap, ...] = ()
    cni: str = "spec"


class SeenConnection(Struct, frozen=True, gc=False):
    """
    Connections that were seen between two workloads, or one and the outside, by their ids.

    `was_allowed` is what became of them, `verdict` what the policies say now, `peer` the other end in words where it
    is outside.
    """

    source: str
    destination: str
    protocol: str
    port: int
    was_allowed: bool
    verdict: Verdict
    count: int
    last: int
    peer: str = ""


class MapPair(Struct, frozen=True, gc=False):
    """
    Two workloads, or one and the outside, of a link of the map.

    `ports` are those that containers of the destination declare; `connection` is None where nothing is accepted.
    """

    source: str
    destination: str
    connection: PeerConnection | None = None
    seen: tuple[SeenConnection, ...] = ()
    ports: Traffic = ()


class MapPairs(Struct, frozen=True, gc=False):
    """The pairs of a link, those that were seen first; `is_cut_short` says that there are more."""

    pairs: tuple[MapPair, ...]
    is_cut_short: bool = False
