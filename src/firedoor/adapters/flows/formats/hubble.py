"""
Flows of Cilium's Hubble: the exporter's file, ``hubble observe -o json``, and flows without a wrapper.

A packet is reported where it passes. Where it comes from somewhere (``FROM_ENDPOINT`` and the
like) no policy has judged it yet, so these traces say nothing of a verdict.
Source: cilium/cilium api/v1/flow/flow.proto, pkg/monitor/api/types.go.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from firedoor.adapters.flows.formats.contract import MalformedLine, Told
from firedoor.adapters.flows.formats.documents import JsonLines, ignore
from firedoor.adapters.flows.formats.fields import address, port, whole
from firedoor.adapters.flows.formats.guarding import guarded
from firedoor.adapters.flows.formats.hubble_types import (
    Endpoint,
    Enum,
    Event,
    Flow,
    LostEvent,
    Policy,
    Service,
    Timestamp,
)
from firedoor.adapters.flows.formats.sniffing import json_with
from firedoor.adapters.flows.formats.times import SECOND, since_epoch, stamp
from firedoor.model.flows import FlowEnd, FlowRecord, FlowVerdict, LostFlows

_DECODER = msgspec.json.Decoder(Event)
_VERDICTS = ("", "FORWARDED", "DROPPED", "ERROR", "AUDIT", "REDIRECTED", "TRACED", "TRANSLATED")
_DIRECTIONS = ("", "INGRESS", "EGRESS")
_SIDES = {"INGRESS": "ingress", "EGRESS": "egress"}
_TYPES = ("", "L3_L4", "L7", "SOCK")
_L7_TYPES = ("", "REQUEST", "RESPONSE", "SAMPLE")
_BY_POLICY = frozenset({"POLICY_DENIED", "POLICY_DENY", "AUTH_REQUIRED", 133, 181, 189})
_BEFORE_POLICY = frozenset({5, 6, 7, 8, 9, 10, 12})
_TRACE, _NO_CONNECTION = 4, frozenset({2, 3, 6, 7, 130})  # debug, capture, recording, socket, agent
_NODES = frozenset({"reserved:host", "reserved:remote-node"})
_SERVER = "reserved:kube-apiserver"
"""The identity of an endpoint of ``default/kubernetes``, which is a node or an address outside, and no Service."""
_NOT_OF_THE_POD = ("io.cilium.k8s.", "io.kubernetes.pod.namespace=")
_PORTLESS = (("ICMPv4", "ICMP"), ("ICMPv6", "ICMPv6"), ("IGMP", "IGMP"), ("VRRP", "112"))


def _read(line: bytes) -> Iterable[Told]:
    event = _DECODER.decode(line)
    if event.lost_events is not None:
        return (_lost(event.lost_events, event),)
    if event.node_status is not None:
        return ignore("node status")
    if event.agent_event is not None:
        return ignore("agent event")
    if event.debug_event is not None:
        return ignore("debug event")
    flow = event.flow or event
    kind = flow.event_type.type if flow.event_type else 0
    if kind in _NO_CONNECTION or _name(flow.Type, _TYPES) == "SOCK":
        return ignore("an event that is no packet and no request")
    if flow.IP is None:
        if flow is event:
            raise MalformedLine("neither flow nor lost_events nor another event of Hubble is in it")
        return ignore("a packet without an IP address")
    return (_record(flow, event),)


def _record(flow: Flow, event: Event) -> FlowRecord:
    addresses = flow.IP
    assert addresses is not None  # noqa: S101 - the caller looked
    when = _time(event.time if flow.time is None else flow.time)
    protocol, source_port, destination_port = _layer4(flow)
    verdict = _verdict(flow)
    return FlowRecord(
        start=when,
        end=when,
        source=end_of(flow.source, addresses.source, source_port, flow.source_names, flow.source_service),
        destination=end_of(
            flow.destination, addresses.destination, destination_port, flow.destination_names, flow.destination_service
        ),
        protocol=protocol,
        verdict=verdict,
        direction=_SIDES.get(_name(flow.traffic_direction, _DIRECTIONS), ""),
        is_reply=_is_reply(flow),
        node=_node(flow.node_name or event.node_name),
        policies=_policies(flow, verdict),
    )


def _lost(lost: LostEvent, event: Event) -> LostFlows:
    reason = lost.source if isinstance(lost.source, str) else ""
    when = 0 if event.time is None else _time(event.time)
    return LostFlows(whole(lost.num_events_lost, "lost_events.num_events_lost"), when, _node(event.node_name), reason)


def _time(value: str | Timestamp | None) -> int:
    if isinstance(value, Timestamp):
        nanos = whole(value.nanos, "time.nanos")
        if nanos >= SECOND:
            raise MalformedLine("time.nanos is a second or more")
        return since_epoch(value.seconds, SECOND, "time.seconds") + nanos
    return stamp(value, "time")


def _name(value: Enum, names: tuple[str, ...]) -> str:
    if isinstance(value, int):
        return names[value] if 0 <= value < len(names) else ""
    return value or ""


def _verdict(flow: Flow) -> FlowVerdict:
    verdict = _name(flow.verdict, _VERDICTS)
    if verdict == "DROPPED":
        reason = flow.drop_reason_desc or flow.drop_reason
        is_policy = reason in _BY_POLICY or (not reason and flow.l7 is not None)
        return FlowVerdict.DENIED if is_policy else FlowVerdict.OTHER
    if verdict == "AUDIT":
        return FlowVerdict.AUDITED
    if verdict == "REDIRECTED":
        return FlowVerdict.ALLOWED
    if verdict == "FORWARDED" and not _is_before_policy(flow):
        return FlowVerdict.ALLOWED
    return FlowVerdict.OTHER


def _is_before_policy(flow: Flow) -> bool:
    point = flow.trace_observation_point
    is_trace = flow.event_type is not None and flow.event_type.type == _TRACE
    return is_trace and (point in _BEFORE_POLICY or (isinstance(point, str) and point.startswith("FROM_")))


def _is_reply(flow: Flow) -> bool | None:
    if flow.is_reply is not None:
        return flow.is_reply
    if flow.reply or (flow.l7 is not None and _name(flow.l7.type, _L7_TYPES) == "RESPONSE"):
        return True
    return None


def _layer4(flow: Flow) -> tuple[str, int, int]:
    layer = flow.l4
    if layer is None:
        return "", 0, 0
    for name, ports in (("TCP", layer.TCP), ("UDP", layer.UDP), ("SCTP", layer.SCTP)):
        if ports is not None:
            source = port(ports.source_port, f"l4.{name}.source_port")
            return name, source, port(ports.destination_port, f"l4.{name}.destination_port")
    for field, name in _PORTLESS:
        if getattr(layer, field) is not None:
            return name, 0, 0
    return "", 0, 0


def end_of(
    endpoint: Endpoint | None, of: str | None, number: int, names: list[str] | None, service: Service | None
) -> FlowEnd:
    """Return an end: what is told of it, its address, port and DNS names, and its service. Raises `MalformedLine`."""
    where = address(of, "IP.source or IP.destination")
    if endpoint is None:
        endpoint = Endpoint()
    labels = endpoint.labels or []
    dns = [*(names or ()), *(each[5:] for each in labels if each.startswith("fqdn:"))]
    known = tuple(dict.fromkeys(dns))
    if service is not None and service.name and not endpoint.pod_name and _SERVER not in labels:
        return FlowEnd(where, number, service.namespace or "", "", f"Service/{service.name}", (), known, "service")
    return FlowEnd(
        address=where,
        port=number,
        namespace=endpoint.namespace or "",
        pod=endpoint.pod_name or "",
        workload=_workload(endpoint),
        labels=tuple(
            each[4:] for each in labels if each.startswith("k8s:") and not each.startswith(_NOT_OF_THE_POD, 4)
        ),
        names=known,
        role=_role(endpoint, labels),
    )


def _workload(endpoint: Endpoint) -> str:
    for each in endpoint.workloads or ():
        if each.name and each.kind:
            return f"{each.kind}/{each.name}"
    return ""


def _role(endpoint: Endpoint, labels: list[str]) -> str:
    if endpoint.pod_name:
        return "pod"
    if not _NODES.isdisjoint(labels):
        return "node"
    if any(each.startswith(("reserved:world", "cidr:", "fqdn:", _SERVER)) for each in labels):
        return "external"
    return ""


def _node(name: str | None) -> str:
    """Return the name without that of the cluster, which Hubble puts before it."""
    return (name or "").rpartition("/")[2]


def _policies(flow: Flow, verdict: FlowVerdict) -> tuple[str, ...]:
    if verdict is FlowVerdict.ALLOWED:
        told: list[Policy] = [*(flow.egress_allowed_by or ()), *(flow.ingress_allowed_by or ())]
    else:
        told = [*(flow.egress_denied_by or ()), *(flow.ingress_denied_by or ())]
    return tuple("/".join(part for part in (each.kind, each.namespace, each.name) if part) for each in told)


HUBBLE = guarded(
    "hubble",
    "Cilium Hubble flows (exporter, hubble observe -o json)",
    json_with((b'"flow"', b'"verdict"'), (b'"lost_events"', b'"node_name"'), (b'"verdict"', b'"event_type"')),
    lambda: JsonLines(_read),
)
