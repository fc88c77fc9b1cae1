"""What a Hubble Relay and others are asked for, and how; nothing here needs gRPC."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """
    Somebody who tells flows over gRPC, in words for people.

    `port` is where it listens by default, `host` a name that its certificate has. `forward` says how to get to it,
    `service` is the gRPC service that it has.
    """

    name: str
    port: int
    host: str
    service: str
    forward: str


HUBBLE_RELAY = Service(
    "Hubble Relay",
    4245,
    "instance.hubble-relay.cilium.io",
    "Observer",
    "check the address; from outside of the cluster run `cilium hubble port-forward` beside it",
)


@dataclass(frozen=True, slots=True)
class Security:
    """How a connection is secured: with TLS or not, whom to trust, which name to expect, and how to identify."""

    is_on: bool = False
    authorities: tuple[str, ...] = ()
    server_name: str = ""
    certificate: str = ""
    key: str = ""
    is_unverified: bool = False

    @property
    def is_asked_for(self) -> bool:
        """Whether TLS is asked for: by itself, or by something that makes sense with TLS only."""
        return self != Security()


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    Which flows are asked for, in nanoseconds since 1970: all that the nodes hold, where nothing is said.

    `last` is how many of each node, 0 for all. `follow` goes on with what happens next, for so many `seconds`.
    """

    since: int = 0
    until: int | None = None
    last: int = 0
    follow: bool = False
    seconds: float | None = None
