"""Connections that are really tried: between which pods, to which ports, and what was seen."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from firedoor.model.declaring import Named
from firedoor.model.places import ObjectRef


class Outcome(StrEnum):
    """
    What came of an attempt.

    A connection that is blocked is `TIMED_OUT` where packets are dropped, and `REFUSED`,
    `RESET` or `UNREACHABLE` where they are rejected; a closed port is `REFUSED` too, and
    so a blocked connection is believed only after a control. `CHECK_FAILED` says nothing
    about the network: the attempt itself could not be made.
    """

    CONNECTED = "connected"
    REFUSED = "refused"
    TIMED_OUT = "timed_out"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    UNRESOLVED = "unresolved"
    CHECK_FAILED = "check_failed"


class ProbeSite(Struct, frozen=True, gc=False):
    """
    One end of probes: a pod, or what stands in for it.

    `pod` is the name of a real pod, empty where there is only the template of `workload`.
    What stands in for it has its `labels`, `ports` (named ones), `account` and
    `host_network`, in the same namespace and (where `node` is not empty) on the same node.
    `listening` is ``(protocol, number)`` of what probes will be sent to.
    """

    workload: ObjectRef
    pod: str
    labels: dict[str, str]
    ports: Named
    listening: tuple[tuple[str, int], ...]
    account: str = ""
    node: str = ""
    host_network: bool = False

    @property
    def namespace(self) -> str:
        """The namespace."""
        return self.workload.namespace

    def __str__(self) -> str:
        """Return ``namespace/pod``, or ``namespace/workload`` where there is no pod."""
        return f"{self.namespace}/{self.pod or self.workload.name}"


class Stand(Struct, frozen=True, gc=False):
    """The pod that stands for a site: its name, its node and its addresses."""

    pod: str
    node: str
    addresses: tuple[str, ...]


class Probe(Struct, frozen=True, gc=False, order=True):
    """
    A connection to try, from one site to `port` of another, both by their position among the sites.

    With `is_through_service` it goes to the address of a service that leads to that port of
    that site alone. A probe from a site to itself is a control: it passes whatever the
    policies say, if the port is listened on and attempts can be made there at all.
    """

    source: int
    destination: int
    protocol: str
    port: int
    is_through_service: bool = False

    @property
    def is_control(self) -> bool:
        """Whether it is from a site to itself."""
        return self.source == self.destination


class Sighting(Struct, frozen=True, gc=False):
    """What was seen of one probe: `detail` is what the program said, `seconds` how long it took."""

    probe: Probe
    outcome: Outcome
    detail: str = ""
    seconds: float = 0.0
