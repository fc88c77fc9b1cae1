"""
The parts of Hubble's events that tell one sighting of a connection from another, decoded and nothing else.

Only the usual shape: what is not in it goes to the parser of the format, which reads all shapes.
Source: cilium/cilium api/v1/flow/flow.proto, api/v1/observer/observer.proto.
"""

from __future__ import annotations

from msgspec import Struct, field


class Flags(Struct, gc=False):
    """``flow.TCPFlags``."""

    syn: bool = field(name="SYN", default=False)
    ack: bool = field(name="ACK", default=False)


class Ports(Struct, gc=False):
    """``flow.TCP`` and ``flow.UDP``."""

    source_port: int
    destination_port: int
    flags: Flags | None = None


class Layer4(Struct, gc=False):
    """``flow.Layer4``."""

    tcp: Ports | None = field(name="TCP", default=None)
    udp: Ports | None = field(name="UDP", default=None)


class Addresses(Struct, gc=False):
    """``flow.IP``."""

    source: str
    destination: str


class Owner(Struct, gc=False):
    """``flow.Workload``."""

    name: str = ""
    kind: str = ""


class Endpoint(Struct, gc=False):
    """``flow.Endpoint``."""

    pod_name: str = ""
    namespace: str = ""
    workloads: tuple[Owner, ...] = ()


class Policy(Struct, gc=False):
    """``flow.Policy``."""

    name: str = ""
    namespace: str = ""
    kind: str = ""


class EventType(Struct, gc=False):
    """``flow.CiliumEventType``."""

    type: int = 0


class Flow(Struct, gc=False):
    """``flow.Flow``."""

    time: str
    verdict: str
    ip: Addresses = field(name="IP")
    l4: Layer4
    source: Endpoint
    destination: Endpoint
    type: str = field(name="Type")
    event_type: EventType
    traffic_direction: str = ""
    is_reply: bool | None = None
    drop_reason_desc: str = ""
    node_name: str = ""
    trace_observation_point: str = ""
    source_names: tuple[str, ...] = ()
    destination_names: tuple[str, ...] = ()
    egress_allowed_by: tuple[Policy, ...] = ()
    ingress_allowed_by: tuple[Policy, ...] = ()
    egress_denied_by: tuple[Policy, ...] = ()
    ingress_denied_by: tuple[Policy, ...] = ()


class Event(Struct, gc=False):
    """``observer.ExportEvent`` with a flow."""

    flow: Flow
