"""
What is decoded of Hubble's events: ``ExportEvent`` (observer.proto) and ``Flow`` (flow.proto) of Cilium's API.

protojson writes 64-bit numbers as text and leaves out what is zero; enumerations are names, and
their numbers are accepted as well. Source: cilium/cilium api/v1/flow/flow.proto and
api/v1/observer/observer.proto.
"""

from __future__ import annotations

from msgspec import Struct

Text = str | None
Texts = list[str] | None
Enum = str | int | None


class Timestamp(Struct, gc=False):
    """``google.protobuf.Timestamp`` where it was not printed by protojson."""

    seconds: int | str = 0
    nanos: int = 0


class Present(Struct, gc=False):
    """A message of which nothing but its presence is of use."""


class Addresses(Struct, gc=False):
    """``flow.IP``."""

    source: Text = None
    destination: Text = None


class Ports(Struct, gc=False):
    """``flow.TCP``, ``flow.UDP`` and ``flow.SCTP``."""

    source_port: int | None = None
    destination_port: int | None = None


class Layer4(Struct, gc=False):
    """``flow.Layer4``, of which one is set."""

    TCP: Ports | None = None
    UDP: Ports | None = None
    SCTP: Ports | None = None
    ICMPv4: Present | None = None
    ICMPv6: Present | None = None
    IGMP: Present | None = None
    VRRP: Present | None = None


class Workload(Struct, gc=False):
    """``flow.Workload``."""

    name: Text = None
    kind: Text = None


class Endpoint(Struct, gc=False):
    """``flow.Endpoint``."""

    namespace: Text = None
    labels: Texts = None
    pod_name: Text = None
    workloads: list[Workload] | None = None


class Service(Struct, gc=False):
    """``flow.Service``."""

    name: Text = None
    namespace: Text = None


class EventType(Struct, gc=False):
    """``flow.CiliumEventType``."""

    type: int = 0
    sub_type: int = 0


class Layer7(Struct, gc=False):
    """``flow.Layer7``."""

    type: Enum = None


class Policy(Struct, gc=False):
    """``flow.Policy``."""

    name: Text = None
    namespace: Text = None
    kind: Text = None


class Flow(Struct, gc=False):
    """``flow.Flow``."""

    time: str | Timestamp | None = None
    verdict: Enum = None
    drop_reason: int | None = None
    IP: Addresses | None = None
    l4: Layer4 | None = None
    source: Endpoint | None = None
    destination: Endpoint | None = None
    Type: Enum = None
    node_name: Text = None
    source_names: Texts = None
    destination_names: Texts = None
    l7: Layer7 | None = None
    reply: bool | None = None
    event_type: EventType | None = None
    source_service: Service | None = None
    destination_service: Service | None = None
    traffic_direction: Enum = None
    trace_observation_point: Enum = None
    drop_reason_desc: Enum = None
    is_reply: bool | None = None
    egress_allowed_by: list[Policy] | None = None
    ingress_allowed_by: list[Policy] | None = None
    egress_denied_by: list[Policy] | None = None
    ingress_denied_by: list[Policy] | None = None


class LostEvent(Struct, gc=False):
    """``flow.LostEvent``."""

    source: Enum = None
    num_events_lost: int | str | None = None


class Event(Flow, gc=False):
    """``observer.ExportEvent``, ``observer.GetFlowsResponse``, or a flow without a wrapper."""

    flow: Flow | None = None
    lost_events: LostEvent | None = None
    node_status: Present | None = None
    agent_event: Present | None = None
    debug_event: Present | None = None
