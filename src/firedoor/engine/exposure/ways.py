"""One way from outside to one target, before the rows of pods that do not differ become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from firedoor.engine.exposure.services import Target
    from firedoor.model.exposure import Arrival
    from firedoor.model.places import ObjectRef, Place
    from firedoor.model.services import Service, ServicePort
    from firedoor.model.verdicts import Verdict

HOST_PORT = "host port"
"""The door of a port that a pod opens on its node (``containers[].ports[].hostPort``)."""


@dataclass(frozen=True, slots=True)
class Way:
    """
    What opens a way, the port of one pod or address that it ends at, and who gets there.

    `ref` is the object that opens it, written at `place`; `door` says how. `front` is the port
    of the Service that it leads over; a host port has none. `hops` are the verdicts from
    outside to the controller and from there on; a way without a controller has none.
    """

    ref: ObjectRef
    door: str
    front: tuple[Service, ServicePort] | None
    target: Target
    arrival: Arrival
    place: Place
    hosts: tuple[str, ...] = ()
    tls_hosts: tuple[str, ...] = ()
    controller: str = ""
    hops: tuple[Verdict, Verdict] | None = None

    @property
    def service_name(self) -> str:
        """``namespace/name`` of the Service; empty where there is none."""
        if self.front is None:
            return ""
        metadata = self.front[0].metadata
        return f"{metadata.namespace}/{metadata.name}"

    @property
    def is_direct(self) -> bool:
        """Whether clients connect to it themselves; else a controller stands between."""
        return self.hops is None
