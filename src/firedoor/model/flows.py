"""Flows: what the data plane of a cluster reported, as records of one source and as edges between workloads."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class FlowVerdict(StrEnum):
    """What became of a connection, as the source tells it."""

    ALLOWED = "allowed"
    DENIED = "denied"
    """Dropped by policy; drops for other reasons are `OTHER`."""
    AUDITED = "audited"
    """Let through, and told to be one that the policy would drop."""
    OTHER = "other"
    """Neither: an attempt without an answer, a drop that no policy made, or a source that does not say."""


class FlowEnd(Struct, frozen=True, gc=False):
    """
    One end of a flow, with what the source knows of it; empty where it knows nothing.

    `workload` is ``Kind/name``, `labels` are ``key=value`` without prefixes of the source, `names`
    are the DNS names of the address, `role` one of ``pod``, ``node``, ``external``, ``service`` or empty.
    """

    address: str = ""
    port: int = 0
    namespace: str = ""
    pod: str = ""
    workload: str = ""
    labels: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    role: str = ""


class FlowRecord(Struct, frozen=True, gc=False):
    """
    One record of a source: a connection, or several that it counts together.

    Times are nanoseconds since 1970 in UTC. `source` is the end that opened the connection, where
    `is_reply` is not set; `translated` is the destination after a Service's address was replaced.
    `direction` is ``ingress``, ``egress`` or empty: the end that reports. `sampling` says that each
    record stands for so many.
    """

    start: int
    end: int
    source: FlowEnd
    destination: FlowEnd
    protocol: str
    verdict: FlowVerdict
    direction: str = ""
    is_reply: bool | None = None
    translated: FlowEnd | None = None
    node: str = ""
    connections: int = 1
    packets: int = 0
    octets: int = 0
    sampling: int = 1
    policies: tuple[str, ...] = ()


class LostFlows(Struct, frozen=True, gc=False):
    """Flows that the source says it dropped before they were told."""

    count: int
    time: int = 0
    node: str = ""
    reason: str = ""


class PeerKind(StrEnum):
    """What an end of an edge is."""

    WORKLOAD = "workload"
    NODE = "node"
    EXTERNAL = "external"
    UNATTRIBUTED = "unattributed"
    """An address that belonged to nobody that is known at that time."""


class FlowPeer(Struct, frozen=True, gc=False):
    """
    An end of an edge.

    Of a workload: `namespace`, `owner` (the kind of its topmost owner, ``Deployment``) and `name`. Of a
    node its `name`. Of an external or unattributed peer its `address`, and as `name` the DNS name it had.
    """

    kind: PeerKind
    namespace: str = ""
    owner: str = ""
    name: str = ""
    address: str = ""


class FlowEdge(Struct, frozen=True, gc=False):
    """
    All connections between two peers to one port, counted: `port` is the target port, on the pod itself.

    `first` and `last` are nanoseconds since 1970 in UTC. For ICMP `port` is 0.
    """

    source: FlowPeer
    destination: FlowPeer
    protocol: str
    port: int
    verdict: FlowVerdict
    count: int
    first: int
    last: int
